package convening

import (
	"slices"
	"time"

	"convoke/shared/domain/fault"
)

// Who of a meeting is carried over, and what they become.
const (
	WhoAttended = "attended"
	WhoAccepted = "accepted"
	ToInvitees  = "invitees"
	ToShortlist = "shortlist"
)

// longestChain is how many events may prepare one another.
const longestChain = 20

// Faults of events that prepare others.
var (
	ErrCarryOverInvalid = fault.New(fault.Invalid, "carry_over.invalid")
	ErrNotPrepared      = fault.New(fault.Conflict, "carry_over.not_prepared")
)

// CarryOver takes participants of a meeting along to the event that it prepares.
type CarryOver struct {
	From  string `json:"from"`            // id of the meeting
	Who   string `json:"who"`             // attended, accepted
	To    string `json:"to"`              // invitees, shortlist
	Spoke bool   `json:"spoke,omitempty"` // those alone who had the floor
}

// Check refuses what cannot be carried over: from a meeting that does not prepare
// the event; and of one without attribution, who of those who were there had the
// floor, which a list of them would tell.
func (c CarryOver) Check(from, to *Event) error {
	var faults fault.List
	if c.Who != WhoAttended && c.Who != WhoAccepted {
		faults.Add("/who", "carry_over.who_unknown")
	}
	if c.To != ToInvitees && c.To != ToShortlist {
		faults.Add("/to", "carry_over.to_unknown")
	}
	if c.Spoke && from.Unattributed() {
		faults.Add("/spoke", "carry_over.not_attributed")
	}
	if err := faults.Err(ErrCarryOverInvalid.Code); err != nil {
		return err
	}
	if from.Precedes != to.ID || from.Unit != to.Unit {
		return ErrNotPrepared
	}
	return nil
}

// Unattributed reports whether what was said at the event may be told, but not who
// said it or was there.
func (e *Event) Unattributed() bool { return e.Attribution == ChathamHouse || e.AtRisk }

// Takes reports whether the recipient of an invitation is carried over.
func (c CarryOver) Takes(i *Invitation) bool {
	if c.Spoke && !i.Spoke || i.Attendance == Absent {
		return false
	}
	return i.Attendance == Attended || c.Who == WhoAccepted && i.Status == Accepted
}

// Invite adds to whom the audience names those who are not named yet, and are not
// left out. It returns how many they were.
func (e *Event) Invite(people []Person, now time.Time) (added int, err error) {
	p := e.Plan
	p.Audience.Invitees = slices.Clone(p.Audience.Invitees)
	for _, who := range people {
		named := slices.ContainsFunc(p.Audience.Invitees, func(v Invitee) bool {
			return Person{v.Stakeholder, v.Contact} == who
		})
		if named || slices.Contains(p.Audience.Exclude, who.Stakeholder) {
			continue
		}
		p.Audience.Invitees = append(p.Audience.Invitees, Invitee{Stakeholder: who.Stakeholder, Contact: who.Contact})
		added++
	}
	if added == 0 {
		return 0, nil
	}
	return added, e.Revise(e.Convener, p, now)
}

// Consider adds to the shortlist those who are not on it yet, and are neither
// seated nor banned. It returns how many they were.
func (p *Panel) Consider(people []Person, now time.Time) (added int, err error) {
	list := slices.Clone(p.Shortlist)
	for _, who := range people {
		covers := func(other Person) bool { return other.covers(who) }
		if _, sits := p.SeatOf(who); sits || slices.ContainsFunc(list, covers) || slices.ContainsFunc(p.Bans, covers) {
			continue
		}
		list = append(list, who)
		added++
	}
	if added == 0 {
		return 0, nil
	}
	var faults fault.List
	validatePersons(&faults, "/shortlist", list, maxListed)
	if err := faults.Err(ErrPanelInvalid.Code); err != nil {
		return 0, err
	}
	p.Shortlist, p.UpdatedAt = list, now
	p.Record("panel.revised", "event", p.EventID)
	return added, nil
}

// CheckPrecedes refuses an event that would prepare one that does not start after
// it, or itself by way of others. Next returns an event by its id, nil when there
// is none; the first must be of the unit.
func (p Plan) CheckPrecedes(id, unit string, next func(string) (*Event, error)) error {
	at := p.Precedes
	for n := 0; at != ""; n++ {
		if at == id || n >= longestChain {
			return precedesFault("event.precedes_cycle")
		}
		e, err := next(at)
		if err != nil {
			return err
		}
		switch {
		case e == nil && n > 0:
			return nil
		case e == nil || n == 0 && e.Unit != unit:
			return precedesFault("event.unknown")
		case n == 0 && !p.Starts.Before(e.Starts):
			return precedesFault("event.precedes_later")
		}
		at = e.Precedes
	}
	return nil
}

func precedesFault(code string) error {
	var faults fault.List
	faults.Add("/precedes", code)
	return faults.Err(ErrEventInvalid.Code)
}
