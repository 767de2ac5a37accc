// Package authtest provides an OpenID issuer for tests, on a real HTTP server,
// that can rotate its keys and fall silent, and the forged tokens that no
// verifier may accept.
package authtest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Audience is the client id that the tokens of an Issuer are for.
const Audience = "convoke-client"

// Key is a signing key with its id.
type Key struct {
	ID      string
	Private *rsa.PrivateKey
}

// NewKey returns a fresh RSA key of 2048 bits.
func NewKey(t testing.TB, id string) Key {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return Key{ID: id, Private: private}
}

// Issuer publishes keys and signs tokens. Safe for concurrent use.
type Issuer struct {
	URL string // its issuer identifier, plain http

	mu      sync.Mutex
	keys    []Key
	silent  bool
	asked   int
	visited bool
	grants  map[string]string // tokens by code
	last    url.Values        // of the last exchange
}

// NewIssuer starts an issuer with one key, "key-1", until the test ends.
func NewIssuer(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{keys: []Key{NewKey(t, "key-1")}}
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	i.URL = server.URL
	return i
}

// Publish replaces the keys; the first of them signs.
func (i *Issuer) Publish(keys ...Key) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys = keys
}

// Keys returns the published keys.
func (i *Issuer) Keys() []Key {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.keys
}

// Silence makes every later request fail with 503, until Speak.
func (i *Issuer) Silence() { i.setSilent(true) }

// Speak ends Silence.
func (i *Issuer) Speak() { i.setSilent(false) }

func (i *Issuer) setSilent(silent bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.silent = silent
}

// Asked returns how often the keys were asked for, in vain or not.
func (i *Issuer) Asked() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.asked
}

// Lured reports whether somebody followed the jku or x5u of a forged token.
func (i *Issuer) Lured() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.visited
}

// Grant makes the issuer exchange a code for a token, once.
func (i *Issuer) Grant(code, token string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.grants = map[string]string{code: token}
}

// Exchanged returns what the last exchange of a code was asked with.
func (i *Issuer) Exchanged() url.Values {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.last
}

func (i *Issuer) exchange(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	i.last = r.PostForm
	token, ok := i.grants[r.PostForm.Get("code")]
	if delete(i.grants, r.PostForm.Get("code")); !ok && !i.silent {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
		return
	}
	i.reply(w, map[string]any{"access_token": token, "id_token": token, "token_type": "Bearer"})
}

// ServeHTTP implements http.Handler.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch r.URL.Path {
	case "/jwks.json":
		i.asked++
		i.reply(w, jose.JSONWebKeySet{Keys: i.published()})
	case "/.well-known/openid-configuration":
		i.reply(w, map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + "/jwks.json",
			"authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token",
		})
	case "/token":
		i.exchange(w, r)
	case "/lure.json":
		i.visited = true
		http.NotFound(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (i *Issuer) reply(w http.ResponseWriter, body any) {
	if i.silent {
		http.Error(w, "silent", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(fmt.Errorf("write issuer's answer: %w", err))
	}
}

func (i *Issuer) published() []jose.JSONWebKey {
	var keys []jose.JSONWebKey
	for _, k := range i.keys {
		keys = append(keys, jose.JSONWebKey{Key: k.Private.Public(), KeyID: k.ID, Algorithm: "RS256", Use: "sig"})
	}
	return keys
}

// Claims are those of a sound ID token at now, for an admin, with changes
// made; a nil value takes a claim out.
func (i *Issuer) Claims(now time.Time, changes map[string]any) map[string]any {
	claims := map[string]any{
		"iss": i.URL, "aud": Audience, "sub": "subject-1", "token_use": "id",
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "cognito:groups": []string{"admin"},
	}
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

// Token returns a token with Claims, signed by the first published key.
func (i *Issuer) Token(t testing.TB, now time.Time, changes map[string]any) string {
	t.Helper()
	return Sign(t, i.Keys()[0], i.Claims(now, changes), nil)
}

// Sign returns claims signed with RS256 under k; header adds to the protected
// header, and a "kid" there replaces the key's own.
func Sign(t testing.TB, k Key, claims map[string]any, header map[jose.HeaderKey]any) string {
	t.Helper()
	return signWith(t, jose.SigningKey{Algorithm: jose.RS256, Key: k.Private}, k.ID, claims, header)
}

func signWith(t testing.TB, key jose.SigningKey, id string, claims map[string]any, header map[jose.HeaderKey]any) string {
	t.Helper()
	options := &jose.SignerOptions{ExtraHeaders: map[jose.HeaderKey]any{}}
	if id != "" {
		options.ExtraHeaders["kid"] = id
	}
	maps.Copy(options.ExtraHeaders, header)
	signer, err := jose.NewSigner(key, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jws.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}
