package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"convoke/shared/edge/mailer"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

// Row 1: the reply of SES is lost after it took the mail, on one in ten of a
// thousand. Once its events have been read, nothing is sent again.
func TestScorecardLostReplies(t *testing.T) {
	sends := sized(1000)
	asked, drops := 0, 0
	o := open(t, func() verdict {
		if asked++; asked%10 == 0 {
			drops++
			return takesAndIsNotHeard
		}
		return takes
	})
	jobs := o.register(sends)
	m := o.mailer(o.store.Table, o.sender)
	for _, job := range jobs {
		if err := m.Do(t.Context(), job); err != nil && !errors.Is(err, mail.ErrUncertain) {
			t.Fatal(err)
		}
	}
	for _, sent := range o.provider.mails {
		o.report("Send", sent)
	}
	o.advance(time.Hour) // every lease has ended
	for _, job := range jobs {
		if err := m.Do(t.Context(), job); err != nil {
			t.Fatal(err)
		}
	}
	one := 0
	for _, times := range o.provider.times() {
		if times == 1 {
			one++
		}
	}
	if drops != sends/10 || len(o.provider.mails) > sends+drops {
		t.Errorf("%d replies lost, %d mails taken", drops, len(o.provider.mails))
	}
	scored(t, 1, "mail, reply lost: one mail each", sends, one)
}

// errDied is what a process that has ended answers nobody with.
var errDied = errors.New("the process has ended")

// life is one process: it ends at a random step, before or after what the step
// does, and does nothing from then on.
type life struct {
	table.Table
	sender mailer.Sender
	random *rand.Rand
	rate   float64
	dead   bool
	torn   bool // it ended after a mail was taken and before that was noted
}

// ends reports whether the process ends here.
func (l *life) ends() bool {
	if !l.dead && l.random.Float64() < l.rate {
		l.dead = true
	}
	return l.dead
}

func (l *life) Get(ctx context.Context, k table.Key) (table.Item, error) {
	if l.ends() {
		return table.Item{}, errDied
	}
	return l.Table.Get(ctx, k)
}

func (l *life) Transact(ctx context.Context, ops []table.Op) error {
	if l.ends() {
		return errDied
	}
	if err := l.Table.Transact(ctx, ops); err != nil {
		return err
	}
	l.torn = false // what was sent before is noted
	if l.ends() {
		return errDied
	}
	return nil
}

func (l *life) Send(ctx context.Context, m *mail.Message) (string, error) {
	if l.ends() {
		return "", &mail.SendError{Kind: mail.ErrUncertain, Reason: "no reply", Cause: errDied}
	}
	id, err := l.sender.Send(ctx, m)
	l.torn = err == nil
	if err == nil && l.ends() {
		return "", &mail.SendError{Kind: mail.ErrUncertain, Reason: "no reply", Cause: errDied}
	}
	return id, err
}

// Row 2: two thousand messages, each delivered twice, while the mailer's process
// ends at three in a hundred of all steps. Here no event of SES comes to help.
func TestScorecardCrashes(t *testing.T) {
	messages := sized(2000)
	o := open(t, always)
	jobs := o.register(messages)
	random := rand.New(rand.NewPCG(2, 2))
	queue := append(append([]store.Job{}, jobs...), jobs...)
	random.Shuffle(len(queue), func(i, j int) { queue[i], queue[j] = queue[j], queue[i] })
	crashes, torn := 0, 0
	for round := 0; len(queue) > 0 && round < 100; round++ {
		var again []store.Job
		p := &life{Table: o.store.Table, sender: o.sender, random: random, rate: 0.03}
		for _, job := range queue {
			if p.dead {
				crashes++
				if p.torn {
					torn++
				}
				p = &life{Table: o.store.Table, sender: o.sender, random: random, rate: 0.03}
			}
			if err := o.mailer(p, p).Do(t.Context(), job); err != nil {
				again = append(again, job)
			}
		}
		queue = again
		o.advance(6 * time.Minute) // the queue brings back what was not done, after the lease
	}
	final, extra := 0, 0
	times := o.provider.times()
	for _, job := range jobs {
		if times[job.ID] >= 1 && o.state(job.ID) == store.MessageSent {
			final++
		}
		extra += max(0, times[job.ID]-1)
	}
	if len(queue) > 0 || extra > torn || crashes < messages/40 {
		t.Errorf("%d messages left, %d crashes, %d between accept and mark, %d sent twice", len(queue), crashes, torn, extra)
	}
	t.Logf("%d crashes, %d between accept and mark, %d duplicates", crashes, torn, extra)
	scored(t, 2, "mail, crash: none lost, all final", messages, final)
	scored(t, 2, "mail, crash: duplicates within crashes between accept and mark", torn, torn-max(0, extra-torn))
}
