package tabletest

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/state/table"
)

func plainChange(c table.Change) table.Change {
	c.Seq = ""
	for _, it := range []**table.Item{&c.Old, &c.New} {
		if *it != nil {
			p := plain(**it)
			*it = &p
		}
	}
	return c
}

func wantChanges(t *testing.T, what string, got, want []table.Change) {
	t.Helper()
	for i := range got {
		got[i] = plainChange(got[i])
	}
	for i := range want {
		want[i] = plainChange(want[i])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func change(before, after *table.Item) table.Change {
	c := table.Change{Old: before, New: after}
	if before != nil {
		c.Key = before.Key
	} else {
		c.Key = after.Key
	}
	return c
}

func testChanges(t *testing.T, tb table.Table) {
	t.Helper()
	none, start := drain(t, tb, "", 10)
	if len(none) != 0 {
		t.Fatalf("a new table has %d changes", len(none))
	}
	one, two := item("P", "S", 1, `{"n":1}`), item("P", "S", 2, `{"n":2}`)
	one.G1, one.Expires = table.Key{PK: "G", SK: "H"}, 4102444800
	must(t, tb, put(one))
	must(t, tb, put(two))
	same := two
	same.Attributes = []byte(`{ "n": 2.0 }`)
	must(t, tb, put(same)) // as it was: no change
	must(t, tb, check(two.Key, table.IfExists()))
	must(t, tb, remove(two.Key))
	must(t, tb, remove(two.Key)) // of nothing: no change
	must(t, tb, put(two))
	want := []table.Change{change(nil, &one), change(&one, &two), change(&two, nil), change(nil, &two)}
	for _, limit := range []int{1, 3, table.MaxPage} {
		got, _ := drain(t, tb, start, limit)
		wantChanges(t, fmt.Sprintf("%d at a time", limit), got, want)
		got, _ = drain(t, tb, "", limit)
		wantChanges(t, fmt.Sprintf("%d at a time, from the oldest", limit), got, want)
	}
	_, next, err := tb.Changes(t.Context(), start, 2)
	wantErr(t, "changes", err, nil)
	got, end := drain(t, tb, next, 10)
	wantChanges(t, "after the second", got, want[2:])
	three := item("P", "S", 3, `{}`)
	must(t, tb, put(three))
	got, _ = drain(t, tb, end, 10)
	wantChanges(t, "after the end", got, []table.Change{change(&two, &three)})
}

// after says whether a comes after b in the log.
func after(a, b string) bool {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return len(a) > len(b) || len(a) == len(b) && a > b
}

// testChangesInOrder writes to several partitions at once and replays the log:
// each item's changes form a chain, and their end is what is stored.
func testChangesInOrder(t *testing.T, tb table.Table) {
	t.Helper()
	const partitions, writes = 8, 25
	var wait sync.WaitGroup
	for p := range partitions {
		wait.Go(func() {
			for i := range writes {
				pk := fmt.Sprintf("P%d", p)
				ops := []table.Op{put(item(pk, fmt.Sprint(i%3), int64(i), `{}`)), put(item(pk, "last", int64(i), `{}`))}
				if i%5 == 4 {
					ops = append(ops, remove(table.Key{PK: pk, SK: fmt.Sprint((i + 1) % 3)}))
				}
				if err := tb.Transact(t.Context(), ops); err != nil {
					t.Errorf("transact: %v", err)
				}
			}
		})
	}
	wait.Wait()
	changes, _ := drain(t, tb, "", 50)
	state, last := map[table.Key]table.Item{}, map[string]string{}
	for _, c := range changes {
		if seq, ok := last[c.PK]; ok && !after(c.Seq, seq) && c.Seq != seq {
			t.Errorf("sequence %s of %s comes after %s", c.Seq, c.PK, seq)
		}
		last[c.PK] = c.Seq
		stored, ok := state[c.Key]
		if ok != (c.Old != nil) || ok && !table.Same(stored, *c.Old) {
			t.Errorf("change %s of %v does not follow from what was before", c.Seq, c.Key)
		}
		if delete(state, c.Key); c.New != nil {
			state[c.Key] = *c.New
		}
	}
	want, err := walked(t.Context(), tb)
	wantErr(t, "walk", err, nil)
	for key, it := range state {
		state[key] = plain(it)
	}
	if diff := cmp.Diff(want, state); diff != "" {
		t.Errorf("the log replayed is not the table (-want +got):\n%s", diff)
	}
}
