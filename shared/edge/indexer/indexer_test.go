package indexer_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
	"convoke/shared/edge/indexer"
	blobs "convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
	"convoke/shared/state/table/bolt"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

type library struct {
	*indexer.Indexer
	reader *search.Index
}

func open(t *testing.T) *library {
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
	reader, err := search.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	var ids atomic.Int64
	clock := func() time.Time { return start }
	return &library{reader: reader, Indexer: &indexer.Indexer{
		Store: &store.Store{Table: b, Now: clock, NewID: func() string { return fmt.Sprintf("ID%04d", ids.Add(1)) }},
		Index: &search.Writer{Store: folder, Now: clock}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}}
}

// keep puts a stakeholder of the status into the table.
func (l *library) keep(t *testing.T, name string, status directory.Status) *directory.Stakeholder {
	t.Helper()
	s, err := directory.Import(l.Store.NewID(), "ror", directory.Profile{
		Category: "migrant_association", Country: "CH", Names: []directory.Name{{Text: name, Lang: "en", Kind: directory.NameLegal}},
	}, start)
	if err != nil {
		t.Fatal(err)
	}
	s.Status = status
	if err := l.Store.Register(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return s
}

func (l *library) found(t *testing.T) []string {
	t.Helper()
	if err := l.reader.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := l.reader.Search(t.Context(), listing.For(listing.Public, search.Query{Limit: 100}))
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, h := range r.Hits {
		ids = append(ids, h.ID)
	}
	slices.Sort(ids)
	return ids
}

func TestRebuildFromTheTable(t *testing.T) {
	l := open(t)
	a, b := l.keep(t, "A", directory.Listed), l.keep(t, "B", directory.Listed)
	l.keep(t, "C", directory.Suspended)
	lapsed := l.keep(t, "D", directory.Lapsed)
	stray := *a
	stray.ID = "STRAY" // in the index and not in the table
	if err := l.Index.Apply(t.Context(), []search.Change{listing.Change(&stray)}); err != nil {
		t.Fatal(err)
	}
	var progress []int
	for range 2 {
		progress = nil
		n, err := l.Rebuild(t.Context(), func(n int) { progress = append(progress, n) })
		if err != nil || n != 3 {
			t.Fatalf("%d, %v", n, err)
		}
	}
	if diff := cmp.Diff([]string{a.ID, b.ID}, l.found(t)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{1, 2, 3}, progress); diff != "" {
		t.Error(diff)
	}
	r, err := l.reader.Search(t.Context(), listing.IncludingLapsed(listing.Public, search.Query{Text: "D"}))
	if err != nil || len(r.Hits) != 1 || r.Hits[0].ID != lapsed.ID {
		t.Errorf("who asks for the lapsed too finds %v, %v", r.Hits, err)
	}
}

func TestCompactKeepsWhatIsFound(t *testing.T) {
	l := open(t)
	if err := l.Handle(t.Context(), nil); err != nil {
		t.Fatalf("an empty index: %v", err)
	}
	var want []string
	for k := range 5 {
		s := l.keep(t, fmt.Sprint("Association ", k), directory.Listed)
		if err := l.Index.Apply(t.Context(), []search.Change{listing.Change(s)}); err != nil {
			t.Fatal(err)
		}
		want = append(want, s.ID)
	}
	b, err := os.ReadFile("../../../events/sample/aws/scheduler/indexer.json")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.Handle(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, l.found(t)); diff != "" {
			t.Error(diff)
		}
	}
	if s, err := l.Index.Describe(t.Context()); err != nil || s.Deltas != 0 || s.Documents != 5 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestHandleReadsItsPayload(t *testing.T) {
	l := open(t)
	s := l.keep(t, "A", directory.Listed)
	for _, tt := range []struct {
		payload string
		fails   bool
		want    []string
	}{
		{"{", true, nil}, {`{"rebuild":"yes"}`, true, nil}, {`{}`, false, nil}, {`{"rebuild":true}`, false, []string{s.ID}},
	} {
		if err := l.Handle(t.Context(), json.RawMessage(tt.payload)); (err != nil) != tt.fails {
			t.Errorf("%s: %v", tt.payload, err)
		}
		if diff := cmp.Diff(tt.want, l.found(t)); diff != "" {
			t.Errorf("%s: %s", tt.payload, diff)
		}
	}
}
