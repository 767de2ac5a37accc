package convening

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
	"convoke/shared/domain/taxonomy"
)

// InvitationStatus is where an invitation stands.
type InvitationStatus string

// The statuses of an invitation, in the order in which they come.
const (
	Planned   InvitationStatus = "planned"
	Queued    InvitationStatus = "queued"
	Sent      InvitationStatus = "sent"
	Delivered InvitationStatus = "delivered"
	Bounced   InvitationStatus = "bounced"
	Accepted  InvitationStatus = "accepted"
	Tentative InvitationStatus = "tentative"
	Declined  InvitationStatus = "declined"
	Delegated InvitationStatus = "delegated"
	Expired   InvitationStatus = "expired"
	Withdrawn InvitationStatus = "withdrawn"

	Waiting InvitationStatus = "waiting" // accepted while all places were taken
	Offered InvitationStatus = "offered" // a place came free, and is kept until the answer-by
)

const (
	maxReasonRunes = 1000
	clockSlack     = 10 * time.Minute // by which the clock of who replies may be behind
	maxIDBytes     = 64
)

// Faults of invitations.
var (
	ErrInvitationClosed = fault.New(fault.Gone, "invitation.expired")
	ErrAnswerUnknown    = &fault.Error{Kind: fault.Invalid, Code: "answer.invalid", Fields: []fault.Field{{Pointer: "/answer", Code: "answer.unknown"}}}
)

// Invitation asks one recipient to one event in one role.
type Invitation struct {
	EventID     string           `json:"event"`
	Stakeholder string           `json:"stakeholder"`
	Contact     string           `json:"contact"` // the recipient
	Version     int64            `json:"-"`
	Role        string           `json:"role"` // participant, moderator, speaker, discussant, rapporteur
	Series      string           `json:"series,omitempty"`
	Newcomer    bool             `json:"newcomer,omitempty"` // the stakeholder had never accepted an invitation when this one was planned
	Category    string           `json:"category,omitempty"` // of the stakeholder, when it was planned
	Regions     []string         `json:"regions,omitempty"`  // of its country, as M49 has them, when it was planned
	Status      InvitationStatus `json:"status"`
	Generation  int              `json:"generation"` // links of an older generation no longer answer
	Sequence    int              `json:"sequence"`   // of the event, as the recipient knows it
	AnswerBy    time.Time        `json:"answer_by"`
	Reason      string           `json:"reason,omitempty"` // why it was declined, in the recipient's words
	CreatedAt   time.Time        `json:"created_at"`
	AskedAt     *time.Time       `json:"asked_at,omitempty"` // when it left the plan
	SentAt      *time.Time       `json:"sent_at,omitempty"`
	DeliveredAt *time.Time       `json:"delivered_at,omitempty"`
	RemindedAt  *time.Time       `json:"reminded_at,omitempty"`
	AnsweredAt  *time.Time       `json:"answered_at,omitempty"`
	RepliedAt   *time.Time       `json:"replied_at,omitempty"` // when the last reply that was taken by mail was given
	Reminders   []time.Time      `json:"reminders,omitempty"`  // to come, the next first
	Reminded    int              `json:"reminded,omitempty"`   // how often
	DueAt       *time.Time       `json:"due_at,omitempty"`     // when the planner looks at it next
	Wave        int              `json:"wave,omitempty"`
	CutOff      *time.Time       `json:"cut_off,omitempty"`      // until when a mind can be changed, when the answer-by is sooner
	Days        []int            `json:"days,omitempty"`         // the organiser's ladder of reminders
	Alternates  []string         `json:"alternates,omitempty"`   // contacts that are asked, one after the other, when this one says no or nothing
	Standby     bool             `json:"standby,omitempty"`      // it waits for another to say no
	WaitingFrom *time.Time       `json:"waiting_from,omitempty"` // its place on the waiting list
	Full        bool             `json:"-"`                      // no place is left; the store says so before an acceptance
	Attendance  Attendance       `json:"attendance,omitempty"`   // noted after the event
	Spoke       bool             `json:"spoke,omitempty"`
	Debut       bool             `json:"debut,omitempty"`   // the recipient had never had the floor before, as far as was noted then
	Needs       []string         `json:"needs,omitempty"`   // see Needs
	Channel     string           `json:"channel,omitempty"` // by which the answer came to the organiser who entered it
	WithdrawnAt *time.Time       `json:"withdrawn_at,omitempty"`
	Announced   []string         `json:"announced,omitempty"`   // what its recipient was told, the last fifty
	ThankedAt   *time.Time       `json:"thanked_at,omitempty"`  // after the event
	Sessions    []int            `json:"sessions,omitempty"`    // of a course, from 1, that were attended
	Certificate string           `json:"certificate,omitempty"` // its code
	Letter      string           `json:"letter,omitempty"`      // the code of the letter of participation that stands
	Letters     int              `json:"letters,omitempty"`     // how many were issued
	Delegation
	Nomination
	PanelSeat

	journal.Log `json:"-"`
}

