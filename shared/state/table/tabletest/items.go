package tabletest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"convoke/shared/state/table"
)

func testGet(t *testing.T, tb table.Table) {
	key := table.Key{PK: "A", SK: "1"}
	_, err := tb.Get(t.Context(), key)
	wantErr(t, "get of nothing", err, table.ErrAbsent)
	must(t, tb, put(item("A", "1", 1, `{"name":"one"}`)))
	got, err := tb.Get(t.Context(), key)
	wantErr(t, "get", err, nil)
	wantItems(t, "get", []table.Item{got}, []table.Item{item("A", "1", 1, `{"name":"one"}`)})
	must(t, tb, remove(key))
	_, err = tb.Get(t.Context(), key)
	wantErr(t, "get of what was deleted", err, table.ErrAbsent)
	must(t, tb, remove(key)) // removing what is absent is no error
}

// testRoundTrip puts what JSON can say and reads it back the same.
func testRoundTrip(t *testing.T, tb table.Table) {
	for i, attributes := range []string{
		`{}`,
		`{"null":null,"yes":true,"no":false,"empty":"","list":[],"map":{}}`,
		`{"nested":{"a":[1,[2,{"b":[null,""]}]]}}`,
		`{"n":[0,-0,1,-1,1.5,0.1,100,1e2,1E+2,1e-2,-2.50,12345678901234567890123456789012345678]}`,
		`{"n":[9.9999999999999999999999999999999999999e125,-9.9999999999999999999999999999999999999e125,1e-130,-1e-130]}`,
		`{"n":[0.00000012345,123456789012345678901234567890,1e21,1e22,1e-7,9007199254740993]}`,
		`{"latin":"Größe","arabic":"منظمة الهجرة","han":"移民","emoji":"👩‍👩‍👧","escaped":"\ud83d\ude00\u0000\u001f\"\\\/"}`,
		`{"名前":"key in Han","with space":1,"with.dot":2,"#hash":3,":colon":4,"size":5,"name":6}`,
		`{"html":"<a href=\"x\">&amp;</a>","line":"\u2028"}`,
	} {
		it := item("A", fmt.Sprint(i), 1, attributes)
		must(t, tb, put(it))
		got, err := tb.Get(t.Context(), it.Key)
		wantErr(t, attributes, err, nil)
		wantItems(t, "round trip", []table.Item{got}, []table.Item{it})
	}
	full := table.Item{
		Key: table.Key{PK: "ключ", SK: "鍵"}, G1: table.Key{PK: "g", SK: "h"}, G2: table.Key{PK: "i", SK: "j"},
		Type: "THING", Version: -3, Expires: 4102444800,
	}
	must(t, tb, put(full))
	got, err := tb.Get(t.Context(), full.Key)
	wantErr(t, "get", err, nil)
	wantItems(t, "an item with everything", []table.Item{got}, []table.Item{full})
}

func testGetMany(t *testing.T, tb table.Table) {
	var items []table.Item
	var keys []table.Key
	for i := range 230 {
		it := item(fmt.Sprintf("P%d", i%7), fmt.Sprintf("S%03d", i), 1, fmt.Sprintf(`{"i":%d}`, i))
		keys = append(keys, it.Key)
		if i%3 != 0 {
			items = append(items, it)
		}
	}
	load(t, tb, items)
	got, err := tb.GetMany(t.Context(), keys)
	wantErr(t, "get many", err, nil)
	wantItems(t, "get many", got, items)
	got, err = tb.GetMany(t.Context(), nil)
	wantErr(t, "get none", err, nil)
	wantItems(t, "get none", got, nil)
	_, err = tb.GetMany(t.Context(), []table.Key{keys[0], keys[0]})
	wantErr(t, "a key twice", err, table.ErrBadQuery)
	_, err = tb.GetMany(t.Context(), make([]table.Key, table.MaxPage+1))
	wantErr(t, "too many keys", err, table.ErrBadQuery)
	_, err = tb.GetMany(t.Context(), []table.Key{{PK: "A"}})
	wantErr(t, "an empty key", err, table.ErrBadKey)
}

// badKeys are refused wherever a key is taken.
func badKeys() map[string]table.Key {
	long := strings.Repeat("k", table.MaxPartitionBytes+1)
	return map[string]table.Key{
		"empty":             {},
		"empty pk":          {SK: "S"},
		"empty sk":          {PK: "P"},
		"long pk":           {PK: long, SK: "S"},
		"long sk":           {PK: "P", SK: long[:table.MaxSortBytes+1]},
		"long pk in Greek":  {PK: strings.Repeat("ω", table.MaxPartitionBytes/2+1), SK: "S"},
		"pk not UTF-8":      {PK: "P\xff", SK: "S"},
		"sk half surrogate": {PK: "P", SK: "S\xed\xa0\x80"},
		"NUL in pk":         {PK: "P\x00", SK: "S"},
		"NUL in sk":         {PK: "P", SK: "\x00S"},
	}
}

