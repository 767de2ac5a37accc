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
		Kind: mail.KindNotAccredited, Organisation: s.DisplayName(lang), Title: directory.In(e.Titles, lang, "en"),
		Reason: a.Reason, URL: m.url("/sign-in", to.Language),
	}
	if a.Status == convening.Accredited {
		letter.Kind = mail.KindAccredited
	}
	letter.Track = trackTitle(e, a.Track, lang)
	if e.Public() {
		letter.URL = m.url("/events/"+e.ID, to.Language)
	}
	message := m.message(job, letter.Kind, to, letter)
	message.Tags["event"], message.Tags["contact"] = e.ID, to.ID
	message.Names = []mail.Named{{Stakeholder: a.Stakeholder, Contact: to.ID}}
	return message, m.speakFor(ctx, message, e.Unit)
}

// trackTitle is the title of a track, or its id when the organiser took it out
// since.
func trackTitle(e *convening.Event, id, lang string) string {
	t, err := e.TrackOf(id)
	if err != nil {
		return id
	}
	return directory.In(t.Titles, lang, "en")
}

// composeAccrediting tells the unit of an event that a stakeholder has applied for
// accreditation, or that there is an objection to that: who objects, and why, is
// read where it is held.
func (m *Mailer) composeAccrediting(ctx context.Context, job store.Job) (*mail.Message, error) {
	a, err := m.Store.Accreditation(ctx, job.Data["event"], job.Data["stakeholder"])
	if errors.Is(err, store.ErrNotFound) || err == nil && a.Status != convening.UnderConsideration {
		return nil, notNeeded("application gone or decided")
	}
	if err != nil {
		return nil, fmt.Errorf("accreditation: %w", err)
	}
	e, err := m.Store.Event(ctx, a.EventID)
	if err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	to, err := m.organiser(ctx, e)
	if err != nil {
		return nil, err
	}
	s, err := m.Store.Resolve(ctx, a.Stakeholder)
	if errors.Is(err, store.ErrNotFound) || err == nil && s.Status == directory.Erased {
		return nil, notNeeded("applicant gone")
	}
	if err != nil {
		return nil, fmt.Errorf("applicant: %w", err)
	}
	lang := string(i18n.Match(to.Language))
	letter := mail.Accrediting{
		Kind: mail.KindAccreditationApplied, Unit: to.Name, Organisation: s.DisplayName(lang), Title: directory.In(e.Titles, lang, "en"),
		Track: trackTitle(e, a.Track, lang), EventID: e.ID, Zone: e.Zone, URL: m.url("/desk/events/"+e.ID+"/accreditations", lang),
	}
	if job.Kind == "accreditation.objected" {
		letter.Kind = mail.KindAccreditationObjected
	}
	if t, err := e.TrackOf(a.Track); err == nil {
		letter.DecideFrom = t.ObjectionsUntil
	}
	return m.message(job, letter.Kind, to, letter), nil
}