// InvitationOf plans the invitation of a guest to a published event, in its
// wave.
func InvitationOf(e *Event, c Guest, now time.Time) *Invitation {
	i := NewInvitation(e, c.Stakeholder.ID, c.Contact.ID, now)
	i.Role, i.PanelSeat, i.Newcomer, i.Alternates = c.Role, c.PanelSeat, c.Newcomer, c.Alternates
	i.Category, i.Regions = c.Stakeholder.Category, regionsOf(c.Stakeholder.Country)
	wave, at := e.Wave(c, now)
	i.Wave, i.DueAt = wave, &at
	if c.Standby {
		i.StandBy()
	}
	return i
}

// NewInvitation plans the invitation of a contact to a published event.
func NewInvitation(e *Event, stakeholder, contact string, now time.Time) *Invitation {
	i := &Invitation{
		EventID: e.ID, Stakeholder: stakeholder, Contact: contact, Series: e.Series, Role: "participant", Status: Planned,
		Generation: 1, Sequence: e.Sequence, AnswerBy: *e.AnswerBy, CreatedAt: now, DueAt: &now, Days: e.Reminders,
	}
	i.record("invitation.planned")
	return i
}

// regionsOf are the regions that hold a country, without the World, which says
// nothing.
func regionsOf(country string) []string {
	return slices.DeleteFunc(slices.Clone(taxonomy.RegionsOf(country)), func(code string) bool { return code == taxonomy.World })
}

func (i *Invitation) record(kind string) {
	i.Record(kind, "event", i.EventID, "stakeholder", i.Stakeholder, "contact", i.Contact)
}

// Answered reports whether the recipient has said anything yet.
func (i *Invitation) Answered() bool { return i.AnsweredAt != nil }

// given is the answer that stands, the one before a place was offered or the
// deadline of the offer passed included.
func (i *Invitation) given() InvitationStatus {
	switch i.Status {
	case Accepted, Tentative, Declined, Delegated, Waiting:
		return i.Status
	case Offered:
		return Waiting
	}
	return ""
}

// Open reports whether an answer would still be taken.
func (i *Invitation) Open(now time.Time) bool {
	switch i.Status {
	case Planned, Expired, Withdrawn, Delegated:
		return false
	}
	return i.AnswerBy.After(now) && !i.GoesBack()
}

// UID is the invitation's calendar entry (RFC 5545 section 3.8.4.7): the same in
// every message about it, and found again from a reply.
func (i *Invitation) UID(domain string) string { return i.EventID + "." + i.Contact + "@" + domain }

// ParseUID returns the event and the contact of a calendar entry of the domain.
// A UID comes from anywhere: what cannot be two ids is none of ours.
func ParseUID(uid, domain string) (event, contact string, ok bool) {
	local, at, found := strings.Cut(uid, "@")
	if !found || !strings.EqualFold(at, domain) {
		return "", "", false
	}
	event, contact, _ = strings.Cut(local, ".")
	if !idLike(event) || !idLike(contact) {
		return "", "", false
	}
	return event, contact, true
}

// idLike reports whether s can be an id: printable ASCII, and not so long that no
// key could hold it.
func idLike(s string) bool {
	return s != "" && len(s) <= maxIDBytes && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || r == '.' }) < 0
}

// Advance does what is due at now: it queues the invitation, reminds by the
// ladder, or closes it unanswered. Doing it again changes nothing.
func (i *Invitation) Advance(now time.Time) {
	if i.DueAt == nil || i.DueAt.After(now) || i.LeavesSeat() {
		return
	}
	switch {
	case !i.AnswerBy.After(now):
		i.close()
	case i.Status == Planned:
		i.share(now)
		i.Status, i.AskedAt, i.Reminders = Queued, &now, ladder(i.Days, now, i.AnswerBy)
		i.dueNext()
		i.record("invitation.queued")
	case i.awaits() && len(i.Reminders) > 0 && !i.Reminders[0].After(now):
		i.remind(now)
	default:
		i.dueNext()
	}
}

// remind goes one step up the ladder; steps whose time passed meanwhile are one.
func (i *Invitation) remind(now time.Time) {
	for len(i.Reminders) > 0 && !i.Reminders[0].After(now) {
		i.Reminders = i.Reminders[1:]
	}
	i.RemindedAt, i.Reminded = &now, i.Reminded+1
	i.dueNext()
	i.record("invitation.reminded")
}

func (i *Invitation) close() {
	i.DueAt = nil
	if i.Status == Planned || i.Status == Waiting || i.awaits() {
		waited := i.Status == Waiting
		i.Status, i.WaitingFrom = Expired, nil
		i.leaveSeat(i.AnswerBy)
		i.record("invitation.expired")
		if waited {
			i.record("invitation.unplaced")
		}
	}
}

// awaits reports whether the invitation went out and has no answer, or a place
// was offered and was not taken.
func (i *Invitation) awaits() bool {
	return i.Status == Queued || i.Status == Sent || i.Status == Delivered || i.Status == Offered
}