func testRefusedKeys(t *testing.T, tb table.Table) {
	ctx := t.Context()
	good := item("P", "S", 1, `{}`)
	for name, key := range badKeys() {
		_, err := tb.Get(ctx, key)
		wantErr(t, "get "+name, err, table.ErrBadKey)
		it := good
		it.Key = key
		wantErr(t, "put "+name, tb.Transact(ctx, []table.Op{put(it)}), table.ErrBadKey)
		wantErr(t, "delete "+name, tb.Transact(ctx, []table.Op{remove(key)}), table.ErrBadKey)
		wantErr(t, "check "+name, tb.Transact(ctx, []table.Op{check(key, table.IfAbsent())}), table.ErrBadKey)
		if key == (table.Key{}) {
			continue // keeps an item out of an index
		}
		it = good
		it.G1 = key
		wantErr(t, "g1 "+name, tb.Transact(ctx, []table.Op{put(it)}), table.ErrBadKey)
		it.G1, it.G2 = table.Key{}, key
		wantErr(t, "g2 "+name, tb.Transact(ctx, []table.Op{put(it)}), table.ErrBadKey)
	}
	longest := item(strings.Repeat("p", table.MaxPartitionBytes), strings.Repeat("s", table.MaxSortBytes), 1, `{}`)
	longest.G1, longest.G2 = longest.Key, longest.Key
	must(t, tb, put(longest))
	got := all(t, tb, table.Query{Index: table.G2, PK: longest.PK, Limit: 1})
	wantItems(t, "the longest keys", got, []table.Item{longest})
	_, err := tb.Get(ctx, good.Key)
	wantErr(t, "nothing was stored", err, table.ErrAbsent)
}

func testRefusedItems(t *testing.T, tb table.Table) {
	for name, attributes := range map[string]string{
		"no JSON":              `{`,
		"trailing comma":       `{"a":1,}`,
		"two values":           `{} {}`,
		"no object":            `[]`,
		"null":                 `null`,
		"string":               `"text"`,
		"not UTF-8":            "{\"a\":\"\xff\"}",
		"half surrogate":       `{"a":"\ud800"}`,
		"low surrogate":        `{"a":"\udc00\ud800"}`,
		"surrogate and letter": `{"a":"\ud800\u0041"}`,
		"half surrogate name":  `{"\udfff":1}`,
		"member twice":         `{"a":1,"a":2}`,
		"member twice escaped": `{"a":1,"\u0061":2}`,
		"nested member twice":  `{"a":[{"b":1,"b":1}]}`,
		"empty name":           `{"":1}`,
		"nested empty name":    `{"a":{"":1}}`,
		"long name":            `{"` + strings.Repeat("n", table.MaxNameBytes+1) + `":1}`,
		"reserved pk":          `{"pk":"x"}`,
		"reserved g2sk":        `{"g2sk":"x"}`,
		"reserved type":        `{"type":"x"}`,
		"reserved v":           `{"v":1}`,
		"reserved ttl":         `{"ttl":1}`,
		"39 digits":            `{"n":123456789012345678901234567890123456789}`,
		"39 digits spread":     `{"n":1.00000000000000000000000000000000000001}`,
		"too great":            `{"n":1e126}`,
		"too great below":      `{"n":-1e126}`,
		"too small":            `{"n":1e-131}`,
		"absurd exponent":      `{"n":1e99999999999999999999}`,
		"not a number":         `{"n":NaN}`,
	} {
		it := item("P", "S", 1, attributes)
		wantErr(t, name, tb.Transact(t.Context(), []table.Op{put(it)}), table.ErrBadItem)
	}
	negative := item("P", "S", 1, `{}`)
	negative.Expires = -1
	wantErr(t, "negative expiry", tb.Transact(t.Context(), []table.Op{put(negative)}), table.ErrBadItem)
	accepted := item("P", "S", 1, `{"inner":{"pk":1,"v":2},"zero":0e999,"long":100000000000000000000000000000000000000000}`)
	must(t, tb, put(accepted))
}

