package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// MailQueue is the name of the local mail queue.
const MailQueue = "mail"

const (
	receiveAtOnce   = 50
	mailWorkers     = 2
	maxReceiveCount = 5                // as the queue of the template has it
	firstRetry      = 15 * time.Second // and twice as long each time: four minutes in all
	claimedRetry    = 30 * time.Second // while another attempt has the mail
)

// localQueue puts mail jobs into the queue that lies in the table.
type localQueue struct{ store *store.Store }

// Send implements projector.Queue. A job sent again may be in the queue twice; the
// mailer does it once.
func (q localQueue) Send(ctx context.Context, jobs []store.Job) error {
	messages := make([]store.QueueMessage, len(jobs))
	for i, j := range jobs {
		body, err := json.Marshal(j)
		if err != nil {
			return fmt.Errorf("encode job: %w", err)
		}
		messages[i] = store.QueueMessage{ID: j.ID, Body: body, Due: q.store.Now()}
	}
	return q.store.Enqueue(ctx, MailQueue, messages)
}

// consumer takes mail jobs from the local queue, as Lambda does from SQS.
type consumer struct {
	store *store.Store
	send  func(context.Context, store.Job) error
	log   *slog.Logger
}

// step handles what is due and reports how many messages that was.
func (c *consumer) step(ctx context.Context) (int, error) {
	list, err := c.store.Receive(ctx, MailQueue, receiveAtOnce)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	failed := make([]error, len(list))
	var group errgroup.Group
	group.SetLimit(mailWorkers)
	for i, m := range list {
		group.Go(func() error {
			failed[i] = c.handle(ctx, m)
			return nil
		})
	}
	_ = group.Wait() // the functions return nil: each message is its own
	var done []store.QueueMessage
	for i, m := range list {
		if failed[i] == nil {
			done = append(done, m)
		} else if err := c.putBack(ctx, m, failed[i]); err != nil {
			return len(list), err
		}
	}
	return len(list), c.store.Settle(ctx, done)
}

func (c *consumer) handle(ctx context.Context, m store.QueueMessage) error {
	var j store.Job
	if err := json.Unmarshal(m.Body, &j); err != nil {
		return fmt.Errorf("read job: %w", errors.Join(mail.ErrPermanent, err))
	}
	return c.send(ctx, j)
}

// putBack returns a message for a later attempt, each wait twice the last, or
// puts it to the dead letters with the reason. A claim that an attempt left behind,
// whose process died or whose reply was lost, ends by itself: to wait for that is
// no attempt.
func (c *consumer) putBack(ctx context.Context, m store.QueueMessage, why error) error {
	if ctx.Err() != nil {
		return ctx.Err() // stopping is no failure of the message
	}
	if errors.Is(why, store.ErrClaimed) || errors.Is(why, mail.ErrThrottled) { // no fault of the message
		m.Due = c.store.Now().Add(claimedRetry)
		return c.store.Move(ctx, m, MailQueue)
	}
	m.Attempts, m.Reason = m.Attempts+1, why.Error()
	c.log.WarnContext(ctx, "mail not sent", "message", m.ID, "attempts", m.Attempts, "error", why.Error())
	if m.Attempts >= maxReceiveCount || errors.Is(why, mail.ErrPermanent) {
		return c.store.Move(ctx, m, store.DeadLetters(MailQueue))
	}
	m.Due = c.store.Now().Add(firstRetry << (m.Attempts - 1))
	return c.store.Move(ctx, m, MailQueue)
}
