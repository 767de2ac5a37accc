package convening

import (
	"slices"
	"time"
)

// ledgerRows is how many invitations of one stakeholder are kept each by itself.
// Older ones are in the sums alone: the ledger of who is asked for decades stays
// within one item of the table.
const ledgerRows = 400

// NeverAsked is the value of the filter invited_series for who was never
// asked. No series has it as its id.
const NeverAsked = "never"

// Attendance is what the organiser noted after the event.
type Attendance string

// The marks. Until one is made, nobody knows.
const (
	Attended Attendance = "attended"
	Absent   Attendance = "absent"
)

// Tally is how often something was asked and what came of it. Answered counts
// the answers that stand, Spoke those who attended and had the floor.
type Tally struct {
	Invited  int `json:"invited"`
	Answered int `json:"answered"`
	Accepted int `json:"accepted"`
	Declined int `json:"declined"`
	Attended int `json:"attended"`
	Spoke    int `json:"spoke"`
}

// Engagement is a ledger in sums.
type Engagement struct {
	Tally
	FirstAsked *time.Time       `json:"first_asked,omitempty"`
	LastAsked  *time.Time       `json:"last_asked,omitempty"`
	FirstEvent string           `json:"first_event,omitempty"`
	LastEvent  string           `json:"last_event,omitempty"`
	Series     map[string]Tally `json:"series,omitempty"`   // by the id of the series; events of none are in the whole alone
	Contacts   map[string]Tally `json:"contacts,omitempty"` // by the id of the contact
}

// Ledger is what one stakeholder was asked to and what it answered.
type Ledger struct {
	Stakeholder string      `json:"stakeholder"`
	Version     int64       `json:"-"`
	Rows        []LedgerRow `json:"rows,omitempty"` // in the order in which they were first noted
	Folded      Engagement  `json:"folded"`         // what the rows before them said
	With        []string    `json:"with,omitempty"` // stakeholders that were merged into this one, whose ledgers are read with it
}

// Joined returns the ledger with what that of another says, as who reads it sees
// the two while they are one. Of a row that both have, because it is on its way from
// one to the other, the newer one counts.
func (l *Ledger) Joined(o *Ledger) *Ledger {
	j := &Ledger{Stakeholder: l.Stakeholder, Version: l.Version, Rows: slices.Clone(l.Rows), Folded: l.Folded.joined(o.Folded), With: l.With}
	for _, row := range o.Rows {
		j.Note(row)
	}
	return j
}

// Part gives to another ledger the rows of contacts that are its again, and reports
// whether there were any.
func (l *Ledger) Part(o *Ledger, theirs func(contact string) bool) bool {
	kept := l.Rows[:0:0]
	for _, row := range l.Rows {
		if !theirs(row.Contact) {
			kept = append(kept, row)
			continue
		}
		o.Note(row)
	}
	parted := len(kept) < len(l.Rows)
	l.Rows = kept
	return parted
}

func (e Engagement) joined(o Engagement) Engagement {
	e.Tally, e.Series, e.Contacts = e.plus(o.Tally), summed(e.Series, o.Series), summed(e.Contacts, o.Contacts)
	if o.FirstAsked != nil && (e.FirstAsked == nil || o.FirstAsked.Before(*e.FirstAsked)) {
		e.FirstAsked, e.FirstEvent = o.FirstAsked, o.FirstEvent
	}
	if o.LastAsked != nil && (e.LastAsked == nil || o.LastAsked.After(*e.LastAsked)) {
		e.LastAsked, e.LastEvent = o.LastAsked, o.LastEvent
	}
	return e
}

// summed adds the tallies of two, by their keys; nil when there is none.
func summed(a, b map[string]Tally) map[string]Tally {
	if len(a)+len(b) == 0 {
		return nil
	}
	sum := cloned(a)
	for k, t := range b {
		sum[k] = sum[k].plus(t)
	}
	return sum
}

// LedgerRow is one invitation as the ledger knows it.
type LedgerRow struct {
	Event      string           `json:"event"`
	Contact    string           `json:"contact"`
	Series     string           `json:"series,omitempty"`
	Asked      time.Time        `json:"asked"`
	Answer     InvitationStatus `json:"answer,omitempty"` // accepted, tentative, declined, or nothing
	Attendance Attendance       `json:"attendance,omitempty"`
	Spoke      bool             `json:"spoke,omitempty"`
	Version    int64            `json:"version"`           // of the invitation that said so
	Instead    bool             `json:"instead,omitempty"` // of another, whose row says that the stakeholder was asked
	Parted     bool             `json:"-"`                 // it is another stakeholder's from here on
}

// LedgerRowOf returns what the ledger is to know of an invitation, false while
// nobody was asked by it.
func LedgerRowOf(i *Invitation) (LedgerRow, bool) {
	if i.AskedAt == nil {
		return LedgerRow{}, false
	}
	row := LedgerRow{
		Event: i.EventID, Contact: i.Contact, Series: i.Series, Asked: *i.AskedAt, Attendance: i.Attendance, Spoke: i.Spoke, Version: i.Version,
		Instead: i.DelegatedBy != "",
	}
	if i.Answered() {
		row.Answer = i.given()
	}
	return row, true
}

