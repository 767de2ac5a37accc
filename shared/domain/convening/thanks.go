package convening

import "time"

// thankedAfter is when those who came are thanked, unless the organiser says
// otherwise: once it is noted who did.
const thankedAfter = 2

const maxThankDays = 60

// thankDays is how many days after the end who came is thanked; 0 is never.
func (e *Event) thankDays() int {
	if e.ThankAfter == nil {
		return thankedAfter
	}
	return *e.ThankAfter
}

// thanksDue is when the planner thanks those who came, nil when it does not or
// has done so.
func (e *Event) thanksDue() *time.Time {
	if e.Status != Held || e.ThankedAt != nil || e.thankDays() == 0 {
		return nil
	}
	at := e.Ends.AddDate(0, 0, e.thankDays())
	return &at
}

// Thanks reports whether it is time to thank those who came.
func (e *Event) Thanks(now time.Time) bool {
	at := e.thanksDue()
	return at != nil && !at.After(now)
}

// Thanked notes that everybody who was noted to have come was thanked. Who is
// noted later is thanked then. Again changes nothing.
func (e *Event) Thanked(now time.Time) {
	if e.ThankedAt != nil {
		return
	}
	e.ThankedAt, e.UpdatedAt = &now, now
	e.Record("event.thanked", "event", e.ID)
	e.dueNext(now)
}

// Thank asks for the mail that thanks who came, once.
func (i *Invitation) Thank(now time.Time) {
	if i.Attendance != Attended || i.ThankedAt != nil {
		return
	}
	i.ThankedAt = &now
	i.record("invitation.thanked")
}
