package auth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// flowTimeout is for all that one step of a sign-in asks the issuer.
const flowTimeout = 8 * time.Second

// Flow signs in from a browser who has an account at the issuer: the
// authorization code flow (OpenID Connect Core section 3.1) of a public client,
// with PKCE (RFC 7636). An attempt is known by a secret of NewToken that its
// browser alone keeps; what else it needs is derived from that.
type Flow struct {
	tokens   *Verifier
	callback string
}

// NewFlow returns the flow that leads back to callback, an address that the
// issuer knows of the client, which is the first audience of tokens.
func NewFlow(tokens *Verifier, callback string) *Flow { return &Flow{tokens, callback} }

// Begin returns the address at the issuer to lead the browser to. The attempt
// ends at then, a path of ours. It fails with ErrIssuerUnavailable.
func (f *Flow) Begin(ctx context.Context, secret, then string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, flowTimeout)
	defer cancel()
	client, _, err := f.client(ctx)
	if err != nil {
		return "", err
	}
	return client.AuthCodeURL(stateOf(secret, then), oidc.Nonce(derived(secret, "nonce")), oauth2.S256ChallengeOption(derived(secret, "verifier"))), nil
}

// Finish returns who signed in, and the path that Begin was given. It fails with
// ErrAttemptInvalid, ErrIssuerUnavailable, and as Verify does.
func (f *Flow) Finish(ctx context.Context, secret, state, code string) (who Identity, then string, err error) {
	then, ok := returnOf(secret, state)
	if !ok || code == "" {
		return Identity{}, "", ErrAttemptInvalid
	}
	ctx, cancel := context.WithTimeout(ctx, flowTimeout)
	defer cancel()
	client, ctx, err := f.client(ctx)
	if err != nil {
		return Identity{}, "", err
	}
	granted, err := client.Exchange(ctx, code, oauth2.VerifierOption(derived(secret, "verifier")))
	if err != nil {
		return Identity{}, "", unexchanged(err)
	}
	bearer, _ := granted.Extra("id_token").(string)
	token, who, err := f.tokens.verify(ctx, bearer)
	if err != nil {
		return Identity{}, "", err
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(derived(secret, "nonce"))) != 1 {
		return Identity{}, "", ErrAttemptInvalid
	}
	return who, then, nil
}

// client asks the issuer where it signs people in and exchanges codes.
func (f *Flow) client(ctx context.Context) (oauth2.Config, context.Context, error) {
	config := f.tokens.config
	ctx = oidc.ClientContext(ctx, newPublished(config).client)
	provider, err := oidc.NewProvider(ctx, config.Issuer)
	if err != nil {
		return oauth2.Config{}, ctx, ErrIssuerUnavailable.Because(fmt.Errorf("discover issuer: %w", err))
	}
	at := provider.Endpoint()
	if err := errors.Join(config.checkURL(at.AuthURL), config.checkURL(at.TokenURL)); err != nil {
		return oauth2.Config{}, ctx, ErrIssuerUnavailable.Because(fmt.Errorf("read discovery document: %w", err))
	}
	at.AuthStyle = oauth2.AuthStyleInParams // a public client names itself and has no secret
	return oauth2.Config{ClientID: config.Audience[0], Endpoint: at, RedirectURL: f.callback, Scopes: []string{oidc.ScopeOpenID}}, ctx, nil
}

// unexchanged tells a code that the issuer refuses from an issuer that fails.
func unexchanged(err error) error {
	answer, ok := errors.AsType[*oauth2.RetrieveError](err)
	if ok && answer.Response != nil && answer.Response.StatusCode < 500 {
		return ErrAttemptInvalid.Because(errors.New("the issuer refused the code: " + answer.ErrorCode))
	}
	return ErrIssuerUnavailable.Because(errors.New("the issuer did not exchange the code"))
}

// derived is a secret of an attempt for one use, as unpadded base64url of 32
// bytes: the form that RFC 7636 section 4.1 recommends for a verifier.
func derived(secret, use string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(use))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// stateOf binds where the attempt ends to its secret.
func stateOf(secret, then string) string {
	return derived(secret, "state "+then) + "." + base64.RawURLEncoding.EncodeToString([]byte(then))
}

// returnOf is the path in a state, false if the state is not of this attempt.
func returnOf(secret, state string) (string, bool) {
	_, encoded, _ := strings.Cut(state, ".")
	then, err := base64.RawURLEncoding.DecodeString(encoded)
	own := isSecret(secret) && subtle.ConstantTimeCompare([]byte(state), []byte(stateOf(secret, string(then)))) == 1
	return string(then), own && err == nil
}
