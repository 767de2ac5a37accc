package mailer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/mail/calendar"
	"convoke/shared/state/store"
)

// call is everything that a mail about an invitation is written from.
type call struct {
	event       *convening.Event
	invitation  *convening.Invitation
	stakeholder *directory.Stakeholder
	to          directory.Contact
	letter      mail.Invitation
}

func (m *Mailer) composeInvitation(ctx context.Context, job store.Job) (*mail.Message, error) {
	c, err := m.call(ctx, job)
	if err != nil {
		return nil, err
	}
	var message *mail.Message
	switch job.Kind {
	case "invitation.queued":
		if !c.open(m.Store.Now()) {
			return nil, notNeeded("no longer open")
		}
		message = m.asking(job, c)
		if message.Calendar, err = m.calendar(c); err != nil {
			return nil, err
		}
	case "invitation.reminded":
		if !c.open(m.Store.Now()) || c.invitation.Answered() {
			return nil, notNeeded("answered or closed")
		}
		var l letter = mail.Reminder(c.letter)
		if c.invitation.Reminded > 1 {
			l = mail.FurtherReminder(c.letter)
		}
		message = m.message(job, mail.KindReminder, c.to, l)
	case "invitation.withdrawn":
		if c.invitation.Status != convening.Withdrawn {
			return nil, notNeeded("invited again since")
		}
		message = m.withdrawing(job, c)
		if message.Calendar, err = m.cancellation(c, c.event.Sequence+1); err != nil { // beyond that of the last request
			return nil, err
		}
	case "invitation.offered":
		if c.invitation.Status != convening.Offered || !c.invitation.Open(m.Store.Now()) {
			return nil, notNeeded("no longer offered")
		}
		message = m.message(job, mail.KindSeatOffered, c.to, mail.SeatOffered(c.letter))
	default:
		if job.Kind != "invitation."+string(c.invitation.Status) {
			return nil, notNeeded("answered otherwise since")
		}
		message = m.message(job, mail.KindAnswerReceived, c.to, mail.AnswerReceived{Invitation: c.letter, Answer: mail.Answer(c.invitation.Status)})
		if c.letter.Room != "" { // now the entry in the calendar may say where to join
			if message.Calendar, err = m.calendar(c); err != nil {
				return nil, err
			}
		}
	}
	message.Tags["event"], message.Tags["contact"] = c.event.ID, c.to.ID
	return message, m.speakFor(ctx, message, c.event.Unit)
}

func (m *Mailer) call(ctx context.Context, job store.Job) (call, error) {
	var c call
	i, err := m.Store.Invitation(ctx, job.Data["event"], job.Data["contact"])
	if errors.Is(err, store.ErrNotFound) {
		return c, notNeeded("invitation gone")
	}
	if err != nil {
		return c, fmt.Errorf("invitation: %w", err)
	}
	e, err := m.Store.Event(ctx, i.EventID)
	if err != nil {
		return c, fmt.Errorf("event: %w", err)
	}
	s, to, err := m.invitee(ctx, i)
	if err != nil {
		return c, err
	}
	if (job.Kind == invited || job.Kind == "invitation.reminded" || job.Kind == "invitation.announced") && s.Withdrawn(directory.ConsentInvitations) {
		return c, notNeeded("consent withdrawn")
	}
	return call{event: e, invitation: i, stakeholder: s, to: to, letter: m.letter(e, i, s, to)}, nil
}

func (m *Mailer) letter(e *convening.Event, i *convening.Invitation, s *directory.Stakeholder, to directory.Contact) mail.Invitation {
	lang := string(i18n.Match(to.Language))
	return mail.Invitation{
		RecipientName: to.Name, Organisation: s.DisplayName(lang), Role: i.Role, EventKind: e.Kind,
		Title: directory.In(e.Titles, lang, "en"), Summary: directory.In(e.Summaries, lang, "en"),
		Starts: e.Starts, Ends: e.Ends, Zone: e.Zone, Place: e.Place, Online: e.Online != "", ConvenerName: e.Convener,
		AnswerURL: m.link("answer", lang, auth.Claims{
			Purpose: auth.PurposeAnswer, IDs: []string{e.ID, to.ID}, Expires: e.Ends, Generation: i.Generation,
		}),
		AnswerBy: i.AnswerBy, UnsubscribeURL: m.unsubscribeURL(to), Room: room(e, i), Documents: documents(e, lang), Conditions: conditions(e, lang),
	}
}

// conditions are what else of the event who is asked must know.
func conditions(e *convening.Event, lang string) mail.Conditions {
	c := mail.Conditions{Interpretation: e.Interpretation, Unattributed: e.Attribution == convening.ChathamHouse}
	for _, s := range e.Sessions {
		c.Sessions = append(c.Sessions, mail.Session{Title: directory.In(s.Titles, lang, "en"), Starts: s.Starts, Ends: s.Ends})
	}
	return c
}

// documents are those that a mail can lead to; the others are on the page of the
// answer.
func documents(e *convening.Event, lang string) []mail.Document {
	var list []mail.Document
	for _, d := range e.Documents {
		if mail.WebAddress(d.URL) {
			list = append(list, mail.Document{Title: directory.In(d.Titles, lang, "en"), URL: d.URL})
		}
	}
	return list
}

// room is the address of the online room, for who accepted alone.
func room(e *convening.Event, i *convening.Invitation) string {
	if i.Status == convening.Accepted {
		return e.Online
	}
	return ""
}

// open reports whether the event and the invitation both still take an answer.
func (c call) open(now time.Time) bool {
	return c.event.TakesAnswers() == nil && c.invitation.Open(now)
}

func (m *Mailer) calendar(c call) (mail.Calendar, error) {
	b, err := calendar.Request(m.entry(c), m.Store.Now())
	if err != nil {
		return mail.Calendar{}, fmt.Errorf("calendar: %w", err)
	}
	return mail.Calendar{Method: "REQUEST", Bytes: b}, nil
}

// entry is the event in the calendar of who is asked.
func (m *Mailer) entry(c call) calendar.Event {
	return calendar.Event{
		UID: c.invitation.UID(m.Domain), Sequence: c.event.Sequence + c.invitation.Shift, Title: c.letter.Title, Description: c.letter.About(i18n.Match(c.to.Language)),
		Location: c.letter.Place, Starts: c.event.Starts, Ends: c.event.Ends, Zone: c.event.Zone, Room: c.letter.Room,
		Organizer: mail.Address{Name: c.event.Convener, Addr: m.From.Addr}, Attendee: mail.Address{Name: c.to.Name, Addr: c.to.Email},
		Answer: answers()[c.invitation.Status], Documents: c.letter.Documents,
	}
}

// answers are the words of calendars for what was answered.
func answers() map[convening.InvitationStatus]calendar.Status {
	return map[convening.InvitationStatus]calendar.Status{
		convening.Accepted: calendar.Accepted, convening.Tentative: calendar.Tentative, convening.Declined: calendar.Declined,
	}
}
