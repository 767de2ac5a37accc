package auth

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMappingIdentity(t *testing.T) {
	for name, tc := range map[string]struct {
		groups, unit any
		want         Identity
	}{
		"nothing":                    {nil, nil, Identity{}},
		"organiser of a unit":        {[]any{"organiser:geneva"}, nil, Identity{Roles: []Role{Organiser}, Unit: "geneva"}},
		"organiser, unit by claim":   {[]any{"organiser"}, "geneva", Identity{Roles: []Role{Organiser}, Unit: "geneva"}},
		"organiser of no unit":       {[]any{"organiser"}, nil, Identity{Roles: []Role{Organiser}}},
		"organiser, bad unit claim":  {[]any{"organiser"}, "a b", Identity{Roles: []Role{Organiser}}},
		"group outranks the claim":   {[]any{"organiser:geneva"}, "bonn", Identity{Roles: []Role{Organiser}, Unit: "geneva"}},
		"the claim chooses":          {[]any{"organiser:bonn", "organiser:geneva"}, "geneva", Identity{Roles: []Role{Organiser}, Unit: "geneva"}},
		"several units, no choice":   {[]any{"organiser:bonn", "organiser:geneva"}, nil, Identity{}},
		"several units, bad choice":  {[]any{"organiser:bonn", "organiser:geneva", "organiser"}, "rome", Identity{}},
		"one unit twice":             {[]any{"organiser:bonn", "organiser:bonn"}, nil, Identity{Roles: []Role{Organiser}, Unit: "bonn"}},
		"empty unit":                 {[]any{"organiser:"}, "bonn", Identity{}},
		"unit with a colon":          {[]any{"organiser:a:b"}, nil, Identity{}},
		"moderator and admin":        {[]any{"moderator", "admin", "admin"}, nil, Identity{Roles: []Role{Admin, Moderator}}},
		"a text with spaces":         {"admin organiser:bonn", nil, Identity{Roles: []Role{Admin, Organiser}, Unit: "bonn"}},
		"unit alone gives no role":   {nil, "bonn", Identity{}},
		"contact is not for tokens":  {[]any{"contact", "public", "contact:x"}, nil, Identity{}},
		"groups of others":           {[]any{"Admin", "admin:", "admin:all", " admin", "eu-west-1_pool_Google", 7, nil}, nil, Identity{}},
		"a claim of the wrong shape": {map[string]any{"admin": true}, 7, Identity{}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.want.Subject = "s1"
			got := Mapping{}.Identity(map[string]any{"sub": "s1", DefaultRolesClaim: tc.groups, DefaultUnitClaim: tc.unit})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMappingOfOtherClaims(t *testing.T) {
	m := Mapping{RolesClaim: "roles", UnitClaim: "department"}
	got := m.Identity(map[string]any{
		"sub": "s1", "roles": []any{"organiser"}, "department": "bonn",
		DefaultRolesClaim: []any{"admin"}, DefaultUnitClaim: "rome",
	})
	if diff := cmp.Diff(Identity{Subject: "s1", Roles: []Role{Organiser}, Unit: "bonn"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAllow(t *testing.T) {
	nobody := Identity{}
	contact := Identity{Subject: "c1", Roles: []Role{Contact}, Stakeholder: "s1"}
	admin := Identity{Subject: "a1", Roles: []Role{Admin}}
	revoked := Identity{Subject: "r1"}
	halfway := Identity{Roles: []Role{Admin}}
	for _, tc := range []struct {
		name  string
		roles []Role
		id    Identity
		want  error
	}{
		{"public to nobody", []Role{Public}, nobody, nil},
		{"public to a contact", []Role{Public}, contact, nil},
		{"contact to nobody", []Role{Contact}, nobody, ErrSignInRequired},
		{"contact to a contact", []Role{Contact}, contact, nil},
		{"contact to an admin", []Role{Contact}, admin, ErrRoleForbidden},
		{"either to an admin", []Role{Moderator, Admin}, admin, nil},
		{"admin to one without roles", []Role{Admin}, revoked, ErrRoleForbidden},
		{"admin to roles without a subject", []Role{Admin}, halfway, ErrSignInRequired},
		{"no roles to an admin", nil, admin, ErrRoleForbidden},
		{"no roles to nobody", nil, nobody, ErrSignInRequired},
	} {
		if err := Allow(Rule{Roles: tc.roles}, tc.id); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
}

func TestAllowIsWhatTheRowSays(t *testing.T) {
	roles := rapid.SliceOfDistinct(rapid.SampledFrom([]Role{Public, Contact, Organiser, Moderator, Admin}), rapid.ID[Role])
	rapid.Check(t, func(t *rapid.T) {
		rule := Rule{Roles: roles.Draw(t, "rule")}
		id := Identity{Subject: "x", Roles: roles.Draw(t, "identity")}
		want := false
		for _, r := range rule.Roles {
			want = want || id.Has(r)
		}
		if got := Allow(rule, id) == nil; got != want {
			t.Fatalf("allowed %v, want %v", got, want)
		}
	})
}
