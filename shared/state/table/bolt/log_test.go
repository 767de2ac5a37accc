package bolt_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

func write(t testing.TB, tb *bolt.Table, items ...table.Item) {
	t.Helper()
	for _, it := range items {
		if err := tb.Transact(t.Context(), []table.Op{{Verb: table.Put, Item: it}}); err != nil {
			t.Fatal(err)
		}
	}
}

func changes(t testing.TB, tb *bolt.Table, cursor string) []table.Change {
	t.Helper()
	got, _, err := tb.Changes(t.Context(), cursor, table.MaxPage)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTrim(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table.db")
	tb := open(t, path, bolt.Options{})
	for i := range 20 {
		write(t, tb, thing("P", fmt.Sprint(i), 1))
	}
	if err := tb.Trim(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if err := tb.Trim(t.Context(), "12"); err != nil {
		t.Fatal(err)
	}
	if got := changes(t, tb, ""); len(got) != 8 || got[0].Seq != "13" {
		t.Errorf("%d changes from %s on, want 8 from 13", len(got), got[0].Seq)
	}
	if got := changes(t, tb, "12"); len(got) != 8 {
		t.Errorf("%d changes after the trimmed, want 8", len(got))
	}
	if _, _, err := tb.Changes(t.Context(), "11", 1); !errors.Is(err, table.ErrTrimmed) {
		t.Errorf("a cursor before the trimmed: %v", err)
	}
	if err := tb.Trim(t.Context(), "20"); err != nil {
		t.Fatal(err)
	}
	if err := tb.Trim(t.Context(), "21"); !errors.Is(err, table.ErrBadQuery) {
		t.Errorf("trimming what is to come: %v", err)
	}
	if err := tb.Close(); err != nil {
		t.Fatal(err)
	}
	tb = open(t, path, bolt.Options{}) // the sequence goes on
	write(t, tb, thing("P", "next", 1))
	if got := changes(t, tb, "20"); len(got) != 1 || got[0].Seq != "21" {
		t.Errorf("after all was trimmed: %v", got)
	}
}

func TestKeepChanges(t *testing.T) {
	tb := open(t, filepath.Join(t.TempDir(), "table.db"), bolt.Options{KeepChanges: 100})
	for i := range 250 {
		write(t, tb, thing("P", fmt.Sprint(i%10), int64(i)))
		if n := len(changes(t, tb, "")); n > 110 || i >= 110 && n < 100 {
			t.Fatalf("%d changes are kept after %d", n, i+1)
		}
	}
	if err := tb.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestSweep(t *testing.T) {
	tb := fresh(t)
	for i := range 10 {
		it := thing("P", fmt.Sprint(i), 1)
		it.Expires = int64(100 + i)
		it.G1 = table.Key{PK: "G", SK: it.SK}
		write(t, tb, it)
	}
	renewed := thing("P", "0", 2)
	renewed.Expires = 1000
	write(t, tb, renewed, thing("P", "never", 1))
	for _, want := range []int{3, 2, 0} { // those that expire at 101..105
		if got, err := tb.Sweep(t.Context(), 106, 3); err != nil || got != want {
			t.Errorf("swept %d (%v), want %d", got, err, want)
		}
	}
	page, err := tb.Query(t.Context(), table.Query{PK: "P", Limit: 100})
	if err != nil || len(page.Items) != 6 {
		t.Errorf("%d items are left (%v), want 6", len(page.Items), err)
	}
	got := changes(t, tb, "12")
	if len(got) != 5 || got[0].New != nil || got[0].Old.SK != "1" {
		t.Errorf("the log says %+v of the sweep", got)
	}
	if err := tb.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
