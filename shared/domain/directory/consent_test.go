package directory

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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

// The ledger says for each purpose which text was agreed to, when, by whom, on which
// channel, and when and on which that was taken back; what stood stays in it.
func TestLedgerOfConsent(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, 11, day, 9, 0, 0, 0, time.UTC) }
	taken, again := at(5), at(9)
	s := &Stakeholder{ID: "s1", Status: Listed, Consents: []Consent{{Purpose: ConsentDirectory, TextVersion: "2025-01", At: at(1), Channel: "page"}}}
	for _, c := range []struct {
		purpose, version string
		given            bool
		contact, channel string
		at               time.Time
	}{
		{ConsentSharing, ConsentText, true, "c1", "api", at(2)},
		{ConsentSharing, ConsentText, true, "c2", "page", at(3)}, // the same again
		{ConsentSharing, "", false, "c2", "page", taken},
		{ConsentSharing, ConsentText, true, "c1", "api", at(7)},
		{ConsentInvitations, "", false, "c1", "api", again}, // which the text of the directory covered
	} {
		if err := s.ChangeConsent(ConsentChange{c.purpose, c.version, c.given}, c.contact, c.channel, c.at); err != nil {
			t.Fatal(err)
		}
	}
	want := []Consent{
		{Purpose: ConsentDirectory, TextVersion: "2025-01", At: at(1), Channel: "page"},
		{Purpose: ConsentSharing, TextVersion: ConsentText, At: at(2), Channel: "api", Contact: "c1", WithdrawnAt: &taken, WithdrawnBy: "page"},
		{Purpose: ConsentSharing, TextVersion: ConsentText, At: at(7), Channel: "api", Contact: "c1"},
		{Purpose: ConsentInvitations, TextVersion: ConsentText, At: again, Channel: "api", Contact: "c1", WithdrawnAt: &again, WithdrawnBy: "api"},
	}
	if diff := cmp.Diff(want, s.Consents); diff != "" {
		t.Error(diff)
	}
	if err := s.ChangeConsent(ConsentChange{ConsentSpeaking, "2025-01", true}, "c1", "api", at(9)); err == nil {
		t.Error("consent was given to a text that is not the present one")
	}
}
