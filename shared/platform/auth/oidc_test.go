package auth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/auth/authtest"
)

// clock is a time that moves when told.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 12, 10, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newVerifier(t testing.TB, issuer *authtest.Issuer, at *clock) *auth.Verifier {
	t.Helper()
	v, err := auth.NewVerifier(auth.Config{
		Issuer: issuer.URL, Audience: []string{authtest.Audience}, PlainHTTP: true, Now: at.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func accept(t *testing.T, v *auth.Verifier, token string) {
	t.Helper()
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Errorf("refused a good token: %v", err)
	}
}

func refuse(t *testing.T, v *auth.Verifier, token string, want error) {
	t.Helper()
	if id, err := v.Verify(t.Context(), token); !errors.Is(err, want) || id.SignedIn() {
		t.Errorf("got %+v, %v; want %v", id, err, want)
	}
}

func TestVerifyAccepts(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	v := newVerifier(t, issuer, at)
	admin := auth.Identity{Subject: "subject-1", Roles: []auth.Role{auth.Admin}}
	for name, tc := range map[string]struct {
		changes map[string]any
		want    auth.Identity
	}{
		"ID token":                  {nil, admin},
		"ID token of another maker": {map[string]any{"token_use": nil}, admin},
		"several audiences":         {map[string]any{"aud": []string{"another", authtest.Audience}}, admin},
		"access token":              {map[string]any{"token_use": "access", "aud": nil, "client_id": authtest.Audience}, admin},
		"valid since now":           {map[string]any{"nbf": at.Now().Unix()}, admin},
		"issuer's clock ahead":      {map[string]any{"iat": at.Now().Unix() + 30, "nbf": at.Now().Unix() + 30}, admin},
		"fraction of a second":      {map[string]any{"iat": float64(at.Now().Unix()) - 0.5}, admin},
		"without roles":             {map[string]any{"cognito:groups": nil}, auth.Identity{Subject: "subject-1"}},
		"organiser": {
			map[string]any{"cognito:groups": []string{"organiser:geneva"}},
			auth.Identity{Subject: "subject-1", Roles: []auth.Role{auth.Organiser}, Unit: "geneva"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := v.Verify(t.Context(), issuer.Token(t, at.Now(), tc.changes))
			if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

// TestVerifyRefusesForgeries is row 12 of the scorecard, without the routes.
func TestVerifyRefusesForgeries(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	v := newVerifier(t, issuer, at)
	accept(t, v, issuer.Token(t, at.Now(), nil))
	forgeries := issuer.Forgeries(t, at.Now())
	for _, f := range forgeries {
		t.Run(f.Name, func(t *testing.T) {
			id, err := v.Verify(t.Context(), f.Token)
			if err == nil || fault.KindOf(err) != fault.Unauthenticated || !cmp.Equal(id, auth.Identity{}) {
				t.Errorf("got %+v, %v", id, err)
			}
		})
	}
	if issuer.Lured() {
		t.Error("a URL of a forged token was followed")
	}
	t.Logf("%d forgeries, 0 accepted", len(forgeries))
}

func TestVerifyRefusesEveryBitFlipOfASignature(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	v := newVerifier(t, issuer, at)
	token := []byte(issuer.Token(t, at.Now(), nil))
	accept(t, v, string(token))
	for i := strings.LastIndexByte(string(token), '.'); i < len(token); i++ {
		for bit := range 8 {
			token[i] ^= 1 << bit
			refuse(t, v, string(token), auth.ErrTokenInvalid)
			token[i] ^= 1 << bit
		}
	}
}

func TestVerifySaysWhenExpired(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	v := newVerifier(t, issuer, at)
	token := issuer.Token(t, at.Now(), nil)
	accept(t, v, token)
	at.advance(time.Hour)
	refuse(t, v, token, auth.ErrTokenExpired)
	at.advance(time.Second)
	refuse(t, v, token, auth.ErrTokenExpired)
}

func TestVerifyFollowsRotatedKeys(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	v := newVerifier(t, issuer, at)
	first, second := issuer.Keys()[0], authtest.NewKey(t, "key-2")
	old := issuer.Token(t, at.Now(), nil)
	accept(t, v, old)

	issuer.Publish(second, first)
	at.advance(6 * time.Second)
	accept(t, v, issuer.Token(t, at.Now(), nil))
	accept(t, v, old)

	issuer.Publish(second)
	at.advance(11 * time.Minute)
	accept(t, v, issuer.Token(t, at.Now(), nil))
	refuse(t, v, old, auth.ErrTokenInvalid)
}

func TestVerifyFailsClosedWhileTheIssuerIsSilent(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	issuer.Silence()
	v := newVerifier(t, issuer, at)
	token := issuer.Token(t, at.Now(), nil)
	refuse(t, v, token, auth.ErrIssuerUnavailable)
	for _, f := range issuer.Forgeries(t, at.Now()) {
		if id, err := v.Verify(t.Context(), f.Token); err == nil {
			t.Errorf("%s: accepted as %+v", f.Name, id)
		}
	}
	issuer.Speak()
	refuse(t, v, token, auth.ErrIssuerUnavailable) // asked a moment ago
	at.advance(3 * time.Second)
	accept(t, v, token)
}

func TestVerifyOutlivesAShortSilence(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	v := newVerifier(t, issuer, at)
	token := issuer.Token(t, at.Now(), map[string]any{"exp": at.Now().Add(48 * time.Hour).Unix()})
	accept(t, v, token)
	issuer.Silence()
	at.advance(30 * time.Minute)
	accept(t, v, token)
	unknown := authtest.Sign(t, authtest.NewKey(t, "key-9"), issuer.Claims(at.Now(), nil), nil)
	refuse(t, v, unknown, auth.ErrIssuerUnavailable)
	at.advance(31 * time.Minute)
	refuse(t, v, token, auth.ErrIssuerUnavailable)
	issuer.Speak()
	at.advance(3 * time.Second)
	accept(t, v, token)
	refuse(t, v, unknown, auth.ErrTokenInvalid)
}

func TestVerifyLimitsAFloodOfUnknownKeys(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	v := newVerifier(t, issuer, at)
	stranger := authtest.NewKey(t, "key-0")
	claims := issuer.Claims(at.Now(), nil)
	for i := range 200 {
		stranger.ID = fmt.Sprint("key-of-a-flood-", i)
		refuse(t, v, authtest.Sign(t, stranger, claims, nil), auth.ErrTokenInvalid)
		at.advance(50 * time.Millisecond)
	}
	if asked := issuer.Asked(); asked > 3 {
		t.Errorf("keys asked for %d times in 10 s", asked)
	}
	accept(t, v, issuer.Token(t, at.Now(), nil))
}

func TestVerifyAsksOnceForMany(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	v := newVerifier(t, issuer, at)
	token := issuer.Token(t, at.Now(), nil)
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() { accept(t, v, token) })
	}
	group.Wait()
	if issuer.Asked() != 1 {
		t.Errorf("keys asked for %d times", issuer.Asked())
	}
}

func TestVerifyFetchesForOthersWhenTheFirstLeaves(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	v := newVerifier(t, issuer, at)
	token := issuer.Token(t, at.Now(), nil)
	left, cancel := context.WithCancel(t.Context())
	cancel()
	// The one who left may get either answer; nobody else may suffer for it.
	_, _ = v.Verify(left, token)
	accept(t, v, token)
}

func TestVerifyWithoutDiscovery(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	v, err := auth.NewVerifier(auth.Config{
		Issuer: issuer.URL, Audience: []string{authtest.Audience}, KeysURL: issuer.URL + "/jwks.json", PlainHTTP: true, Now: at.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	accept(t, v, issuer.Token(t, at.Now(), nil))
}

// serve starts a server that gives one answer to everything, with the place it
// may redirect to, and returns its URL.
func serve(t *testing.T, status int, location, body string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func keysOf(t *testing.T, issuer *authtest.Issuer) string {
	t.Helper()
	answer := httptest.NewRecorder()
	issuer.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/jwks.json", nil))
	return answer.Body.String()
}

func TestVerifyDistrustsWhatIsPublished(t *testing.T) {
	at := newClock()
	issuer := authtest.NewIssuer(t)
	token := issuer.Token(t, at.Now(), nil)
	for name, answer := range map[string]struct {
		status int
		body   string
	}{
		"no keys":       {http.StatusOK, `{"keys":[]}`},
		"not JSON":      {http.StatusOK, `<html>`},
		"unknown kinds": {http.StatusOK, `{"keys":[{"kty":"oct","kid":"key-1","k":"AAAA"},{"kty":"new","kid":"key-1"},7]}`},
		"short RSA key": {http.StatusOK, `{"keys":[{"kty":"RSA","kid":"key-1","n":"sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri","e":"AQAB"}]}`},
		"too large":     {http.StatusOK, `{"pad":"` + strings.Repeat("A", 1<<20) + `",` + keysOf(t, issuer)[1:]},
		"empty RSA key": {http.StatusOK, `{"keys":[{"kty":"RSA","kid":"key-1"}]}`},
		"redirect":      {http.StatusFound, ""},
		"error":         {http.StatusInternalServerError, `{"keys":[]}`},
	} {
		t.Run(name, func(t *testing.T) {
			server := serve(t, answer.status, issuer.URL+"/jwks.json", answer.body)
			v, err := auth.NewVerifier(auth.Config{
				Issuer: issuer.URL, Audience: []string{authtest.Audience}, KeysURL: server, PlainHTTP: true, Now: at.Now,
			})
			if err != nil {
				t.Fatal(err)
			}
			refuse(t, v, token, auth.ErrIssuerUnavailable)
		})
	}
}

func TestNewVerifierRefuses(t *testing.T) {
	good := auth.Config{Issuer: "https://issuer.example.org", Audience: []string{"a"}, Now: time.Now}
	for name, change := range map[string]func(*auth.Config){
		"no issuer":        func(c *auth.Config) { c.Issuer = "" },
		"plain http":       func(c *auth.Config) { c.Issuer = "http://issuer.example.org" },
		"file":             func(c *auth.Config) { c.Issuer, c.PlainHTTP = "file:///etc/passwd", true },
		"password in URL":  func(c *auth.Config) { c.Issuer = "https://u:p@issuer.example.org" },
		"no audience":      func(c *auth.Config) { c.Audience = nil },
		"empty audience":   func(c *auth.Config) { c.Audience = []string{""} },
		"no clock":         func(c *auth.Config) { c.Now = nil },
		"plain http keys":  func(c *auth.Config) { c.KeysURL = "http://issuer.example.org/jwks.json" },
		"unreadable issue": func(c *auth.Config) { c.Issuer = "https://%zz" },
	} {
		c := good
		change(&c)
		if _, err := auth.NewVerifier(c); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := auth.NewVerifier(good); err != nil {
		t.Error(err)
	}
}

func TestBearer(t *testing.T) {
	for header, want := range map[string]string{
		"Bearer abc": "abc", "bearer  abc ": "abc", "": "", "Bearer": "", "Bearer ": "", "Basic abc": "", "abc": "",
	} {
		if got, ok := auth.Bearer(header); ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v", header, got, ok)
		}
	}
}

func BenchmarkVerifyToken(b *testing.B) {
	issuer, at := authtest.NewIssuer(b), newClock()
	v := newVerifier(b, issuer, at)
	token := issuer.Token(b, at.Now(), nil)
	for b.Loop() {
		if _, err := v.Verify(b.Context(), token); err != nil {
			b.Fatal(err)
		}
	}
}
