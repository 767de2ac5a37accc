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

// mandated returns the mandate that a job is about, with its stakeholder, which may
// be the survivor of a merge by now.
func (m *Mailer) mandated(ctx context.Context, job store.Job) (*directory.Mandate, *directory.Stakeholder, error) {
	mandate, err := m.Store.Mandate(ctx, job.Data["stakeholder"], job.Data["contact"])
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, notNeeded("mandate no longer kept")
	}
	if err != nil {
		return nil, nil, err
	}
	e, err := m.Store.Resolve(ctx, mandate.Stakeholder)
	if errors.Is(err, store.ErrNotFound) || err == nil && e.Status != directory.Listed && e.Status != directory.Lapsed {
		return nil, nil, notNeeded("stakeholder gone")
	}
	return mandate, e, err
}

// composeMandate writes to the person who asks to act for a stakeholder.
func (m *Mailer) composeMandate(ctx context.Context, job store.Job) (*mail.Message, error) {
	mandate, e, err := m.mandated(ctx, job)
	if err != nil {
		return nil, err
	}
	to := directory.Contact{ID: mandate.ID, Name: mandate.Name, Email: mandate.Email, Language: mandate.Language}
	name := e.DisplayName(string(i18n.Match(to.Language)))
	switch {
	case job.Kind == "contact.mandate_asked" && mandate.State == directory.MandateAsked:
		return m.message(job, mail.KindMandateAsked, to, mail.MandateAsked{
			Organisation: name, ExpiresAt: mandate.Expires(),
			URL: m.link("represent", to.Language, auth.Claims{
				Purpose: auth.PurposeMandate, IDs: []string{mandate.Stakeholder, mandate.ID}, Expires: mandate.Expires(),
			}),
		}), nil
	case job.Kind == "contact.mandate_approved" && mandate.State == directory.MandateApproved:
		return m.message(job, mail.KindMandateApproved, to, mail.MandateDecided{Kind: mail.KindMandateApproved, Organisation: name, URL: m.url("/sign-in", to.Language)}), nil
	case job.Kind == "contact.mandate_refused" && mandate.State == directory.MandateRefused:
		return m.message(job, mail.KindMandateRefused, to, mail.MandateDecided{Kind: mail.KindMandateRefused, Organisation: name}), nil
	}
	return nil, notNeeded("it has gone on since")
}

// composeMandateWaiting asks the focal point, as it is now.
func (m *Mailer) composeMandateWaiting(ctx context.Context, job store.Job) (*mail.Message, error) {
	mandate, e, err := m.mandated(ctx, job)
	if err != nil {
		return nil, err
	}
	to, ok := e.FocalPoint()
	if !ok || to.ConfirmedAt == nil || mandate.State != directory.MandateWaiting {
		return nil, notNeeded("nobody to ask, or answered")
	}
	message := m.message(job, mail.KindMandateWaiting, to, mail.MandateWaiting{
		Organisation: e.DisplayName(string(i18n.Match(to.Language))), Name: mandate.Name, Email: mandate.Email, Message: mandate.Message,
		URL: m.url("/me/representatives", to.Language),
	})
	message.Names = []mail.Named{{Stakeholder: mandate.Stakeholder, Contact: mandate.ID}, {Stakeholder: mandate.Stakeholder, Contact: to.ID}}
	return message, nil
}
