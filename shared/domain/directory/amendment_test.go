package directory

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func amendable(t *testing.T) *Stakeholder {
	t.Helper()
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	p := Profile{
		Category: "ngo", Country: "CH", Website: "https://www.example.org/fr", Topics: []string{"gcm:1"},
		Names: []Name{{Text: "Association Exemple", Lang: "fr", Kind: NameLegal}, {Text: "AE", Kind: NameAcronym}},
	}
	s := &Stakeholder{ID: "S", Profile: p, Status: Listed, Contacts: []Contact{{ID: "C", Role: RoleFocalPoint, ConfirmedAt: &now}}}
	s.Record("stakeholder.imported")
	s.Take()
	return s
}

// What was vetted waits; the rest is changed at once.
func TestRevise(t *testing.T) {
	now := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		change func(*Profile)
		waits  []string
		kinds  []string
	}{
		"the same":                 {func(*Profile) {}, nil, nil},
		"a topic":                  {func(p *Profile) { p.Topics = []string{"gcm:2"} }, nil, []string{"stakeholder.revised"}},
		"another page of the site": {func(p *Profile) { p.Website = "https://example.org/en" }, nil, []string{"stakeholder.revised"}},
		"another acronym":          {func(p *Profile) { p.Names = []Name{p.Names[0], {Text: "AEX", Kind: NameAcronym}} }, nil, []string{"stakeholder.revised"}},
		"another site":             {func(p *Profile) { p.Website = "https://example.net" }, []string{"website"}, []string{"verification.change_asked"}},
		"another legal name":       {func(p *Profile) { p.Names = []Name{{Text: "Exemple", Lang: "fr", Kind: NameLegal}} }, []string{"names"}, []string{"verification.change_asked"}},
		"at risk, said elsewhere":  {func(p *Profile) { p.AtRisk = true }, nil, nil},
		"country and topic":        {func(p *Profile) { p.Country, p.Topics = "FR", nil }, []string{"country"}, []string{"stakeholder.revised", "verification.change_asked"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := amendable(t)
			given := s.Profile
			c.change(&given)
			if err := s.Revise(given, "C", now); err != nil {
				t.Fatal(err)
			}
			var waits []string
			for _, f := range s.Compared() {
				waits = append(waits, f.Field)
			}
			if diff := cmp.Diff(c.waits, waits); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.kinds, recorded(s)); diff != "" {
				t.Error(diff)
			}
			given.AtRisk = false
			if diff := cmp.Diff(given, s.Proposed()); diff != "" {
				t.Errorf("what was given (-) is not what is proposed (+):\n%s", diff)
			}
		})
	}
}

func TestAmendmentIsReplacedAndWithdrawn(t *testing.T) {
	now := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	s := amendable(t)
	listed, given := s.Profile, s.Profile
	for _, country := range []string{"FR", "IT"} {
		given.Country = country
		if err := s.Revise(given, "C", now); err != nil {
			t.Fatal(err)
		}
	}
	if s.Country != "CH" || s.Proposed().Country != "IT" || len(s.Amendment.Changes) != 1 {
		t.Errorf("%+v", s.Amendment)
	}
	if err := s.Revise(listed, "C", now); err != nil || s.Amendment != nil || s.Amendable() {
		t.Errorf("%v %+v", err, s.Amendment)
	}
	if err := s.DecideAmendment(AmendmentDecision{Outcome: AmendmentAccepted}, now); err != ErrNoAmendment { //nolint:errorlint // the fault itself
		t.Error(err)
	}
}

func TestDecideAmendment(t *testing.T) {
	now := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	s := amendable(t)
	given := s.Profile
	given.Country = "FR"
	if err := s.Revise(given, "gone since", now); err != nil {
		t.Fatal(err)
	}
	s.Take()
	for _, wrong := range []AmendmentDecision{{}, {Outcome: "listed"}, {Outcome: AmendmentReturned}, {Outcome: AmendmentReturned, Reasons: []string{"dislike"}}} {
		if err := s.DecideAmendment(wrong, now); err == nil || !s.Amendable() {
			t.Errorf("%+v is taken", wrong)
		}
	}
	if err := s.DecideAmendment(AmendmentDecision{Outcome: AmendmentReturned, Reasons: []string{"name_mismatch"}}, now); err != nil {
		t.Fatal(err)
	}
	if e := s.Take(); s.Country != "CH" || s.Amendable() || e[0].Type != "verification.change_returned" || e[0].Data["contact"] != "C" {
		t.Errorf("%+v %+v", s.Amendment, e)
	}
	if err := s.Revise(given, "C", now); err != nil || !s.Amendable() {
		t.Fatalf("what was returned cannot be asked for again: %v", err)
	}
	if err := s.DecideAmendment(AmendmentDecision{Outcome: AmendmentAccepted}, now); err != nil || s.Country != "FR" || s.Amendment != nil {
		t.Errorf("%v %+v", err, s.Profile)
	}
	s.Status = Suspended
	if err := s.Revise(given, "C", now); err != ErrNotListed { //nolint:errorlint // the fault itself
		t.Error(err)
	}
}
