package gateway

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// answer is a response kept whole until the handler has ended, with the rules
// of net/http's server that the adapter's writer lacks: the first status
// counts, headers stand as they were then, informational statuses are not
// final, 204, 304 and HEAD have no body.
type answer struct {
	head   bool
	header http.Header
	status int // 0 until written
	sent   http.Header
	body   bytes.Buffer
}

func newAnswer(method string) *answer {
	return &answer{head: method == http.MethodHead, header: make(http.Header)}
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter. Like net/http it panics on a
// status that is none.
func (a *answer) WriteHeader(status int) {
	if status < 100 || status > 999 {
		panic("gateway: invalid status code")
	}
	if a.status != 0 || status < 200 {
		return
	}
	a.status, a.sent = status, a.header.Clone()
	if a.sent == nil {
		a.sent = make(http.Header)
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	if a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	if _, named := a.sent["Content-Type"]; !named && len(p) > 0 {
		a.sent.Set("Content-Type", http.DetectContentType(p))
	}
	if a.head {
		return len(p), nil
	}
	return a.body.Write(p)
}

// sendTo hands the answer to the adapter's writer. The gateway frames the
// message itself, so the headers that do so are left out.
func (a *answer) sendTo(w http.ResponseWriter) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	h, oneLine := w.Header(), strings.NewReplacer("\r", " ", "\n", " ") // no value may start another header
	for name, values := range a.sent {
		for _, v := range values {
			h.Add(name, oneLine.Replace(v))
		}
	}
	for _, name := range []string{"Connection", "Content-Length", "Keep-Alive", "Trailer", "Transfer-Encoding", "Upgrade"} {
		h.Del(name)
	}
	w.WriteHeader(a.status)
	if a.body.Len() > 0 {
		_, _ = a.body.WriteTo(w) // into the adapter's buffer, which cannot fail
	}
}

// problemBody is the RFC 9457 document of a failure the routes know nothing of.
func problemBody(status int) string {
	return fmt.Sprintf(`{"type":"about:blank","title":%q,"status":%d}`, http.StatusText(status), status)
}

func problemHeaders() map[string]string {
	return map[string]string{"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
}

func problemAnswer(method string, status int) *answer {
	a := newAnswer(method)
	for name, value := range problemHeaders() {
		a.header.Set(name, value)
	}
	a.WriteHeader(status)
	_, _ = a.Write([]byte(problemBody(status))) // into a buffer, which cannot fail
	return a
}

func problemResponse(status int) events.APIGatewayV2HTTPResponse {
	return events.APIGatewayV2HTTPResponse{StatusCode: status, Headers: problemHeaders(), Body: problemBody(status)}
}
