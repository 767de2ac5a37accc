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

// composeAccreditation tells who applied for accreditation what was decided. Who
// is erased meanwhile, or acts for the stakeholder no more, is not written to.
func (m *Mailer) composeAccreditation(ctx context.Context, job store.Job) (*mail.Message, error) {
	a, err := m.Store.Accreditation(ctx, job.Data["event"], job.Data["stakeholder"])
	if errors.Is(err, store.ErrNotFound) || err == nil && a.Contact == "" {
		return nil, notNeeded("application gone")
	}
	if err != nil {
		return nil, fmt.Errorf("accreditation: %w", err)
	}
	s, to, err := m.recipient(ctx, a.Stakeholder, a.Contact)
	if err != nil {
		return nil, err
	}
	e, err := m.Store.Event(ctx, a.EventID)
	if err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	lang := string(i18n.Match(to.Language))
	letter := mail.AccreditationDecided{
		Kind: mail.KindNotAccredited, Organisation: s.DisplayName(lang), Title: directory.In(e.Titles, lang, "en"), Track: a.Track,
		Reason: a.Reason, URL: m.url("/sign-in", to.Language),
	}
	if a.Status == convening.Accredited {
		letter.Kind = mail.KindAccredited
	}
	if t, err := e.TrackOf(a.Track); err == nil { // else the organiser took the track out since
		letter.Track = directory.In(t.Titles, lang, "en")
	}
	if e.Public() {
		letter.URL = m.url("/events/"+e.ID, to.Language)
	}
	message := m.message(job, letter.Kind, to, letter)
	message.Tags["event"], message.Tags["contact"] = e.ID, to.ID
	message.Names = []mail.Named{{Stakeholder: a.Stakeholder, Contact: to.ID}}
	return message, m.speakFor(ctx, message, e.Unit)
}
