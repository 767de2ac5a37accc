// Package tabletest is the contract of table.Table as tests: one suite that
// every implementation passes, and a randomised comparison of two.
package tabletest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/state/table"
)

// Run holds an implementation to the contract. open returns a new, empty table
// and sees to it that the table is closed and removed when t ends.
func Run(t *testing.T, open func(t *testing.T) table.Table) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, table.Table)
	}{
		{"get", testGet},
		{"round trip", testRoundTrip},
		{"get many", testGetMany},
		{"conditions", testConditions},
		{"all or nothing", testAllOrNothing},
		{"refused keys", testRefusedKeys},
		{"refused items", testRefusedItems},
		{"refused transactions", testRefusedTransacts},
		{"refused queries", testRefusedQueries},
		{"size", testSize},
		{"depth", testDepth},
		{"order", testOrder},
		{"pages", testPages},
		{"large pages", testLargePages},
		{"cursors", testCursors},
		{"indexes", testIndexes},
		{"moving between indexes", testIndexMoves},
		{"changes", testChanges},
		{"changes in order", testChangesInOrder},
		{"walk", testWalk},
		{"counters", testCounters},
		{"claims", testClaims},
		{"cancelled", testCancelled},
		{"closed", testClosed},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

// item returns a small item; attributes are JSON.
func item(pk, sk string, version int64, attributes string) table.Item {
	return table.Item{
		Key: table.Key{PK: pk, SK: sk}, Type: "THING", Version: version,
		Attributes: json.RawMessage(attributes),
	}
}

func put(it table.Item) table.Op { return table.Op{Verb: table.Put, Item: it} }

func remove(key table.Key) table.Op {
	return table.Op{Verb: table.Delete, Item: table.Item{Key: key}}
}

func check(key table.Key, c table.Condition) table.Op {
	return table.Op{Verb: table.Check, Item: table.Item{Key: key}, If: c}
}

// must does ops or ends the test.
func must(t *testing.T, tb table.Table, ops ...table.Op) {
	t.Helper()
	if err := tb.Transact(t.Context(), ops); err != nil {
		t.Fatalf("transact: %v", err)
	}
}

// load puts items, a hundred at a time.
func load(t *testing.T, tb table.Table, items []table.Item) {
	t.Helper()
	for len(items) > 0 {
		n := min(len(items), 25)
		ops := make([]table.Op, n)
		for i, it := range items[:n] {
			ops[i] = put(it)
		}
		must(t, tb, ops...)
		items = items[n:]
	}
}

func wantErr(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got error %v, want %v", what, got, want)
	}
}

func wantFailed(t *testing.T, what string, got error, ops ...int) {
	t.Helper()
	failed, ok := errors.AsType[*table.ConditionFailed](got)
	if !ok {
		t.Errorf("%s: got error %v, want a failed condition", what, got)
		return
	}
	if diff := cmp.Diff(ops, failed.Ops); diff != "" {
		t.Errorf("%s: failed operations (-want +got):\n%s", what, diff)
	}
}

// plain is an item as it compares: attributes in their canonical spelling.
func plain(it table.Item) table.Item {
	attributes, err := table.Canonical(it.Attributes)
	if err != nil {
		attributes = json.RawMessage(fmt.Sprintf("%q", err))
	}
	it.Attributes = attributes
	return it
}

func plains(items []table.Item) []table.Item {
	out := make([]table.Item, len(items))
	for i, it := range items {
		out[i] = plain(it)
	}
	return out
}

func wantItems(t *testing.T, what string, got, want []table.Item) {
	t.Helper()
	if diff := cmp.Diff(plains(want), plains(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// all reads every page of a query.
func all(t testing.TB, tb table.Table, q table.Query) []table.Item {
	t.Helper()
	var items []table.Item
	for {
		page, err := tb.Query(t.Context(), q)
		if err != nil {
			t.Fatalf("query: %v", err)
		}
		if len(page.Items) > q.Limit {
			t.Fatalf("a page of %d items, limit %d", len(page.Items), q.Limit)
		}
		items = append(items, page.Items...)
		if q.Cursor = page.Cursor; q.Cursor == "" {
			return items
		}
	}
}

// drain reads the log from a cursor to its end.
func drain(t testing.TB, tb table.Table, cursor string, limit int) ([]table.Change, string) {
	t.Helper()
	var changes []table.Change
	for {
		got, next, err := tb.Changes(t.Context(), cursor, limit)
		if err != nil {
			t.Fatalf("changes: %v", err)
		}
		if len(got) > limit {
			t.Fatalf("%d changes, limit %d", len(got), limit)
		}
		changes = append(changes, got...)
		if len(got) == 0 && next == cursor {
			return changes, cursor
		}
		cursor = next
	}
}

func walked(ctx context.Context, tb table.Table) (map[table.Key]table.Item, error) {
	items := map[table.Key]table.Item{}
	err := tb.Walk(ctx, func(it table.Item) error {
		items[it.Key] = plain(it)
		return nil
	})
	return items, err
}
