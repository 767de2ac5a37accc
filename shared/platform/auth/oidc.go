package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

const (
	clockSkew      = time.Minute // by which the issuer's clock may be ahead of ours
	maxTokenChars  = 8 << 10
	maxSubjectSize = 255 // OpenID Connect Core section 2
)

// Config says whose tokens are trusted.
type Config struct {
	Issuer    string            // exactly as in the tokens' iss
	Audience  []string          // our client ids at the issuer; a token must be for one of them
	KeysURL   string            // the issuer's JWKS; empty asks the issuer's discovery document
	PlainHTTP bool              // take http URLs too: for development only
	Mapping   Mapping           // which claims carry the roles
	Transport http.RoundTripper // nil is http.DefaultTransport
	Now       func() time.Time  // the clock
}

// Verifier tells who a bearer token names. Safe for concurrent use.
type Verifier struct {
	config Config
	keys   *keySet
}

// NewVerifier returns a verifier without asking the issuer anything: its keys
// are fetched with the first token, so that a process starts while the issuer
// is down. It fails if the configuration cannot be right.
func NewVerifier(c Config) (*Verifier, error) {
	if c.Now == nil || len(c.Audience) == 0 || slices.Contains(c.Audience, "") {
		return nil, errors.New("oidc: Now and Audience must be set")
	}
	if err := c.checkURL(c.Issuer); err != nil {
		return nil, fmt.Errorf("oidc: issuer: %w", err)
	}
	if c.KeysURL != "" {
		if err := c.checkURL(c.KeysURL); err != nil {
			return nil, fmt.Errorf("oidc: keys URL: %w", err)
		}
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	return &Verifier{config: c, keys: newKeySet(newPublished(c).fetch, c.Now)}, nil
}

func (c Config) checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return err
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !c.PlainHTTP) || u.Host == "" || u.User != nil {
		return fmt.Errorf("%q is not an https URL", raw)
	}
	return nil
}

// Bearer returns the token of an Authorization header, false if there is none.
func Bearer(header string) (string, bool) {
	scheme, token, _ := strings.Cut(header, " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

// Verify returns who the token names. The token must be a compact JWS with one
// RS256 signature by a key that the issuer publishes now, from the issuer, for
// our audience, and in time. Errors are ErrTokenInvalid, ErrTokenExpired, and
// ErrIssuerUnavailable when the keys cannot be had.
func (v *Verifier) Verify(ctx context.Context, bearer string) (Identity, error) {
	_, who, err := v.verify(ctx, bearer)
	return who, err
}

func (v *Verifier) verify(ctx context.Context, bearer string) (*oidc.IDToken, Identity, error) {
	if !isCompact(bearer) {
		return nil, Identity{}, ErrTokenInvalid
	}
	signer := &signature{keys: v.keys}
	checked := oidc.NewVerifier(v.config.Issuer, signer, &oidc.Config{
		SupportedSigningAlgs: []string{oidc.RS256},
		SkipClientIDCheck:    true, // checkFor does it, for both kinds of token
		Now:                  v.config.Now,
	})
	token, err := checked.Verify(ctx, bearer)
	if err != nil {
		return nil, Identity{}, refusal(err, signer.unavailable)
	}
	who, err := v.identity(token)
	return token, who, err
}

// refusal finds the fault in what go-oidc reports, which flattens the cause.
func refusal(err, unavailable error) error {
	if unavailable != nil {
		return unavailable
	}
	if _, expired := errors.AsType[*oidc.TokenExpiredError](err); expired {
		return ErrTokenExpired.Because(err)
	}
	return ErrTokenInvalid.Because(err)
}

func (v *Verifier) identity(token *oidc.IDToken) (Identity, error) {
	var raw json.RawMessage
	var c tokenClaims
	var all map[string]any
	if err := errors.Join(token.Claims(&raw), token.Claims(&c), token.Claims(&all)); err != nil {
		return Identity{}, ErrTokenInvalid.Because(err)
	}
	now := v.config.Now()
	if !now.Before(token.Expiry) {
		return Identity{}, ErrTokenExpired
	}
	if err := errors.Join(c.checkTimes(now), c.checkFor(v.config.Audience, token.Audience)); err != nil {
		return Identity{}, ErrTokenInvalid.Because(err)
	}
	if token.Subject == "" || len(token.Subject) > maxSubjectSize {
		return Identity{}, ErrTokenInvalid.Because(errors.New("sub is empty or too long"))
	}
	return v.config.Mapping.Identity(all), nil
}

// tokenClaims is what go-oidc leaves to check. Times are Unix seconds and may
// carry a fraction (RFC 7519 section 2).
type tokenClaims struct {
	IssuedAt  float64 `json:"iat"`
	NotBefore float64 `json:"nbf"`
	TokenUse  string  `json:"token_use"` // Cognito: "id" or "access"
	ClientID  string  `json:"client_id"` // Cognito's access tokens have it in place of aud
}

func (c tokenClaims) checkTimes(now time.Time) error {
	latest := float64(now.Add(clockSkew).Unix())
	if c.IssuedAt > latest {
		return errors.New("iat is in the future")
	}
	if c.NotBefore > latest {
		return errors.New("nbf is in the future")
	}
	return nil
}

func (c tokenClaims) checkFor(ours, audience []string) error {
	switch c.TokenUse {
	case "access":
		audience = []string{c.ClientID}
	case "", "id":
	default:
		return errors.New("token_use is neither id nor access")
	}
	if !slices.ContainsFunc(audience, func(a string) bool { return slices.Contains(ours, a) }) {
		return errors.New("the token is for another audience")
	}
	return nil
}

// isCompact reports whether token is three parts of base64url in its one strict
// spelling. go-jose alone would also take the JSON form of a JWS, spaces, and
// other last bits.
func isCompact(token string) bool {
	if len(token) > maxTokenChars || strings.Count(token, ".") != 2 {
		return false
	}
	for part := range strings.SplitSeq(token, ".") {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil || len(raw) == 0 || base64.RawURLEncoding.EncodeToString(raw) != part {
			return false
		}
	}
	return true
}

// signature checks one token's signature for go-oidc, and remembers when it
// could not, because go-oidc keeps only the text of the error.
type signature struct {
	keys        *keySet
	unavailable error
}

// VerifySignature implements oidc.KeySet. Keys inside the token (jwk, jku, x5c,
// x5u) are never looked at.
func (s *signature) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, err
	}
	id := jws.Signatures[0].Protected.KeyID
	if id == "" {
		return nil, errors.New("the token names no key")
	}
	key, err := s.keys.find(ctx, id)
	if errors.Is(err, ErrIssuerUnavailable) {
		s.unavailable = err
	}
	if err != nil {
		return nil, err
	}
	return jws.Verify(key)
}
