package convening

import (
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

// maxHandedOn is how often one invitation can be handed on: each time somebody
// new is written to who never asked for it.
const maxHandedOn = 3

// Faults of handing an invitation on.
var (
	ErrHandedOnOnce     = fault.New(fault.Conflict, "delegation.only_once") // by who was named by another
	ErrHandedOnOften    = fault.New(fault.Conflict, "delegation.too_often")
	ErrAlreadyInvited   = fault.New(fault.Conflict, "delegation.already_invited")
	ErrWithColleague    = fault.New(fault.Conflict, "delegation.with_colleague")     // which is to be withdrawn first
	ErrNotWithColleague = fault.New(fault.Conflict, "delegation.not_with_colleague") // so that there is nothing to take back
	errColleagueFaulty  = fault.New(fault.Invalid, "delegation.invalid")
)

// Colleague is who a recipient names to come in the recipient's place.
type Colleague struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Language string `json:"language"` // in which this person is written to, BCP 47
}

// Tidied is the colleague without the spaces that slip in when a name is typed.
func (c Colleague) Tidied() Colleague {
	c.Name, c.Email = directory.Tidy(c.Name), directory.Tidy(c.Email)
	return c
}

// Check returns nil, or one fault with everything that is wrong.
func (c Colleague) Check() error {
	var faults fault.List
	c.check(&faults)
	return faults.Err(errColleagueFaulty.Code)
}

func (c Colleague) check(faults *fault.List) {
	directory.CheckLine(faults, "/name", c.Name, directory.MaxNameRunes)
	if code := directory.AddressFault(c.Email); code != "" {
		faults.Add("/email", code)
	}
	if !taxonomy.ValidLanguage(c.Language) {
		faults.Add("/language", "language.unknown")
	}
}

// Delegate is who was named in the place of the recipient, and what comes back
// when that comes to nothing.
type Delegate struct {
	Contact    string           `json:"contact"`
	Was        InvitationStatus `json:"was"`
	AnsweredAt *time.Time       `json:"answered_at,omitempty"`
}

// Delegation is what an invitation knows of being handed on. There are two
// invitations then, of one seat: that of who was asked first, which is delegated,
// and that of the colleague, who confirms or declines.
type Delegation struct {
	Delegate    *Delegate  `json:"delegate,omitempty"`     // of the first: who decides now
	HandedOn    int        `json:"handed_on,omitempty"`    // of the first: how often
	DelegatedBy string     `json:"delegated_by,omitempty"` // of the second: the contact of the first
	Colleague   *Colleague `json:"colleague,omitempty"`    // of the second, when no contact of the stakeholder
	Kept        bool       `json:"kept,omitempty"`         // of the second: the place of the first is theirs
	Line        *time.Time `json:"line,omitempty"`         // of the second: the place of the first on the waiting list
	Recalled    bool       `json:"recalled,omitempty"`     // of the second: who named it took it back
	Shift       int        `json:"shift,omitempty"`        // by which the calendar's sequence is beyond that of the event
}

// HandOn hands the invitation on to a colleague, by a new invitation with an own
// link; contact is the colleague's id. What the first holds, a place or one on the
// waiting list, is kept for the second, who has half of the time that is left: the
// rest is the first's again when the second declines or says nothing.
func (i *Invitation) HandOn(contact string, c *Colleague, now time.Time) (*Invitation, error) {
	switch {
	case i.NamedBy() != "":
		return nil, ErrHandedOnOnce
	case !i.Open(now):
		return nil, ErrInvitationClosed
	case i.HandedOn >= maxHandedOn:
		return nil, ErrHandedOnOften
	case contact == i.Contact:
		return nil, ErrAlreadyInvited
	}
	second := i.standIn(contact, c, now)
	i.Delegate = &Delegate{Contact: contact, Was: i.Status, AnsweredAt: i.AnsweredAt}
	i.Status, i.DueAt, i.Reminders = Delegated, nil, nil
	if i.AnsweredAt == nil {
		i.AnsweredAt = &now
	}
	i.HandedOn++
	i.Shift++
	i.record("invitation.delegated")
	return second, nil
}

// standIn is the invitation of who comes in the place of the recipient.
func (i *Invitation) standIn(contact string, c *Colleague, now time.Time) *Invitation {
	second := i.another(contact, c, i.AnswerBy, now)
	second.DelegatedBy, second.Kept, second.Line = i.Contact, i.HoldsSeat(), i.WaitingFrom
	if i.CutOff != nil {
		second.CutOff = i.CutOff
	}
	return second
}

