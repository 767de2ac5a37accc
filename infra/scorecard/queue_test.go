package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"convoke/shared/edge/mailer"
	"convoke/shared/state/store"
)

// What the template says of the mail queue and of its reader.
const (
	batchSize       = 10
	maxReceiveCount = 5
	visibility      = 360 * time.Second
	functionTimeout = 60 * time.Second
)

// queued is one message of a queue.
type queued struct {
	id, body string
	received int
	visible  time.Time
}

// queue is SQS as its reader meets it: it brings again what was not dealt with,
// once that becomes visible, and gives up after the fifth time.
type queue struct {
	messages []*queued
	dead     []*queued
}

func (q *queue) put(id string, body any) {
	b, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	q.messages = append(q.messages, &queued{id: id, body: string(b)})
}

// receive hides up to a batch of visible messages from others, and gives up those
// that were received too often.
func (q *queue) receive(now time.Time) []*queued {
	var batch []*queued
	q.messages = slices.DeleteFunc(q.messages, func(m *queued) bool {
		if m.visible.After(now) || len(batch) == batchSize {
			return false
		}
		if m.received == maxReceiveCount {
			q.dead = append(q.dead, m)
			return true
		}
		m.received++
		m.visible = now.Add(visibility)
		batch = append(batch, m)
		return false
	})
	return batch
}

// settle removes the messages of a batch that did not fail.
func (q *queue) settle(batch []*queued, out events.SQSEventResponse) {
	failed := map[string]bool{}
	for _, f := range out.BatchItemFailures {
		failed[f.ItemIdentifier] = true
	}
	q.messages = slices.DeleteFunc(q.messages, func(m *queued) bool { return slices.Contains(batch, m) && !failed[m.id] })
}

func event(batch []*queued) events.SQSEvent {
	var e events.SQSEvent
	for _, m := range batch {
		e.Records = append(e.Records, events.SQSMessage{MessageId: m.id, Body: m.body})
	}
	return e
}

// drain lets one mailer after the other read the queue until nothing is left.
func (o *office) drain(q *queue, m *mailer.Mailer) {
	o.Helper()
	for rounds := 0; len(q.messages) > 0; rounds++ {
		batch := q.receive(o.now())
		if len(batch) == 0 {
			o.advance(visibility)
			continue
		}
		out, err := m.Handle(o.Context(), event(batch))
		if err != nil || rounds > 100_000 {
			o.Fatalf("after %d batches: %v", rounds, err)
		}
		q.settle(batch, out)
	}
}

// Row 3: five hundred batches of ten with one to nine messages in each that no
// mail can be made of.
func TestScorecardPartialBatches(t *testing.T) {
	batches := sized(500)
	o := open(t, always)
	random := rand.New(rand.NewPCG(3, 3))
	poison := map[string]bool{}
	var jobs []store.Job
	good := 0
	kinds := make([]bool, 0, batches*batchSize) // poison or not
	for range batches {
		n := 1 + random.IntN(batchSize-1)
		good += batchSize - n
		order := random.Perm(batchSize)
		for i := range batchSize {
			kinds = append(kinds, order[i] < n)
		}
	}
	jobs = o.register(good)
	q := &queue{}
	for i, bad := range kinds {
		id := fmt.Sprintf("m%d", i)
		if !bad {
			q.put(id, jobs[0])
			jobs = jobs[1:]
			continue
		}
		poison[id] = true
		q.put(id, []any{"no job", map[string]string{"id": id, "kind": "no.such"}, 7}[i%3])
	}
	o.drain(q, o.mailer(o.store.Table, o.sender))
	once, given := 0, 0
	for _, times := range o.provider.times() {
		if times == 1 {
			once++
		}
	}
	for _, m := range q.dead {
		if poison[m.id] && m.received == maxReceiveCount {
			given++
		} else {
			t.Errorf("%s in the dead letters after %d receives", m.id, m.received)
		}
	}
	scored(t, 3, "partial batch: good ones done once", good, once)
	scored(t, 3, "partial batch: poison given up at the fifth receive", len(poison), given)
}

// Row 4: three hundred dead letters are moved back, each of them twice.
func TestScorecardRedrive(t *testing.T) {
	letters := sized(300)
	down := true
	o := open(t, func() verdict {
		if down {
			return throttles
		}
		return takes
	})
	q := &queue{}
	for _, job := range o.register(letters) {
		q.put(job.ID, job)
	}
	m := o.mailer(o.store.Table, o.sender)
	o.drain(q, m)
	if len(q.dead) != letters {
		t.Fatalf("%d dead letters", len(q.dead))
	}
	down = false
	for range 2 {
		for _, d := range q.dead {
			q.messages = append(q.messages, &queued{id: d.id, body: d.body})
		}
	}
	q.dead = nil
	o.drain(q, m)
	once := 0
	for _, times := range o.provider.times() {
		if times == 1 {
			once++
		}
	}
	if len(q.dead) > 0 {
		t.Errorf("%d dead letters again", len(q.dead))
	}
	scored(t, 4, "redrive: processed, without a second effect", letters, once)
}

// Row 8: SES takes fourteen a second, and nothing for one minute. Two mailers
// work off five thousand, in virtual time.
func TestScorecardThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mails, limit := sized(5000), 14
		began := time.Now()
		var window []time.Time // of the last second
		o := open(t, func() verdict {
			now := time.Now()
			window = slices.DeleteFunc(window, func(at time.Time) bool { return now.Sub(at) >= time.Second })
			if since := now.Sub(began); since >= 30*time.Second && since < 90*time.Second || len(window) >= limit {
				return throttles
			}
			window = append(window, now)
			return takes
		})
		q := &queue{}
		for _, job := range o.register(mails) {
			q.put(job.ID, job)
		}
		began = time.Now()
		o.work(q, 2, limit)
		once := 0
		for _, times := range o.provider.times() {
			if times == 1 {
				once++
			}
		}
		if len(q.dead) > 0 {
			t.Errorf("%d dead letters for throttling alone", len(q.dead))
		}
		within := 0
		sent := o.provider.mails
		for i := range sent {
			if i < limit || sent[i].at.Sub(sent[i-limit].at) >= time.Second {
				within++
			}
		}
		t.Logf("%d mails in %v of virtual time", len(sent), time.Since(began))
		scored(t, 8, "throttling: none lost", mails, once)
		scored(t, 8, "throttling: within the rate in each second", len(sent), within)
	})
}

// work lets as many mailers as the concurrency read the queue at the same time,
// each within its share of the rate.
func (o *office) work(q *queue, concurrency, rate int) {
	o.Helper()
	turn := make(chan struct{}, 1) // guards the queue
	done := make(chan struct{})
	for range concurrency {
		paced := &mailer.Paced{Sender: o.sender, Rate: float64(rate) / float64(concurrency), Now: time.Now, Wait: mailer.Sleep}
		m := o.mailer(o.store.Table, paced)
		m.Store.Now = time.Now
		go func() {
			defer func() { done <- struct{}{} }()
			for {
				turn <- struct{}{}
				left, batch := len(q.messages), q.receive(time.Now())
				<-turn
				if left == 0 {
					return
				}
				if len(batch) == 0 {
					time.Sleep(10 * time.Second)
					continue
				}
				ctx, cancel := context.WithTimeout(context.Background(), functionTimeout)
				out, err := m.Handle(ctx, event(batch))
				cancel()
				if err != nil {
					o.Error(err)
				}
				turn <- struct{}{}
				q.settle(batch, out)
				<-turn
			}
		}()
	}
	for range concurrency {
		<-done
	}
}
