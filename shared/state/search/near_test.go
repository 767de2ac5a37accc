package search

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// distance is optimal string alignment, by the textbook.
func distance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func dictionaryOf(terms []string) *dictionary {
	set := termSet{ids: map[string]uint32{}}
	for i, term := range terms {
		set.add(uint32(i), inDisplay, term)
	}
	s := map[string][]byte{}
	order := make([]uint32, len(terms))
	for i := range order {
		order[i] = uint32(i)
	}
	set.encode(s, "d", order, newBitset(len(order)))
	l, _ := decodeList(s["d/terms"])
	p, _ := decodeList(s["d/postings"])
	return &dictionary{terms: l, shared: s["d/shared"], postings: p, before: s["d/before"]}
}

// TestNearFindsWhatTheTextbookFinds compares over dictionaries of few letters,
// which are full of near terms.
func TestNearFindsWhatTheTextbookFinds(t *testing.T) {
	letters := rapid.StringOfN(rapid.RuneFrom([]rune("abcж")), 1, 9, -1)
	rapid.Check(t, func(t *rapid.T) {
		d := dictionaryOf(rapid.SliceOfN(letters, 1, 60).Draw(t, "terms"))
		word := []rune(letters.Draw(t, "word"))
		k := rapid.IntRange(1, maxEdits).Draw(t, "k")
		got, want := map[string]int{}, map[string]int{}
		d.near(word, k, 0, d.terms.n, func(id, edits int) { got[string(d.terms.at(id))] = edits })
		var gotPrefixes, wantPrefixes []string
		d.nearPrefixes(word, k, 0, d.terms.n, func(lo, hi int) {
			for id := lo; id < hi; id++ {
				gotPrefixes = append(gotPrefixes, string(d.terms.at(id)))
			}
		})
		for id := range d.terms.n {
			term := []rune(string(d.terms.at(id)))
			if n := distance(word, term); n <= k {
				want[string(term)] = n
			}
			for end := 1; end <= len(term); end++ {
				if distance(word, term[:end]) <= k {
					wantPrefixes = append(wantPrefixes, string(term))
					break
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("near %q, k=%d (-want +got):\n%s", string(word), k, diff)
		}
		if diff := cmp.Diff(wantPrefixes, gotPrefixes); diff != "" {
			t.Fatalf("prefixes near %q, k=%d (-want +got):\n%s", string(word), k, diff)
		}
	})
}

func TestFlatten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spans := rapid.SliceOf(rapid.Custom(func(t *rapid.T) span {
			lo := rapid.IntRange(0, 20).Draw(t, "lo")
			return span{lo, lo + rapid.IntRange(0, 12).Draw(t, "n"), rapid.SampledFrom([]uint32{20, 50, 100}).Draw(t, "quality")}
		})).Draw(t, "spans")
		flat := flatten(slices.Clone(spans))
		for id := range 40 {
			want := uint32(0)
			for _, s := range spans {
				if s.lo <= id && id < s.hi {
					want = max(want, s.quality)
				}
			}
			if got := quality(flat, id); got != want {
				t.Fatalf("quality of %d in %v is %d, want %d", id, flat, got, want)
			}
		}
	})
}

func TestPostingsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gap := rapid.SampledFrom([]uint32{1, 3, 300, 1 << 17}).Draw(t, "gap")
		masks := rapid.SampledFrom([]uint32{1, 15}).Draw(t, "masks")
		var want []uint32
		next := rapid.Uint32Range(0, gap).Draw(t, "first")
		for range rapid.IntRange(1, 700).Draw(t, "n") {
			want = append(want, next<<maskBits|rapid.Uint32Range(1, masks).Draw(t, "mask"))
			next += rapid.Uint32Range(1, gap).Draw(t, "gap")
		}
		list := readPostings(append(appendPostings(nil, want), make([]byte, slack)...))
		var got []uint32
		var block [blockSize]uint32
		for i := range list.blocks() {
			got = append(got, list.read(i, &block)...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		doc := rapid.Uint32Range(0, next).Draw(t, "doc")
		from := rapid.IntRange(0, list.blocks()-1).Draw(t, "from")
		if list.blocks() > 1 {
			want := from
			for want < list.blocks() && list.last(want) < doc {
				want++
			}
			if got := list.reach(from, doc); got != want {
				t.Fatalf("reach(%d, %d) = %d, want %d", from, doc, got, want)
			}
		}
	})
}

func TestColumnsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "documents")
		values := rapid.SampledFrom([]int{1, 7, 64, 65, 254, 255, 256, 400}).Draw(t, "values")
		most := rapid.IntRange(0, 3).Draw(t, "most")
		var pairs []docValue
		want := make([]int, values)
		for doc := range n {
			set := rapid.SliceOfNDistinct(rapid.Uint32Range(0, uint32(values-1)), 0, min(most, values), rapid.ID[uint32]).Draw(t, "set")
			slices.Sort(set)
			for _, v := range set {
				pairs = append(pairs, docValue{uint32(doc), v})
				want[v]++
			}
		}
		f := &facet{column: encodeColumn(pairs, n, values), docs: n, totals: encodeTotals(pairs, values)}
		f.sets, _ = decodeList(encodeSets(pairs, values))
		f.values = list{n: values}
		var s scorer
		s.room(values)
		s.count(f, fullBitset(n).appendTo(nil))
		if diff := cmp.Diff(want, taken(&s, values)); diff != "" {
			t.Fatalf("counts (-want +got):\n%s", diff)
		}
		some := newBitset(n)
		for doc := range uint32(n) {
			if rapid.Bool().Draw(t, "in") {
				some.set(doc)
			}
		}
		s.count(f, some.appendTo(nil))
		want2 := taken(&s, values)
		s.countSet(f, some)
		if diff := cmp.Diff(want2, taken(&s, values)); diff != "" {
			t.Fatalf("counts of a set (-want +got):\n%s", diff)
		}
		for v := range values {
			if n := int(f.set(v).GetCardinality()); n != want[v] {
				t.Fatalf("the set of %d has %d documents, want %d", v, n, want[v])
			}
		}
	})
}

func TestNumbersRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.MapOfN(rapid.Uint32Range(0, 30), rapid.Int64Range(-MaxNumber, MaxNumber), 1, 20).Draw(t, "numbers")
		var pairs []docNumber
		for doc, v := range want {
			pairs = append(pairs, docNumber{doc, v})
		}
		c := number(encodeNumbers(pairs, 31))
		for doc := range uint32(31) {
			got, ok := c.at(doc)
			v, has := want[doc]
			if ok != has || has && got != v {
				t.Fatalf("at(%d) = %d, %v; want %d, %v", doc, got, ok, v, has)
			}
		}
	})
}

// taken returns what a scorer has counted, and leaves nothing counted.
func taken(s *scorer, values int) []int {
	got := make([]int, values)
	for _, v := range s.counted {
		got[v], s.counts[v] = int(s.counts[v]), 0
	}
	s.counted = s.counted[:0]
	return got
}
