package tabletest

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"convoke/shared/state/table"
)

// sorts are sort keys whose order by bytes differs from other orders: by rune,
// by UTF-16 unit, by length, by letter.
var sorts = []string{
	" ", "!", "#", "-", "0", "00", "10", "2", "A", "A#", "A#1", "A#10", "A#2", "AA", "B", "Z", "[", "_", "a", "aB", "ab", "b",
	"z", "~", "\u007f", "é", "e\u0301", "ß", "Ω", "д", "א", "م", "क", "あ", "日本", "\ue000", "\uffee", "\U00010000", "😀",
}

func sorted(items []table.Item, sk func(table.Item) string) []table.Item {
	items = slices.Clone(items)
	slices.SortFunc(items, func(a, b table.Item) int { return strings.Compare(sk(a), sk(b)) })
	return items
}

func reversed(items []table.Item) []table.Item {
	items = slices.Clone(items)
	slices.Reverse(items)
	return items
}

func testOrder(t *testing.T, tb table.Table) {
	var items []table.Item
	for _, sk := range sorts {
		it := item("P", sk, 1, `{}`)
		it.G1 = table.Key{PK: "G", SK: sk}
		items = append(items, it)
	}
	rand.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	load(t, tb, items)
	load(t, tb, []table.Item{item("O", "A", 1, `{}`), item("Q", "A", 1, `{}`), item("PP", "A", 1, `{}`)})
	items = sorted(items, func(it table.Item) string { return it.SK })
	for _, limit := range []int{1, 3, len(items), table.MaxPage} {
		q := table.Query{PK: "P", Limit: limit}
		wantItems(t, "by the key", all(t, tb, q), items)
		q.Reverse = true
		wantItems(t, "by the key, reversed", all(t, tb, q), reversed(items))
		q = table.Query{Index: table.G1, PK: "G", Limit: limit}
		wantItems(t, "by g1", all(t, tb, q), items)
		q.Reverse = true
		wantItems(t, "by g1, reversed", all(t, tb, q), reversed(items))
	}
	testRanges(t, tb, items)
}

// testRanges compares every prefix and range over sorts with a plain filter.
func testRanges(t *testing.T, tb table.Table, items []table.Item) {
	queries := []table.Query{{SKPrefix: "A"}, {SKPrefix: "A#"}, {SKPrefix: "a"}, {SKPrefix: "日"}, {SKPrefix: "none"}}
	for i := range 40 {
		from, to := sorts[rand.IntN(len(sorts))], sorts[rand.IntN(len(sorts))]
		switch {
		case i%4 == 0:
			queries = append(queries, table.Query{SKFrom: from})
		case i%4 == 1:
			queries = append(queries, table.Query{SKTo: to})
		case from < to:
			queries = append(queries, table.Query{SKFrom: from, SKTo: to})
		}
	}
	for _, q := range queries {
		var want []table.Item
		for _, it := range items {
			if q.Covers(it.SK) {
				want = append(want, it)
			}
		}
		for _, q.Limit = range []int{2, 100} {
			what := fmt.Sprintf("prefix %q, from %q to %q", q.SKPrefix, q.SKFrom, q.SKTo)
			q.Index, q.PK, q.Reverse = table.Primary, "P", false
			wantItems(t, what, all(t, tb, q), want)
			q.Reverse = true
			wantItems(t, what+", reversed", all(t, tb, q), reversed(want))
			q.Index, q.PK = table.G1, "G"
			wantItems(t, what+", reversed in g1", all(t, tb, q), reversed(want))
		}
	}
}

// testPages reads pages while items before and after the cursor come and go.
func testPages(t *testing.T, tb table.Table) {
	var items []table.Item
	for i := range 20 {
		items = append(items, item("P", fmt.Sprintf("%02d", i), 1, `{}`))
	}
	load(t, tb, items)
	q := table.Query{PK: "P", Limit: 5}
	first, err := tb.Query(t.Context(), q)
	wantErr(t, "first page", err, nil)
	wantItems(t, "first page", first.Items, items[:5])
	must(t, tb, remove(items[4].Key), remove(items[5].Key), put(item("P", "00a", 1, `{}`)), put(item("P", "04a", 1, `{}`)))
	q.Cursor = first.Cursor
	second, err := tb.Query(t.Context(), q)
	wantErr(t, "second page", err, nil)
	want := append([]table.Item{item("P", "04a", 1, `{}`)}, items[6:10]...)
	wantItems(t, "the cursor's item is gone, another came", second.Items, want)
	q.Limit, q.Cursor = 100, second.Cursor
	wantItems(t, "the rest with another limit", all(t, tb, q), items[10:])
	empty, err := tb.Query(t.Context(), table.Query{PK: "NOBODY", Limit: 1})
	if wantErr(t, "an empty partition", err, nil); len(empty.Items) != 0 || empty.Cursor != "" {
		t.Errorf("an empty partition has %d items and cursor %q", len(empty.Items), empty.Cursor)
	}
}

