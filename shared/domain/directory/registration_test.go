package directory

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// counting returns a source of ids that count.
func counting() func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("C%d", n) }
}

func registered(t *testing.T) *Stakeholder {
	t.Helper()
	s, err := Register("S0", application(), counting(), start)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func recorded(s *Stakeholder) []string {
	var list []string
	for _, e := range s.Take() {
		list = append(list, e.Type)
	}
	return list
}

func TestRegisterTakesNothingThatIsNotTheClientsToSay(t *testing.T) {
	a := application()
	a.Contacts[0].ID, a.Contacts[0].ConfirmedAt = "C999", &start
	a.Contacts[0].Name, a.Contacts[0].Email = "  Focal   Point ", "Focal@association.example.org"
	a.Evidence[0].Identifier.ID = "\u202e https://ror.org/02N0BTS35" // what precedes the address is never checked
	a.Evidence[3] = Evidence{Kind: EvidenceCertificate, Sponsor: "\u202e", Referees: []string{"\r\n"}, Identifier: &Identifier{Scheme: "x", ID: "\x00"}}
	s, err := Register("S0", a, counting(), start)
	if err != nil {
		t.Fatal(err)
	}
	want := Contact{ID: "C1", Name: "Focal Point", Role: RoleFocalPoint, Email: "Focal@association.example.org", Language: "fr"}
	if diff := cmp.Diff(want, s.Contacts[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Evidence{
		{Kind: EvidenceIdentifier, Identifier: &Identifier{Scheme: "ror", ID: "02n0bts35"}},
		{Kind: EvidenceReferences, Referees: []string{"S1", "S2"}},
		{Kind: EvidenceSponsorship, Sponsor: "unit-1", Note: "Known since 2001."},
		{Kind: EvidenceCertificate},
	}, s.Evidence, cmpopts.IgnoreFields(Evidence{}, "ID")); diff != "" {
		t.Error(diff)
	}
	if s.Status != AwaitingEmail || s.VerifiedAt != nil || s.Public() {
		t.Errorf("begins as %s", s.Status)
	}
	if diff := cmp.Diff([]string{"registration.submitted"}, recorded(s)); diff != "" {
		t.Error(diff)
	}
}

func TestRegisterRefusesWhatIsNotValid(t *testing.T) {
	if s, err := Register("S0", Application{}, counting(), start); s != nil || !errors.Is(err, ErrInvalid) {
		t.Errorf("%v, %v", s, err)
	}
}

func TestConfirmAddress(t *testing.T) {
	s := registered(t)
	recorded(s)
	if err := s.ConfirmAddress("C9", start); !errors.Is(err, ErrLinkSuperseded) {
		t.Errorf("a contact that is not there: %v", err)
	}
	for _, step := range []struct {
		contact string
		want    []string
		status  Status
	}{
		{"C2", []string{"contact.confirmed"}, AwaitingEmail}, // the speaker's proof is not the focal point's
		{"C1", []string{"contact.confirmed", "registration.awaiting_review", "verification.reference_asked", "verification.reference_asked", "verification.sponsorship_asked"}, AwaitingReview},
		{"C1", nil, AwaitingReview},
	} {
		if err := s.ConfirmAddress(step.contact, start); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(step.want, recorded(s)); diff != "" || s.Status != step.status {
			t.Errorf("%s: %s, %s", step.contact, s.Status, diff)
		}
	}
}

func TestDecide(t *testing.T) {
	for _, tt := range []struct {
		name     string
		decision Decision
		refused  []string
		want     Status
	}{
		{"listed", Decision{Outcome: Listed}, nil, Listed},
		{"returned", Decision{Outcome: Returned, Reasons: []string{"incomplete"}, Note: "Please add\na country."}, nil, Returned},
		{"declined", Decision{Outcome: Declined, Reasons: []string{"duplicate", "out_of_scope"}}, nil, Declined},
		{"returned without a reason", Decision{Outcome: Returned}, []string{"/reasons decision.reason_missing"}, AwaitingReview},
		{"an outcome that is no decision", Decision{Outcome: Erased, Reasons: []string{"incomplete"}}, []string{"/outcome decision.outcome_unknown"}, AwaitingReview},
		{"reasons", Decision{Outcome: Declined, Reasons: []string{"because", "duplicate", "duplicate"}}, []string{"/reasons/0 decision.reason_unknown", "/reasons/2 list.repeated"}, AwaitingReview},
		{"note", Decision{Outcome: Listed, Note: "a\u202eb"}, []string{"/note text.bidi_control"}, AwaitingReview},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := registered(t)
			if err := s.Decide(tt.decision, start); err == nil {
				t.Fatal("decided before the address was proved")
			}
			if err := s.ConfirmAddress("C1", start); err != nil {
				t.Fatal(err)
			}
			err := s.Decide(tt.decision, start)
			if diff := cmp.Diff(tt.refused, refused(t, err)); diff != "" || s.Status != tt.want {
				t.Errorf("%s: %s", s.Status, diff)
			}
			if listed := s.VerifiedAt != nil && s.ValidUntil.Equal(start.AddDate(1, 0, 0)); listed != (tt.want == Listed) {
				t.Errorf("verified %v until %v", s.VerifiedAt, s.ValidUntil)
			}
			if again := s.Decide(Decision{Outcome: Listed}, start); tt.refused == nil && !errors.Is(again, ErrNotInReview) {
				t.Errorf("decided twice: %v", again)
			}
		})
	}
}

