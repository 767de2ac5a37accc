// Package web is the HTTP edge: the JSON API under /v1 and the pages beside it.
// A handler decodes, makes one call, and replies; it returns an error, and one
// function turns that into a problem (RFC 9457).
package web

import (
	"io"
	"log/slog"
	"net/http"
	"time"

	"convoke/shared/platform/auth"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
)

// Server answers HTTP. All fields are required but Limiter.
type Server struct {
	Store     *store.Store
	Index     *search.Index
	Links     *auth.Keyring
	SignOutAt string // where staff sign out of the issuer too, a whole address; may be empty
	Tokens    *auth.Verifier
	Log       *slog.Logger
	Random    io.Reader
	Depot     Depot  // of uploaded documents
	BaseURL   string // of links in answers, without a slash at its end
	Domain    string // of calendar entries, as in the mails
	Release   string // version of the program, for /healthz
	Plain     bool   // served without TLS on a developer's machine
	// VerificationLasts is how long a verification holds good; zero is the usual year.
	VerificationLasts time.Duration
	Limiter           *auth.Limiter // of requests that send mail; nil is no limit
}

// Handler returns everything that the edge serves.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.routes() {
		mux.Handle(rt.method+" "+rt.pattern, s.serve(rt))
	}
	mux.Handle("/", s.serve(route{pattern: "/", access: anyone, handle: stray(mux)}))
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(s.serve(route{pattern: "cross-origin", access: anyone, handle: refuseCrossOrigin}))
	return secured(guard.Handler(mux))
}

// secured sets the headers that every answer carries.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		next.ServeHTTP(w, r)
	})
}

func (s *Server) now() time.Time { return s.Store.Now() }
