package tabletest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/state/table"
)

// Differ does the same random operations to two empty tables and compares what
// they answer: errors, items, pages, and at the end the whole table and the
// changes of each item. A seed reproduces a run.
func Differ(t *testing.T, a, b table.Table, operations int, seed uint64) {
	t.Helper()
	t.Logf("%d operations, seed %d", operations, seed)
	d := &differ{t: t, a: a, b: b, rand: rand.New(rand.NewPCG(seed, 0))}
	for i := range operations {
		switch n := d.rand.IntN(10); {
		case n < 5:
			d.transact(i)
		case n < 7:
			d.get()
		default:
			d.query()
		}
		if t.Failed() {
			t.Fatalf("they differ at operation %d, seed %d", i, seed)
		}
	}
	d.end()
}

type differ struct {
	t    *testing.T
	a, b table.Table
	rand *rand.Rand
}

// key draws from few keys, so that operations meet; one in two hundred is bad.
func (d *differ) key() table.Key {
	if d.rand.IntN(200) == 0 {
		return table.Key{PK: "P"}
	}
	return table.Key{PK: fmt.Sprintf("P%d", d.rand.IntN(4)), SK: sorts[d.rand.IntN(len(sorts))]}
}

func (d *differ) indexKey() table.Key {
	if d.rand.IntN(2) == 0 {
		return table.Key{}
	}
	return table.Key{PK: fmt.Sprintf("G%d", d.rand.IntN(3)), SK: sorts[d.rand.IntN(len(sorts))]}
}

func (d *differ) condition() table.Condition {
	switch d.rand.IntN(6) {
	case 0:
		return table.IfAbsent()
	case 1:
		return table.IfExists()
	case 2, 3:
		return table.IfVersion(d.rand.Int64N(3))
	default:
		return table.Always()
	}
}

func (d *differ) op() table.Op {
	op := table.Op{Verb: []table.Verb{table.Put, table.Put, table.Put, table.Delete, table.Check}[d.rand.IntN(5)], If: d.condition()}
	op.Item = table.Item{Key: d.key()}
	if op.Verb == table.Put {
		op.Item.G1, op.Item.G2 = d.indexKey(), d.indexKey()
		op.Item.Type, op.Item.Version = "THING", d.rand.Int64N(3)
		if d.rand.IntN(4) == 0 {
			op.Item.Expires = 4102444800 + d.rand.Int64N(1000)
		}
		op.Item.Attributes, _ = json.Marshal(d.object(0))
	}
	return op
}

func (d *differ) object(depth int) map[string]any {
	object := map[string]any{}
	for range d.rand.IntN(4) {
		object[[]string{"name", "名前", "a.b", "size", "key#", " "}[d.rand.IntN(6)]] = d.value(depth + 1)
	}
	return object
}

func (d *differ) value(depth int) any {
	switch n := d.rand.IntN(9); {
	case n == 0:
		return nil
	case n == 1:
		return d.rand.IntN(2) == 0
	case n < 4:
		return d.number()
	case n == 4 && depth < 4:
		return d.object(depth)
	case n == 5 && depth < 4:
		list := make([]any, d.rand.IntN(4))
		for i := range list {
			list[i] = d.value(depth + 1)
		}
		return list
	default:
		return strings.Repeat(sorts[d.rand.IntN(len(sorts))], d.rand.IntN(3))
	}
}

// number draws a literal; a few are out of bounds.
func (d *differ) number() json.Number {
	digits := make([]byte, 1+d.rand.IntN(38))
	for i := range digits {
		digits[i] = byte('0' + d.rand.IntN(10))
	}
	digits[0] = byte('1' + d.rand.IntN(9))
	sign := []string{"", "-"}[d.rand.IntN(2)]
	switch d.rand.IntN(3) {
	case 0:
		return json.Number(sign + string(digits))
	case 1:
		return json.Number(sign + "0." + string(digits))
	default:
		return json.Number(fmt.Sprintf("%s%se%d", sign, digits, d.rand.IntN(250)-150))
	}
}