// testLargePages asks for more than a page can hold.
func testLargePages(t *testing.T, tb table.Table) {
	fill := strings.Repeat("x", 300<<10)
	var items []table.Item
	for i := range 8 {
		items = append(items, item("P", fmt.Sprint(i), 1, `{"fill":"`+fill+`"}`))
		must(t, tb, put(items[i]))
	}
	q := table.Query{PK: "P", Limit: 100}
	page, err := tb.Query(t.Context(), q)
	wantErr(t, "query", err, nil)
	if n := len(page.Items); n < 2 || n > 5 || page.Cursor == "" {
		t.Errorf("a page of %d items of 300 KB, cursor %q", n, page.Cursor)
	}
	if got := all(t, tb, q); len(got) != len(items) || !table.Same(got[7], items[7]) {
		t.Errorf("%d items in all, want %d", len(got), len(items))
	}
	keys := make([]table.Key, len(items))
	for i, it := range items {
		keys[i] = it.Key
	}
	got, err := tb.GetMany(t.Context(), keys)
	if wantErr(t, "get many", err, nil); len(got) != len(items) {
		t.Errorf("%d large items at once, want %d", len(got), len(items))
	}
}

func testCursors(t *testing.T, tb table.Table) {
	for _, pk := range []string{"P", "Q"} {
		for i := range 4 {
			it := item(pk, fmt.Sprint(i), 1, `{}`)
			it.G1 = table.Key{PK: "G" + pk, SK: "same"}
			must(t, tb, put(it))
		}
	}
	for _, q := range []table.Query{{PK: "P", Limit: 2}, {Index: table.G1, PK: "GP", Limit: 2}} {
		page, err := tb.Query(t.Context(), q)
		wantErr(t, "query", err, nil)
		if page.Cursor == "" {
			t.Fatal("no cursor")
		}
		for name, cursor := range tampered(page.Cursor) {
			bad := q
			bad.Cursor = cursor
			_, err := tb.Query(t.Context(), bad)
			wantErr(t, "cursor "+name, err, table.ErrBadQuery)
		}
		for name, change := range map[string]func(*table.Query){
			"another partition": func(q *table.Query) { q.PK = strings.Replace(q.PK, "P", "Q", 1) },
			"a prefix":          func(q *table.Query) { q.SKPrefix = "1" },
			"a range":           func(q *table.Query) { q.SKFrom = "0" },
			"reversed":          func(q *table.Query) { q.Reverse = true },
			"another index":     func(q *table.Query) { q.Index = table.G2 },
		} {
			bad := q
			bad.Cursor = page.Cursor
			change(&bad)
			_, err := tb.Query(t.Context(), bad)
			wantErr(t, "cursor used for "+name, err, table.ErrBadQuery)
		}
	}
}

// tampered are cursors that nobody was given.
func tampered(cursor string) map[string]string {
	raw, _ := base64.RawURLEncoding.DecodeString(cursor)
	flipped := slices.Clone(raw)
	flipped[len(flipped)-1] ^= 1
	return map[string]string{
		"cut":       cursor[:len(cursor)-2],
		"extended":  cursor + "AAAA",
		"flipped":   base64.RawURLEncoding.EncodeToString(flipped),
		"no base64": "*" + cursor,
		"a word":    "next",
		"JSON":      base64.RawURLEncoding.EncodeToString([]byte(`{"pk":"Q","sk":"0"}`)),
	}
}

