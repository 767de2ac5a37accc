package convening

import (
	"slices"
	"time"
)

// PanelSeat is what an invitation knows of the seat that it is for.
type PanelSeat struct {
	Seat   string `json:"seat,omitempty"`   // id in the panel of the event
	Behind int    `json:"behind,omitempty"` // how many alternates the seat has, who need time to answer too
}

// SeatInvitation plans the invitation of who sits in a panel, at once and not in
// a wave.
func SeatInvitation(e *Event, c Guest, now time.Time) *Invitation {
	i := InvitationOf(e, c, now)
	i.DueAt = &now
	return i
}

// LeavesSeat reports whether the seat of the invitation is to pass to the next:
// it was declined, came back, or was not answered in time. The planner sees to it.
func (i *Invitation) LeavesSeat() bool {
	switch i.Status {
	case Declined, Bounced, Expired:
		return i.Seat != ""
	}
	return false
}

// leaveSeat lets the planner look at the invitation at once when it leaves a seat.
func (i *Invitation) leaveSeat(at time.Time) {
	if i.LeavesSeat() {
		i.DueAt = &at
	}
}

// SeatPassed notes that the seat is another's. No mind can be changed then. Again
// changes nothing.
func (i *Invitation) SeatPassed(now time.Time) {
	if !i.LeavesSeat() {
		return
	}
	i.PanelSeat, i.DueAt = PanelSeat{}, nil
	if i.AnswerBy.After(now) {
		i.AnswerBy, i.CutOff = now, nil
	}
	i.record("invitation.revised")
}

// TakeSeat gives somebody who is invited already a seat in the panel, and reports
// whether that can be. Who was asked in another role is told.
func (i *Invitation) TakeSeat(s PanelSeat, role string, now time.Time) bool {
	if i.Seat == s.Seat && i.Role == role {
		return i.Status != Withdrawn && !i.LeavesSeat()
	}
	if i.Status != Planned && !i.Open(now) || i.Status == Declined || i.Status == Bounced {
		return false
	}
	i.PanelSeat, i.Role = s, role
	switch {
	case i.Standby:
		i.StepIn(nil, now)
	case i.Status == Planned:
		i.record("invitation.revised")
	default:
		i.record("invitation.seated")
	}
	return true
}

// Prefer puts the alternates of a seat in the order in which they serve the
// targets, beside those who sit: who makes the panel miss them by least comes
// first, and among equals who was named first.
func (p *Panel) Prefer(seat string, known map[string]Candidate, now time.Time) {
	s := p.seat(seat)
	if s == nil || len(s.Alternates) < 2 {
		return
	}
	misses := map[Person]int{}
	for _, who := range s.Alternates {
		with := *p
		with.Seats = slices.Clone(p.Seats)
		with.seat(seat).Holder = &who
		misses[who] = Missed(with.Balance(known, nil, now))
	}
	s.Alternates = slices.Clone(s.Alternates)
	slices.SortStableFunc(s.Alternates, func(a, b Person) int { return misses[a] - misses[b] })
}

// SeatNames returns the stakeholders of those who sit and of the alternates, each
// once.
func (p *Panel) SeatNames() []string {
	return (&Panel{PanelPlan: PanelPlan{Seats: p.Seats}}).Names()
}

// PassSeat gives the seat that somebody leaves to the alternate that serves the
// targets best, and returns the seat as it is then. Who does not hold it leaves
// nothing: a message that comes twice moves a seat once.
func (p *Panel) PassSeat(seat string, gone Person, known map[string]Candidate, now time.Time) (Seat, error) {
	s := p.seat(seat)
	if s == nil {
		return Seat{}, ErrSeatUnknown
	}
	if s.Holder == nil || !s.Holder.covers(gone) {
		return *s, nil
	}
	p.Prefer(seat, known, now)
	next, err := p.NextAlternate(seat, now)
	if err != nil {
		return Seat{}, err
	}
	data := []string{"event", p.EventID, "seat", seat, "role", s.Role}
	if next != nil {
		data = append(data, "stakeholder", next.Stakeholder)
	}
	p.Record("panel.seat_passed", data...) // for the organiser
	return *p.seat(seat), nil
}

// Excludes reports whether the targets keep out who declares a conflict of
// interest.
func (p *Panel) Excludes() bool { return p.excludesConflicts() }
