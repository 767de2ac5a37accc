package convening

import "time"

// NamedKept is how long after the end of an event the names and addresses are kept
// of those who were named for it and are no contacts in the directory: until those
// who came were thanked, and it could be mended who did.
const NamedKept = 90 * 24 * time.Hour

// namesDue is when the planner forgets who was named for the event, nil when it does
// not or has done so.
func (e *Event) namesDue() *time.Time {
	over := e.Status == Held || e.Status == Cancelled && e.PublishedAt != nil
	if !over || e.NamesForgottenAt != nil {
		return nil
	}
	at := e.Ends.Add(NamedKept)
	return &at
}

// ForgetsNames reports whether it is time to forget who was named for the event.
func (e *Event) ForgetsNames(now time.Time) bool {
	at := e.namesDue()
	return at != nil && !at.After(now)
}

// NamesForgotten notes that nobody is named any more. Again changes nothing.
func (e *Event) NamesForgotten(now time.Time) {
	if e.NamesForgottenAt != nil {
		return
	}
	e.NamesForgottenAt, e.UpdatedAt = &now, now
	e.Record("event.names_forgotten", "event", e.ID)
	e.dueNext(now)
}

// Unname forgets who was named by another: that they were invited, and whether they
// came, stays. Again changes nothing.
func (i *Invitation) Unname() {
	if i.Colleague == nil {
		return
	}
	i.Colleague = nil
	i.Conceal()
	i.record("protection.forgotten")
}
