package directory

import (
	"testing"
	"time"
)

func TestConsentDecidesWhoIsFoundAndNamed(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	findable := Contact{ID: "c1", Name: "Speaker", ConfirmedAt: &now, Speaking: &SpeakingProfile{Findable: true}}
	s := &Stakeholder{ID: "s1", Status: Listed, Contacts: []Contact{findable, {ID: "c2", Name: "Office", ConfirmedAt: &now}}}
	change := func(purpose string, given bool) {
		t.Helper()
		if err := s.ChangeConsent(ConsentChange{Purpose: purpose, TextVersion: ConsentText, Given: given}, "c2", "api", now); err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string, speakers int, first, second bool) {
		t.Helper()
		if n := len(s.Speakers()); n != speakers || s.NamedTo("c1") != first || s.NamedTo("c2") != second {
			t.Errorf("%s: %d speakers, named %v and %v", when, n, s.NamedTo("c1"), s.NamedTo("c2"))
		}
	}
	check("nothing said", 1, true, false)
	change(ConsentSharing, true)
	check("sharing given", 1, true, true)
	change(ConsentSharing, false)
	check("sharing withdrawn", 1, true, false)
	change(ConsentSpeaking, true)
	change(ConsentSpeaking, false)
	check("speaking withdrawn", 0, false, false)
	change(ConsentSpeaking, true)
	check("speaking given again", 1, true, false)
}
