package planner_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/edge/planner"
	blobs "convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

func day(n int) time.Time { return start.AddDate(0, 0, n) }

// brittle is a table whose writes fail once a number of them has been done.
type brittle struct {
	table.Table
	left atomic.Int64
}

var errDown = errors.New("the table is down")

func (b *brittle) Transact(ctx context.Context, ops []table.Op) error {
	if b.left.Add(-1) < 0 {
		return errDown
	}
	return b.Table.Transact(ctx, ops)
}

// desk is a planner on engines of its own, with a clock that is moved by hand.
type desk struct {
	*planner.Planner
	table  *brittle
	writer *search.Writer
	now    time.Time
}

func open(t testing.TB) *desk {
	t.Helper()
	b, err := bolt.Open(filepath.Join(t.TempDir(), "convoke.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	folder, err := blobs.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	index, err := search.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{table: &brittle{Table: b}, now: start}
	d.table.left.Store(1 << 40)
	var ids atomic.Int64
	clock := func() time.Time { return d.now }
	d.writer = &search.Writer{Store: folder, Now: clock}
	d.Planner = &planner.Planner{
		Store: &store.Store{Table: d.table, Now: clock, NewID: func() string { return fmt.Sprintf("ID%06d", ids.Add(1)) }},
		Index: index, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	return d
}

// list brings n stakeholders of a country into the table and the index.
func (d *desk) list(t testing.TB, n int, country string) []*directory.Stakeholder {
	t.Helper()
	return d.listedAt(t, n, country, start)
}

// listedAt is list for who was listed at another time.
func (d *desk) listedAt(t testing.TB, n int, country string, at time.Time) []*directory.Stakeholder {
	t.Helper()
	var all []*directory.Stakeholder
	var changes []search.Change
	for k := range n {
		s, err := directory.Register(d.Store.NewID(), directory.Application{
			Profile: directory.Profile{
				Category: "migrant_association", Country: country,
				Names: []directory.Name{{Text: fmt.Sprintf("Association %s %d %d", country, k, at.Unix()), Lang: "en", Kind: directory.NameLegal}},
			},
			Contacts: []directory.Contact{{Name: "Focal Point", Role: directory.RoleFocalPoint, Email: fmt.Sprintf("focal%d@%s.example.org", k, country), Language: "en"}},
			Consent:  directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
		}, d.Store.NewID, at)
		if err == nil {
			err = errors.Join(s.ConfirmAddress(s.Contacts[0].ID, at), s.Decide(directory.Decision{Outcome: directory.Listed}, at))
		}
		if err != nil {
			t.Fatal(err)
		}
		s.Version = 1
		all, changes = append(all, s), append(changes, listing.Change(s))
	}
	if refused, err := d.Store.Import(t.Context(), all); err != nil || len(refused) != 0 {
		t.Fatal(refused, err)
	}
	if err := errors.Join(d.writer.Apply(t.Context(), changes), d.Index.Refresh(t.Context())); err != nil {
		t.Fatal(err)
	}
	return all
}

// publish publishes an event for a country, to be answered within 20 days.
func (d *desk) publish(t testing.TB, country string) *convening.Event {
	t.Helper()
	by := day(20)
	e, err := convening.NewEvent(d.Store.NewID(), "unit-1", "Unit One", convening.Plan{
		Kind: "seminar", Titles: []directory.Text{{Lang: "en", Text: "Remittances"}}, Starts: day(30), Ends: day(31), Zone: "UTC", AnswerBy: &by,
		Audience: convening.Audience{Filters: map[string][]string{"country": {country}}},
	}, start)
	if err == nil {
		err = errors.Join(e.Publish(d.now), d.Store.CreateEvent(t.Context(), e))
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (d *desk) tick(t testing.TB, want planner.Report) {
	t.Helper()
	got, err := d.Tick(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("on %s: %s", d.now.Format(time.DateOnly), diff)
	}
}

func (d *desk) invitations(t testing.TB, event string) []*convening.Invitation {
	t.Helper()
	var all []*convening.Invitation
	cursor := ""
	for {
		page, next, err := d.Store.Invitations(t.Context(), event, cursor, 500)
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, page...); next == "" {
			return all
		}
		cursor = next
	}
}

// recorded counts what was recorded for the mail queue and the bus.
func (d *desk) recorded(t testing.TB) map[string]int {
	t.Helper()
	counts, cursor := map[string]int{}, ""
	for {
		changes, next, err := d.table.Changes(t.Context(), cursor, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(changes) == 0 {
			return counts
		}
		for _, ch := range changes {
			if o, ok, err := store.DecodeOutbox(ch); err != nil {
				t.Fatal(err)
			} else if ok {
				counts[o.Type]++
			}
		}
		cursor = next
	}
}

func TestFromThePlanToTheEnd(t *testing.T) {
	d := open(t)
	listed := d.list(t, 5, "CH")
	d.list(t, 3, "FR")
	e := d.publish(t, "CH")
	d.tick(t, planner.Report{Events: 1, Planned: 5, Invitations: 5})
	d.tick(t, planner.Report{})
	answer := func(s *directory.Stakeholder) {
		if _, err := d.Store.UpdateInvitation(t.Context(), e.ID, s.Contacts[0].ID, func(i *convening.Invitation) error {
			return i.Answer(convening.Answer{Answer: convening.Accepted}, d.now)
		}); err != nil {
			t.Fatal(err)
		}
	}
	answer(listed[0])
	d.now = day(16)
	d.tick(t, planner.Report{})
	d.now = day(17)
	d.tick(t, planner.Report{Invitations: 4}) // one reminder each, three days before
	d.tick(t, planner.Report{})
	answer(listed[1])
	d.now = day(19)
	d.tick(t, planner.Report{})
	d.now = day(20)
	d.tick(t, planner.Report{Invitations: 3})
	d.now = day(40)
	d.tick(t, planner.Report{Events: 2}) // it was held, and who came is thanked
	d.tick(t, planner.Report{})
	statuses := map[convening.InvitationStatus]int{}
	for _, i := range d.invitations(t, e.ID) {
		statuses[i.Status]++
	}
	if diff := cmp.Diff(map[convening.InvitationStatus]int{"accepted": 2, "expired": 3}, statuses); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int{
		"event.drafted": 1, "event.published": 1, "event.planned": 1, "event.held": 1, "event.thanked": 1,
		"invitation.queued": 5, "invitation.reminded": 4, "invitation.accepted": 2, "invitation.expired": 3,
	}, d.recorded(t)); diff != "" {
		t.Error(diff)
	}
}

// A thousand are invited by a planner whose table goes down again and again,
// wherever it may be: each is invited once, and each mail is asked for once.
func TestAThousandThroughInterruptions(t *testing.T) {
	d := open(t)
	d.list(t, 1000, "CH")
	e := d.publish(t, "CH")
	for _, writes := range []int64{0, 1, 5, 12, 40, 333} {
		d.table.left.Store(writes)
		if r, err := d.Tick(t.Context()); err == nil && r.Failed == 0 {
			t.Errorf("after %d writes: nothing failed: %+v", writes, r)
		}
	}
	d.table.left.Store(1 << 40)
	if r, err := d.Tick(t.Context()); err != nil || r.Failed != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	d.tick(t, planner.Report{})
	stakeholders := map[string]bool{}
	for _, i := range d.invitations(t, e.ID) {
		if i.Status != convening.Queued || !i.DueAt.Equal(day(17)) {
			t.Fatalf("%+v", i)
		}
		stakeholders[i.Stakeholder] = true
	}
	if len(stakeholders) != 1000 {
		t.Errorf("%d are invited", len(stakeholders))
	}
	if diff := cmp.Diff(map[string]int{"event.drafted": 1, "event.published": 1, "event.planned": 1, "invitation.queued": 1000}, d.recorded(t)); diff != "" {
		t.Error(diff)
	}
}

func TestTwoPlannersAtOnce(t *testing.T) {
	d := open(t)
	d.list(t, 60, "CH")
	d.publish(t, "CH")
	done := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := d.Tick(t.Context())
			done <- err
		}()
	}
	if err := errors.Join(<-done, <-done); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Tick(t.Context()); err != nil { // what the two took from each other, if anything
		t.Fatal(err)
	}
	if got := d.recorded(t); got["invitation.queued"] != 60 || got["event.planned"] != 1 {
		t.Errorf("%d are asked, the event is planned %d times", got["invitation.queued"], got["event.planned"])
	}
}

// The index may be behind: the table decides who is asked.
func TestNobodyIsAskedWhoMayNotBe(t *testing.T) {
	d := open(t)
	all := d.list(t, 4, "CH")
	for k, change := range []func(*directory.Stakeholder){
		func(s *directory.Stakeholder) { s.Status = directory.Suspended },
		func(s *directory.Stakeholder) { s.Contacts = nil },
		func(s *directory.Stakeholder) { s.Contacts[0].ConfirmedAt = nil },
	} {
		if _, err := d.Store.UpdateStakeholder(t.Context(), all[k].ID, func(s *directory.Stakeholder) error {
			change(s)
			s.Record("stakeholder.changed")
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	e := d.publish(t, "CH")
	d.tick(t, planner.Report{Events: 1, Planned: 1, Invitations: 1, Screened: 1}) // who has other contacts now
	if got := d.invitations(t, e.ID); len(got) != 1 || got[0].Stakeholder != all[3].ID {
		t.Errorf("%+v", got)
	}
	e = d.publish(t, "IT")
	d.tick(t, planner.Report{Events: 1})
	if e, err := d.Store.Event(t.Context(), e.ID); err != nil || e.PlannedAt == nil || !e.DueAt.Equal(e.Ends) {
		t.Errorf("an audience of nobody: %+v, %v", e, err)
	}
}

// Due times are kept to the millisecond, the clock goes by nanoseconds: what is
// due later in this one is no work, and no reason to look again and again.
func TestATickEndsWithinAMillisecond(t *testing.T) {
	d := open(t)
	d.list(t, 1, "CH")
	e := d.publish(t, "CH")
	d.tick(t, planner.Report{Events: 1, Planned: 1, Invitations: 1})
	if _, err := d.Store.UpdateInvitation(t.Context(), e.ID, d.invitations(t, e.ID)[0].Contact, func(i *convening.Invitation) error {
		at := day(17).Add(900 * time.Microsecond)
		i.DueAt = &at
		i.Record("invitation.moved")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	d.now = day(17).Add(100 * time.Microsecond)
	d.tick(t, planner.Report{})
	d.now = day(17).Add(900 * time.Microsecond)
	d.tick(t, planner.Report{Invitations: 1})
}

func TestATickThatIsCancelledStops(t *testing.T) {
	d := open(t)
	d.list(t, 3, "CH")
	e := d.publish(t, "CH")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Handle(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if got := d.invitations(t, e.ID); len(got) != 0 {
		t.Errorf("%d are invited all the same", len(got))
	}
	d.tick(t, planner.Report{Events: 1, Planned: 3, Invitations: 3})
}