func TestCorrectAsksForProofOfANewAddressAlone(t *testing.T) {
	s := registered(t)
	if err := errors.Join(s.ConfirmAddress("C1", start), s.Decide(Decision{Outcome: Returned, Reasons: []string{"incomplete"}}, start)); err != nil {
		t.Fatal(err)
	}
	recorded(s)
	newID := func() string { return "C10" }

	a := application()
	a.Contacts[0].Email = "FOCAL@association.example.org" // the same mailbox
	if err := s.Correct(a, newID, start); err != nil || s.Status != AwaitingReview || s.Contacts[0].ID != "C1" || s.Contacts[0].ConfirmedAt == nil {
		t.Errorf("%v, %s, %+v", err, s.Status, s.Contacts[0])
	}
	a.Contacts[0].Email, a.Contacts[0].ID, a.Contacts[0].ConfirmedAt = "new@association.example.org", "C1", &start
	if err := s.Correct(a, newID, start); err != nil || s.Status != AwaitingEmail || s.Contacts[0].ID != "C10" || s.Contacts[0].ConfirmedAt != nil {
		t.Errorf("%v, %s, %+v", err, s.Status, s.Contacts[0])
	}
	if err := s.ConfirmAddress("C1", start); !errors.Is(err, ErrLinkSuperseded) {
		t.Errorf("the former address's link: %v", err)
	}
	if diff := cmp.Diff([]string{"registration.awaiting_review", "registration.submitted"}, recorded(s)); diff != "" {
		t.Error(diff)
	}
	if err := s.Correct(Application{}, newID, start); !errors.Is(err, ErrInvalid) || s.Category == "" {
		t.Errorf("a correction that is not valid: %v", err)
	}
}

// allowed holds, of each status, those that registration and moderation may lead
// to from it.
var allowed = map[Status][]Status{
	AwaitingEmail:  {AwaitingEmail, AwaitingReview},
	AwaitingReview: {AwaitingReview, AwaitingEmail, Returned, Declined, Listed},
	Returned:       {Returned, AwaitingReview, AwaitingEmail},
	Declined:       {Declined},
	Listed:         {Listed},
}

// Whatever is done in whatever order, nobody comes to review or into the list
// without a proved focal point, no step is taken that is not allowed, and an
// address keeps its contact's id and its proof.
func TestRegistrationIsAStateMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		newID := counting()
		s, err := Register("S0", drawn(t), newID, start)
		if err != nil {
			t.Fatal(err)
		}
		s.Take()
		now := start
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Hour)
			before := *s
			before.Contacts = slices.Clone(s.Contacts)
			err := step(t, s, newID, now)
			check(t, &before, s, err)
		}
	})
}

func step(t *rapid.T, s *Stakeholder, newID func() string, now time.Time) error {
	switch rapid.SampledFrom([]string{"confirm", "decide", "correct"}).Draw(t, "step") {
	case "confirm":
		return s.ConfirmAddress(fmt.Sprintf("C%d", rapid.IntRange(1, 8).Draw(t, "contact")), now)
	case "decide":
		return s.Decide(Decision{
			Outcome: rapid.SampledFrom([]Status{Listed, Returned, Declined, AwaitingReview, Erased}).Draw(t, "outcome"),
			Reasons: rapid.SampledFrom([][]string{nil, {"incomplete"}, {"x"}}).Draw(t, "reasons"),
		}, now)
	default:
		return s.Correct(drawn(t), newID, now)
	}
}

