package directory

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// applicant is a registration in review with the evidence.
func applicant(t *testing.T, evidence ...Evidence) *Stakeholder {
	t.Helper()
	a := application()
	a.Evidence = evidence
	s, err := Register("S0", a, counting(), start)
	if err == nil {
		err = s.ConfirmAddress("C1", start)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Take()
	return s
}

func TestTiers(t *testing.T) {
	certificate := Evidence{Kind: EvidenceCertificate}
	identifier := Evidence{Kind: EvidenceIdentifier, Identifier: &Identifier{Scheme: "local", ID: "7"}}
	references := Evidence{Kind: EvidenceReferences, Referees: []string{"S1", "S2"}}
	sponsorship := Evidence{Kind: EvidenceSponsorship, Sponsor: "unit-1"}
	yes, no := Word{Vouch: true}, Word{}
	for _, tt := range []struct {
		name     string
		evidence []Evidence
		do       func(*Stakeholder) error
		want     Tier
		checks   int
	}{
		{"none", nil, nil, TierNone, 0},
		{"unanswered", []Evidence{references, sponsorship, identifier, certificate}, nil, TierNone, 0},
		{"identifier", []Evidence{identifier}, func(s *Stakeholder) error { return s.CheckEvidence(s.Evidence[0].ID, true, start) }, TierDocumented, 1},
		{"wrong identifier", []Evidence{identifier}, func(s *Stakeholder) error { return s.CheckEvidence(s.Evidence[0].ID, false, start) }, TierNone, 0},
		{"one reference", []Evidence{references}, func(s *Stakeholder) error { return s.Vouch(EvidenceReferences, "S1", yes, start) }, TierNone, 0},
		{"two references", []Evidence{references}, func(s *Stakeholder) error {
			return errors.Join(s.Vouch(EvidenceReferences, "S1", yes, start), s.Vouch(EvidenceReferences, "S2", yes, start))
		}, TierVouched, 1},
		{"one of two declines", []Evidence{references}, func(s *Stakeholder) error {
			return errors.Join(s.Vouch(EvidenceReferences, "S1", no, start), s.Vouch(EvidenceReferences, "S2", yes, start))
		}, TierNone, 0},
		{"sponsored", []Evidence{sponsorship}, func(s *Stakeholder) error { return s.Vouch(EvidenceSponsorship, "unit-1", yes, start) }, TierSponsored, 1},
		{"the firmest counts", []Evidence{sponsorship, identifier}, func(s *Stakeholder) error {
			return errors.Join(s.Vouch(EvidenceSponsorship, "unit-1", yes, start), s.CheckEvidence(s.Evidence[1].ID, true, start))
		}, TierDocumented, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := applicant(t, tt.evidence...)
			if tt.do != nil {
				if err := tt.do(s); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Decide(Decision{Outcome: Listed}, start); err != nil {
				t.Fatal(err)
			}
			if s.Tier != tt.want || len(s.Checks) != tt.checks {
				t.Errorf("%s on %v, want %s", s.Tier, s.Checks, tt.want)
			}
		})
	}
}

func TestWhoMayNotVouch(t *testing.T) {
	s := applicant(t, Evidence{Kind: EvidenceReferences, Referees: []string{"S1", "S2"}}, Evidence{Kind: EvidenceCertificate})
	for _, from := range []string{"S3", "", "unit-1"} {
		if err := s.Vouch(EvidenceReferences, from, Word{Vouch: true}, start); !errors.Is(err, ErrEvidenceUnknown) {
			t.Errorf("%q: %v", from, err)
		}
	}
	for _, id := range []string{"", "C9"} {
		if err := s.CheckEvidence(id, true, start); !errors.Is(err, ErrEvidenceUnknown) {
			t.Errorf("%q: %v", id, err)
		}
	}
	for _, e := range s.Evidence { // references are others' to answer, the certificate is not there yet
		if err := s.CheckEvidence(e.ID, true, start); !errors.Is(err, ErrNotCheckable) {
			t.Errorf("%s: %v", e.Kind, err)
		}
	}
	if err := s.Vouch(EvidenceReferences, "S1", Word{Note: "a\x00b"}, start); err == nil {
		t.Error("a note with a control character was taken")
	}
}

// A word may be changed until the decision; a late first word is taken, and
// raises the tier of who is listed already.
func TestWordsAreTakenUntilTheDecision(t *testing.T) {
	s := applicant(t, Evidence{Kind: EvidenceReferences, Referees: []string{"S1", "S2"}})
	for _, vouch := range []bool{true, true, false, true} {
		if err := s.Vouch(EvidenceReferences, "S1", Word{Vouch: vouch}, start); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"verification.reference_given", "verification.reference_refused", "verification.reference_given"}, recorded(s)); diff != "" {
		t.Error(diff)
	}
	if err := s.Decide(Decision{Outcome: Listed}, start); err != nil || s.Tier != TierNone {
		t.Fatal(err, s.Tier)
	}
	if err := s.Vouch(EvidenceReferences, "S1", Word{}, start); !errors.Is(err, ErrVouchClosed) {
		t.Errorf("changed after the decision: %v", err)
	}
	if err := s.Vouch(EvidenceReferences, "S2", Word{Vouch: true}, start); err != nil || s.Tier != TierVouched {
		t.Errorf("%v, %s", err, s.Tier)
	}
}

// What was answered stays when a correction names the same again.
func TestCorrectionKeepsWords(t *testing.T) {
	references := Evidence{Kind: EvidenceReferences, Referees: []string{"S1", "S2"}}
	s := applicant(t, references)
	if err := s.Vouch(EvidenceReferences, "S1", Word{Vouch: true, Note: "Known."}, start); err != nil {
		t.Fatal(err)
	}
	s.Take()
	a := application()
	a.Evidence = []Evidence{references, {Kind: EvidenceSponsorship, Sponsor: "unit-1", State: EvidenceGiven, ID: "mine"}}
	if err := s.Correct(a, counting(), start); err != nil {
		t.Fatal(err)
	}
	if v, _ := s.Word(EvidenceReferences, "S1"); v.State != EvidenceGiven || v.Note != "Known." || len(s.Vouchers) != 3 {
		t.Errorf("%+v", s.Vouchers)
	}
	if e := s.Evidence[1]; e.State != EvidenceAsked || e.ID == "mine" {
		t.Errorf("what a client says of itself was taken: %+v", e)
	}
	if diff := cmp.Diff([]string{"registration.awaiting_review", "verification.sponsorship_asked"}, recorded(s)); diff != "" {
		t.Errorf("asked again: %s", diff)
	}
}
