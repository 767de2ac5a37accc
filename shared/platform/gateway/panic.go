package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"runtime/debug"
)

// logPanic tells of a panic without what the request carried: the panic's own
// words only when the runtime chose them, since any other value may quote
// personal data; the route's pattern, never the path, which may be a link's
// token. http.ErrAbortHandler is a handler's way to give up, not a fault.
func (s *Seam) logPanic(r *http.Request, value any) {
	if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return
	}
	reason := fmt.Sprintf("%T", value)
	if e, ok := value.(runtime.Error); ok {
		reason = e.Error()
	}
	s.log.ErrorContext(r.Context(), "panic in a handler",
		"request_id", r.Header.Get(RequestIDHeader),
		"method", r.Method,
		"route", r.Pattern,
		"panic", reason,
		"stack", string(debug.Stack()))
}
