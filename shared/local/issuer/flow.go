package issuer

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

const (
	tokenPath = Path + "/token"
	codeTTL   = time.Minute // between the page and the exchange
)

// authorization is what a client asks for in a browser: a code (RFC 6749 section
// 4.1.1) bound to the client's verifier (RFC 7636). The zero value asks for a token
// on the page.
type authorization struct{ redirect, state, nonce, challenge string }

// Names of an authorization's parameters, which the page's form carries on.
const (
	paramRedirect  = "redirect_uri"
	paramState     = "state"
	paramNonce     = "nonce"
	paramChallenge = "code_challenge"
)

// authorization reads what q asks for. A code goes to an address of the same
// origin alone.
func (i *Issuer) authorization(q url.Values) (authorization, error) {
	a := authorization{q.Get(paramRedirect), q.Get(paramState), q.Get(paramNonce), q.Get(paramChallenge)}
	switch {
	case a == authorization{}:
		return a, nil
	case !strings.HasPrefix(a.redirect, i.config.BaseURL+"/"):
		return authorization{}, errors.New("redirect_uri: not an address of this site")
	case a.challenge == "":
		return authorization{}, errors.New("code_challenge: a public client needs one (S256)")
	}
	return a, nil
}

// hidden is a field of a form that its reader does not see.
type hidden struct{ name, value string }

func (a authorization) fields() []hidden {
	return []hidden{{paramRedirect, a.redirect}, {paramState, a.state}, {paramNonce, a.nonce}, {paramChallenge, a.challenge}}
}

// grant is a token that waits for the code's exchange.
type grant struct {
	authorization
	token   string
	expires time.Time
}

// grants are those that wait, by code; in memory, for they are short-lived.
type grants struct {
	mu     sync.Mutex
	byCode map[string]grant
}

func (g *grants) keep(code string, one grant) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.byCode == nil {
		g.byCode = map[string]grant{}
	}
	g.byCode[code] = one
}

// take returns a grant, once.
func (g *grants) take(code string) (grant, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	one, ok := g.byCode[code]
	delete(g.byCode, code)
	return one, ok
}

// leadBack sends the browser back to the client with a code for the token.
func (i *Issuer) leadBack(w http.ResponseWriter, r *http.Request, a authorization, token string) {
	code := rand.Text()
	i.grants.keep(code, grant{a, token, i.config.Now().Add(codeTTL)})
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, a.redirect+"?"+url.Values{"code": {code}, paramState: {a.state}}.Encode(), http.StatusSeeOther)
}

// exchange gives the token for a code to the client whose verifier fits (RFC 6749
// section 4.1.3).
func (i *Issuer) exchange(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
	if err := r.ParseForm(); err != nil {
		refuseGrant(w, "invalid_request")
		return
	}
	f := r.PostForm
	one, ok := i.grants.take(f.Get("code"))
	verifier := sha256.Sum256([]byte(f.Get("code_verifier")))
	fits := subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(verifier[:])), []byte(one.challenge)) == 1
	if !ok || !fits || f.Get("grant_type") != "authorization_code" || f.Get("client_id") != i.config.Audience ||
		f.Get(paramRedirect) != one.redirect || !i.config.Now().Before(one.expires) {
		refuseGrant(w, "invalid_grant")
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	writeJSON(w, map[string]any{"access_token": one.token, "id_token": one.token, "token_type": "Bearer", "expires_in": int(tokenTTL.Seconds())})
}

func refuseGrant(w http.ResponseWriter, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = fmt.Fprintf(w, "{%q:%q}\n", "error", code)
}
