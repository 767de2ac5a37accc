package auth_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/platform/auth"
	"convoke/shared/platform/auth/authtest"
)

const callback = "https://convoke.example.org/sign-in/callback"

// attempt is one try to sign in, as its browser and the issuer see it.
type attempt struct {
	secret string
	asked  url.Values
}

func begin(t *testing.T, f *auth.Flow, issuer *authtest.Issuer) attempt {
	t.Helper()
	secret, _, err := auth.NewToken(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	at, err := f.Begin(t.Context(), secret, "/desk/events/1")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(at)
	if err != nil || !strings.HasPrefix(at, issuer.URL+"/authorize?") {
		t.Fatalf("leads to %q: %v", at, err)
	}
	return attempt{secret, u.Query()}
}

func TestFlow(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	f := auth.NewFlow(newVerifier(t, issuer, at), callback)
	a := begin(t, f, issuer)
	for name, want := range map[string]string{
		"response_type": "code", "client_id": authtest.Audience, "redirect_uri": callback, "scope": "openid", "code_challenge_method": "S256",
	} {
		if got := a.asked.Get(name); got != want {
			t.Errorf("asks with %s %q, want %q", name, got, want)
		}
	}
	issuer.Grant("code-1", issuer.Token(t, at.Now(), map[string]any{"nonce": a.asked.Get("nonce")}))
	who, then, err := f.Finish(t.Context(), a.secret, a.asked.Get("state"), "code-1")
	if err != nil {
		t.Fatal(err)
	}
	if want := (auth.Identity{Subject: "subject-1", Roles: []auth.Role{auth.Admin}}); !cmp.Equal(who, want) || then != "/desk/events/1" {
		t.Errorf("signed in %+v to %q", who, then)
	}
	told := issuer.Exchanged()
	sum := sha256.Sum256([]byte(told.Get("code_verifier")))
	if base64.RawURLEncoding.EncodeToString(sum[:]) != a.asked.Get("code_challenge") {
		t.Error("the verifier does not fit the challenge (RFC 7636 section 4.6)")
	}
	if told.Get("client_id") != authtest.Audience || told.Get("redirect_uri") != callback || told.Has("client_secret") {
		t.Errorf("exchanges with %v", told)
	}
	for name, values := range a.asked {
		if strings.Contains(values[0], a.secret) || strings.Contains(values[0], told.Get("code_verifier")) {
			t.Errorf("%s tells a secret of the browser", name)
		}
	}
}

func TestFlowsShareNothing(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	f := auth.NewFlow(newVerifier(t, issuer, at), callback)
	var seen []string
	for range 2 {
		a := begin(t, f, issuer)
		for _, name := range []string{"state", "nonce", "code_challenge"} {
			seen = append(seen, a.asked.Get(name))
		}
	}
	if slices.Sort(seen); len(slices.Compact(seen)) != 6 {
		t.Errorf("two attempts share a value: %v", seen)
	}
}

func TestFlowRefuses(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	f := auth.NewFlow(newVerifier(t, issuer, at), callback)
	a, other := begin(t, f, issuer), begin(t, f, issuer)
	nonce, state := a.asked.Get("nonce"), a.asked.Get("state")
	moved := state[:strings.Index(state, ".")+1] + base64.RawURLEncoding.EncodeToString([]byte("/desk/elsewhere"))
	sound := func(changes map[string]any) string { return issuer.Token(t, at.Now(), changes) }
	for name, tc := range map[string]struct {
		secret, state, code, token string
		want                       error
	}{
		"another browser":        {other.secret, state, "code", sound(map[string]any{"nonce": nonce}), auth.ErrAttemptInvalid},
		"another attempt":        {a.secret, other.asked.Get("state"), "code", sound(map[string]any{"nonce": nonce}), auth.ErrAttemptInvalid},
		"another end":            {a.secret, moved, "code", sound(map[string]any{"nonce": nonce}), auth.ErrAttemptInvalid},
		"no state":               {a.secret, "", "code", sound(map[string]any{"nonce": nonce}), auth.ErrAttemptInvalid},
		"no secret":              {"", state, "code", sound(map[string]any{"nonce": nonce}), auth.ErrAttemptInvalid},
		"no code":                {a.secret, state, "", sound(map[string]any{"nonce": nonce}), auth.ErrAttemptInvalid},
		"a code of another":      {a.secret, state, "stolen", sound(map[string]any{"nonce": nonce}), auth.ErrAttemptInvalid},
		"a token without nonce":  {a.secret, state, "code", sound(nil), auth.ErrAttemptInvalid},
		"the nonce of another":   {a.secret, state, "code", sound(map[string]any{"nonce": other.asked.Get("nonce")}), auth.ErrAttemptInvalid},
		"no token":               {a.secret, state, "code", "", auth.ErrIssuerUnavailable},
		"a token of another":     {a.secret, state, "code", sound(map[string]any{"nonce": nonce, "aud": "another-client"}), auth.ErrTokenInvalid},
		"a token that has ended": {a.secret, state, "code", sound(map[string]any{"nonce": nonce, "exp": at.Now().Add(-time.Hour).Unix()}), auth.ErrTokenExpired},
	} {
		t.Run(name, func(t *testing.T) {
			issuer.Grant("code", tc.token)
			who, then, err := f.Finish(t.Context(), tc.secret, tc.state, tc.code)
			if !errors.Is(err, tc.want) || who.SignedIn() || then != "" {
				t.Errorf("%v, %+v, %q; want %v", err, who, then, tc.want)
			}
		})
	}
}

func TestFlowWithoutTheIssuer(t *testing.T) {
	issuer, at := authtest.NewIssuer(t), newClock()
	f := auth.NewFlow(newVerifier(t, issuer, at), callback)
	a := begin(t, f, issuer)
	issuer.Silence()
	if _, err := f.Begin(t.Context(), a.secret, "/desk"); !errors.Is(err, auth.ErrIssuerUnavailable) {
		t.Errorf("begins with %v", err)
	}
	if _, _, err := f.Finish(t.Context(), a.secret, a.asked.Get("state"), "code"); !errors.Is(err, auth.ErrIssuerUnavailable) {
		t.Errorf("finishes with %v", err)
	}
}
