// Package inbound reads mail that comes back: answers that calendar programs send
// to an invitation (iTIP REPLY). It acts only on what is authentic to the
// invitation, and lets everything else be.
package inbound

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"

	"github.com/aws/aws-lambda-go/events"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/mail/calendar"
	"convoke/shared/state/store"
)

// Mailbox holds received mail: the bucket that the mail provider writes to.
type Mailbox interface {
	Get(ctx context.Context, key string) ([]byte, string, error)
}

// Inbound reads received mail. All fields are required.
type Inbound struct {
	Store   *store.Store
	Mailbox Mailbox
	Domain  string // of calendar entries
	Log     *slog.Logger
}

// Handle takes S3's notice of received mail. An error makes Lambda try again and
// then put the notice aside.
func (in *Inbound) Handle(ctx context.Context, notice events.S3Event) error {
	for _, r := range notice.Records {
		key, err := url.QueryUnescape(r.S3.Object.Key)
		if err != nil {
			return fmt.Errorf("key of received mail: %w", err)
		}
		raw, _, err := in.Mailbox.Get(ctx, key)
		if err != nil {
			return fmt.Errorf("read received mail %s: %w", key, err)
		}
		if err := in.Read(ctx, raw); err != nil {
			return fmt.Errorf("received mail %s: %w", key, err)
		}
	}
	return nil
}

// Read acts on one mail. What is not an authentic answer is noted and is no
// error: anybody can send anything to an address.
func (in *Inbound) Read(ctx context.Context, raw []byte) error {
	m, err := parse(raw)
	if err == nil && len(m.calendar) > 0 {
		err = in.reply(ctx, m)
	} else if err == nil {
		err = ignored("no calendar reply")
	}
	if why, ok := errors.AsType[ignored](err); ok {
		in.Log.InfoContext(ctx, "received mail passed over", "reason", string(why))
		return nil
	}
	return err
}

// ignored is why a mail is passed over.
type ignored string

// Error implements error.
func (i ignored) Error() string { return string(i) }

func (in *Inbound) reply(ctx context.Context, m received) error {
	answer, err := calendar.ParseReply(m.calendar)
	if err != nil {
		return ignored("not a calendar reply")
	}
	event, contact, ok := convening.ParseUID(answer.UID, in.Domain)
	if !ok {
		return ignored("not our calendar entry")
	}
	i, err := in.Store.Invitation(ctx, event, contact)
	if errors.Is(err, store.ErrNotFound) {
		return ignored("no such invitation")
	}
	if err != nil {
		return err
	}
	if err := in.authentic(ctx, i, answer, m); err != nil {
		return err
	}
	status, ok := statuses()[answer.Status]
	if !ok {
		return ignored("answer needs a person: " + string(answer.Status))
	}
	if err := in.takes(ctx, event); err != nil {
		return err
	}
	ctx = store.As(ctx, store.Actor{ID: contact, Role: string(auth.Contact), For: i.Stakeholder})
	_, err = in.Store.UpdateInvitation(ctx, event, contact, func(i *convening.Invitation) error {
		if i.Outdated(status, answer.Sequence) {
			return ignored("answers an earlier version")
		}
		return i.Reply(convening.Answer{Answer: status}, answer.Stamp, in.Store.Now())
	})
	if fault.KindOf(err) == fault.Gone {
		return ignored("invitation closed")
	}
	return err
}

// takes passes over what comes when the event takes no answers any more.
func (in *Inbound) takes(ctx context.Context, event string) error {
	e, err := in.Store.Event(ctx, event)
	if err != nil {
		return err
	}
	if e.TakesAnswers() != nil {
		return ignored("event closed")
	}
	return nil
}

// authentic holds the reply against the invitation: it answers for the address
// that was asked, comes from that address, and the receiving server found that
// the address's domain really sent it.
func (in *Inbound) authentic(ctx context.Context, i *convening.Invitation, answer calendar.Reply, m received) error {
	s, err := in.Store.Resolve(ctx, i.Stakeholder)
	if errors.Is(err, store.ErrNotFound) {
		return ignored("stakeholder gone")
	}
	if err != nil {
		return err
	}
	c, ok := i.Recipient(s)
	asked := directory.CanonicalAddress(c.Email)
	switch {
	case !ok:
		return ignored("contact gone")
	case directory.CanonicalAddress(answer.Attendee) != asked:
		return ignored("answers for another address")
	case directory.CanonicalAddress(m.from) != asked:
		return ignored("comes from another address")
	case !m.verified(asked):
		return ignored("sender not verified")
	}
	return nil
}

func statuses() map[calendar.Status]convening.InvitationStatus {
	return map[calendar.Status]convening.InvitationStatus{
		calendar.Accepted: convening.Accepted, calendar.Tentative: convening.Tentative, calendar.Declined: convening.Declined,
	}
}
