// Package issuer provides the OpenID issuer built in for development: it signs
// in whoever asks as whatever role they ask for, from a page. It refuses to
// exist where the stage is prod, and should listen on the loopback address
// alone.
package issuer

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"

	"convoke/shared/platform/auth"
)

// Where the issuer answers, below the base URL.
const (
	Path       = "/dev/issuer"
	SignInPath = "/dev/sign-in"
)

const (
	keyFile  = "issuer-key.pem"
	maxTTL   = 24 * time.Hour
	tokenTTL = 8 * time.Hour // of tokens from the page: a working day
)

// Config says where the issuer lives.
type Config struct {
	Stage    string           // the deployment's stage; empty and prod are refused
	BaseURL  string           // scheme and host under which the process is reached, such as http://localhost:8080
	Audience string           // the client id that tokens are for
	Dir      string           // the data directory; the signing key is kept in its issuer-key.pem
	Now      func() time.Time // the clock
}

// Issuer signs tokens and serves Path and SignInPath. Safe for concurrent use.
type Issuer struct {
	URL string // the issuer identifier, for auth.Config.Issuer

	config Config
	base   *url.URL
	key    jose.JSONWebKey
	signer jose.Signer
	mux    http.Handler
	grants grants
}

// Open returns the issuer with the key kept in c.Dir, which is made the first
// time, so that tokens outlive a restart. It fails if the stage is empty or
// prod, if the configuration cannot be right, and if the key file cannot be
// read, is damaged, or is open to others.
func Open(c Config) (*Issuer, error) {
	if stage := strings.ToLower(strings.TrimSpace(c.Stage)); stage == "" || strings.HasPrefix(stage, "prod") {
		return nil, fmt.Errorf("development issuer: refused at stage %q: it lets anybody in", c.Stage)
	}
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || base.Scheme+"://"+base.Host != c.BaseURL || !strings.HasPrefix(base.Scheme, "http") {
		return nil, fmt.Errorf("development issuer: base URL %q: want http or https, and host alone", c.BaseURL)
	}
	if c.Audience == "" || c.Dir == "" || c.Now == nil {
		return nil, errors.New("development issuer: Audience, Dir and Now must be set")
	}
	key, err := openKey(filepath.Join(c.Dir, keyFile))
	if err != nil {
		return nil, fmt.Errorf("development issuer: %w", err)
	}
	i := &Issuer{URL: c.BaseURL + Path, config: c, base: base, key: key}
	i.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: key}, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("development issuer: make signer: %w", err)
	}
	i.mux = i.routes()
	return i, nil
}

func (i *Issuer) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path+"/.well-known/openid-configuration", i.discovery)
	mux.HandleFunc("GET "+Path+"/jwks.json", i.jwks)
	mux.HandleFunc("POST "+tokenPath, i.exchange)
	mux.HandleFunc("GET "+SignInPath, i.showForm)
	mux.HandleFunc("POST "+SignInPath, i.mint)
	mux.HandleFunc("GET "+stylePath, style)
	return mux
}

// ServeHTTP answers at Path and SignInPath.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) { i.mux.ServeHTTP(w, r) }

// Token returns an ID token that auth.Verifier takes, for one role: Organiser
// (with its unit), Moderator or Admin (without). An empty subject is named
// after the role; ttl is more than 0 and at most a day.
func (i *Issuer) Token(role auth.Role, unit, subject string, ttl time.Duration) (string, error) {
	return i.token(role, unit, subject, "", ttl)
}

func (i *Issuer) token(role auth.Role, unit, subject, nonce string, ttl time.Duration) (string, error) {
	group, err := groupOf(role, unit)
	if err != nil {
		return "", err
	}
	if ttl <= 0 || ttl > maxTTL {
		return "", fmt.Errorf("mint token: ttl %v: want more than 0 and at most %v", ttl, maxTTL)
	}
	if subject == "" {
		subject = "dev-" + strings.ReplaceAll(group, ":", "-")
	}
	if !auth.ValidUnit(subject) {
		return "", errSubject
	}
	now := i.config.Now()
	claims := map[string]any{
		"iss": i.URL, "aud": i.config.Audience, "sub": subject, "token_use": "id",
		"iat": now.Unix(), "exp": now.Add(ttl).Unix(), auth.DefaultRolesClaim: []string{group},
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	return i.sign(claims)
}

// What a person can get wrong in the form.
var (
	errRole    = errors.New("role: want organiser, moderator or admin")
	errUnit    = errors.New("unit: an organiser needs one, of 1 to 64 letters, digits, hyphens or underscores; other roles have none")
	errSubject = errors.New("name: want 1 to 64 letters, digits, hyphens or underscores")
)

func groupOf(role auth.Role, unit string) (string, error) {
	switch role {
	case auth.Organiser:
		if !auth.ValidUnit(unit) {
			return "", errUnit
		}
		return string(role) + ":" + unit, nil
	case auth.Moderator, auth.Admin:
		if unit != "" {
			return "", errUnit
		}
		return string(role), nil
	}
	return "", errRole
}

func (i *Issuer) sign(claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("mint token: %w", err)
	}
	jws, err := i.signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("mint token: %w", err)
	}
	return jws.CompactSerialize()
}

func (i *Issuer) discovery(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, map[string]any{
		"issuer":                                i.URL,
		"jwks_uri":                              i.URL + "/jwks.json",
		"authorization_endpoint":                i.config.BaseURL + SignInPath,
		"token_endpoint":                        i.config.BaseURL + tokenPath,
		"response_types_supported":              []string{"code"},
		"code_challenge_methods_supported":      []string{"S256"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []string{string(jose.RS256)},
	})
}

func (i *Issuer) jwks(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{i.key.Public()}})
}

// writeJSON gives up silently: a reader who left needs no answer.
func writeJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}
