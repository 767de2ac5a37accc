// Package auth provides the primitives of sign-in: signed links in mail, secret
// tokens of which only the hash is kept, the verification of OpenID Connect
// tokens, who is asking and what a route allows, and a limit on floods. It
// keeps nothing: where a hash or a session lives is the caller's matter.
package auth

import "convoke/shared/domain/fault"

// The refusals of this package. Codes are also translation keys.
var (
	// ErrLinkInvalid says that a link was not signed here, or for another
	// purpose. It answers as Gone, like an expired one, so that a guesser and a
	// latecomer see the same status.
	ErrLinkInvalid = fault.New(fault.Gone, "link.invalid")
	// ErrLinkExpired says that a link was signed here and its time is over.
	ErrLinkExpired = fault.New(fault.Gone, "link.expired")
	// ErrTokenInvalid says that a bearer token is not to be trusted.
	ErrTokenInvalid = fault.New(fault.Unauthenticated, "token.invalid")
	// ErrTokenExpired says that a bearer token was good; a new one is needed.
	ErrTokenExpired = fault.New(fault.Unauthenticated, "token.expired")
	// ErrIssuerUnavailable says that the issuer's keys cannot be had now, so
	// that nothing can be verified and nobody is let in.
	ErrIssuerUnavailable = fault.New(fault.Unavailable, "sign_in.unavailable")
	// ErrAttemptInvalid says that an answer of the issuer belongs to no attempt
	// that this browser began, or that the issuer does not stand by it any more.
	ErrAttemptInvalid = fault.New(fault.Gone, "sign_in.attempt")
	// ErrSignInRequired says that the route needs somebody signed in.
	ErrSignInRequired = fault.New(fault.Unauthenticated, "sign_in.required")
	// ErrRoleForbidden says that who is signed in lacks the role.
	ErrRoleForbidden = fault.New(fault.Forbidden, "role.forbidden")
)
