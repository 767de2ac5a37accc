package directory

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func listedAt(t testing.TB, now time.Time) *Stakeholder {
	t.Helper()
	s := &Stakeholder{ID: "S1", Status: AwaitingReview, Contacts: []Contact{{ID: "C1", Role: RoleFocalPoint, ConfirmedAt: &now}}}
	if err := s.Decide(Decision{Outcome: Listed}, now); err != nil {
		t.Fatal(err)
	}
	s.Take()
	return s
}

func TestVerificationRunsOut(t *testing.T) {
	s := listedAt(t, start)
	for _, step := range []struct {
		day  int
		want string
	}{{334, ""}, {335, "verification.expiring"}, {336, ""}, {358, "verification.expiring"}, {364, ""}, {365, "verification.lapsed"}, {400, ""}} {
		s.Advance(start.AddDate(0, 0, step.day))
		got := ""
		for _, e := range s.Take() {
			got += e.Type
		}
		if got != step.want {
			t.Errorf("day %d: %q, want %q", step.day, got, step.want)
		}
	}
	if s.Status != Lapsed || !s.Holds() || s.Public() {
		t.Errorf("status %s, holds %t, public %t", s.Status, s.Holds(), s.Public())
	}
}

func TestRenewal(t *testing.T) {
	s := listedAt(t, start)
	generation := s.Renewals
	at := start.AddDate(0, 0, 340)
	for range 2 { // the second changes nothing
		if err := s.RenewByLink(generation, 0, at); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Take()); n != 1 || !s.ValidUntil.Equal(at.Add(VerificationLasts)) || !s.VerifiedAt.Equal(start) || !s.RenewedAt.Equal(at) {
		t.Errorf("%d entries, %+v", n, s.Freshness)
	}
	if err := s.Renew(Renewal{Moderator: true, Lasts: 90 * 24 * time.Hour}, at); err != nil || !s.VerifiedAt.Equal(at) || !s.ValidUntil.Equal(at.AddDate(0, 0, 90)) {
		t.Errorf("%v, %+v", err, s.Freshness)
	}
	if err := s.RenewByLink(generation, 0, at); !errors.Is(err, ErrLinkSuperseded) {
		t.Errorf("an old link: %v", err)
	}
	for _, status := range []Status{AwaitingEmail, AwaitingReview, Returned, Declined, Suspended, Merged, Erased} {
		s.Status = status
		if err := s.Renew(Renewal{}, at); !errors.Is(err, ErrNotRenewable) {
			t.Errorf("%s: %v", status, err)
		}
	}
}

// However late and however often the planner comes, nobody lapses before the end
// or within a week of the last notice, and the planner comes to rest.
func TestNobodyLapsesUnwarned(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := listedAt(t, start)
		now, warned, notices := start, time.Time{}, 0
		for s.DueAt != nil {
			now = now.Add(time.Duration(rapid.IntRange(1, 24*120).Draw(r, "hours")) * time.Hour)
			s.Advance(now)
			for _, e := range s.Take() {
				if e.Type == "verification.expiring" {
					warned, notices = now, notices+1
				}
			}
		}
		if s.Status != Lapsed || notices < 1 || notices > 2 || now.Before(*s.ValidUntil) || now.Sub(warned) < lastNotice {
			r.Fatalf("%s at %s, warned %d times, last at %s, valid until %s", s.Status, now, notices, warned, s.ValidUntil)
		}
	})
}
