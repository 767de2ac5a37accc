package mailer

import (
	"context"
	"errors"
	"fmt"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// invitee returns whom an invitation goes to, and the stakeholder: a contact of
// it, or who was named by one.
func (m *Mailer) invitee(ctx context.Context, i *convening.Invitation) (*directory.Stakeholder, directory.Contact, error) {
	if i.Colleague == nil {
		return m.recipient(ctx, i.Stakeholder, i.Contact)
	}
	s, err := m.Store.Resolve(ctx, i.Stakeholder)
	if errors.Is(err, store.ErrNotFound) {
		return nil, directory.Contact{}, notNeeded("stakeholder gone")
	}
	if err != nil {
		return nil, directory.Contact{}, err
	}
	to, _ := i.Recipient(s)
	return s, to, nil
}

// asking is the letter that asks for an answer first: of who was named by a
// colleague, it says by whom, and of who was nominated, by which organisation.
func (m *Mailer) asking(job store.Job, c call) *mail.Message {
	switch {
	case c.invitation.NominatedBy != "":
		return m.message(job, mail.KindInvitation, c.to, mail.Nominated(c.letter))
	case c.invitation.DelegatedBy == "":
		return m.message(job, mail.KindInvitation, c.to, c.letter)
	}
	by, _ := c.stakeholder.Contact(c.invitation.DelegatedBy)
	message := m.message(job, mail.KindInvitation, c.to, mail.InPlaceOf{Invitation: c.letter, Colleague: by.Name})
	message.Names = []mail.Named{{Stakeholder: c.invitation.Stakeholder, Contact: by.ID}}
	return message
}

// withdrawing is the letter to who is invited no more: of who was named by a
// colleague, when it was the colleague who took the invitation back, it says so.
func (m *Mailer) withdrawing(job store.Job, c call) *mail.Message {
	switch {
	case !c.invitation.Recalled:
		return m.message(job, mail.KindWithdrawn, c.to, mail.Withdrawn(c.letter))
	case c.invitation.NominatedBy != "":
		return m.message(job, mail.KindWithdrawn, c.to, mail.Unnominated(c.letter))
	}
	by, _ := c.stakeholder.Contact(c.invitation.DelegatedBy)
	message := m.message(job, mail.KindWithdrawn, c.to, mail.Recalled{Invitation: c.letter, Colleague: by.Name})
	message.Names = []mail.Named{{Stakeholder: c.invitation.Stakeholder, Contact: by.ID}}
	return message
}

// composeDelegation tells who handed an invitation on what became of it, and
// their calendar: the entry goes while the colleague decides, and comes again when
// the invitation does.
func (m *Mailer) composeDelegation(ctx context.Context, job store.Job) (*mail.Message, error) {
	c, err := m.call(ctx, job)
	if err != nil {
		return nil, err
	}
	delegated := c.invitation.Status == convening.Delegated
	var message *mail.Message
	switch {
	case job.Kind == "invitation.delegated" && delegated && c.invitation.Delegate != nil:
		letter, err := m.handedOn(ctx, c)
		if err != nil {
			return nil, err
		}
		message = m.message(job, mail.KindHandedOn, c.to, letter)
		message.Names = []mail.Named{{Stakeholder: c.invitation.Stakeholder, Contact: c.invitation.Delegate.Contact}}
		message.Calendar, err = m.cancellation(c, c.event.Sequence)
		if err != nil {
			return nil, err
		}
	case job.Kind == "invitation.returned" && !delegated && c.event.Status == convening.Published:
		message = m.message(job, mail.KindCameBack, c.to, mail.CameBack{Invitation: c.letter, Answered: c.invitation.Answered()})
		if message.Calendar, err = m.calendar(c); err != nil {
			return nil, err
		}
	default:
		return nil, notNeeded("handed on, or come back, since")
	}
	message.Tags["event"], message.Tags["contact"] = c.event.ID, c.to.ID
	return message, m.speakFor(ctx, message, c.event.Unit)
}

// handedOn is the letter that says who was asked in the recipient's place.
func (m *Mailer) handedOn(ctx context.Context, c call) (mail.HandedOn, error) {
	l := mail.HandedOn{Invitation: c.letter}
	second, err := m.Store.Invitation(ctx, c.event.ID, c.invitation.Delegate.Contact)
	if err != nil {
		return l, fmt.Errorf("invitation of the colleague: %w", err)
	}
	to, ok := second.Recipient(c.stakeholder)
	if !ok {
		return l, notNeeded("colleague gone")
	}
	l.Colleague = to.Name
	l.Until = i18n.DateTime(i18n.Match(c.to.Language), second.AnswerBy, c.event.Zone)
	return l, nil
}
