package table_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"convoke/shared/state/table"
)

func sized(attributes string) table.Item {
	return table.Item{Key: table.Key{PK: "p", SK: "s"}, Attributes: json.RawMessage(attributes)}
}

// TestSize adds each value's size, as DynamoDB documents it, to that of an item
// with nothing but its keys (pk, p, sk, s, v, 0).
func TestSize(t *testing.T) {
	const bare = 2 + 1 + 2 + 1 + 1 + 1
	for attributes, want := range map[string]int{
		``:                               0,
		` { } `:                          0,
		`{"a":""}`:                       1,
		`{"ab" : "cd" }`:                 4,
		`{"é":"日"}`:                      5,
		`{"a":"\u00e9\n\""}`:             1 + 4,
		`{"a":true,"b":false,"c":null}`:  6,
		`{"a":0}`:                        1 + 1,
		`{"a":1}`:                        1 + 2,
		`{"a":-1}`:                       1 + 3,
		`{"a":12}`:                       1 + 2,
		`{"a":123}`:                      1 + 3,
		`{"a":1.5}`:                      1 + 3, // 01.50 in pairs
		`{"a":100}`:                      1 + 2,
		`{"a":[]}`:                       1 + 3,
		`{"a":["x", "yz"]}`:              1 + 3 + 2 + 3,
		`{"a":{ "b" : { } }}`:            1 + 3 + 1 + 1 + 3,
		`{"a":[1,[true],{"b":"c"}]}`:     1 + 3 + (2 + 1) + (3 + 1 + 1 + 1) + (3 + 1 + 1 + 1 + 1),
		"{\n\t\"a\" : [ 1 ,\r\n 2 ] }\n": 1 + 3 + 3 + 3,
	} {
		got, err := table.Size(sized(attributes))
		if err != nil || got != bare+want {
			t.Errorf("%s: got %d (%v), want %d", attributes, got, err, bare+want)
		}
	}
}

// TestNumber holds Number to arithmetic: the same value, and one spelling.
func TestNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		literal := rapid.StringMatching(`-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?`).Draw(t, "literal")
		got, err := table.Number(literal)
		if err != nil {
			if !errors.Is(err, table.ErrBadItem) {
				t.Fatal(err)
			}
			return
		}
		want, _ := new(big.Rat).SetString(literal)
		value, ok := new(big.Rat).SetString(got)
		if !ok || value.Cmp(want) != 0 || !json.Valid([]byte(got)) {
			t.Fatalf("%s became %s", literal, got)
		}
		if again, err := table.Number(got); err != nil || again != got {
			t.Fatalf("%s became %s, then %s (%v)", literal, got, again, err)
		}
	})
}

// FuzzValidate: whatever the bytes, a verdict and no panic; what is accepted
// is JSON and has a canonical form of the same size.
func FuzzValidate(f *testing.F) {
	for _, seed := range []string{`{"a":[1,{"b":null}]}`, `{"a":"\ud83d\ude00"}`, `{"a":"\ud800"}`, `{"a":1,"a":1}`, "{\"\xff\":1}", `{}x`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) == 0 {
			return
		}
		size, err := table.Size(sized(string(raw)))
		if err != nil {
			if !errors.Is(err, table.ErrBadItem) {
				t.Fatal(err)
			}
			return
		}
		canonical, err := table.Canonical(raw)
		if err != nil {
			t.Fatalf("accepted, but: %v", err)
		}
		again, err := table.Size(sized(string(canonical)))
		if err != nil || again != size {
			t.Fatalf("%q has size %d, canonical %q has %d (%v)", raw, size, canonical, again, err)
		}
	})
}

func TestSame(t *testing.T) {
	a := sized(`{"a":1,"b":[1.0,"\u00e9"]}`)
	for attributes, want := range map[string]bool{
		`{"b":[1,"é"],"a":1e0}`:     true,
		`{"a":1,"b":["é",1]}`:       false,
		`{"a":1,"b":[1,"é"],"c":0}`: false,
	} {
		if got := table.Same(a, sized(attributes)); got != want {
			t.Errorf("%s: got %t", attributes, got)
		}
	}
	b := a
	b.Expires = 1
	if table.Same(a, b) || !table.Same(sized(""), sized("{}")) {
		t.Error("expiry or absent attributes are compared wrongly")
	}
}

func TestCursorOfOthers(t *testing.T) {
	q := table.Query{Index: table.G1, PK: "P", SKFrom: "a", SKTo: "c", Limit: 1}
	at := table.Position{SK: "b", Key: table.Key{PK: "X", SK: "Y"}}
	q.Cursor = q.CursorAt(at)
	if got, ok, err := q.Start(); err != nil || !ok || got != at {
		t.Errorf("got %+v, %t, %v", got, ok, err)
	}
	for _, p := range []table.Position{{SK: "d", Key: at.Key}, {SK: "b"}, {SK: "b", Key: table.Key{PK: strings.Repeat("x", 3000), SK: "y"}}} {
		q.Cursor = q.CursorAt(p) // as one would who knew how
		if _, _, err := q.Start(); !errors.Is(err, table.ErrBadQuery) {
			t.Errorf("%.40s: got error %v", fmt.Sprint(p), err)
		}
	}
}

func BenchmarkValidateItem(b *testing.B) {
	it := sized(`{"name":"International Organization for Migration","country":"CH","languages":["en","fr","es"],"n":1234.5,"text":"` +
		strings.Repeat("x", 400) + `"}`)
	b.ReportAllocs()
	for b.Loop() {
		if err := table.ValidateItem(it); err != nil {
			b.Fatal(err)
		}
	}
}
