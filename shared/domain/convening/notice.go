package convening

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
)

// maxNotices is how many changes an event remembers. Who was told of none of the
// last fifty is told of those.
const maxNotices = 50

// What of an event changes for who was invited.
const (
	ChangedTitle          = "title" // in a language that it had
	ChangedTime           = "time"
	ChangedPlace          = "place"
	ChangedRoom           = "room"
	ChangedSessions       = "sessions" // of a course, when they are
	ChangedInterpretation = "interpretation"
	ChangedAttribution    = "attribution"
)

// Changes are what of an event changes for who was invited, in the order in which
// it is told.
func Changes() []string {
	return []string{ChangedTitle, ChangedTime, ChangedSessions, ChangedPlace, ChangedRoom, ChangedInterpretation, ChangedAttribution}
}

// Notice is one thing that became of an event after it was sent out. Who was
// invited is told once of each sequence.
type Notice struct {
	Sequence  int       `json:"sequence"`
	At        time.Time `json:"at"`
	Changed   []string  `json:"changed,omitempty"` // see Changes
	Cancelled bool      `json:"cancelled,omitempty"`
	Reason    string    `json:"reason,omitempty"` // why it was cancelled, in the organiser's words
}

// amend compares what an event that is out says now with what it said, raises
// its sequence when that matters, and lets the planner see to it.
func (e *Event) amend(before Plan, now time.Time) {
	if changed := differences(before, e.Plan); len(changed) > 0 {
		e.notify(Notice{Changed: changed}, now)
		e.Record("event.changed", "event", e.ID, "sequence", strconv.Itoa(e.Sequence))
	}
	if e.AnswerBy == nil { // it is out, and has a date
		by := e.answerBy(now)
		e.AnswerBy = &by
	}
	e.Pending = e.Pending || before.AnswerBy == nil || !before.AnswerBy.Equal(*e.AnswerBy)
	e.Pending = e.Pending || before.Series != e.Series // the ledger counts by series
	e.Widened = e.Widened || widened(before, e.Plan)
	if limitedAnew(before, e.Plan) {
		e.Counting++
	}
	if !sameAudience(before.Audience, e.Audience) {
		e.PlannedAt = nil // who is new in it is invited; who was is passed over
	}
	e.dueNext(now)
}

func differences(before, after Plan) []string {
	differs := map[string]bool{
		ChangedTitle:          retitled(before.Titles, after.Titles),
		ChangedTime:           !before.Starts.Equal(after.Starts) || !before.Ends.Equal(after.Ends) || before.Zone != after.Zone,
		ChangedSessions:       !slices.EqualFunc(before.Sessions, after.Sessions, Session.meetsWith),
		ChangedPlace:          before.Place != after.Place,
		ChangedRoom:           before.Online != after.Online,
		ChangedInterpretation: !slices.Equal(before.Interpretation, after.Interpretation),
		ChangedAttribution:    (before.Attribution == ChathamHouse) != (after.Attribution == ChathamHouse),
	}
	return changesIn(differs)
}

// retitled reports whether a reader of one of the languages finds another title. One
// in a further language changes nothing for who was invited.
func retitled(before, after []directory.Text) bool {
	return slices.ContainsFunc(before, func(t directory.Text) bool { return !slices.Contains(after, t) })
}

// changesIn puts changes in the order in which they are told; nil when there is
// none.
func changesIn(those map[string]bool) (list []string) {
	for _, what := range Changes() {
		if those[what] {
			list = append(list, what)
		}
	}
	return list
}

// meetsWith reports whether two sessions are at the same time.
func (s Session) meetsWith(o Session) bool { return s.Starts.Equal(o.Starts) && s.Ends.Equal(o.Ends) }

func (e *Event) notify(n Notice, now time.Time) {
	e.Sequence++
	n.Sequence, n.At = e.Sequence, now
	if e.Notices = append(e.Notices, n); len(e.Notices) > maxNotices {
		e.Notices = e.Notices[len(e.Notices)-maxNotices:]
	}
	e.Pending = true
}

// ChangedSince returns what changed after a sequence, each thing once.
func (e *Event) ChangedSince(sequence int) []string {
	seen := map[string]bool{}
	for _, n := range e.Notices {
		for _, what := range n.Changed {
			seen[what] = seen[what] || n.Sequence > sequence
		}
	}
	return changesIn(seen)
}

// CancelledBecause is what the organiser said when the event was cancelled.
func (e *Event) CancelledBecause() string {
	for _, n := range e.Notices {
		if n.Cancelled {
			return n.Reason
		}
	}
	return ""
}

// Close ends the taking of answers.
func (e *Event) Close(now time.Time) error {
	if e.Status == Closed {
		return nil
	}
	if e.Status != Published {
		return ErrNotPublished
	}
	e.Status, e.ClosedAt, e.UpdatedAt, e.Pending = Closed, &now, now, true
	e.Record("event.closed", "event", e.ID)
	e.dueNext(now)
	return nil
}