// dueNext sets the next look: the next reminder, then the answer-by itself.
func (i *Invitation) dueNext() {
	next := i.AnswerBy
	if len(i.Reminders) > 0 {
		next = i.Reminders[0]
	}
	i.DueAt = &next
}

// MarkSent notes that the mail was handed over. No mail goes before it is queued.
func (i *Invitation) MarkSent(now time.Time) {
	if i.SentAt != nil || i.Status == Planned {
		return
	}
	i.SentAt = &now
	if i.Status == Queued { // else it was delivered, or even answered, before this was noted
		i.Status = Sent
	}
	i.record("invitation.sent")
}

// MarkDelivered notes that the recipient's server took the mail.
func (i *Invitation) MarkDelivered(now time.Time) {
	if i.DeliveredAt != nil || i.Status == Planned {
		return
	}
	i.DeliveredAt = &now
	if i.Status == Queued || i.Status == Sent {
		i.Status = Delivered
	}
	i.record("invitation.delivered")
}

// MarkBounced notes that the mail came back for good, or could not go because
// the address takes no mail. An answer that was given
// all the same stands.
func (i *Invitation) MarkBounced() {
	if i.awaits() && i.Status != Offered {
		i.Status, i.DueAt = Bounced, nil
		i.leaveSeat(i.CreatedAt)
		i.record("invitation.bounced")
	}
}

// Answer is what a recipient says.
type Answer struct {
	Answer InvitationStatus `json:"answer"` // accepted, tentative, declined
	Reason string           `json:"reason,omitempty"`
	Needs  []string         `json:"needs,omitempty"` // see Needs
}

// Answer takes an answer, or a change of mind, until the answer-by date. The
// same answer again changes nothing.
func (i *Invitation) Answer(a Answer, now time.Time) error {
	if a.Answer != Accepted && a.Answer != Tentative && a.Answer != Declined {
		return ErrAnswerUnknown
	}
	if code := directory.ProseFault(a.Reason, maxReasonRunes); a.Reason != "" && code != "" {
		return &fault.Error{Kind: fault.Invalid, Code: "answer.invalid", Fields: []fault.Field{{Pointer: "/reason", Code: code, Params: map[string]string{"max": strconv.Itoa(maxReasonRunes)}}}}
	}
	var faults fault.List
	validateNeeds(&faults, a.Needs)
	if err := faults.Err("answer.invalid"); err != nil {
		return err
	}
	if a.Needs == nil {
		a.Needs = i.Needs // an answer from a calendar says nothing of them
	}
	if i.says(a) {
		return nil
	}
	if !i.Open(now) {
		return ErrInvitationClosed
	}
	i.take(a, now)
	return nil
}

// answeredAfter reports whether what stands was said at stamp or later. A reply
// was said when its sender's clock says; an answer through the link, when it was
// taken, which that clock may be somewhat behind.
func (i *Invitation) answeredAfter(stamp time.Time) bool {
	if i.RepliedAt != nil {
		return !stamp.After(*i.RepliedAt)
	}
	return i.AnsweredAt != nil && stamp.Add(clockSlack).Before(*i.AnsweredAt)
}

// Outdated reports whether an answer from a calendar, which names the sequence of the
// entry that it answers, is to an earlier version than the recipient was told of (RFC
// 5546 section 2.1.5): who accepted another time has not accepted this one. A refusal
// counts whichever it answers; negative is of a calendar that does not say.
func (i *Invitation) Outdated(a InvitationStatus, sequence int) bool {
	return a != Declined && sequence >= 0 && sequence < i.Sequence+i.Shift
}

// Reply takes an answer that came by mail, given at stamp by the sender's clock;
// zero when that is not known. Mail comes twice and out of order (RFC 5546
// section 2.1.5): a reply that is not newer than the last one, or that was given
// before the answer that stands, changes nothing.
func (i *Invitation) Reply(a Answer, stamp, now time.Time) error {
	if stamp.After(now) {
		stamp = now // a clock that is ahead must not shut out what its owner says next
	}
	if !stamp.IsZero() && i.answeredAfter(stamp) {
		return nil
	}
	if err := i.Answer(a, now); err != nil {
		return err
	}
	if !stamp.IsZero() {
		i.RepliedAt = &stamp
	}
	return nil
}

// Forget takes the recipient's own words out of the invitation, and closes it if
// it was still open, because the recipient is erased. That there was one, and how
// it was answered, stays counted. Again changes nothing.
func (i *Invitation) Forget() {
	open := i.Status == Planned || i.awaits()
	if i.Reason == "" && !open && i.DueAt == nil && i.Colleague == nil && i.Delegate == nil && i.Nominees == nil && i.Certificate == "" && i.Letter == "" && i.Needs == nil {
		return
	}
	i.Reason, i.Needs, i.DueAt, i.Reminders, i.Colleague, i.Delegate, i.Nominees, i.Certificate, i.Letter = "", nil, nil, nil, nil, nil, nil, "", ""
	if open {
		i.Status = Withdrawn
	}
	i.Conceal()
	i.record("protection.forgotten")
}
