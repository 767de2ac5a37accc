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

// composeSeated tells who is invited that they are asked to sit in the panel.
func (m *Mailer) composeSeated(ctx context.Context, job store.Job) (*mail.Message, error) {
	c, err := m.call(ctx, job)
	if err != nil {
		return nil, err
	}
	if c.invitation.Seat == "" || !c.open(m.Store.Now()) {
		return nil, notNeeded("no seat, or no longer open")
	}
	message := m.message(job, mail.KindSeated, c.to, mail.Seated(c.letter))
	message.Tags["event"], message.Tags["contact"] = c.event.ID, c.to.ID
	return message, m.speakFor(ctx, message, c.event.Unit)
}

// composeSeatPassed tells the unit that a seat in its panel is another's, or open.
func (m *Mailer) composeSeatPassed(ctx context.Context, job store.Job) (*mail.Message, error) {
	e, err := m.Store.Event(ctx, job.Data["event"])
	if err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	to, err := m.organiser(ctx, e)
	if err != nil {
		return nil, err
	}
	lang := string(i18n.Match(to.Language))
	letter := mail.SeatPassed{Unit: to.Name, Title: directory.In(e.Titles, lang, "en"), EventID: e.ID, URL: m.url("/desk/events/"+e.ID+"/panel", lang), Role: job.Data["role"]}
	if next := job.Data["stakeholder"]; next != "" {
		s, err := m.Store.Resolve(ctx, next)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			letter.Next = s.DisplayName(lang)
		}
	}
	message := m.message(job, mail.KindSeatPassed, to, letter)
	if letter.Next != "" {
		message.Names = []mail.Named{{Stakeholder: job.Data["stakeholder"]}}
	}
	return message, nil
}

// organiser is the address of the unit that convenes an event, as a contact.
func (m *Mailer) organiser(ctx context.Context, e *convening.Event) (directory.Contact, error) {
	return m.unit(ctx, e.Unit)
}

// unit is the address of a unit, as a contact.
func (m *Mailer) unit(ctx context.Context, id string) (directory.Contact, error) {
	u, err := m.Store.Unit(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && u.ReplyTo == "" {
		return directory.Contact{}, notNeeded("the unit has no address")
	}
	if err != nil {
		return directory.Contact{}, fmt.Errorf("unit: %w", err)
	}
	lang := string(i18n.Match(u.Language))
	return directory.Contact{Name: directory.In(u.Names, lang, "en"), Email: u.ReplyTo, Language: lang}, nil
}
