package mailer

import (
	"context"
	"errors"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// composeContact asks who was named as a contact to prove the address.
func (m *Mailer) composeContact(ctx context.Context, job store.Job) (*mail.Message, error) {
	e, to, err := m.recipient(ctx, job.Data["stakeholder"], job.Data["contact"])
	if err != nil {
		return nil, err
	}
	if to.ConfirmedAt != nil {
		return nil, notNeeded("address confirmed")
	}
	expires := m.Store.Now().Add(confirmLasts)
	return m.message(job, mail.KindContactAdded, to, mail.ContactAdded{
		Organisation: e.DisplayName(string(i18n.Match(to.Language))), ExpiresAt: expires,
		ConfirmURL: m.link("confirm", to.Language, auth.Claims{Purpose: auth.PurposeConfirm, IDs: []string{e.ID, to.ID}, Expires: expires}),
	}), nil
}

// composeRelay passes a letter on to a contact whose address its sender does not
// know. Nobody is told when there is no such contact.
func (m *Mailer) composeRelay(ctx context.Context, job store.Job) (*mail.Message, error) {
	letter, err := m.Store.Relayed(ctx, job.Data["message"])
	if errors.Is(err, store.ErrNotFound) {
		return nil, notNeeded("letter no longer kept")
	}
	if err != nil {
		return nil, err
	}
	to, err := m.addressee(ctx, letter)
	if err != nil {
		return nil, err
	}
	lang := i18n.Match(to.Language)
	sender, err := m.senderName(ctx, letter, string(lang))
	if err != nil {
		return nil, err
	}
	message := m.message(job, mail.KindRelayed, to, mail.Relayed{
		Sender: sender, Subject: letter.Subject, Text: letter.Text, UnsubscribeURL: m.unsubscribeURL(to),
	})
	message.ReplyTo = mail.Address{Addr: letter.ReplyTo}
	message.Names = []mail.Named{{Stakeholder: letter.Stakeholder, Contact: to.ID}}
	if letter.For != "" {
		message.Names = append(message.Names, mail.Named{Stakeholder: letter.For}, mail.Named{Stakeholder: letter.For, Contact: letter.Sender})
	}
	return message, nil
}

func (m *Mailer) addressee(ctx context.Context, letter *directory.Relayed) (directory.Contact, error) {
	e, err := m.Store.Resolve(ctx, letter.Stakeholder)
	if errors.Is(err, store.ErrNotFound) {
		return directory.Contact{}, notNeeded("stakeholder gone")
	}
	if err != nil {
		return directory.Contact{}, err
	}
	to, ok := e.Contact(letter.Contact)
	if letter.Contact == directory.ToFocalPoint {
		to, ok = e.FocalPoint()
	}
	if !ok || to.ConfirmedAt == nil || e.Status != directory.Listed {
		return to, notNeeded("nobody to write to")
	}
	return to, nil
}

// senderName is the name of the stakeholder that the sender acts for, or the
// organising unit.
func (m *Mailer) senderName(ctx context.Context, letter *directory.Relayed, lang string) (string, error) {
	if letter.For == "" {
		return letter.Unit, nil
	}
	e, err := m.Store.Resolve(ctx, letter.For)
	if errors.Is(err, store.ErrNotFound) || err == nil && e.Status != directory.Listed {
		return "", notNeeded("sender gone")
	}
	if err != nil {
		return "", err
	}
	return e.DisplayName(lang), nil
}
