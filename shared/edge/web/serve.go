package web

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// anyone is the access of what needs no sign-in.
var anyone = access{auth.Public} //nolint:gochecknoglobals // read only

// Faults of the edge itself.
var (
	errNoRoute     = fault.New(fault.NotFound, "not_found")
	errMethod      = fault.New(fault.NotAllowed, "method.not_allowed")
	errCrossOrigin = fault.New(fault.Forbidden, "cross_origin")
)

// stray refuses what no route serves; an address that is served under other
// methods is told which (RFC 9110 section 15.5.6).
func stray(mux *http.ServeMux) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		asked := *r
		var allowed []string
		for _, asked.Method = range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete} {
			if _, pattern := mux.Handler(&asked); pattern != "/" {
				allowed = append(allowed, asked.Method)
			}
		}
		if len(allowed) == 0 {
			return errNoRoute
		}
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		return errMethod
	}
}
func refuseCrossOrigin(http.ResponseWriter, *http.Request) error { return errCrossOrigin }

// serve runs one route: who asks, may they, has this been answered before; then
// the handler; then one line of log.
func (s *Server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		seen := &statusWriter{ResponseWriter: w}
		r.Body = http.MaxBytesReader(seen, r.Body, rt.limit())
		who, err := s.identify(rt, r)
		if err == nil {
			err = auth.Allow(auth.Rule{Method: rt.method, Pattern: rt.pattern, Roles: rt.access}, who)
		}
		if err == nil {
			r = r.WithContext(withIdentity(r.Context(), who))
			err = s.dispatch(rt, seen, r)
		}
		if err != nil {
			s.fail(rt, seen, r, err)
		}
		s.logRequest(rt, r, who, seen.status, time.Since(started), err)
	})
}

func (s *Server) dispatch(rt route, w http.ResponseWriter, r *http.Request) error {
	if rt.kind == command {
		return s.command(rt.handle, w, r)
	}
	return rt.handle(w, r)
}

// fail answers with the error: a page where a page was asked for.
func (s *Server) fail(rt route, w http.ResponseWriter, r *http.Request, err error) {
	if rt.kind == webPage || strays(rt, r) {
		s.problemPage(w, r, err)
		return
	}
	problem(w, r, err)
}

// logRequest writes one line. It names no address, no token and no person: the
// pattern stands for the path.
func (s *Server) logRequest(rt route, r *http.Request, who auth.Identity, status int, took time.Duration, err error) {
	args := []any{"route", rt.method + " " + rt.pattern, "status", status, "ms", took.Milliseconds(), "actor", who.Subject}
	if id := r.Header.Get("X-Request-Id"); id != "" {
		args = append(args, "request", id[:min(len(id), 64)])
	}
	if err != nil && fault.KindOf(err) == fault.Internal {
		s.Log.ErrorContext(r.Context(), "request failed", append(args, "error", err.Error())...)
		return
	}
	s.Log.InfoContext(r.Context(), "request", args...)
}

// statusWriter remembers the status for the log.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

type identityKey struct{}

// withIdentity puts who asks into the context, for handlers and for the audit.
func withIdentity(ctx context.Context, who auth.Identity) context.Context {
	role := string(auth.Public)
	if len(who.Roles) > 0 {
		role = string(who.Roles[0])
	}
	ctx = store.As(ctx, store.Actor{ID: who.Subject, Role: role, For: cmp.Or(who.Stakeholder, who.Unit)})
	return context.WithValue(ctx, identityKey{}, who)
}

func identityOf(r *http.Request) auth.Identity {
	who, _ := r.Context().Value(identityKey{}).(auth.Identity)
	return who
}
