package tabletest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"convoke/shared/state/table"
)

func testConditions(t *testing.T, tb table.Table) {
	ctx := t.Context()
	there, absent := item("P", "there", 7, `{"a":1}`), item("P", "absent", 7, `{"a":1}`)
	for _, c := range []struct {
		name          string
		condition     table.Condition
		there, absent bool // whether it holds
	}{
		{"always", table.Always(), true, true},
		{"if absent", table.IfAbsent(), false, true},
		{"if exists", table.IfExists(), true, false},
		{"if version", table.IfVersion(7), true, false},
		{"if another version", table.IfVersion(6), false, false},
		{"if version 0", table.IfVersion(0), false, false},
	} {
		for _, verb := range []table.Verb{table.Put, table.Delete, table.Check} {
			if verb == table.Check && c.condition == table.Always() {
				continue
			}
			for target, holds := range map[*table.Item]bool{&there: c.there, &absent: c.absent} {
				must(t, tb, put(there), remove(absent.Key))
				what := fmt.Sprintf("%s, verb %d on %s", c.name, verb, target.SK)
				err := tb.Transact(ctx, []table.Op{{Verb: verb, Item: *target, If: c.condition}})
				if holds {
					wantErr(t, what, err, nil)
				} else {
					wantFailed(t, what, err, 0)
				}
				// The same beside another operation, where DynamoDB takes another path.
				must(t, tb, put(there), remove(absent.Key))
				other := put(item("P", "other", 1, `{}`))
				err = tb.Transact(ctx, []table.Op{other, {Verb: verb, Item: *target, If: c.condition}})
				if holds {
					wantErr(t, what, err, nil)
				} else {
					wantFailed(t, what, err, 1)
				}
			}
		}
	}
}

func testAllOrNothing(t *testing.T, tb table.Table) {
	ctx := t.Context()
	a, b, c, d := item("A", "1", 1, `{}`), item("B", "1", 1, `{}`), item("C", "1", 1, `{}`), item("D", "1", 1, `{}`)
	must(t, tb, put(a), put(b))
	_, cursor := drain(t, tb, "", table.MaxPage)
	changed := a
	changed.Version = 2
	err := tb.Transact(ctx, []table.Op{
		{Verb: table.Put, Item: changed, If: table.IfVersion(1)}, // holds
		{Verb: table.Put, Item: b, If: table.IfAbsent()},         // fails
		put(c),
		{Verb: table.Delete, Item: d, If: table.IfExists()}, // fails
	})
	wantFailed(t, "two of four", err, 1, 3)
	got, err := tb.GetMany(ctx, []table.Key{a.Key, b.Key, c.Key, d.Key})
	wantErr(t, "get many", err, nil)
	wantItems(t, "nothing was written", got, []table.Item{a, b})
	if changes, _ := drain(t, tb, cursor, table.MaxPage); len(changes) != 0 {
		t.Errorf("a failed transaction left %d changes", len(changes))
	}
	must(t, tb,
		table.Op{Verb: table.Put, Item: changed, If: table.IfVersion(1)},
		remove(b.Key),
		table.Op{Verb: table.Put, Item: c, If: table.IfAbsent()},
		check(d.Key, table.IfAbsent()),
	)
	got, err = tb.GetMany(ctx, []table.Key{a.Key, b.Key, c.Key, d.Key})
	wantErr(t, "get many", err, nil)
	wantItems(t, "all was written", got, []table.Item{changed, c})
}

