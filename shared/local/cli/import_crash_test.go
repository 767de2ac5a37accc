package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
	"convoke/shared/local/importer"
	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

// errEnded is what a write meets once the process has ended.
var errEnded = errors.New("the process ended")

// ending is a table under a process that ends before its next write but so many;
// several batches of an import are written at the same time.
type ending struct {
	table.Table
	left atomic.Int64
}

func (t *ending) Transact(ctx context.Context, ops []table.Op) error {
	if t.left.Add(-1) < 0 {
		return errEnded
	}
	return t.Table.Transact(ctx, ops)
}

// register is a table of an edition: of its rows some change from one edition to the
// next, and some come new.
func register(rows int, topics string) string {
	var b strings.Builder
	b.WriteString("name,category,country,identifiers,topics\n")
	for i := range rows {
		fmt.Fprintf(&b, "Register entry %03d,ngo,CH,CH-UID:R%03d,%s\n", i, i, topics)
	}
	return b.String()
}

// site is a data directory that an import can end in the middle of.
type site struct {
	*testing.T
	*program
	table *ending
	store *store.Store
}

func newSite(t *testing.T) *site {
	t.Helper()
	p := &program{ctx: t.Context(), data: t.TempDir(), out: io.Discard, err: io.Discard}
	b, err := bolt.Open(filepath.Join(p.data, tableFile), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	s := &site{T: t, program: p, table: &ending{Table: b}}
	s.store = storeOf(s.table)
	return s
}

// take imports a table, up to so many writes.
func (s *site) take(text string, writes int64) (*report, error) {
	s.Helper()
	s.table.left.Store(writes)
	in := &intake{source: sourceCSV, byName: true}
	err := s.importInto(s.store, importFlags{Duplicates: "no"}, in, importer.CSV(strings.NewReader(text), nil))
	return &in.report, err
}

// exported are the lines of an export, without when they were written.
func (s *site) exported() []string {
	s.Helper()
	var lines []string
	err := s.store.WalkStakeholders(s.Context(), func(e *directory.Stakeholder) error {
		line, err := json.Marshal(e.For(directory.ReaderPublic))
		lines = append(lines, string(line))
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	slices.Sort(lines)
	return lines
}

// found is how many the search finds.
func (s *site) found() int {
	s.Helper()
	blobs, err := dir.Open(filepath.Join(s.data, indexFolder))
	if err != nil {
		s.Fatal(err)
	}
	index, err := search.Open(s.Context(), blobs)
	if err != nil {
		s.Fatal(err)
	}
	r, err := index.Search(s.Context(), listing.For(listing.Public, search.Query{Text: "register entry", Limit: 1}))
	if err != nil {
		s.Fatal(err)
	}
	return r.Total
}

// listed lets the Security Council's list have a name like that of an entry.
func (s *site) listed(name string) {
	s.Helper()
	s.table.left.Store(1 << 30)
	entries := iter.Seq2[directory.SanctionsEntry, error](func(yield func(directory.SanctionsEntry, error) bool) {
		yield(directory.SanctionsEntry{Reference: "QDe.001", Kind: directory.SanctionedEntity, Names: []string{name}}, nil)
	})
	if _, err := s.store.ReplaceSanctions(s.Context(), "E1", entries, func() string { return "2026-11-20" }); err != nil {
		s.Fatal(err)
	}
}

// whole fails unless who reads the export finds each entry as one of the editions
// has it, and each identifier leads to the entry that has it.
func (s *site) whole(editions ...[]string) {
	s.Helper()
	for _, line := range s.exported() {
		if !slices.ContainsFunc(editions, func(lines []string) bool { return slices.Contains(lines, line) }) {
			s.Errorf("an entry is of no edition: %s", line)
		}
	}
	err := s.store.WalkStakeholders(s.Context(), func(e *directory.Stakeholder) error {
		held, err := s.store.HolderOf(s.Context(), e.Identifiers)
		if err == nil && held[e.Identifiers[0]] != e.ID {
			s.Errorf("%v is held by %v", e.Identifiers, held)
		}
		return err
	})
	if err == nil {
		_, _, err = s.store.VerifyTrails(s.Context())
	}
	if err != nil {
		s.Error(err)
	}
}

// An import of a new edition is stopped after every one of its writes. Each entry is
// then as the one edition has it or as the other; and the same command again ends what
// was begun, also what follows the entries: the index and the sanctions list.
func TestAnImportIsStoppedAfterEveryWrite(t *testing.T) {
	const before, after = 8, 60
	old, late := register(before, "topic:remittances"), register(after, "topic:remittances;gcm:20")
	lines := func(text string) []string {
		s := newSite(t)
		if _, err := s.take(text, 1<<30); err != nil {
			t.Fatal(err)
		}
		return s.exported()
	}
	wantOld, want := lines(old), lines(late)
	for n := int64(0); ; n++ {
		s := newSite(t)
		s.listed("Register entry 059")
		if _, err := s.take(old, 1<<30); err != nil {
			t.Fatal(err)
		}
		_, err := s.take(late, n)
		if err != nil && !errors.Is(err, errEnded) {
			t.Fatalf("after %d writes: %v", n, err)
		}
		s.whole(wantOld, want)
		if found := s.found(); found != before && found != after {
			t.Errorf("after %d writes the search finds %d", n, found)
		}
		r, again := s.take(late, 1<<30)
		if again != nil || r.Read != after || r.Created+r.Updated+r.Unchanged != after || r.Rejected > 0 {
			t.Errorf("after %d writes, again: %+v, %v", n, r, again)
		}
		s.whole(want)
		if diff := cmp.Diff(want, s.exported()); diff != "" {
			t.Errorf("after %d writes and again (-want +got):\n%s", n, diff)
		}
		if found := s.found(); found != after {
			t.Errorf("after %d writes and again the search finds %d", n, found)
		}
		if open, _, err := s.store.ScreeningsIn(t.Context(), true, "", 10); err != nil || len(open) == 0 {
			t.Errorf("after %d writes and again nobody is to look at who is alike: %v", n, err)
		}
		if err == nil {
			if n < 15 {
				t.Errorf("there are only %d writes to stop after", n)
			}
			return
		}
	}
}
