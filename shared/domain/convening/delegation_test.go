package convening

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// handOn hands the invitation of a contact on to C2 on a day.
func handOn(t *testing.T, i *Invitation, day float64) *Invitation {
	t.Helper()
	second, err := i.HandOn("C2", &Colleague{Name: "Colleague", Email: "c2@example.org", Language: "fr"}, *at(day))
	if err != nil {
		t.Fatal(err)
	}
	return second
}

// TestHandOn follows two invitations of one seat through everything that can
// become of the second.
func TestHandOn(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before func(*Invitation) // on day 1
		then   func(*Invitation) // to the second, on day 3
		first  InvitationStatus  // afterwards
		holds  bool              // the first, a place, afterwards
		keeps  bool              // the second, a place, while it decides
		want   []string          // of the first
	}{
		{"declines", nil, func(s *Invitation) { must(s.Answer(Answer{Answer: Declined}, *at(3))) }, Delivered, false, false, []string{"invitation.delegated", "invitation.returned"}},
		{"says nothing", nil, func(s *Invitation) { s.Advance(s.AnswerBy) }, Delivered, false, false, []string{"invitation.delegated", "invitation.returned"}},
		{"is not reached", nil, func(s *Invitation) { s.MarkBounced() }, Delivered, false, false, []string{"invitation.delegated", "invitation.returned"}},
		{"is withdrawn", nil, func(s *Invitation) { s.Withdraw(*at(3)) }, Delivered, false, false, []string{"invitation.delegated", "invitation.returned"}},
		{"is taken back from", nil, func(s *Invitation) { must(s.Recall(invited(20), *at(3))) }, Delivered, false, false, []string{"invitation.delegated", "invitation.returned"}},
		{"is erased", nil, func(s *Invitation) { s.Forget() }, Delivered, false, false, []string{"invitation.delegated", "invitation.returned"}},
		{"confirms", nil, func(s *Invitation) { must(s.Answer(Answer{Answer: Accepted}, *at(3))) }, Delegated, false, false, []string{"invitation.delegated"}},
		{
			"declines what was accepted", func(i *Invitation) { must(i.Answer(Answer{Answer: Accepted}, *at(1))) },
			func(s *Invitation) { must(s.Answer(Answer{Answer: Declined}, *at(3))) }, Accepted, true, true,
			[]string{"invitation.accepted", "invitation.delegated", "invitation.returned"},
		},
		{
			"declines a place in line", func(i *Invitation) { i.Full = true; must(i.Answer(Answer{Answer: Accepted}, *at(1))) },
			func(s *Invitation) { must(s.Answer(Answer{Answer: Declined}, *at(3))) }, Waiting, false, false,
			[]string{"invitation.waiting", "invitation.delegated", "invitation.returned"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := invited(20)
			i.Advance(start)
			i.MarkSent(start)
			i.MarkDelivered(start)
			i.Take()
			if tt.before != nil {
				tt.before(i)
			}
			s := handOn(t, i, 2)
			if s.HoldsSeat() != tt.keeps || i.HoldsSeat() {
				t.Errorf("a place: first %t, second %t, want %t", i.HoldsSeat(), s.HoldsSeat(), tt.keeps)
			}
			tt.then(s)
			if back := s.GoesBack(); back {
				s.GiveBack()
				i.TakeBack(s, tt.keeps, *at(11))
				if s.Open(*at(3)) || s.HoldsSeat() {
					t.Error("what was given back is open, or holds a place")
				}
				if i.TakeBack(s, true, *at(11)) {
					t.Error("it came back twice")
				}
			}
			if i.Status != tt.first || i.HoldsSeat() != tt.holds {
				t.Errorf("the first is %s, holds %t", i.Status, i.HoldsSeat())
			}
			if forgotten := s.Colleague == nil; forgotten == (s.Status == Accepted || s.Status == Withdrawn && tt.name != "is erased") {
				t.Errorf("%s, and the colleague is forgotten: %t", s.Status, forgotten)
			}
			if diff := cmp.Diff(tt.want, recorded(i)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHandOnRefused hands on what cannot be.
func TestHandOnRefused(t *testing.T) {
	i := invited(20)
	i.Advance(start)
	s := handOn(t, i, 1)
	if _, err := s.HandOn("C3", nil, *at(1)); !errors.Is(err, ErrHandedOnOnce) {
		t.Errorf("by the second: %v", err)
	}
	if _, err := i.HandOn("C3", nil, *at(1)); !errors.Is(err, ErrInvitationClosed) {
		t.Errorf("while it is handed on: %v", err)
	}
	for range maxHandedOn - 1 {
		must(s.Answer(Answer{Answer: Declined}, *at(1)))
		i.TakeBack(s, false, *at(1))
		s = handOn(t, i, 1)
	}
	must(s.Answer(Answer{Answer: Declined}, *at(1)))
	i.TakeBack(s, false, *at(1))
	if _, err := i.HandOn("C9", nil, *at(1)); !errors.Is(err, ErrHandedOnOften) {
		t.Errorf("a fourth time: %v", err)
	}
	if _, err := invited(20).HandOn("C1", nil, *at(25)); !errors.Is(err, ErrInvitationClosed) {
		t.Errorf("too late: %v", err)
	}
}

// TestHandedOnDeadline holds that the first has time left when the second says
// nothing, and that a mind can be changed until the cut-off of both.
func TestHandedOnDeadline(t *testing.T) {
	i := invited(20)
	i.Advance(start)
	s := handOn(t, i, 10)
	if !s.AnswerBy.Equal(*at(15)) {
		t.Errorf("the second answers by %s", s.AnswerBy)
	}
	must(s.Answer(Answer{Answer: Accepted}, *at(11)))
	if !s.AnswerBy.Equal(*at(20)) {
		t.Errorf("a mind can be changed until %s", s.AnswerBy)
	}
	late := invited(20)
	late.Advance(start)
	s = handOn(t, late, 10)
	s.Advance(*at(20))
	s.GiveBack()
	late.TakeBack(s, false, *at(20))
	if late.Status != Expired {
		t.Errorf("what came back when it was over is %s", late.Status)
	}
}

// TestHandedOnLedger counts one question and one answer of the organisation.
func TestHandedOnLedger(t *testing.T) {
	i := invited(20)
	i.Advance(start)
	s := handOn(t, i, 1)
	must(s.Answer(Answer{Answer: Accepted}, *at(2)))
	l := &Ledger{Stakeholder: "S1"}
	for _, one := range []*Invitation{i, s} {
		one.Version = 2
		row, _ := LedgerRowOf(one)
		l.Note(row)
	}
	if got, want := l.Engagement().Tally, (Tally{Invited: 1, Answered: 1, Accepted: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestRecall takes an invitation back, from who has confirmed as well: the place
// that came with it is kept for who took it back.
func TestRecall(t *testing.T) {
	i := invited(20)
	i.Advance(start)
	s := handOn(t, i, 1)
	must(s.Answer(Answer{Answer: Accepted}, *at(2)))
	if err := s.Recall(i, i.AnswerBy); !errors.Is(err, ErrInvitationClosed) {
		t.Errorf("at the cut-off: %v", err)
	}
	other := invited(20)
	other.Contact = "C9"
	if err := s.Recall(other, *at(3)); !errors.Is(err, ErrNotWithColleague) {
		t.Errorf("by another: %v", err)
	}
	must(s.Recall(i, *at(3)))
	if err := s.Recall(i, *at(3)); !errors.Is(err, ErrNotWithColleague) {
		t.Errorf("twice: %v", err)
	}
	if err := s.Answer(Answer{Answer: Accepted}, *at(3)); !errors.Is(err, ErrInvitationClosed) {
		t.Errorf("who was freed answers: %v", err)
	}
	s.GiveBack()
	if !i.TakeBack(s, true, *at(3)) || i.Status != Offered || !i.HoldsSeat() {
		t.Errorf("the place is not kept: %s", i.Status)
	}
	if s = handOn(t, i, 4); !s.HoldsSeat() {
		t.Error("another is named, and the place is not kept")
	}
}
