package auth

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

const (
	minRSABits     = 2048
	maxAnswerBytes = 1 << 20
)

// published is what the issuer shows to everybody: where its keys are, and the
// keys.
type published struct {
	config Config
	client *http.Client
}

// newPublished follows no redirect: what the issuer publishes is where the
// configuration says.
func newPublished(c Config) published {
	return published{config: c, client: &http.Client{
		Transport:     bounded{c.Transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// fetch returns the issuer's keys that can sign RS256, by key id. Where no
// KeysURL is configured the discovery document is asked for again each time:
// it is small, and the keys may have moved.
func (p published) fetch(ctx context.Context) (map[string]*rsa.PublicKey, error) {
	from, err := p.location(ctx)
	if err != nil {
		return nil, err
	}
	set, err := p.download(ctx, from)
	if err != nil {
		return nil, err
	}
	keys := signingKeys(set)
	if len(keys) == 0 {
		return nil, fmt.Errorf("keys at %s: none can have signed RS256", from)
	}
	return keys, nil
}

func (p published) location(ctx context.Context) (string, error) {
	if p.config.KeysURL != "" {
		return p.config.KeysURL, nil
	}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	if err != nil {
		return "", fmt.Errorf("discover issuer: %w", err)
	}
	var document struct {
		KeysURL string `json:"jwks_uri"`
	}
	if err := provider.Claims(&document); err != nil {
		return "", fmt.Errorf("read discovery document: %w", err)
	}
	if err := p.config.checkURL(document.KeysURL); err != nil {
		return "", fmt.Errorf("read jwks_uri: %w", err)
	}
	return document.KeysURL, nil
}

func (p published) download(ctx context.Context, from string) ([]json.RawMessage, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch keys: %w", err)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch keys: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch keys from %s: status %d", from, resp.StatusCode)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return set.Keys, nil
}

// signingKeys passes over what it cannot read or use, as RFC 7517 section 5
// asks: an issuer may publish keys of many kinds.
func signingKeys(set []json.RawMessage) map[string]*rsa.PublicKey {
	keys := map[string]*rsa.PublicKey{}
	for _, raw := range set {
		var k jose.JSONWebKey
		if json.Unmarshal(raw, &k) != nil || k.KeyID == "" {
			continue
		}
		if public, ok := rs256Key(k); ok {
			keys[k.KeyID] = public
		}
	}
	return keys
}

func rs256Key(k jose.JSONWebKey) (*rsa.PublicKey, bool) {
	public, ok := k.Key.(*rsa.PublicKey)
	fits := (k.Use == "" || k.Use == "sig") && (k.Algorithm == "" || k.Algorithm == string(jose.RS256))
	return public, ok && fits && public.N.BitLen() >= minRSABits
}

// bounded limits what one answer of the issuer may hold.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswerBytes)
	}
	return resp, err
}