// testSize stores items of exactly the limit, counted over several shapes, and
// refuses one byte more.
func testSize(t *testing.T, tb table.Table) {
	for i, shape := range []string{
		`{"fill":%q}`,
		`{"numbers":[0,1,-1,12,123,1.5,-0.001,1e100,99999999999999999999999999999999999999],"fill":%q}`,
		`{"m":{"a":{"b":null},"c":[true,false,[]]},"n":-12345.678,"fill":%q}`,
		`{"ключ":"значение","list":["a","b",{"c":1}],"fill":%q}`,
	} {
		it := item("P", fmt.Sprint(i), 1, fmt.Sprintf(shape, ""))
		it.G1 = table.Key{PK: "G", SK: "H"}
		it.Expires = 4102444800
		empty, err := table.Size(it)
		wantErr(t, "size", err, nil)
		fill := strings.Repeat("x", table.MaxItemBytes-empty)
		it.Attributes = json.RawMessage(fmt.Sprintf(shape, fill))
		must(t, tb, put(it))
		got, err := tb.Get(t.Context(), it.Key)
		wantErr(t, "get", err, nil)
		if !table.Same(got, it) {
			t.Errorf("shape %d: the largest item was not read back the same", i)
		}
		it.Attributes = json.RawMessage(fmt.Sprintf(shape, fill+"x"))
		wantErr(t, "a byte too many", tb.Transact(t.Context(), []table.Op{put(it)}), table.ErrTooLarge)
	}
}

func testDepth(t *testing.T, tb table.Table) {
	lists := func(n int) string { return `{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	maps := func(n int) string { return strings.Repeat(`{"a":`, n) + "{}" + strings.Repeat("}", n) }
	for name, nested := range map[string]func(int) string{"lists": lists, "maps": maps} {
		it := item("P", name, 1, nested(table.MaxDepth-1))
		must(t, tb, put(it))
		got, err := tb.Get(t.Context(), it.Key)
		wantErr(t, name, err, nil)
		wantItems(t, name, []table.Item{got}, []table.Item{it})
		it.Attributes = json.RawMessage(nested(table.MaxDepth))
		wantErr(t, name, tb.Transact(t.Context(), []table.Op{put(it)}), table.ErrBadItem)
		it.Attributes = json.RawMessage(nested(9000))
		wantErr(t, name, tb.Transact(t.Context(), []table.Op{put(it)}), table.ErrBadItem)
	}
}

func testWalk(t *testing.T, tb table.Table) {
	want := map[table.Key]table.Item{}
	var items []table.Item
	for i := range 700 {
		it := item(fmt.Sprintf("P%d", i%13), fmt.Sprint(i), 1, `{"a":[1,2,3]}`)
		items = append(items, it)
		want[it.Key] = plain(it)
	}
	load(t, tb, items)
	got, err := walked(t.Context(), tb)
	wantErr(t, "walk", err, nil)
	if len(got) != len(want) {
		t.Errorf("walked over %d items, want %d", len(got), len(want))
	}
	for key, it := range want {
		if !table.Same(got[key], it) {
			t.Errorf("walk: %v is %+v", key, got[key])
		}
	}
	enough := errors.New("enough")
	calls := 0
	err = tb.Walk(t.Context(), func(table.Item) error {
		calls++
		return enough
	})
	if wantErr(t, "a walk that was ended", err, enough); calls != 1 {
		t.Errorf("fn was called %d times after it failed", calls-1)
	}
	err = tb.Walk(t.Context(), func(it table.Item) error { // fn may use the table
		it.Version++
		return tb.Transact(t.Context(), []table.Op{{Verb: table.Put, Item: it, If: table.IfExists()}})
	})
	wantErr(t, "a walk that writes", err, nil)
}

func testCancelled(t *testing.T, tb table.Table) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	key := table.Key{PK: "P", SK: "S"}
	wantErr(t, "transact", tb.Transact(ctx, []table.Op{put(item("P", "S", 1, `{}`))}), context.Canceled)
	_, err := tb.Get(ctx, key)
	wantErr(t, "get", err, context.Canceled)
	_, err = tb.Query(ctx, table.Query{PK: "P", Limit: 1})
	wantErr(t, "query", err, context.Canceled)
	_, err = tb.Get(t.Context(), key)
	wantErr(t, "nothing was stored", err, table.ErrAbsent)
}

func testClosed(t *testing.T, tb table.Table) {
	ctx := t.Context()
	must(t, tb, put(item("P", "S", 1, `{}`)))
	wantErr(t, "close", tb.Close(), nil)
	wantErr(t, "close again", tb.Close(), nil)
	_, err := tb.Get(ctx, table.Key{PK: "P", SK: "S"})
	wantErr(t, "get", err, table.ErrClosed)
	_, err = tb.GetMany(ctx, []table.Key{{PK: "P", SK: "S"}})
	wantErr(t, "get many", err, table.ErrClosed)
	_, err = tb.Query(ctx, table.Query{PK: "P", Limit: 1})
	wantErr(t, "query", err, table.ErrClosed)
	wantErr(t, "transact", tb.Transact(ctx, []table.Op{put(item("P", "S", 1, `{}`))}), table.ErrClosed)
	_, _, err = tb.Changes(ctx, "", 1)
	wantErr(t, "changes", err, table.ErrClosed)
	wantErr(t, "walk", tb.Walk(ctx, func(table.Item) error { return nil }), table.ErrClosed)
}
