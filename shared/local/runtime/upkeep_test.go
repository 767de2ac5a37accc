package runtime

import (
	"context"
	"crypto/rand"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/mail/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

var then = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// open returns a process on a table of its own, that nothing moves on.
func open(t *testing.T) (*Process, *bolt.Table) {
	t.Helper()
	home := t.TempDir()
	file, err := bolt.Open(filepath.Join(home, "table.db"), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	clock := ClockAt(then)
	p, err := Open(t.Context(), Options{
		Dir: home, BaseURL: "http://localhost:8080", Stage: "test", From: mail.Address{Addr: "convoke@example.org"}, Domain: "example.org",
		Table: file, Sender: &dir.Sender{Path: home, Now: clock.Now}, Clock: clock, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p, file
}

// importOne lists one entry, and announces nothing.
func importOne(t *testing.T, s *store.Store, name string) {
	t.Helper()
	p := directory.Profile{Category: "ngo", Country: "CH", Names: []directory.Name{{Text: name, Kind: directory.NameLegal}}}
	e, err := directory.Import(rand.Text(), "test", p, then)
	if err != nil {
		t.Fatal(err)
	}
	if refused, err := s.Import(t.Context(), []*directory.Stakeholder{e}); err != nil || len(refused) > 0 {
		t.Fatal(err, refused)
	}
}

func (p *Process) place(t *testing.T) string {
	t.Helper()
	place, err := p.Store.Cursor(t.Context(), readerName)
	if err != nil {
		t.Fatal(err)
	}
	return place
}

func pending(t *testing.T, p *Process) int {
	t.Helper()
	changes, _, err := p.Store.Table.Changes(t.Context(), p.place(t), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return len(withoutHousekeeping(changes))
}

func found(t *testing.T, p *Process) int {
	t.Helper()
	result, err := p.Index.Search(t.Context(), search.Query{})
	if err != nil {
		t.Fatal(err)
	}
	return result.Total
}

func TestPassIndexedStopsBeforeWhatIsMore(t *testing.T) {
	p, _ := open(t)
	importOne(t, p.Store, "First")
	if err := PassIndexed(t.Context(), p.Store); err != nil {
		t.Fatal(err)
	}
	if n := pending(t, p); n != 0 {
		t.Errorf("%d changes are left after an import alone", n)
	}
	if err := p.Store.Announce(t.Context(), journal.Entry{Type: "sign_in.requested"}); err != nil {
		t.Fatal(err)
	}
	importOne(t, p.Store, "Second")
	before := p.place(t)
	if err := PassIndexed(t.Context(), p.Store); err != nil {
		t.Fatal(err)
	}
	if after := p.place(t); after != before {
		t.Errorf("passed from %s to %s over an announcement", before, after)
	}
}

func TestUpkeep(t *testing.T) {
	p, file := open(t)
	importOne(t, p.Store, "First")
	if err := p.Store.Announce(t.Context(), journal.Entry{Type: "registration.awaiting_review"}); err != nil { // kept for a week
		t.Fatal(err)
	}
	if err := p.upkeep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := pending(t, p); n == 0 {
		t.Error("changes that were not projected are gone")
	}
	if err := p.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.Clock.Advance(30 * 24 * time.Hour)
	if err := p.upkeep(t.Context()); err != nil {
		t.Fatal(err)
	}
	items := map[string]int{}
	walked := file.Walk(t.Context(), count(items))
	if walked != nil || items["OUTBOX"] != 0 || items["STAKEHOLDER"] != 1 {
		t.Errorf("items %v, %v", items, walked)
	}
	kept, _, err := file.Changes(t.Context(), "", 1000)
	if err != nil || len(kept) == 0 || !seqAfter(kept[0].Seq, p.place(t)) {
		t.Errorf("%d changes are kept, the place is %s: %v", len(kept), p.place(t), err)
	}
}

func TestReaderBeginsAgainWhenChangesAreGone(t *testing.T) {
	p, file := open(t)
	importOne(t, p.Store, "First")
	if err := p.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	importOne(t, p.Store, "Second")
	importOne(t, p.Store, "Third")
	_, last, err := file.Changes(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Trim(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it goes on as ever
		if err := p.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := found(t, p); n != 3 {
		t.Errorf("%d found, want 3", n)
	}
}

func TestRunFinishesWhatIsUnderWay(t *testing.T) {
	p, _ := open(t)
	begun, finish := make(chan struct{}), make(chan struct{})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	var first sync.Once
	go p.every(ctx, time.Nanosecond, func(work context.Context) error {
		first.Do(func() {
			close(begun)
			<-finish
			done <- work.Err()
		})
		return nil
	})
	<-begun
	stop()
	close(finish)
	if err := <-done; err != nil {
		t.Errorf("the work under way was stopped: %v", err)
	}
}

func count(items map[string]int) func(table.Item) error {
	return func(it table.Item) error {
		items[it.Type]++
		return nil
	}
}

func seqAfter(a, b string) bool { return len(a) > len(b) || len(a) == len(b) && a > b }
