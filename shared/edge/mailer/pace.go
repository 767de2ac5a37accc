package mailer

import (
	"context"
	"errors"
	"sync"
	"time"

	"convoke/shared/platform/mail"
)

// How a throttled mail waits for its next attempt, twice as long each time.
const (
	firstPause   = time.Second
	longestPause = 15 * time.Second
)

// Paced is a Sender that keeps to a rate, and that waits out the provider's
// refusals to take more for as long as the context leaves time: a queue that
// counts receives would otherwise give up on mail that nothing is wrong with. All
// fields are required.
type Paced struct {
	Sender Sender
	Rate   float64 // mails a second, of this process
	Now    func() time.Time
	Wait   func(ctx context.Context, d time.Duration) error // see Sleep

	mu   sync.Mutex
	next time.Time // the earliest time at which another mail may go
}

// Send hands the message over when its turn has come. Errors are those of Sender,
// and that of the context when the turn does not come in time.
func (p *Paced) Send(ctx context.Context, m *mail.Message) (string, error) {
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		if err := p.turn(ctx); err != nil {
			return "", err
		}
		id, err := p.Sender.Send(ctx, m)
		if !errors.Is(err, mail.ErrThrottled) {
			return id, err
		}
		p.hold(pause)
		if late(ctx, p.Now().Add(pause)) {
			return "", err
		}
	}
}

// turn waits for the next place in the row.
func (p *Paced) turn(ctx context.Context) error {
	p.mu.Lock()
	now := p.Now()
	at := now
	if p.next.After(now) {
		at = p.next
	}
	if late(ctx, at) {
		p.mu.Unlock()
		return &mail.SendError{Kind: mail.ErrThrottled, Reason: "no turn in time"}
	}
	p.next = at.Add(time.Duration(float64(time.Second) / p.Rate))
	p.mu.Unlock()
	if at.Equal(now) {
		return nil
	}
	return p.Wait(ctx, at.Sub(now))
}

// hold lets nobody go before the pause is over.
func (p *Paced) hold(pause time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.Now().Add(pause); until.After(p.next) {
		p.next = until
	}
}

// late reports whether the context ends before the time, or too soon after it for
// a mail to be sent and noted.
func late(ctx context.Context, at time.Time) bool {
	deadline, ok := ctx.Deadline()
	return ok && at.After(deadline.Add(-5*time.Second))
}

// Sleep waits for d or for the end of the context.
func Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
