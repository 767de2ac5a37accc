package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// opened is a store on a table of its own, with a clock that stands still and
// ids that count.
type opened struct {
	*store.Store
	table *table.Counted
	ids   atomic.Int64
	now   time.Time
}

func open(t *testing.T) *opened {
	t.Helper()
	b, err := bolt.Open(filepath.Join(t.TempDir(), "convoke.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	o := &opened{table: table.Count(b), now: start}
	o.Store = &store.Store{Table: o.table, Now: func() time.Time { return o.now }, NewID: func() string { return fmt.Sprintf("ID%08d", o.ids.Add(1)) }}
	return o
}

func application(name string) directory.Application {
	return directory.Application{
		Profile: directory.Profile{
			Category: "migrant_association", Country: "CH",
			Names:       []directory.Name{{Text: name, Lang: "fr", Kind: directory.NameLegal}},
			Identifiers: []directory.Identifier{{Scheme: "local", ID: "A-1"}},
		},
		Contacts: []directory.Contact{{Name: "Focal Point", Role: directory.RoleFocalPoint, Email: "focal@association.example.org", Language: "fr"}},
		Consent:  directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
	}
}

func (o *opened) register(ctx context.Context, t *testing.T, name string) *directory.Stakeholder {
	t.Helper()
	e, err := directory.Register(o.NewID(), application(name), o.NewID, o.now)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Register(ctx, e); err != nil {
		t.Fatal(err)
	}
	return e
}

// list brings a stakeholder through confirmation and review.
func (o *opened) list(t *testing.T, name string) *directory.Stakeholder {
	t.Helper()
	e := o.register(t.Context(), t, name)
	e, err := o.UpdateStakeholder(t.Context(), e.ID, func(e *directory.Stakeholder) error {
		if err := e.ConfirmAddress(e.Contacts[0].ID, o.now); err != nil {
			return err
		}
		return e.Decide(directory.Decision{Outcome: directory.Listed}, o.now)
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRegistrationIsOneTransactionOfSixItems(t *testing.T) {
	o := open(t)
	once := &store.Once{Scope: "public", Key: "k", Request: "r", Status: 202, Body: []byte(`{}`)}
	o.table.Reset()
	o.register(store.WithOnce(t.Context(), once), t, "Association Exemple")
	counts := o.table.Snapshot()
	if counts.Transact != 1 || counts.Total() != 1 {
		t.Errorf("requests %+v, want one Transact and nothing else", counts)
	}
	items := map[string]int{}
	if err := o.Table.Walk(t.Context(), func(it table.Item) error { items[it.Type]++; return nil }); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, k := range items {
		n += k
	}
	if n != 6 {
		t.Errorf("%d items %v, want 6", n, items)
	}
}

func TestUpdateWritesNothingWhenNothingHappened(t *testing.T) {
	o := open(t)
	e := o.list(t, "Association Exemple")
	o.table.Reset()
	if _, err := o.UpdateStakeholder(t.Context(), e.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, o.now) }); err != nil {
		t.Fatal(err)
	}
	if counts := o.table.Snapshot(); counts.Transact != 0 {
		t.Errorf("a repeated confirmation wrote: %+v", counts)
	}
}

func TestNoTwoAreListedUnderOneName(t *testing.T) {
	o := open(t)
	first := o.list(t, "Association Exemple")
	second := o.register(t.Context(), t, "ASSOCIATION  EXEMPLE")
	claimants, err := o.Claimants(t.Context(), second)
	if err != nil || len(claimants) != 1 || claimants[0] != first.ID {
		t.Fatalf("claimants %v, %v; want %s", claimants, err, first.ID)
	}
	_, err = o.UpdateStakeholder(t.Context(), second.ID, func(e *directory.Stakeholder) error {
		if err := e.ConfirmAddress(e.Contacts[0].ID, o.now); err != nil {
			return err
		}
		return e.Decide(directory.Decision{Outcome: directory.Listed}, o.now)
	})
	if !errors.Is(err, store.ErrHeld) {
		t.Errorf("listing a second of the name: %v, want %v", err, store.ErrHeld)
	}
}

func TestConcurrentUpdatesLoseNothing(t *testing.T) {
	o := open(t)
	e := o.register(t.Context(), t, "Association Exemple")
	var wins atomic.Int64
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			_, err := o.UpdateStakeholder(t.Context(), e.ID, func(e *directory.Stakeholder) error {
				e.Record("test.touched")
				return nil
			})
			if err == nil {
				wins.Add(1)
			} else if !errors.Is(err, store.ErrBusy) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	after, err := o.Stakeholder(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if after.Version != 1+wins.Load() {
		t.Errorf("version %d after %d updates", after.Version, wins.Load())
	}
	entries, _, err := o.Audit(t.Context(), "STAKEHOLDER", e.ID, "", 100)
	if err != nil || int64(len(entries)) != after.Version {
		t.Errorf("%d audit entries (%v) for %d versions", len(entries), err, after.Version)
	}
}

func TestOneAnswerPerKey(t *testing.T) {
	o := open(t)
	const keys, each = 50, 5
	var effects atomic.Int64
	var group sync.WaitGroup
	for k := range keys {
		for range each {
			group.Go(func() {
				once := &store.Once{Scope: "public", Key: fmt.Sprint(k), Request: "r", Status: 202, Body: []byte(`{}`)}
				err := o.Announce(store.WithOnce(t.Context(), once), journal.Entry{Type: "test"})
				switch {
				case err == nil:
					effects.Add(1)
				case !errors.Is(err, store.ErrAnswered) && !errors.Is(err, store.ErrBusy):
					t.Error(err)
				}
			})
		}
	}
	group.Wait()
	if effects.Load() != keys {
		t.Errorf("%d effects of %d keys", effects.Load(), keys)
	}
	if _, err := o.Replay(t.Context(), "public", "0", "another"); !errors.Is(err, store.ErrKeyReused) {
		t.Errorf("another request under a key: %v", err)
	}
	if again, err := o.Replay(t.Context(), "public", "0", "r"); err != nil || again == nil || again.Status != 202 {
		t.Errorf("replay %+v, %v", again, err)
	}
	if none, err := o.Replay(t.Context(), "somebody", "0", "r"); err != nil || none != nil {
		t.Errorf("another caller's key: %+v, %v", none, err)
	}
}

// contended is a table that answers some transactions as DynamoDB does while
// another is under way on the same items.
type contended struct {
	table.Table
	conflicts int
}

func (c *contended) Transact(ctx context.Context, ops []table.Op) error {
	if c.conflicts > 0 {
		c.conflicts--
		return fmt.Errorf("transact: %w", table.ErrConflict)
	}
	return c.Table.Transact(ctx, ops)
}

// Two requests with one key at the same moment: the second must learn the answer
// of the first, and not be turned away as long as it is not known.
func TestAConflictIsWaitedOut(t *testing.T) {
	o := open(t)
	once := func() context.Context {
		return store.WithOnce(t.Context(), &store.Once{Scope: "public", Key: "k", Request: "r", Status: 202, Body: []byte(`{}`)})
	}
	if err := o.Announce(once(), journal.Entry{Type: "test"}); err != nil {
		t.Fatal(err)
	}
	o.Table = &contended{Table: o.table, conflicts: 3}
	if err := o.Announce(once(), journal.Entry{Type: "test"}); !errors.Is(err, store.ErrAnswered) {
		t.Errorf("the same key again: %v", err)
	}
	o.Table = &contended{Table: o.table, conflicts: 3}
	e, err := directory.Register(o.NewID(), application("Association"), o.NewID, o.now)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Register(t.Context(), e); err != nil {
		t.Errorf("register: %v", err)
	}
}

func plan() convening.Plan {
	return convening.Plan{
		Kind: "panel_discussion", Titles: []directory.Text{{Lang: "en", Text: "Political rights of migrants"}}, Zone: "America/New_York",
		Starts: start.AddDate(0, 0, 46), Ends: start.AddDate(0, 0, 46).Add(2 * time.Hour),
		Audience: convening.Audience{Filters: map[string][]string{"category": {"migrant_association"}}},
	}
}

func (o *opened) publish(t *testing.T) *convening.Event {
	t.Helper()
	e, err := convening.NewEvent(o.NewID(), "geneva", "Seminar series", plan(), o.now)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.CreateEvent(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	e, err = o.UpdateEvent(t.Context(), e.ID, func(e *convening.Event) error { return e.Publish(o.now) })
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestPlanningTwiceInvitesOnce(t *testing.T) {
	o := open(t)
	e := o.publish(t)
	invite := func(from, to int) []*convening.Invitation {
		var list []*convening.Invitation
		for i := from; i < to; i++ {
			list = append(list, convening.NewInvitation(e, fmt.Sprintf("S%03d", i), fmt.Sprintf("C%03d", i), o.now))
		}
		return list
	}
	first, err := o.PlanInvitations(t.Context(), invite(0, 120))
	if err != nil || first != 120 {
		t.Fatalf("planned %d, %v", first, err)
	}
	second, err := o.PlanInvitations(t.Context(), append(invite(60, 180), invite(170, 180)...))
	if err != nil || second != 60 {
		t.Fatalf("planned %d more, %v; want 60", second, err)
	}
	due, err := o.DueBefore(t.Context(), o.now, 250)
	if err != nil || len(due) != 181 { // the event itself is due too
		t.Errorf("%d due, %v", len(due), err)
	}
}

func TestCountsSurviveReplays(t *testing.T) {
	o := open(t)
	e := o.publish(t)
	if _, err := o.PlanInvitations(t.Context(), []*convening.Invitation{convening.NewInvitation(e, "S1", "C1", o.now), convening.NewInvitation(e, "S2", "C2", o.now)}); err != nil {
		t.Fatal(err)
	}
	_, err := o.UpdateInvitation(t.Context(), e.ID, "C1", func(i *convening.Invitation) error { i.Advance(o.now); return nil })
	if err != nil {
		t.Fatal(err)
	}
	all, _, err := o.Table.Changes(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	var changes []table.Change
	for _, ch := range all {
		if event, ok := store.InvitationEvent(ch); ok && event == e.ID {
			changes = append(changes, ch)
		}
	}
	for _, batch := range [][]table.Change{changes[:1], changes, changes[1:]} {
		if err := o.CountChanges(t.Context(), e.ID, batch); err != nil {
			t.Fatal(err)
		}
	}
	counts, err := o.Counts(t.Context(), e.ID)
	if err != nil || counts.Total() != 2 || counts.ByStatus[convening.Planned] != 1 || counts.ByStatus[convening.Queued] != 1 {
		t.Errorf("counts %+v, %v", counts, err)
	}
}

func TestASignInLinkIsSpentOnce(t *testing.T) {
	o := open(t)
	if err := o.KeepSignInLink(t.Context(), "link", store.ContactRef{Stakeholder: "S", Contact: "C"}); err != nil {
		t.Fatal(err)
	}
	var sessions atomic.Int64
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			if _, err := o.SpendSignInLink(t.Context(), "link", fmt.Sprint("session", i)); err == nil {
				sessions.Add(1)
			} else if !errors.Is(err, store.ErrLinkSpent) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if sessions.Load() != 1 {
		t.Errorf("%d sessions of one link", sessions.Load())
	}
	o.now = o.now.Add(store.SessionLasts)
	for i := range 50 {
		if _, err := o.Session(t.Context(), fmt.Sprint("session", i)); !errors.Is(err, store.ErrLinkSpent) {
			t.Errorf("session %d outlived its time: %v", i, err)
		}
	}
}

func TestAMessageIsClaimedByOne(t *testing.T) {
	o := open(t)
	m, err := o.ClaimMessage(t.Context(), "M")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.ClaimMessage(t.Context(), "M"); !errors.Is(err, store.ErrClaimed) {
		t.Errorf("second claim: %v", err)
	}
	o.now = o.now.Add(10 * time.Minute)
	again, err := o.ClaimMessage(t.Context(), "M")
	if err != nil || again.Attempts != 2 {
		t.Fatalf("claim after the lease: %+v, %v", again, err)
	}
	if err := o.FinishMessage(t.Context(), m); !errors.Is(err, store.ErrClaimed) {
		t.Errorf("the first claimant finished after it lost its claim: %v", err)
	}
	again.State = store.MessageSent
	if err := o.FinishMessage(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if done, err := o.ClaimMessage(t.Context(), "M"); err != nil || done.State != store.MessageSent {
		t.Errorf("after sending: %+v, %v", done, err)
	}
}

func TestQueueMovesAndSettles(t *testing.T) {
	o := open(t)
	if err := o.Enqueue(t.Context(), "q", []store.QueueMessage{{ID: "1", Body: []byte(`1`), Due: o.now}, {ID: "2", Body: []byte(`2`), Due: o.now.Add(time.Hour)}}); err != nil {
		t.Fatal(err)
	}
	got, err := o.Receive(t.Context(), "q", 10)
	if err != nil || len(got) != 1 || got[0].ID != "1" {
		t.Fatalf("received %+v, %v", got, err)
	}
	if err := o.Move(t.Context(), got[0], store.DeadLetters("q")); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(2 * time.Hour)
	got, err = o.Receive(t.Context(), "q", 10)
	if err != nil || len(got) != 1 || got[0].ID != "2" {
		t.Fatalf("received %+v, %v", got, err)
	}
	if err := o.Settle(t.Context(), got); err != nil {
		t.Fatal(err)
	}
	dead, err := o.Receive(t.Context(), store.DeadLetters("q"), 10)
	if err != nil || len(dead) != 1 || dead[0].ID != "1" {
		t.Errorf("dead letters %+v, %v", dead, err)
	}
}
