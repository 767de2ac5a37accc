package auth

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func newToken(t *testing.T) (token, hash string) {
	t.Helper()
	token, hash, err := NewToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return token, hash
}

func TestNewToken(t *testing.T) {
	token, hash := newToken(t)
	other, _ := newToken(t)
	if token == other || len(token) != secretChars || !isSecret(token) {
		t.Errorf("token %q, other %q", token, other)
	}
	if hash != Hash(token) || hash == token || Hash(other) == hash {
		t.Errorf("hash %q of %q", hash, token)
	}
	if _, _, err := NewToken(strings.NewReader("too little")); err == nil {
		t.Error("made a token of too little randomness")
	}
}

func TestHashIsStable(t *testing.T) {
	// printf abc | openssl dgst -sha256 -binary | basenc --base64url
	if got := Hash("abc"); got != "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0" {
		t.Error(got)
	}
}

func TestSessionCookie(t *testing.T) {
	token, _ := newToken(t)
	expires := time.Date(2026, 12, 18, 9, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		session SessionCookie
		want    string
	}{
		{SessionCookie{}, "__Host-convoke=" + token + "; Path=/; Expires=Fri, 18 Dec 2026 09:00:00 GMT; HttpOnly; Secure; SameSite=Lax"},
		{SessionCookie{Insecure: true}, "convoke=" + token + "; Path=/; Expires=Fri, 18 Dec 2026 09:00:00 GMT; HttpOnly; SameSite=Lax"},
	} {
		c := tc.session.Start(token, expires)
		if c.String() != tc.want {
			t.Errorf("got  %s\nwant %s", c, tc.want)
		}
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.AddCookie(c)
		if got, ok := tc.session.Token(r); !ok || got != token {
			t.Errorf("read %q, %v", got, ok)
		}
		if end := tc.session.End(); end.MaxAge >= 0 || end.Value != "" || end.Name != c.Name || end.Secure != c.Secure {
			t.Errorf("end: %s", end)
		}
	}
}

func TestSessionCookieRefuses(t *testing.T) {
	token, _ := newToken(t)
	for name, header := range map[string]string{
		"none":                "",
		"insecure name":       "convoke=" + token,
		"twice":               "__Host-convoke=" + token + "; __Host-convoke=" + token,
		"too short":           "__Host-convoke=" + token[1:],
		"not base64url":       "__Host-convoke=" + token[:42] + "!",
		"unused bits set":     "__Host-convoke=" + strings.Repeat("A", 42) + "B",
		"much too long":       "__Host-convoke=" + strings.Repeat("A", 4096),
		"name in lower case":  "__host-convoke=" + token,
		"empty after signout": "__Host-convoke=",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Cookie", header)
		if got, ok := (SessionCookie{}).Token(r); ok {
			t.Errorf("%s: read %q", name, got)
		}
	}
}
