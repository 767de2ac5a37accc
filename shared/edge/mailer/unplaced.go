package mailer

import (
	"context"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// composeUnplaced tells who waited that no place came free, and takes the event out
// of their calendar.
func (m *Mailer) composeUnplaced(ctx context.Context, job store.Job) (*mail.Message, error) {
	c, err := m.call(ctx, job)
	if err != nil {
		return nil, err
	}
	if c.invitation.Status != convening.Expired || c.event.Status == convening.Cancelled {
		return nil, notNeeded("has a place after all, or the event is cancelled")
	}
	message := m.message(job, mail.KindUnplaced, c.to, mail.Unplaced(c.letter))
	if message.Calendar, err = m.cancellation(c, c.event.Sequence+1); err != nil { // beyond that of the last request
		return nil, err
	}
	return message, m.tagged(ctx, message, c)
}
