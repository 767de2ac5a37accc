package auth

import (
	"slices"
	"strings"
)

// Role is what somebody may be here. No role includes another: a rule names
// each role it admits.
type Role string

// The roles.
const (
	Public    Role = "public"    // anybody, signed in or not
	Contact   Role = "contact"   // acts for one stakeholder; comes from a session, never from a token
	Organiser Role = "organiser" // convenes for one organising unit
	Moderator Role = "moderator" // vets registrations
	Admin     Role = "admin"     // grants roles, reads the audit trail
)

// Identity is who is asking. The zero value is somebody not signed in.
type Identity struct {
	Subject     string // opaque id of the person: the token's sub, or the contact's id; empty when not signed in
	Roles       []Role // without Public, which everybody has
	Unit        string // the organising unit of an Organiser; may be empty, which is no unit and matches none
	Stakeholder string // the stakeholder a Contact acts for
}

// Has reports whether the identity has the role; everybody is Public.
func (id Identity) Has(role Role) bool { return role == Public || slices.Contains(id.Roles, role) }

// SignedIn reports whether somebody is known to be asking.
func (id Identity) SignedIn() bool { return id.Subject != "" }

// The claims that Amazon Cognito uses, the defaults of Mapping.
const (
	DefaultRolesClaim = "cognito:groups"
	DefaultUnitClaim  = "custom:unit"
)

const maxUnitBytes = 64

// Mapping says which claims of a token carry roles and unit. Empty names mean
// the defaults.
//
// The roles claim is a list of texts, or one text with spaces between:
// "organiser", "organiser:<unit>", "moderator", "admin"; other values belong to
// somebody else and are passed over. The unit claim chooses among several units,
// or gives the unit of a plain "organiser"; it never outranks the groups. In
// Cognito a person can write custom attributes of their own unless the app
// client forbids it, so the unit claim must not be among the client's writable
// attributes.
type Mapping struct{ RolesClaim, UnitClaim string }

// Identity returns who the verified claims of a token name. An organiser of
// several units among which the unit claim does not choose is not taken for an
// organiser at all.
func (m Mapping) Identity(claims map[string]any) Identity {
	subject, _ := claims["sub"].(string)
	id := Identity{Subject: subject}
	var units []string
	plain := false
	for _, value := range texts(claims[orDefault(m.RolesClaim, DefaultRolesClaim)]) {
		role, unit, scoped := strings.Cut(value, ":")
		switch {
		case value == string(Organiser):
			plain = true
		case role == string(Organiser) && scoped && ValidUnit(unit):
			units = append(units, unit)
		case value == string(Moderator), value == string(Admin):
			id.Roles = append(id.Roles, Role(value))
		}
	}
	claimed, _ := claims[orDefault(m.UnitClaim, DefaultUnitClaim)].(string)
	if unit, ok := chooseUnit(units, claimed, plain); ok {
		id.Unit, id.Roles = unit, append(id.Roles, Organiser)
	}
	slices.Sort(id.Roles)
	id.Roles = slices.Compact(id.Roles)
	return id
}

// chooseUnit returns the unit of an organiser, and whether they are one.
func chooseUnit(units []string, claimed string, plain bool) (string, bool) {
	slices.Sort(units)
	units = slices.Compact(units)
	switch {
	case len(units) == 1:
		return units[0], true
	case len(units) > 1:
		return claimed, slices.Contains(units, claimed)
	case plain && ValidUnit(claimed):
		return claimed, true
	}
	return "", plain
}

// ValidUnit reports whether unit can be the id of an organising unit: 1 to 64
// ASCII letters, digits, "-" or "_".
func ValidUnit(unit string) bool { return isName(unit, maxUnitBytes) }

func texts(claim any) []string {
	switch c := claim.(type) {
	case string:
		return strings.Fields(c)
	case []any:
		var out []string
		for _, v := range c {
			if s, ok := v.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

func orDefault(name, otherwise string) string {
	if name == "" {
		return otherwise
	}
	return name
}