// same compares the kind of two errors, and which operations failed.
func (d *differ) same(what string, errA, errB error) bool {
	d.t.Helper()
	failedA, _ := errors.AsType[*table.ConditionFailed](errA)
	failedB, _ := errors.AsType[*table.ConditionFailed](errB)
	if diff := cmp.Diff(failedA, failedB); diff != "" {
		d.t.Errorf("%s: failed operations differ:\n%s", what, diff)
	}
	for _, kind := range []error{table.ErrAbsent, table.ErrBadKey, table.ErrBadItem, table.ErrTooLarge, table.ErrBadQuery, table.ErrBadTransact} {
		if errors.Is(errA, kind) != errors.Is(errB, kind) {
			d.t.Errorf("%s: errors differ: %v, %v", what, errA, errB)
		}
	}
	if (errA == nil) != (errB == nil) {
		d.t.Errorf("%s: errors differ: %v, %v", what, errA, errB)
	}
	return errA == nil && errB == nil
}

func (d *differ) transact(i int) {
	n := 1
	if d.rand.IntN(2) == 0 {
		n += d.rand.IntN(6)
	}
	ops := make([]table.Op, n)
	for i := range ops {
		ops[i] = d.op()
	}
	ctx := d.t.Context()
	d.same(fmt.Sprintf("transact %d: %+v", i, ops), d.a.Transact(ctx, ops), d.b.Transact(ctx, ops))
}

func (d *differ) get() {
	keys := make([]table.Key, 1+d.rand.IntN(5))
	for i := range keys {
		keys[i] = d.key()
	}
	itA, errA := d.a.Get(d.t.Context(), keys[0])
	itB, errB := d.b.Get(d.t.Context(), keys[0])
	if d.same("get", errA, errB) && !table.Same(itA, itB) {
		d.t.Errorf("get: items differ: %+v, %+v", itA, itB)
	}
	manyA, errA := d.a.GetMany(d.t.Context(), keys)
	manyB, errB := d.b.GetMany(d.t.Context(), keys)
	if d.same("get many", errA, errB) {
		wantItems(d.t, "get many", manyA, manyB)
	}
}

// query reads all pages of each; items under one index key may come in any
// order, so they are compared sorted.
func (d *differ) query() {
	q := table.Query{PK: fmt.Sprintf("P%d", d.rand.IntN(4)), Limit: 1 + d.rand.IntN(40), Reverse: d.rand.IntN(2) == 0}
	if d.rand.IntN(2) == 0 {
		q.Index, q.PK = []table.Index{table.G1, table.G2}[d.rand.IntN(2)], fmt.Sprintf("G%d", d.rand.IntN(3))
	}
	switch d.rand.IntN(4) {
	case 0:
		q.SKPrefix = sorts[d.rand.IntN(len(sorts))]
	case 1:
		q.SKFrom = sorts[d.rand.IntN(len(sorts))]
	case 2:
		q.SKFrom, q.SKTo = sorts[d.rand.IntN(len(sorts))], sorts[d.rand.IntN(len(sorts))]
	}
	_, errA := d.a.Query(d.t.Context(), q)
	_, errB := d.b.Query(d.t.Context(), q)
	if !d.same(fmt.Sprintf("query %+v", q), errA, errB) {
		return
	}
	wantItems(d.t, fmt.Sprintf("query %+v", q), settled(all(d.t, d.a, q), q), settled(all(d.t, d.b, q), q))
}

func settled(items []table.Item, q table.Query) []table.Item {
	slices.SortStableFunc(items, func(a, b table.Item) int {
		if a.In(q.Index).SK != b.In(q.Index).SK {
			return 0
		}
		return strings.Compare(a.PK+"\x00"+a.SK, b.PK+"\x00"+b.SK)
	})
	return items
}

func (d *differ) end() {
	itemsA, errA := walked(d.t.Context(), d.a)
	itemsB, errB := walked(d.t.Context(), d.b)
	if d.same("walk", errA, errB) {
		if diff := cmp.Diff(itemsA, itemsB); diff != "" {
			d.t.Errorf("the tables differ:\n%s", diff)
		}
	}
	logA, logB := byKey(d.t, d.a), byKey(d.t, d.b)
	for _, key := range slices.Collect(maps.Keys(logA)) {
		wantChanges(d.t, fmt.Sprintf("changes of %v", key), logA[key], logB[key])
	}
	if len(logA) != len(logB) {
		d.t.Errorf("changes of %d and %d items", len(logA), len(logB))
	}
}

func byKey(t *testing.T, tb table.Table) map[table.Key][]table.Change {
	changes, _ := drain(t, tb, "", table.MaxPage)
	log := map[table.Key][]table.Change{}
	for _, c := range changes {
		log[c.Key] = append(log[c.Key], c)
	}
	return log
}