// another is the invitation of somebody whom the recipient named: they have half of
// the time until then, and can change their mind in the other half.
func (i *Invitation) another(contact string, c *Colleague, until, now time.Time) *Invitation {
	named := &Invitation{
		EventID: i.EventID, Stakeholder: i.Stakeholder, Contact: contact, Role: i.Role, Series: i.Series, Newcomer: i.Newcomer, Category: i.Category, Regions: i.Regions,
		Status: Queued, Generation: 1, Sequence: i.Sequence, AnswerBy: now.Add(until.Sub(now) / 2), CreatedAt: now, AskedAt: &now, Wave: i.Wave, CutOff: &until,
		Delegation: Delegation{Colleague: c},
	}
	named.Reminders = ladder(nil, now, named.AnswerBy)
	named.dueNext()
	named.record("invitation.queued")
	return named
}

// Again makes the invitation of who is named once more that of who was named before
// and from whom it was taken back: older links do not answer, and the calendar takes
// the entry for newer than its cancellation. It reports whether it did; who has an
// invitation otherwise is not invited again.
func (i *Invitation) Again(before *Invitation) bool {
	if !before.Released(i.NamedBy()) {
		return false
	}
	i.Generation, i.Shift = before.Generation, before.Shift+2 // one was the cancellation's
	return true
}

// Released reports whether the invitation was taken back by the one who named its
// recipient, and can name them again.
func (i *Invitation) Released(by string) bool {
	return i.Status == Withdrawn && i.Recalled && i.NamedBy() == by
}

// NamedBy is the contact who named this recipient, in their own place or for a place
// of the organisation; empty when nobody did.
func (i *Invitation) NamedBy() string {
	if i.NominatedBy != "" {
		return i.NominatedBy
	}
	return i.DelegatedBy
}

// MindUntil is until when the recipient can change their mind: the cut-off.
func (i *Invitation) MindUntil() time.Time {
	if i.CutOff != nil {
		return *i.CutOff
	}
	return i.AnswerBy
}

// Recall takes the invitation back from somebody whom its first recipient named,
// and who may have confirmed: the first can name another then. It fails when who
// was named has given it back already, and when the first can answer no more.
func (i *Invitation) Recall(first *Invitation, now time.Time) error {
	switch {
	case i.NamedBy() != first.Contact, i.GoesBack():
		return ErrNotWithColleague
	case !first.MindUntil().After(now):
		return ErrInvitationClosed
	}
	i.Recalled = true
	i.Withdraw(now)
	return nil
}

// GoesBack reports whether the recipient was named by another and it came to
// nothing, so that it is for the first to say who comes.
func (i *Invitation) GoesBack() bool {
	switch i.Status {
	case Declined, Expired, Bounced, Withdrawn:
		return i.NamedBy() != ""
	}
	return false
}

// GiveBack gives up what was kept for who was named, and forgets who that was: it
// was another who gave the address. Who is withdrawn is still told so.
func (i *Invitation) GiveBack() {
	i.Kept = false
	if i.Status != Withdrawn && i.Colleague != nil {
		i.Colleague = nil
		i.Conceal()
	}
}

// Told forgets who was named, once they were told that the invitation is withdrawn:
// nothing is written to them any more. Again changes nothing.
func (i *Invitation) Told() {
	if i.Status == Withdrawn {
		i.Unname()
	}
}

// TakeBack makes the invitation that of its first recipient again, with the
// answer that stood before, and reports whether it did. Seat says that the
// colleague held a place, which one who waited before is offered, and whoever
// took the invitation back. Again, or from another, changes nothing.
func (i *Invitation) TakeBack(from *Invitation, seat bool, now time.Time) bool {
	if i.Status != Delegated || i.Delegate == nil || i.Delegate.Contact != from.Contact {
		return false
	}
	i.Status, i.AnsweredAt, i.Delegate = i.Delegate.Was, i.Delegate.AnsweredAt, nil
	i.Shift++
	over := !i.AnswerBy.After(now)
	switch {
	case over && (i.awaits() || i.Status == Waiting):
		i.close()
		return true
	case i.Status == Waiting && seat, from.Recalled && seat && i.Status != Accepted && i.Status != Offered:
		i.Offer(now)
		return true
	case i.Status == Offered, i.Status == Waiting:
		i.dueNext()
	case i.awaits():
		i.Reminders = ladder(i.Days, now, i.AnswerBy)
		i.dueNext()
	}
	i.record("invitation.returned")
	return true
}

// Recipient returns who the invitation goes to: a contact of its stakeholder, or
// who was named by one.
func (i *Invitation) Recipient(s *directory.Stakeholder) (directory.Contact, bool) {
	if c := i.Colleague; c != nil {
		return directory.Contact{ID: i.Contact, Name: c.Name, Email: c.Email, Language: c.Language, Role: directory.RoleRepresentative}, true
	}
	return s.Contact(i.Contact)
}