// Says reports whether two rows say the same, whatever the versions they come from.
func (r LedgerRow) Says(o LedgerRow) bool {
	o.Version = r.Version
	return r == o
}

// Note takes a row, and reports whether the ledger changed. Rows come more than
// once and in any order: what is older than what the ledger knows of the same
// invitation changes nothing. A row that parted is taken out; one that is only in
// the sums stays there.
func (l *Ledger) Note(row LedgerRow) bool {
	at := slices.IndexFunc(l.Rows, func(r LedgerRow) bool { return r.Event == row.Event && r.Contact == row.Contact })
	if at >= 0 {
		if row.Version <= l.Rows[at].Version {
			return false
		}
		if row.Parted {
			l.Rows = slices.Delete(l.Rows, at, at+1)
			return true
		}
		l.Rows[at] = row
		return true
	}
	if row.Parted {
		return false
	}
	l.Rows = append(l.Rows, row)
	for len(l.Rows) > ledgerRows {
		l.Folded.add(l.Rows[0])
		l.Rows = l.Rows[1:]
	}
	return true
}

// Engagement returns the ledger in sums.
func (l *Ledger) Engagement() Engagement {
	sum := l.Folded
	sum.Series, sum.Contacts = cloned(sum.Series), cloned(sum.Contacts)
	for _, r := range l.Rows {
		sum.add(r)
	}
	return sum
}

func cloned(m map[string]Tally) map[string]Tally {
	c := make(map[string]Tally, len(m))
	for k, t := range m {
		c[k] = t
	}
	return c
}

func (e *Engagement) add(r LedgerRow) {
	one := r.tally()
	e.Tally = e.plus(one)
	e.Contacts = counted(e.Contacts, r.Contact, one)
	if r.Series != "" {
		e.Series = counted(e.Series, r.Series, one)
	}
	if e.FirstAsked == nil || r.Asked.Before(*e.FirstAsked) {
		e.FirstAsked, e.FirstEvent = &r.Asked, r.Event
	}
	if e.LastAsked == nil || !r.Asked.Before(*e.LastAsked) {
		e.LastAsked, e.LastEvent = &r.Asked, r.Event
	}
}

func counted(m map[string]Tally, key string, one Tally) map[string]Tally {
	if m == nil {
		m = map[string]Tally{}
	}
	m[key] = m[key].plus(one)
	return m
}

// Tally returns what the invitation adds to a ledger: nothing while nobody was
// asked by it.
func (i *Invitation) Tally() Tally {
	row, asked := LedgerRowOf(i)
	if !asked {
		return Tally{}
	}
	return row.tally()
}

// Add returns the sum of two tallies.
func (t Tally) Add(o Tally) Tally { return t.plus(o) }

// Less returns the tally without another that was added to it.
func (t Tally) Less(o Tally) Tally {
	return t.plus(Tally{-o.Invited, -o.Answered, -o.Accepted, -o.Declined, -o.Attended, -o.Spoke})
}

func (t Tally) plus(o Tally) Tally {
	return Tally{
		t.Invited + o.Invited, t.Answered + o.Answered, t.Accepted + o.Accepted,
		t.Declined + o.Declined, t.Attended + o.Attended, t.Spoke + o.Spoke,
	}
}

func (r LedgerRow) tally() Tally {
	t := Tally{Invited: 1}
	if r.Instead {
		t.Invited = 0
	}
	switch r.Answer {
	case Accepted:
		t.Answered, t.Accepted = 1, 1
	case Declined:
		t.Answered, t.Declined = 1, 1
	case Tentative, Delegated, Waiting:
		t.Answered = 1
	}
	if r.Instead {
		t.Answered, t.Declined = 0, 0
	}
	if r.Attendance == Attended {
		t.Attended = 1
		if r.Spoke {
			t.Spoke = 1
		}
	}
	return t
}

// SpokeBefore reports whether a contact had the floor at any event but this one.
func (l *Ledger) SpokeBefore(event, contact string) bool {
	if l.Folded.Contacts[contact].Spoke > 0 {
		return true
	}
	return slices.ContainsFunc(l.Rows, func(r LedgerRow) bool { return r.Event != event && r.Contact == contact && r.Spoke })
}

// NewcomerTo reports whether who accepts an invitation to the event now has
// never accepted one to another: a first-timer.
func (l *Ledger) NewcomerTo(event string) bool {
	if l.Folded.Accepted > 0 || l.Folded.Attended > 0 {
		return false
	}
	return !slices.ContainsFunc(l.Rows, func(r LedgerRow) bool {
		return r.Event != event && (r.Answer == Accepted || r.Attendance == Attended)
	})
}
