package convening

import (
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
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
	Status      InvitationStatus `json:"status"`
	Generation  int              `json:"generation"` // links of an older generation no longer answer
	AnswerBy    time.Time        `json:"answer_by"`
	Reason      string           `json:"reason,omitempty"` // why it was declined, in the recipient's words
	CreatedAt   time.Time        `json:"created_at"`
	AskedAt     *time.Time       `json:"asked_at,omitempty"` // when it left the plan
	SentAt      *time.Time       `json:"sent_at,omitempty"`
	DeliveredAt *time.Time       `json:"delivered_at,omitempty"`
	RemindedAt  *time.Time       `json:"reminded_at,omitempty"`
	AnsweredAt  *time.Time       `json:"answered_at,omitempty"`
	RepliedAt   *time.Time       `json:"replied_at,omitempty"` // when the last reply that was taken by mail was given
	DueAt       *time.Time       `json:"due_at,omitempty"`     // when the planner looks at it next
	Attendance  Attendance       `json:"attendance,omitempty"` // noted after the event
	Spoke       bool             `json:"spoke,omitempty"`

	journal.Log `json:"-"`
}

// NewInvitation plans the invitation of a contact to a published event.
func NewInvitation(e *Event, stakeholder, contact string, now time.Time) *Invitation {
	i := &Invitation{
		EventID: e.ID, Stakeholder: stakeholder, Contact: contact, Role: "participant", Status: Planned,
		Generation: 1, AnswerBy: *e.AnswerBy, CreatedAt: now, DueAt: &now,
	}
	i.record("invitation.planned")
	return i
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
	return i.AnswerBy.After(now)
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

// Advance does what is due at now: it queues the invitation, reminds once, or
// closes it unanswered. Doing it again changes nothing.
func (i *Invitation) Advance(now time.Time) {
	if i.DueAt == nil || i.DueAt.After(now) {
		return
	}
	switch {
	case !i.AnswerBy.After(now):
		i.close()
	case i.Status == Planned:
		i.Status, i.AskedAt = Queued, &now
		i.dueNext(now)
		i.record("invitation.queued")
	case i.awaits() && i.RemindedAt == nil:
		i.RemindedAt = &now
		i.dueNext(now)
		i.record("invitation.reminded")
	default:
		i.dueNext(now)
	}
}

func (i *Invitation) close() {
	i.DueAt = nil
	if i.Status == Planned || i.awaits() {
		i.Status = Expired
		i.record("invitation.expired")
	}
}

// awaits reports whether the invitation went out and has no answer.
func (i *Invitation) awaits() bool {
	return i.Status == Queued || i.Status == Sent || i.Status == Delivered
}

// dueNext sets the next look: the reminder, planned back from the answer-by
// (three days, or half of what is left when that is less), then the answer-by
// itself.
func (i *Invitation) dueNext(now time.Time) {
	next := i.AnswerBy
	if i.RemindedAt == nil {
		next = next.Add(-min(remindBefore, i.AnswerBy.Sub(now)/2))
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
	if i.awaits() {
		i.Status, i.DueAt = Bounced, nil
		i.record("invitation.bounced")
	}
}

// Answer is what a recipient says.
type Answer struct {
	Answer InvitationStatus `json:"answer"` // accepted, tentative, declined
	Reason string           `json:"reason,omitempty"`
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
	if i.Status == a.Answer && i.Reason == a.Reason {
		return nil
	}
	if !i.Open(now) {
		return ErrInvitationClosed
	}
	i.Status, i.Reason, i.AnsweredAt, i.RepliedAt, i.DueAt = a.Answer, a.Reason, &now, nil, nil
	i.record("invitation." + string(a.Answer))
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
