// Package mailer turns what happened into mail: it claims a job, reads what the
// letter needs, composes it in the recipient's language, sends it once, and notes
// that it went.
package mailer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// Sender hands a message to what delivers it, and returns the id by which that
// knows it: Amazon SES, an SMTP server, or a directory of files. Its errors are
// those of package mail.
type Sender interface {
	Send(ctx context.Context, m *mail.Message) (string, error)
}

// Mailer sends mail. All fields are required.
type Mailer struct {
	Store   *store.Store
	Sender  Sender
	Links   *auth.Keyring
	Random  io.Reader
	Log     *slog.Logger
	BaseURL string       // of links, without a slash at its end
	From    mail.Address // of every mail
	Domain  string       // of calendar entries
}

// Do sends the mail of one job. A job that comes again is not sent again. An
// error that is mail.ErrPermanent will be the same however often it is tried; the
// reason is kept with the message.
func (m *Mailer) Do(ctx context.Context, job store.Job) error {
	ctx = store.As(ctx, store.Actor{ID: "mailer", Role: "system"})
	claim, err := m.Store.ClaimJob(ctx, job)
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	if claim.State == store.MessageClaimed {
		if err := m.send(ctx, job, claim); err != nil {
			return err
		}
	}
	// After a crash between sending and here, this is all that is left to do.
	return m.noteDone(ctx, job, claim.State == store.MessageSent)
}

func (m *Mailer) send(ctx context.Context, job store.Job, claim *store.Message) error {
	message, err := m.compose(ctx, job)
	if why, dropped := errors.AsType[notNeeded](err); dropped {
		return m.drop(ctx, claim, string(why))
	}
	if err != nil {
		return m.giveBack(ctx, claim, fmt.Errorf("compose %s: %w", job.Kind, err))
	}
	stopped, err := m.Store.Suppressed(ctx, store.AddressHash(message.To.Addr))
	if err != nil {
		return m.giveBack(ctx, claim, err)
	}
	if stopped {
		return m.stop(ctx, job, claim)
	}
	if err := m.Store.NameInMessage(ctx, claim, named(message)); err != nil {
		return m.giveBack(ctx, claim, err)
	}
	id, err := m.Sender.Send(ctx, message)
	if errors.Is(err, mail.ErrUncertain) {
		return fmt.Errorf("send %s: %w", job.Kind, err) // the claim stands until its lease ends
	}
	if err != nil {
		return m.giveBack(ctx, claim, fmt.Errorf("send %s: %w", job.Kind, err))
	}
	claim.State, claim.ProviderID, claim.Reason = store.MessageSent, id, "" // of a former attempt
	return m.Store.FinishMessage(context.WithoutCancel(ctx), claim)
}

// named are those whom an erasure is to find the message by.
func named(message *mail.Message) []store.ContactRef {
	list := make([]store.ContactRef, len(message.Names))
	for i, n := range message.Names {
		list[i] = store.ContactRef(n)
	}
	return list
}

// stop drops a mail to an address that takes none, and lets the organiser see
// that the invitation did not reach anybody.
func (m *Mailer) stop(ctx context.Context, job store.Job, claim *store.Message) error {
	if job.Kind == invited {
		if err := m.note(ctx, job, (*convening.Invitation).MarkBounced); err != nil {
			return m.giveBack(ctx, claim, err)
		}
	}
	return m.drop(ctx, claim, "suppressed")
}

// notNeeded is why a letter is not written: what it would say is no longer so.
type notNeeded string

// Error implements error.
func (n notNeeded) Error() string { return string(n) }

func (m *Mailer) drop(ctx context.Context, claim *store.Message, why string) error {
	m.Log.InfoContext(ctx, "mail not needed", "message", claim.ID, "reason", why)
	claim.State, claim.Reason = store.MessageDropped, why
	return m.Store.FinishMessage(ctx, claim)
}

// giveBack releases the claim after what certainly was not sent.
func (m *Mailer) giveBack(ctx context.Context, claim *store.Message, why error) error {
	claim.Reason = why.Error()
	if err := m.Store.ReleaseMessage(context.WithoutCancel(ctx), claim); err != nil {
		return errors.Join(why, err)
	}
	return why
}

// noteDone tells the invitation that its mail went, and lets it forget who was named
// and is told that it is withdrawn, or takes no mail.
func (m *Mailer) noteDone(ctx context.Context, job store.Job, sent bool) error {
	switch {
	case job.Kind == invited && sent:
		return m.note(ctx, job, func(i *convening.Invitation) { i.MarkSent(m.Store.Now()) })
	case job.Kind == "invitation.withdrawn":
		err := m.note(ctx, job, (*convening.Invitation).Told)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	}
	return nil
}

// invited is the event that an invitation's own mail follows from.
const invited = "invitation.queued"

// note writes to the invitation what became of its mail.
func (m *Mailer) note(ctx context.Context, job store.Job, mark func(*convening.Invitation)) error {
	_, err := m.Store.UpdateInvitation(ctx, job.Data["event"], job.Data["contact"], func(i *convening.Invitation) error {
		mark(i)
		return nil
	})
	if err != nil {
		return fmt.Errorf("note what became of the invitation's mail: %w", err)
	}
	return nil
}
