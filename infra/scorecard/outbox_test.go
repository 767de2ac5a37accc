package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/edge/projector"
	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

// follower is one process that follows the changes: it ends at random steps, when
// some of a batch has gone out. What it hands over is kept.
type follower struct {
	random    *rand.Rand
	rate      float64
	ended     int
	jobs      []store.Job
	published map[string]bool // events by id
}

func (f *follower) dies() bool {
	if f.random.Float64() >= f.rate {
		return false
	}
	f.ended++
	return true
}

// Send implements projector.Queue.
func (f *follower) Send(_ context.Context, jobs []store.Job) error {
	if f.dies() {
		f.jobs = append(f.jobs, jobs[:f.random.IntN(len(jobs)+1)]...)
		return errDied
	}
	f.jobs = append(f.jobs, jobs...)
	if f.dies() {
		return errDied
	}
	return nil
}

// Publish implements projector.Bus.
func (f *follower) Publish(_ context.Context, events []store.Outbox) error {
	if f.dies() {
		return errDied
	}
	for _, e := range events {
		f.published[e.ID] = true
	}
	return nil
}

// Row 5: five thousand writes; the writers and the reader of the changes end two
// hundred times, and one batch in five comes twice or out of its turn. Each
// registration that was committed has one mail, and no mail is of one that was not.
func TestScorecardOutbox(t *testing.T) {
	writes := sized(5000)
	o, random := open(t, always), rand.New(rand.NewPCG(5, 5))
	deaths := o.registerDying(writes, random)
	f := &follower{random: random, rate: 0.25, published: map[string]bool{}}
	o.follow(f, random)
	q := &queue{}
	for i, job := range f.jobs {
		q.put(fmt.Sprintf("m%d", i), job)
	}
	random.Shuffle(len(q.messages), func(i, j int) { q.messages[i], q.messages[j] = q.messages[j], q.messages[i] })
	o.drain(q, o.mailer(o.store.Table, o.sender))
	commits, published := map[string]bool{}, 0
	for _, job := range o.jobs("registration.submitted") { // as the table itself remembers them
		commits[job.ID] = true
		if f.published[job.ID] {
			published++
		}
	}
	if n := o.registered(); n != len(commits) {
		t.Errorf("%d registrations are kept, and %d are announced", n, len(commits))
	}
	one, orphans := 0, 0
	for message, times := range o.provider.times() {
		if !commits[message] {
			orphans++
		} else if times == 1 {
			one++
		}
	}
	if ended := deaths + f.ended; ended < sized(200) || orphans > 0 || len(q.dead) > 0 || len(commits) < writes/2 {
		t.Errorf("%d ends of a process, %d commits of %d writes, %d mails of no commit, %d dead letters", ended, len(commits), writes, orphans, len(q.dead))
	}
	t.Logf("%d commits, %d ends of a process", len(commits), deaths+f.ended)
	scored(t, 5, "outbox: one mail for each commit", len(commits), one)
	scored(t, 5, "outbox: a published event for each commit", len(commits), published)
}

// registerDying makes registrations by processes that end at random steps, before
// or after a write, and returns how many did.
func (o *office) registerDying(n int, random *rand.Rand) (deaths int) {
	o.Helper()
	process := &life{Table: o.store.Table, random: random, rate: 0.02}
	for i := range n {
		if process.dead {
			deaths++
			process = &life{Table: o.store.Table, random: random, rate: process.rate}
		}
		kept := *o.store
		kept.Table = process
		e, err := directory.Register(kept.NewID(), application(i), kept.NewID, o.now())
		if err != nil {
			o.Fatal(err)
		}
		if err := kept.Register(o.Context(), e); err != nil && !errors.Is(err, errDied) {
			o.Fatal(err)
		}
	}
	return deaths
}

// registered counts the registrations that are kept.
func (o *office) registered() (n int) {
	o.Helper()
	for cursor, more := "", true; more; more = cursor != "" {
		list, next, err := o.store.Registrations(o.Context(), directory.AwaitingEmail, cursor, table.MaxPage)
		if err != nil {
			o.Fatal(err)
		}
		n, cursor = n+len(list), next
	}
	return n
}

// follow reads all changes as the stream's reader does: a batch that failed comes
// again whole. One in ten comes twice, and one in ten after its successor.
func (o *office) follow(f *follower, random *rand.Rand) {
	o.Helper()
	blobs, err := dir.Open(o.TempDir())
	if err != nil {
		o.Fatal(err)
	}
	p := &projector.Projector{
		Store: o.store, Queue: f, Bus: f, Index: &search.Writer{Store: blobs, Now: o.now}, Log: slog.New(slog.DiscardHandler),
	}
	for cursor := ""; ; {
		first, next := o.changes(cursor, 1+random.IntN(25))
		if len(first) == 0 {
			return
		}
		batches := [][]table.Change{first}
		switch random.IntN(10) {
		case 0:
			batches = [][]table.Change{first, first}
		case 1:
			second, after := o.changes(next, 1+random.IntN(25))
			batches, next = [][]table.Change{second, first}, after
		}
		for _, batch := range batches {
			for p.Project(o.Context(), batch) != nil { // until a process lives through it
				continue
			}
		}
		cursor = next
	}
}

func (o *office) changes(cursor string, n int) ([]table.Change, string) {
	o.Helper()
	list, next, err := o.store.Table.Changes(o.Context(), cursor, n)
	if err != nil {
		o.Fatal(err)
	}
	return list, next
}