func testRefusedQueries(t *testing.T, tb table.Table) {
	for name, q := range map[string]table.Query{
		"no limit":         {PK: "P"},
		"negative limit":   {PK: "P", Limit: -1},
		"great limit":      {PK: "P", Limit: table.MaxPage + 1},
		"unknown index":    {PK: "P", Limit: 1, Index: "g3"},
		"prefix and range": {PK: "P", Limit: 1, SKPrefix: "a", SKFrom: "a"},
		"empty range":      {PK: "P", Limit: 1, SKFrom: "b", SKTo: "b"},
		"backward range":   {PK: "P", Limit: 1, SKFrom: "b", SKTo: "a"},
		"prefix not UTF-8": {PK: "P", Limit: 1, SKPrefix: "\xc3"},
		"NUL in range":     {PK: "P", Limit: 1, SKFrom: "\x00"},
		"long bound":       {PK: "P", Limit: 1, SKTo: strings.Repeat("s", table.MaxSortBytes+1)},
	} {
		_, err := tb.Query(t.Context(), q)
		wantErr(t, name, err, table.ErrBadQuery)
	}
	for name, key := range badKeys() {
		if key.SK == "S" {
			_, err := tb.Query(t.Context(), table.Query{PK: key.PK, Limit: 1})
			wantErr(t, name, err, table.ErrBadKey)
		}
	}
	for name, limit := range map[string]int{"no limit": 0, "great limit": table.MaxPage + 1} {
		_, _, err := tb.Changes(t.Context(), "", limit)
		wantErr(t, "changes, "+name, err, table.ErrBadQuery)
	}
	for _, cursor := range []string{"x", "-1", "99999999", "{}", `{"shards":1}`} {
		_, _, err := tb.Changes(t.Context(), cursor, 1)
		wantErr(t, "changes, cursor "+cursor, err, table.ErrBadQuery)
	}
}

// testIndexes finds items through both indexes, several under one index key.
func testIndexes(t *testing.T, tb table.Table) {
	var items, inG1, inG2 []table.Item
	for i := range 60 {
		it := item(fmt.Sprintf("P%d", i), "S", 1, fmt.Sprintf(`{"i":%d}`, i))
		if i%2 == 0 {
			it.G1 = table.Key{PK: "G", SK: fmt.Sprintf("%02d", i/6)}
			inG1 = append(inG1, it)
		}
		if i%3 == 0 {
			it.G2 = table.Key{PK: "G", SK: fmt.Sprintf("%02d", 99-i)}
			if i%2 == 0 {
				inG1[len(inG1)-1] = it
			}
			inG2 = append(inG2, it)
		}
		items = append(items, it)
	}
	load(t, tb, items)
	for _, limit := range []int{1, 7, 100} {
		for _, reverse := range []bool{false, true} {
			got := all(t, tb, table.Query{Index: table.G1, PK: "G", Limit: limit, Reverse: reverse})
			byPK := func(it table.Item) string { return it.PK }
			wantItems(t, "g1", sorted(got, byPK), sorted(inG1, byPK))
			inOrder := slices.IsSortedFunc(got, func(a, b table.Item) int {
				if reverse {
					a, b = b, a
				}
				return strings.Compare(a.G1.SK, b.G1.SK)
			})
			if !inOrder {
				t.Errorf("g1 is out of order, limit %d, reverse %t", limit, reverse)
			}
			want := reversed(inG2)
			if reverse {
				want = inG2
			}
			wantItems(t, "g2", all(t, tb, table.Query{Index: table.G2, PK: "G", Limit: limit, Reverse: reverse}), want)
			ranged := table.Query{Index: table.G1, PK: "G", SKFrom: "02", SKTo: "05", Limit: limit, Reverse: reverse}
			if got := all(t, tb, ranged); len(got) != 9 {
				t.Errorf("%d items in a range of g1, want 9 (limit %d, reverse %t)", len(got), limit, reverse)
			}
		}
	}
}

func testIndexMoves(t *testing.T, tb table.Table) {
	in := func(index table.Index, pk string) int {
		return len(all(t, tb, table.Query{Index: index, PK: pk, Limit: 10}))
	}
	expect := func(what string, want ...int) {
		t.Helper()
		got := []int{in(table.G1, "A"), in(table.G1, "B"), in(table.G2, "A")}
		if !slices.Equal(got, want) {
			t.Errorf("%s: g1 A, g1 B, g2 A hold %v, want %v", what, got, want)
		}
	}
	it := item("P", "S", 1, `{}`)
	must(t, tb, put(it))
	expect("in none", 0, 0, 0)
	it.G1 = table.Key{PK: "A", SK: "1"}
	must(t, tb, put(it))
	expect("in one", 1, 0, 0)
	it.G1 = table.Key{PK: "A", SK: "2"}
	must(t, tb, put(it))
	expect("another sort key", 1, 0, 0)
	it.G1, it.G2 = table.Key{PK: "B", SK: "2"}, table.Key{PK: "A", SK: "1"}
	must(t, tb, put(it))
	expect("another partition, and the other index", 0, 1, 1)
	it.G1 = table.Key{}
	must(t, tb, put(it))
	expect("out of one", 0, 0, 1)
	must(t, tb, remove(it.Key))
	expect("deleted", 0, 0, 0)
}
