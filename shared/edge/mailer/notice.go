package mailer

import (
	"context"
	"fmt"
	"strconv"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/mail/calendar"
	"convoke/shared/state/store"
)

// composeNotice tells who was invited that the event is changed or cancelled, and
// tells their calendar by the same UID with a higher sequence.
func (m *Mailer) composeNotice(ctx context.Context, job store.Job) (*mail.Message, error) {
	c, err := m.call(ctx, job)
	if err != nil {
		return nil, err
	}
	var message *mail.Message
	cancelled := c.event.Status == convening.Cancelled
	switch {
	case job.Kind == "invitation.cancelled" && cancelled:
		message = m.message(job, mail.KindEventCancelled, c.to, mail.EventCancelled{Invitation: c.letter, Reason: c.event.CancelledBecause()})
		message.Calendar, err = m.cancellation(c, c.event.Sequence)
	case job.Kind == "invitation.changed" && !cancelled:
		since, malformed := strconv.Atoi(job.Data["since"])
		if malformed != nil {
			return nil, fmt.Errorf("sequence %q: %w", job.Data["since"], mail.ErrPermanent)
		}
		lettered, unread := m.lettered(ctx, c)
		if unread != nil {
			return nil, unread
		}
		message = m.message(job, mail.KindEventChanged, c.to, mail.EventChanged{
			Invitation: c.letter, Changed: c.changed(since), Answered: c.invitation.Answered(), Lettered: lettered,
		})
		message.Calendar, err = m.calendar(c)
	default:
		return nil, notNeeded("cancelled since") // which another mail says
	}
	if err != nil {
		return nil, err
	}
	message.Tags["event"], message.Tags["contact"] = c.event.ID, c.to.ID
	return message, m.speakFor(ctx, message, c.event.Unit)
}

// changed is what is different for the recipient. Who has not accepted was never
// told where the online room is.
func (c call) changed(since int) []string {
	var list []string
	for _, what := range c.event.ChangedSince(since) {
		if what != convening.ChangedRoom || c.letter.Room != "" || c.event.Online == "" {
			list = append(list, what)
		}
	}
	return list
}

// cancellation takes the entry out of the recipient's calendar. Its sequence is
// beyond that of the last request (RFC 5546 section 3.2.5).
func (m *Mailer) cancellation(c call, sequence int) (mail.Calendar, error) {
	entry := m.entry(c)
	entry.Sequence = sequence + c.invitation.Shift
	b, err := calendar.Cancel(entry, m.Store.Now())
	if err != nil {
		return mail.Calendar{}, fmt.Errorf("calendar: %w", err)
	}
	return mail.Calendar{Method: "CANCEL", Bytes: b}, nil
}
