package convening

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPassSeat passes a seat to whom the targets want, once for one holder.
func TestPassSeat(t *testing.T) {
	known := map[string]Candidate{}
	for id, category := range map[string]string{"S1": "ngo", "S2": "government", "S3": "government", "S4": "migrant_association", "S5": "migrant_association"} {
		known[id] = Candidate{ID: id, Stakeholder: id, Category: category, Country: "CH"}
	}
	p := NewPanel("E1")
	must(p.Revise(PanelPlan{
		Seats: []Seat{
			{ID: "chair", Role: SeatModerator, Holder: &Person{Stakeholder: "S2"}},
			{ID: "first", Role: SeatSpeaker, Holder: &Person{Stakeholder: "S1"}, Alternates: []Person{{Stakeholder: "S3"}, {Stakeholder: "S4"}, {Stakeholder: "S5"}}},
		},
		Targets: []Target{{Rule: AtLeast, Count: 1, Of: ByCategory, Values: []string{"migrant_association"}}, {Rule: AtMost, Count: 1, Of: ByCategory, Values: []string{"government"}}},
	}, start))
	gone := Person{Stakeholder: "S1", Contact: "C1"}
	for range 2 { // the same message comes twice
		seat, err := p.PassSeat("first", gone, known, start)
		if err != nil || seat.Holder == nil || seat.Holder.Stakeholder != "S4" {
			t.Fatalf("the seat has %+v, %v", seat.Holder, err)
		}
	}
	if seat, err := p.PassSeat("first", Person{Stakeholder: "S4"}, known, start); err != nil || seat.Holder.Stakeholder != "S5" {
		t.Fatalf("the seat has %+v, %v", seat.Holder, err)
	}
	if seat, _ := p.PassSeat("first", Person{Stakeholder: "S5"}, known, start); seat.Holder.Stakeholder != "S3" {
		t.Fatalf("the seat has %+v", seat.Holder)
	}
	if seat, err := p.PassSeat("first", Person{Stakeholder: "S3"}, known, start); err != nil || seat.Holder != nil {
		t.Fatalf("the seat has %+v, %v", seat.Holder, err)
	}
	if _, err := p.PassSeat("none", gone, known, start); !errors.Is(err, ErrSeatUnknown) {
		t.Error(err)
	}
	var passed []string
	for _, e := range p.Take() {
		if e.Type == "panel.seat_passed" {
			passed = append(passed, e.Data["stakeholder"])
		}
	}
	if diff := cmp.Diff([]string{"S4", "S5", "S3", ""}, passed); diff != "" {
		t.Error(diff)
	}
}

// seatedBefore is an invitation to a seat with alternates behind it.
func seatedBefore(behind int) *Invitation {
	i := invited(30)
	i.Role, i.PanelSeat = SeatSpeaker, PanelSeat{Seat: "first", Behind: behind}
	i.Advance(start)
	i.Take()
	return i
}

// TestSeatIsLeft holds that who sits shares the time with the alternates, that
// the planner looks at who leaves a seat at once, and that no mind is changed then.
func TestSeatIsLeft(t *testing.T) {
	if i := seatedBefore(2); !i.AnswerBy.Equal(*at(10)) {
		t.Errorf("with two alternates the answer is due by %s", i.AnswerBy)
	}
	for _, tt := range []struct {
		name   string
		leave  func(*Invitation)
		leaves bool
	}{
		{"declined", func(i *Invitation) { must(i.Answer(Answer{Answer: Declined}, *at(1))) }, true},
		{"bounced", func(i *Invitation) { i.MarkBounced() }, true},
		{"unanswered", func(i *Invitation) { i.Advance(*at(10)) }, true},
		{"accepted", func(i *Invitation) { must(i.Answer(Answer{Answer: Accepted}, *at(1))) }, false},
		{"withdrawn by the organiser", func(i *Invitation) { i.Withdraw(*at(1)) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := seatedBefore(2)
			tt.leave(i)
			if due := i.DueAt != nil && !i.DueAt.After(*at(10)); i.LeavesSeat() != tt.leaves || due != tt.leaves {
				t.Fatalf("leaves %t, due %t", i.LeavesSeat(), due)
			}
			i.Advance(*at(11)) // is the planner's to see to otherwise
			i.SeatPassed(*at(11))
			if i.LeavesSeat() || tt.leaves && (i.DueAt != nil || i.Open(*at(11))) {
				t.Errorf("after it passed: %+v", i)
			}
		})
	}
}

// TestTakeSeat seats who was invited in another role.
func TestTakeSeat(t *testing.T) {
	s := PanelSeat{Seat: "first"}
	planned, asked, declined, withdrawn := invited(30), invited(30), invited(30), invited(30)
	for _, i := range []*Invitation{asked, declined, withdrawn} {
		i.Advance(start)
	}
	must(declined.Answer(Answer{Answer: Declined}, start))
	withdrawn.Withdraw(start)
	for name, c := range map[string]struct {
		i    *Invitation
		can  bool
		says string
	}{
		"planned": {planned, true, "invitation.revised"}, "asked": {asked, true, "invitation.seated"}, "declined": {declined, false, ""}, "withdrawn": {withdrawn, false, ""},
	} {
		c.i.Take()
		if can := c.i.TakeSeat(s, SeatSpeaker, *at(1)); can != c.can {
			t.Errorf("%s: %t", name, can)
		}
		said := ""
		for _, kind := range recorded(c.i) {
			said += kind
		}
		if said != c.says || c.can && (c.i.Role != SeatSpeaker || !c.i.TakeSeat(s, SeatSpeaker, *at(1))) {
			t.Errorf("%s: %q, %+v", name, said, c.i)
		}
	}
}
