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

// speakFor lets a mail come from a unit: its name stands before the address that
// the deployment may send from, and answers go to the unit's own.
func (m *Mailer) speakFor(ctx context.Context, message *mail.Message, unit string) error {
	u, err := m.Store.Unit(ctx, unit)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("unit: %w", err)
	}
	if u.FromName != "" {
		message.From.Name = u.FromName
	}
	if u.ReplyTo != "" {
		message.ReplyTo = mail.Address{Name: message.From.Name, Addr: u.ReplyTo}
	}
	return nil
}

// composeOpened tells a unit that one of its standing rules has opened an event.
func (m *Mailer) composeOpened(ctx context.Context, job store.Job) (*mail.Message, error) {
	u, err := m.Store.Unit(ctx, job.Data["unit"])
	if errors.Is(err, store.ErrNotFound) || err == nil && u.ReplyTo == "" {
		return nil, notNeeded("the unit has no address")
	}
	if err != nil {
		return nil, fmt.Errorf("unit: %w", err)
	}
	e, err := m.Store.Event(ctx, job.Data["event"])
	if err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	lang := string(i18n.Match(u.Language))
	letter := mail.EventOpened{
		Unit: directory.In(u.Names, lang, "en"), Title: directory.In(e.Titles, lang, "en"), Observance: e.Observance, EventID: e.ID, URL: m.url("/desk/events/"+e.ID, lang),
		Starts: e.Starts, Ends: e.Ends, Zone: e.Zone, Place: e.Place, Published: e.Status == convening.Published,
	}
	to := directory.Contact{Name: letter.Unit, Email: u.ReplyTo, Language: lang}
	return m.message(job, mail.KindEventOpened, to, letter), nil
}
