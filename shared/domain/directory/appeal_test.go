package directory

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A suspension is told with reasons, objected to once, and looked at by another.
func TestSuspensionAndAppeal(t *testing.T) {
	s := listedAt(t, start)
	why := Decision{Reasons: []string{"contact_unreachable"}, By: "one"}
	if err := s.Suspend(Decision{By: "one"}, start); err == nil {
		t.Fatal("suspended without a reason")
	}
	if err := s.Object("Why?", start); !errors.Is(err, ErrNotAppealable) {
		t.Errorf("an appeal against nothing: %v", err)
	}
	if err := s.Suspend(why, start); err != nil {
		t.Fatal(err)
	}
	if s.DueAt != nil || !s.Holds() || s.Public() {
		t.Errorf("suspended: %+v", s.Freshness)
	}
	if err := s.Object("", start); err == nil {
		t.Error("an empty appeal was taken")
	}
	if err := s.Object("We answered.", start); err != nil {
		t.Fatal(err)
	}
	if err := s.Object("Again.", start); !errors.Is(err, ErrNotAppealable) {
		t.Errorf("a second appeal: %v", err)
	}
	for name, c := range map[string]struct {
		d    Decision
		want error
	}{
		"the same moderator":      {Decision{Outcome: Listed, By: "one"}, ErrOwnDecision},
		"an outcome of elsewhere": {Decision{Outcome: Returned, Reasons: why.Reasons, By: "two"}, Decision{}.Validate()},
	} {
		if err := s.DecideAppeal(c.d, start); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.DecideAppeal(Decision{Outcome: Listed, By: "two"}, start); err != nil || s.Status != Listed || s.DueAt == nil {
		t.Fatalf("%v, %s", err, s.Status)
	}
	if err := s.DecideAppeal(Decision{Outcome: Listed, By: "three"}, start); !errors.Is(err, ErrNoAppeal) {
		t.Errorf("decided twice: %v", err)
	}
	if diff := cmp.Diff([]string{"verification.suspended", "verification.appealed", "verification.appeal_decided"}, recorded(s)); diff != "" {
		t.Error(diff)
	}
	var history []Status
	for _, d := range s.Decisions {
		history = append(history, d.Outcome)
	}
	if diff := cmp.Diff([]Status{Listed, Suspended, Listed}, history); diff != "" {
		t.Error(diff)
	}
}

func TestReinstate(t *testing.T) {
	s := listedAt(t, start)
	if err := s.Reinstate(Decision{}, start); !errors.Is(err, ErrNotSuspended) {
		t.Errorf("of who is listed: %v", err)
	}
	if err := errors.Join(s.Suspend(Decision{Reasons: []string{"incomplete"}}, start), s.Reinstate(Decision{}, start)); err != nil || !s.Public() {
		t.Errorf("%v, %s", err, s.Status)
	}
}
