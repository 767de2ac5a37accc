// Package gateway is the seam around aws-lambda-go-api-proxy's httpadapter,
// which turns API Gateway HTTP API (payload 2.0) events into HTTP requests.
// HTTP APIs deliver the path decoded and the headers joined; the adapter parses
// the one again and splits the other, so what a router sees is not what the
// gateway routed and authorised. The seam stands on both sides of the adapter:
//
//	seam := gateway.New(gateway.Options{Log: log})
//	lambda.Start(seam.Around(httpadapter.NewV2(seam.Handler(routes)).ProxyWithContext))
//
// The package does not import the adapter, only the event's shapes.
package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// RequestIDHeader carries the gateway's id of the request to the handler,
// whatever the client sent under that name.
const RequestIDHeader = "X-Request-Id"

// Proxy answers one event; httpadapter's ProxyWithContext is one. The error is
// a failure of the function, which the gateway shows as a bare 500.
type Proxy func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// Options of a Seam.
type Options struct {
	Log *slog.Logger // where panics and refused events are told; nil is slog.Default
}

// Seam wraps the adapter's two ends. It keeps nothing between requests.
type Seam struct{ log *slog.Logger }

// New returns a Seam.
func New(o Options) *Seam {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Seam{log: o.Log}
}

// eventKey is where Around leaves the event for Handler.
type eventKey struct{}

// Around returns a Proxy that hands next an event it cannot misread, and that
// never fails: an event that is no HTTP request is a 400, an error of next a
// 500, both as problem documents.
func (s *Seam) Around(next Proxy) Proxy {
	return func(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		prepared, err := Before(event)
		if err != nil {
			s.log.WarnContext(ctx, "event refused", "request_id", event.RequestContext.RequestID, "reason", err.Error())
			return problemResponse(http.StatusBadRequest), nil
		}
		response, err := next(context.WithValue(ctx, eventKey{}, &prepared), prepared)
		if err != nil {
			// The adapter's errors quote the URL, and URLs may carry links' tokens.
			s.log.ErrorContext(ctx, "adapter failed", "request_id", event.RequestContext.RequestID, "error_type", fmt.Sprintf("%T", err))
			return problemResponse(http.StatusInternalServerError), nil
		}
		return response, nil
	}
}

// Handler stands between the adapter and the routes: it gives next the request
// as net/http's own server would have made it, and gives the adapter a whole
// answer, whatever next did. A panic is logged and answered with a 500 problem
// document; nothing of a half-written answer is sent.
func (s *Seam) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if event, ok := r.Context().Value(eventKey{}).(*events.APIGatewayV2HTTPRequest); ok {
			restore(r, event)
		}
		s.serve(w, r, next)
	})
}

func (s *Seam) serve(w http.ResponseWriter, r *http.Request, next http.Handler) {
	a := newAnswer(r.Method)
	defer func() {
		if p := recover(); p != nil {
			s.logPanic(r, p)
			a = problemAnswer(r.Method, http.StatusInternalServerError)
		}
		a.sendTo(w)
	}()
	next.ServeHTTP(a, r)
}