// drawn is an application whose contacts are any of five mailboxes, with claims
// of the client's about ids and proofs.
func drawn(t *rapid.T) Application {
	a := application()
	mailboxes := rapid.SliceOfNDistinct(rapid.IntRange(0, 4), 1, 3, rapid.ID).Draw(t, "mailboxes")
	a.Contacts = nil
	for i, m := range mailboxes {
		c := Contact{
			ID: fmt.Sprintf("C%d", rapid.IntRange(1, 8).Draw(t, "claimed")), Name: "Person", Role: RoleRepresentative,
			Email: fmt.Sprintf(rapid.SampledFrom([]string{"box%d@example.org", "BOX%d@Example.ORG"}).Draw(t, "case"), m), Language: "en", ConfirmedAt: &start,
		}
		if i == 0 {
			c.Role = RoleFocalPoint
		}
		a.Contacts = append(a.Contacts, c)
	}
	return a
}

func check(t *rapid.T, before, after *Stakeholder, err error) {
	if !slices.Contains(allowed[before.Status], after.Status) {
		t.Errorf("%s became %s", before.Status, after.Status)
	}
	entries := after.Take()
	if err != nil && (after.Status != before.Status || len(entries) > 0 || !cmp.Equal(before.Contacts, after.Contacts)) {
		t.Errorf("refused with %v, and changed all the same", err)
	}
	if after.Status != before.Status && len(entries) == 0 {
		t.Errorf("%s became %s, and nothing says so", before.Status, after.Status)
	}
	focal, ok := after.FocalPoint()
	if !ok || after.Status != AwaitingEmail && focal.ConfirmedAt == nil {
		t.Errorf("%s with a focal point that is not proved", after.Status)
	}
	seen := map[string]bool{}
	for _, c := range after.Contacts {
		if c.ID == "" || seen[c.ID] {
			t.Errorf("id %q stands for two", c.ID)
		}
		seen[c.ID] = true
		was := slices.IndexFunc(before.Contacts, func(b Contact) bool { return CanonicalAddress(b.Email) == CanonicalAddress(c.Email) })
		if was >= 0 && (before.Contacts[was].ID != c.ID || before.Contacts[was].ConfirmedAt != nil && c.ConfirmedAt == nil) {
			t.Errorf("%+v became %+v", before.Contacts[was], c)
		}
		if was < 0 && c.ConfirmedAt != nil {
			t.Errorf("a new address counts as proved: %+v", c)
		}
		if was >= 0 && c.ConfirmedAt != nil && c.ConfirmedAt.Equal(start) {
			t.Error("the client's own word was taken for a proof")
		}
	}
}

func TestImport(t *testing.T) {
	if _, err := Import("S0", "ror", Profile{}, start); !errors.Is(err, ErrInvalid) {
		t.Errorf("an empty profile: %v", err)
	}
	p := application().Profile
	s, err := Import("S0", "ror", p, start)
	if err != nil || !s.Public() || s.VerifiedAt != nil || s.Source != "ror" {
		t.Fatalf("%v, %+v", err, s)
	}
	equal := func(a, b Profile) bool { return cmp.Equal(a, b) }
	if s.Reimport(p, equal, start) {
		t.Error("the same again is a change")
	}
	p.Founded = 1999
	if !s.Reimport(p, equal, start) || s.Founded != 1999 {
		t.Error("what the register now says was not taken over")
	}
	s.Contacts = []Contact{{ID: "C1"}}
	p.Founded = 2000
	if s.Reimport(p, equal, start) {
		t.Error("an entry that was claimed was overwritten")
	}
}

func TestNothingOfWhoIsAtRiskIsPublic(t *testing.T) {
	s := &Stakeholder{Status: Listed, Profile: Profile{AtRisk: true}}
	if s.Public() {
		t.Error("at risk, and public")
	}
	for _, status := range []Status{AwaitingEmail, AwaitingReview, Returned, Declined, Suspended, Lapsed, Merged, Erased, "new"} {
		if (&Stakeholder{Status: status}).Public() {
			t.Errorf("%s is public", status)
		}
		if got := status.Known(); got != (status != "new") {
			t.Errorf("%s known: %t", status, got)
		}
	}
}

// A correction under a newer consent text is a new entry of the ledger; under
// the same one it is none.
func TestACorrectionKeepsTheConsentLedger(t *testing.T) {
	s := registered(t)
	if err := s.Correct(application(), counting(), start); err != nil || len(s.Consents) != 1 {
		t.Fatalf("the same consent: %+v, %v", s.Consents, err)
	}
	s.Consents[0].TextVersion = "2025-01"
	if err := s.Correct(application(), counting(), start); err != nil || len(s.Consents) != 2 || s.Consents[1].TextVersion != ConsentText {
		t.Errorf("a newer consent: %+v, %v", s.Consents, err)
	}
}
