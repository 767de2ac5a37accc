package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"convoke/shared/domain/journal"
	"convoke/shared/edge/projector"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/mail"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
	"convoke/shared/state/table/bolt"
)

// outlets are the projector's ways out, of which the queue can be shut.
type outlets struct {
	shut func(store.Job) bool
	sent []string
}

var errShut = errors.New("the queue is shut")

func (o *outlets) Send(_ context.Context, jobs []store.Job) error {
	if slices.ContainsFunc(jobs, o.shut) {
		return errShut
	}
	for _, j := range jobs {
		o.sent = append(o.sent, j.Data["n"])
	}
	return nil
}

func (o *outlets) Publish(context.Context, []store.Outbox) error { return nil }
func (o *outlets) Apply(context.Context, []search.Change) error  { return nil }

func newPump(t *testing.T, o *outlets) *pump {
	t.Helper()
	b, err := bolt.Open(filepath.Join(t.TempDir(), "convoke.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return pumpOn(&store.Store{Table: b, Now: time.Now, NewID: boot.NewIDs()}, o)
}

func pumpOn(s *store.Store, o *outlets) *pump {
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	return &pump{store: s, log: log, projector: &projector.Projector{Store: s, Queue: o, Bus: o, Index: o, Log: log}}
}

func announce(t *testing.T, p *pump, numbers ...string) {
	t.Helper()
	for _, n := range numbers {
		if err := p.store.Announce(t.Context(), journal.Entry{Type: "sign_in.requested", Data: map[string]string{"n": n}}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatFailsIsRepeatedAndNothingSkipped(t *testing.T) {
	closed := true
	o := &outlets{shut: func(store.Job) bool { return closed }}
	p := newPump(t, o)
	announce(t, p, "1", "2")
	if _, err := p.step(t.Context()); !errors.Is(err, errShut) {
		t.Fatalf("step with the queue shut: %v", err)
	}
	closed = false
	p = pumpOn(p.store, o) // as after a crash: what it knew is gone
	if moved, err := p.step(t.Context()); err != nil || !moved {
		t.Fatalf("step with the queue open: %v, %v", moved, err)
	}
	announce(t, p, "3")
	p = pumpOn(p.store, o)
	if _, err := p.step(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"1", "2", "3"}; !slices.Equal(o.sent, want) {
		t.Errorf("sent %v, want %v", o.sent, want)
	}
	for range 2 { // the first step reads past its own cursor, and must not write it again
		if _, err := p.step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if moved, err := p.step(t.Context()); err != nil || moved {
		t.Errorf("its own cursor moves it for ever: %v, %v", moved, err)
	}
}

func TestWhatNeverSucceedsIsSetAside(t *testing.T) {
	o := &outlets{shut: func(j store.Job) bool { return j.Data["n"] == "2" }}
	p := newPump(t, o)
	announce(t, p, "1", "2", "3")
	var err error
	for range patience {
		_, err = p.step(t.Context())
	}
	if err != nil {
		t.Fatalf("after %d attempts: %v", patience, err)
	}
	if want := []string{"1", "3"}; !slices.Equal(o.sent, want) {
		t.Errorf("sent %v, want %v", o.sent, want)
	}
	aside, err := p.store.Receive(t.Context(), store.DeadLetters(unprojected), 10)
	if err != nil || len(aside) != 1 || aside[0].Reason == "" {
		t.Errorf("set aside %+v, %v", aside, err)
	}
}

func TestAMessageIsTriedAndThenPutToTheDeadLetters(t *testing.T) {
	for name, c := range map[string]struct {
		why      error
		attempts int
	}{
		"for good":      {mail.ErrPermanent, 1},
		"for some time": {mail.ErrTransient, maxReceiveCount},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPump(t, &outlets{})
			clock := ClockAt(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
			p.store.Now = clock.Now
			attempts := 0
			worker := &consumer{store: p.store, log: p.log, send: func(context.Context, store.Job) error { attempts++; return c.why }}
			if err := (localQueue{p.store}).Send(t.Context(), []store.Job{{ID: "J"}}); err != nil {
				t.Fatal(err)
			}
			for range 2 * maxReceiveCount {
				if _, err := worker.step(t.Context()); err != nil {
					t.Fatal(err)
				}
				clock.Advance(time.Hour)
			}
			dead, err := p.store.Receive(t.Context(), store.DeadLetters(MailQueue), 10)
			if err != nil || len(dead) != 1 || attempts != c.attempts || dead[0].Reason == "" {
				t.Errorf("%d attempts, dead letters %+v, %v; want %d attempts and one letter", attempts, dead, err, c.attempts)
			}
		})
	}
}

// The claim of a mail outlives all the pauses between attempts: who waits for it
// must not run out of attempts, or a crash would lose the mail.
func TestWaitingForAClaimIsNoAttempt(t *testing.T) {
	p := newPump(t, &outlets{})
	clock := ClockAt(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	p.store.Now = clock.Now
	if _, err := p.store.ClaimMessage(t.Context(), "J"); err != nil { // by a process that died then
		t.Fatal(err)
	}
	sent := 0
	worker := &consumer{store: p.store, log: p.log, send: func(ctx context.Context, j store.Job) error {
		if _, err := p.store.ClaimMessage(ctx, j.ID); err != nil {
			return fmt.Errorf("claim: %w", err)
		}
		sent++
		return nil
	}}
	if err := (localQueue{p.store}).Send(t.Context(), []store.Job{{ID: "J"}}); err != nil {
		t.Fatal(err)
	}
	for range 600 {
		if _, err := worker.step(t.Context()); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Second)
	}
	dead, err := p.store.Receive(t.Context(), store.DeadLetters(MailQueue), 10)
	if err != nil || len(dead) != 0 || sent != 1 {
		t.Errorf("sent %d times, dead letters %+v, %v; want one mail", sent, dead, err)
	}
}