// Cancel calls the event off. Who was invited is told why; of a draft nobody
// knows.
func (e *Event) Cancel(reason string, now time.Time) error {
	switch e.Status {
	case Cancelled, Held:
		return ErrEventOver
	}
	if code := directory.ProseFault(reason, maxReasonRunes); reason != "" && code != "" {
		var faults fault.List
		faults.Add("/reason", code, "max", strconv.Itoa(maxReasonRunes))
		return faults.Err("cancellation.invalid")
	}
	e.notify(Notice{Cancelled: true, Reason: reason}, now)
	e.Pending = e.Status != Draft
	e.Status, e.CancelledAt, e.UpdatedAt = Cancelled, &now, now
	e.Record("event.cancelled", "event", e.ID, "sequence", strconv.Itoa(e.Sequence))
	e.dueNext(now)
	return nil
}

// Hold notes that the end of the event has passed. Again, or too early, changes
// nothing.
func (e *Event) Hold(now time.Time) {
	if e.Status != Published && e.Status != Closed || e.Ends.After(now) {
		return
	}
	e.Status, e.HeldAt, e.UpdatedAt = Held, &now, now
	e.Record("event.held", "event", e.ID)
	e.dueNext(now)
}

// Told notes that every invitation was told what became of the event as it stood
// at that version. What became of it since is told by another walk.
func (e *Event) Told(version int64, now time.Time) {
	if !e.Pending || e.Version != version {
		return
	}
	e.Pending, e.UpdatedAt = false, now
	e.Record("event.told", "event", e.ID, "sequence", strconv.Itoa(e.Sequence))
	e.dueNext(now)
}

// dueNext sets when the planner looks at the event next: at once while there is
// somebody to invite or to tell, then when it ends.
func (e *Event) dueNext(now time.Time) {
	e.DueAt = nil
	switch {
	case e.Pending, e.Widened, e.Status == Published && e.PlannedAt == nil:
		e.DueAt = &now
	case e.Status == Published, e.Status == Closed:
		ends := e.Ends
		e.DueAt = &ends
	case e.Status == Held, e.Status == Cancelled:
		if e.DueAt = e.thanksDue(); e.DueAt == nil {
			e.DueAt = e.namesDue()
		}
	}
}

// TakesAnswers refuses answers to an event that takes none any more.
func (e *Event) TakesAnswers() error {
	if e.Status != Published {
		return ErrInvitationClosed
	}
	return nil
}

// Hear lets the invitation follow what became of its event: it asks for the mail
// about a change or the cancellation, and closes when no answers are taken. Who
// declined, or let the date pass, or was never reached, is not written to. Doing
// it again changes nothing.
func (i *Invitation) Hear(e *Event) {
	if i.Series != e.Series {
		i.Series = e.Series
		i.record("invitation.revised")
	}
	since, news := i.Sequence, i.Sequence < e.Sequence && (i.reached() || i.Status == Planned)
	if news {
		i.Sequence = e.Sequence
	}
	if news && i.Status != Planned {
		kind := "invitation.changed"
		if e.Status == Cancelled {
			kind = "invitation.cancelled"
		}
		i.Record(kind, "event", i.EventID, "stakeholder", i.Stakeholder, "contact", i.Contact, "since", strconv.Itoa(since))
	}
	switch e.Status {
	case Published:
		i.follow(e, news && i.Status == Planned)
	case Cancelled:
		i.stop()
		i.Letter = "" // of a participation that there will not be
	case Closed:
		if i.DueAt != nil {
			i.close()
		}
	}
}

// follow takes over the date until which the event takes answers.
func (i *Invitation) follow(e *Event, news bool) {
	moved := !i.MindUntil().Equal(*e.AnswerBy)
	if moved {
		i.answerUntil(*e.AnswerBy, e.UpdatedAt)
	}
	if moved || news {
		i.record("invitation.revised")
	}
}

// answerUntil takes over another cut-off. Who has a deadline of their own before it,
// because others stand behind them or a place is kept for them, keeps that.
func (i *Invitation) answerUntil(by, now time.Time) {
	switch {
	case i.CutOff != nil && i.AnswerBy.Before(by):
		i.CutOff = &by
		return
	case i.CutOff != nil:
		i.CutOff = nil
	}
	i.AnswerBy = by
	if i.awaits() {
		i.Reminders = ladder(i.Days, now, i.AnswerBy)
		i.dueNext()
	}
}

// stop ends what would still be asked of the recipient. Who was not written to
// yet never will be.
func (i *Invitation) stop() {
	if i.DueAt == nil {
		return
	}
	i.DueAt = nil
	if i.Status == Planned {
		i.Status = Withdrawn
		i.record("invitation.dropped") // nobody heard of it, and nobody is written to
	}
}

// reached reports whether the recipient knows of the event and still may come.
func (i *Invitation) reached() bool {
	return i.awaits() || i.Status == Accepted || i.Status == Tentative || i.Status == Waiting
}

// PanelRevised lets who newly sits in the panel be invited, when the panel is part
// of the audience of an event that is out.
func (e *Event) PanelRevised(now time.Time) {
	if e.Status != Published || !e.Audience.Panel || e.PlannedAt == nil {
		return
	}
	e.PlannedAt, e.UpdatedAt = nil, now
	e.Record("event.revised", "event", e.ID)
	e.dueNext(now)
}

// sameAudience compares audiences as they are kept: an empty list and none are one.
func sameAudience(a, b Audience) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
