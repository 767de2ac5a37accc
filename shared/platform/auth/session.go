package auth

import (
	"net/http"
	"time"
)

// SessionCookie writes and reads the cookie that carries a session's token. It
// is HttpOnly, SameSite=Lax, Path=/ and without Domain; as __Host-convoke it is
// Secure, and no other host or plain connection can set it.
//
// Insecure names it "convoke" and leaves Secure out, for development over plain
// http. Browsers disagree on Secure and __Host- cookies from
// http://localhost (most take Secure there, some refuse the prefix), and none
// takes them from another name, so set it wherever the site is not https.
//
// Attempt names another cookie of the same rules, for an attempt to sign in.
type SessionCookie struct{ Insecure, Attempt bool }

func (s SessionCookie) name() string {
	name := "convoke"
	if s.Attempt {
		name = "convoke-sign-in"
	}
	if s.Insecure {
		return name
	}
	return "__Host-" + name
}

// Start returns the cookie that opens a session for the browser. It ends with
// the browser's own session or at expires, whichever the browser honours; the
// stored session is what decides.
func (s SessionCookie) Start(token string, expires time.Time) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure is off for development over plain http alone
		Name: s.name(), Value: token, Path: "/", Expires: expires.UTC(),
		HttpOnly: true, Secure: !s.Insecure, SameSite: http.SameSiteLaxMode,
	}
}

// End returns the cookie that makes the browser forget the session.
func (s SessionCookie) End() *http.Cookie {
	c := s.Start("", time.Unix(1, 0)) //nolint:gosec // as in Start
	c.MaxAge = -1
	return c
}

// Token returns the session's token from a request; false if there is none, if
// it cannot be one of NewToken, or if the cookie comes twice, since then one of
// them was planted.
func (s SessionCookie) Token(r *http.Request) (string, bool) {
	found := r.CookiesNamed(s.name())
	if len(found) != 1 || !isSecret(found[0].Value) {
		return "", false
	}
	return found[0].Value, true
}
