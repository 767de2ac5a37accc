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

// composeAnnouncement says what an organiser says to all who are invited, in the
// recipient's language if it was written in that.
func (m *Mailer) composeAnnouncement(ctx context.Context, job store.Job) (*mail.Message, error) {
	c, err := m.call(ctx, job)
	if err != nil {
		return nil, err
	}
	a, err := m.Store.Announcement(ctx, c.event.ID, job.Data["announcement"])
	if errors.Is(err, store.ErrNotFound) {
		return nil, notNeeded("announcement gone")
	}
	if err != nil {
		return nil, fmt.Errorf("announcement: %w", err)
	}
	if c.event.Status == convening.Cancelled || !c.invitation.Reaches(a.To) && !c.invitation.Reaches(convening.ToInvited) {
		return nil, notNeeded("not invited any more, or cancelled")
	}
	lang := string(i18n.Match(c.to.Language))
	message := m.message(job, mail.KindAnnouncement, c.to, mail.Announcement{
		Invitation: c.letter, Subject: directory.In(a.Subjects, lang, "en"), Text: directory.In(a.Texts, lang, "en"),
		Hold: c.invitation.Status == convening.Planned,
	})
	return message, m.tagged(ctx, message, c)
}

// composeThanks thanks who came.
func (m *Mailer) composeThanks(ctx context.Context, job store.Job) (*mail.Message, error) {
	c, err := m.call(ctx, job)
	if err != nil {
		return nil, err
	}
	if c.invitation.Attendance != convening.Attended {
		return nil, notNeeded("did not come after all")
	}
	letter := mail.Thanks{Invitation: c.letter, Spoke: c.invitation.Spoke}
	papers, err := m.certify(ctx, c, &letter)
	if err != nil {
		return nil, err
	}
	message := m.message(job, mail.KindThanks, c.to, letter)
	message.Attachments = papers
	return message, m.tagged(ctx, message, c)
}

// tagged marks the message as one about the invitation, from the unit.
func (m *Mailer) tagged(ctx context.Context, message *mail.Message, c call) error {
	message.Tags["event"], message.Tags["contact"] = c.event.ID, c.to.ID
	return m.speakFor(ctx, message, c.event.Unit)
}

// composeTest shows the unit a letter of its event. Its link leads to nothing that
// could be answered.
func (m *Mailer) composeTest(ctx context.Context, job store.Job) (*mail.Message, error) {
	e, err := m.Store.Event(ctx, job.Data["event"])
	if err != nil {
		return nil, fmt.Errorf("event: %w", err)
	}
	to, err := m.organiser(ctx, e)
	if err != nil {
		return nil, err
	}
	to.Language = job.Data["language"]
	lang := to.Language
	shown := mail.Invitation{
		RecipientName: to.Name, Organisation: to.Name, Role: "participant", EventKind: e.Kind,
		Title: directory.In(e.Titles, lang, "en"), Summary: directory.In(e.Summaries, lang, "en"),
		Starts: e.Starts, Ends: e.Ends, Zone: e.Zone, Place: e.Place, Online: e.Online != "", ConvenerName: e.Convener,
		AnswerURL: m.url("/answer/test", lang), Documents: documents(e, lang), Conditions: conditions(e, lang),
	}
	if e.AnswerBy != nil {
		shown.AnswerBy = *e.AnswerBy
	}
	message := m.message(job, mail.KindTest, to, mail.Test{Invitation: shown, Reminder: job.Data["letter"] == "reminder"})
	return message, m.speakFor(ctx, message, e.Unit)
}
