package auth

import "slices"

// Rule is one row of the table of route x role: Method and Pattern as the
// router knows them, such as GET and /v1/stakeholders/{id}, and every role it
// admits. A rule without roles admits nobody.
type Rule struct {
	Method, Pattern string
	Roles           []Role
}

// Allow returns nil if the rule admits the identity, ErrSignInRequired if
// nobody is signed in, ErrRoleForbidden otherwise. That a contact acts for the
// right stakeholder and an organiser for the right unit, it does not judge.
func Allow(rule Rule, id Identity) error {
	if slices.Contains(rule.Roles, Public) {
		return nil
	}
	if !id.SignedIn() {
		return ErrSignInRequired
	}
	if !slices.ContainsFunc(rule.Roles, id.Has) {
		return ErrRoleForbidden
	}
	return nil
}
