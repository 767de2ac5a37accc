package directory

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRelationsAreRefused(t *testing.T) {
	good := Assertion{Kind: "member_of", Stakeholder: "B"}
	for _, c := range []struct {
		name   string
		change func(*Assertion)
		want   []string
	}{
		{"good", func(*Assertion) {}, nil},
		{"inverse", func(a *Assertion) { a.Kind = "has_member" }, nil},
		{"open", func(a *Assertion) { a.Since = "2020-02-29" }, nil},
		{"unknown kind", func(a *Assertion) { a.Kind = "friend_of" }, []string{"/kind relation.kind_unknown"}},
		{"no kind", func(a *Assertion) { a.Kind = "" }, []string{"/kind relation.kind_unknown"}},
		{"itself", func(a *Assertion) { a.Stakeholder = "A" }, []string{"/stakeholder relation.self"}},
		{"nobody", func(a *Assertion) { a.Stakeholder = "" }, []string{"/stakeholder stakeholder.unknown"}},
		{"no such day", func(a *Assertion) { a.Since = "2026-02-29" }, []string{"/since date.impossible"}},
		{"year of nobody", func(a *Assertion) { a.Until = "9999-01-01" }, []string{"/until date.impossible"}},
		{"backwards", func(a *Assertion) { a.Since, a.Until = "2026-02-01", "2026-01-31" }, []string{"/until date.before_start"}},
		{"role of two lines", func(a *Assertion) { a.Role = "a\nb" }, []string{"/role text.control_character"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := good
			c.change(&a)
			_, err := Assert("R", "A", a, false, start)
			if diff := cmp.Diff(c.want, refused(t, err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestARelationIsAgreedTo(t *testing.T) {
	r, err := Assert("R", "A", Assertion{Kind: "has_member", Stakeholder: "B", Until: "2026-12-31"}, false, start)
	if err != nil {
		t.Fatal(err)
	}
	if r.From != "B" || r.To != "A" || r.Kind != RelationMemberOf {
		t.Fatalf("%+v", r)
	}
	member := &Stakeholder{ID: "B"}
	if member.Tie(r, start) {
		t.Error("a proposal ties")
	}
	if err := r.Confirm("A", start); !errors.Is(err, ErrRelationNotYours) {
		t.Errorf("who asserted it confirms: %v", err)
	}
	if err := r.Confirm("C", start); !errors.Is(err, ErrRelationNotYours) {
		t.Errorf("somebody else confirms: %v", err)
	}
	if err := r.Confirm("B", start); err != nil {
		t.Fatal(err)
	}
	if !member.Tie(r, start) || member.Tie(r, start) || !cmp.Equal(member.TiedTo("member_of"), []string{"A"}) {
		t.Errorf("ties %+v", member.Ties)
	}
	r.Advance(time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC))
	if r.State != RelationConfirmed {
		t.Error("it ended on its last day")
	}
	after := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	r.Advance(after)
	if r.State != RelationEnded || r.DueAt != nil || !member.Tie(r, after) || len(member.Ties) != 0 {
		t.Errorf("after its last day: %+v, ties %+v", r, member.Ties)
	}
	if err := r.End("", after); !errors.Is(err, ErrRelationEnded) {
		t.Errorf("ends twice: %v", err)
	}
}

func TestARelationBegins(t *testing.T) {
	r, err := Assert("R", "A", Assertion{Kind: "chairs", Stakeholder: "B", Since: "2027-01-01"}, true, start)
	if err != nil {
		t.Fatal(err)
	}
	if r.Current(start) || r.DueAt == nil {
		t.Fatalf("%+v", r)
	}
	r.Advance(*r.DueAt)
	if !r.Current(time.Date(2027, 1, 1, 8, 0, 0, 0, time.UTC)) || r.DueAt != nil {
		t.Errorf("%+v", r)
	}
}

func TestProcess(t *testing.T) {
	s := &Stakeholder{ID: "P", Profile: Profile{Category: "ngo"}}
	p := Process{
		Members:   []StateTerm{{Country: "MX"}, {Country: "CA", Since: "1996-03-15"}, {Country: "CU", Until: "2020-01-01"}, {Country: "CU", Since: "2026-01-01"}},
		Observers: []StateTerm{{Country: "AR", Since: "2030-01-01"}},
		Chairs:    []ChairTerm{{Country: "MX", Since: "2025-01-01", Until: "2026-12-31"}, {Stakeholder: "S", Since: "2026-11-01"}},
	}
	if err := s.Compose(p, start); !errors.Is(err, ErrNoProcess) {
		t.Errorf("an association of States: %v", err)
	}
	s.Category = "regional_process"
	if err := s.Compose(p, start); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"CA", "CU", "MX"}, s.Process.MemberStates(start)); diff != "" {
		t.Error(diff)
	}
	if got := s.Process.ObserverStates(start); len(got) != 0 {
		t.Errorf("observers %v", got)
	}
	if c := s.Process.Chair(start); c == nil || c.Stakeholder != "S" {
		t.Errorf("chair %+v", c)
	}
	if c := s.Process.Chair(start.AddDate(0, -1, 0)); c == nil || c.Country != "MX" {
		t.Errorf("chair a month before %+v", c)
	}
	bad := Process{
		Members: []StateTerm{{Country: "ZZ"}, {Country: "MX"}, {Country: "MX", Since: "2020-01-01"}},
		Chairs:  []ChairTerm{{Since: "2026-01-01"}, {Country: "MX", Stakeholder: "S", Since: "2026-01-01"}, {Country: "MX"}, {Stakeholder: "P", Since: "2026-13-01"}},
	}
	if diff := cmp.Diff([]string{
		"/chairs/0 process.one_chair", "/chairs/1 process.one_chair", "/chairs/2/since date.missing", "/chairs/3/since date.impossible",
		"/chairs/3/stakeholder relation.self", "/members/0/country country.unknown", "/members/2 list.repeated",
	}, refused(t, s.Compose(bad, start))); diff != "" {
		t.Error(diff)
	}
}