func testRefusedTransacts(t *testing.T, tb table.Table) {
	ctx := t.Context()
	wantErr(t, "none", tb.Transact(ctx, nil), table.ErrBadTransact)
	var ops []table.Op
	for i := range table.MaxOps + 1 {
		ops = append(ops, put(item("P", fmt.Sprint(i), 1, `{}`)))
	}
	wantErr(t, "too many", tb.Transact(ctx, ops), table.ErrBadTransact)
	must(t, tb, ops[:table.MaxOps]...)
	key := table.Key{PK: "P", SK: "S"}
	twice := []table.Op{put(item("P", "S", 1, `{}`)), check(key, table.IfAbsent())}
	wantErr(t, "a key twice", tb.Transact(ctx, twice), table.ErrBadTransact)
	wantErr(t, "a check of nothing", tb.Transact(ctx, []table.Op{check(key, table.Always())}), table.ErrBadTransact)
	wantErr(t, "no verb", tb.Transact(ctx, []table.Op{{Item: item("P", "S", 1, `{}`)}}), table.ErrBadTransact)
	bad := []table.Op{put(item("P", "S", 1, `{}`)), put(item("P", "T", 1, `[]`))}
	wantErr(t, "one bad item", tb.Transact(ctx, bad), table.ErrBadItem)
	_, err := tb.Get(ctx, key)
	wantErr(t, "nothing was stored", err, table.ErrAbsent)
	var large []table.Op
	fill := json.RawMessage(`{"fill":"` + strings.Repeat("x", 390<<10) + `"}`)
	for i := range 11 {
		it := item("L", fmt.Sprint(i), 1, "")
		it.Attributes = fill
		large = append(large, put(it))
	}
	wantErr(t, "more than 4 MB", tb.Transact(ctx, large), table.ErrTooLarge)
	must(t, tb, large[:10]...)
}

// workers is the concurrency of the cases below.
const workers = 32

// testCounters increments counters under optimistic locking; none may be lost.
func testCounters(t *testing.T, tb table.Table) {
	const counters, each = 4, 8
	for i := range counters {
		must(t, tb, put(item("COUNTER", fmt.Sprint(i), 0, `{"n":0}`)))
	}
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for i := range each {
				if err := increment(t, tb, table.Key{PK: "COUNTER", SK: fmt.Sprint((w + i) % counters)}); err != nil {
					t.Errorf("increment: %v", err)
					return
				}
			}
		})
	}
	wait.Wait()
	total := int64(0)
	for _, it := range all(t, tb, table.Query{PK: "COUNTER", Limit: 10}) {
		total += it.Version
		if want := fmt.Sprintf(`{"n":%d}`, it.Version); string(plain(it).Attributes) != want {
			t.Errorf("counter %s is %s at version %d", it.SK, it.Attributes, it.Version)
		}
	}
	if want := int64(workers * each); total != want {
		t.Errorf("the counters sum to %d, want %d", total, want)
	}
}

func increment(t *testing.T, tb table.Table, key table.Key) error {
	for {
		it, err := tb.Get(t.Context(), key)
		if err != nil {
			return err
		}
		was := it.Version
		it.Version++
		it.Attributes = json.RawMessage(fmt.Sprintf(`{"n":%d}`, it.Version))
		err = tb.Transact(t.Context(), []table.Op{{Verb: table.Put, Item: it, If: table.IfVersion(was)}})
		if !lost(err) {
			return err
		}
	}
}

// lost says whether a transaction lost against another and may be tried again.
func lost(err error) bool {
	_, failed := errors.AsType[*table.ConditionFailed](err)
	return failed || errors.Is(err, table.ErrConflict) || errors.Is(err, table.ErrThrottled)
}

// testClaims lets all workers claim the same names; each is won once, and the
// winner's second item is there.
func testClaims(t *testing.T, tb table.Table) {
	const names = 10
	var won [names]atomic.Int64
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			for n := range names {
				if err := claim(t, tb, w, n); err == nil {
					won[n].Add(1)
				} else if _, failed := errors.AsType[*table.ConditionFailed](err); !failed {
					t.Errorf("claim: %v", err)
				}
			}
		})
	}
	wait.Wait()
	for n := range names {
		if got := won[n].Load(); got != 1 {
			t.Errorf("name %d was won %d times", n, got)
		}
	}
	if owners := all(t, tb, table.Query{PK: "OWNER", Limit: 100}); len(owners) != names {
		t.Errorf("%d owners of %d names", len(owners), names)
	}
}

func claim(t *testing.T, tb table.Table, worker, name int) error {
	for {
		err := tb.Transact(t.Context(), []table.Op{
			put(item("OWNER", fmt.Sprintf("%d-%d", name, worker), 1, `{}`)),
			{Verb: table.Put, Item: item("NAME", fmt.Sprint(name), 1, `{}`), If: table.IfAbsent()},
		})
		if !errors.Is(err, table.ErrConflict) && !errors.Is(err, table.ErrThrottled) {
			return err
		}
	}
}
