package search

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
)

// Counts of many documents are kept. Those that are kept are told from those of
// other filters and readers, and are forgotten with the state of the index that they
// are of.
func TestKeptCounts(t *testing.T) {
	w := openWriter(t, t.TempDir())
	docs := make([]Document, 3*manyDocuments)
	for i := range docs {
		docs[i] = doc(fmt.Sprint(i), 1, fmt.Sprintf("name %d", i))
		docs[i].Facets = map[string][]string{
			"seen_by": {[]string{"public", "unit"}[i%2]}, "category": {fmt.Sprint("c", i%3)}, "country": {fmt.Sprint("k", i%5), fmt.Sprint("k", i%7)},
		}
	}
	fatal(t, w.Build(ctx, withoutErrors(docs)))
	ix, err := Open(ctx, w.Store)
	fatal(t, err)
	var queries []Query
	for _, where := range [][]Filter{
		nil,
		{{Field: "category", AnyOf: []string{"c0"}}},
		{{Field: "category", AnyOf: []string{"c1", "c2"}}},
		{{Field: "category", NoneOf: []string{"c1"}}},
		{{Field: "category", AnyOf: []string{"c0"}}, {Field: "country", AnyOf: []string{"k1"}}},
		{{Field: "country", NoneOf: []string{"k6"}, Fixed: true}},
	} {
		for _, reader := range []string{"public", "unit"} {
			q := Query{Where: append(slices.Clone(where), Filter{Field: "seen_by", AnyOf: []string{reader}, Fixed: true}), Facets: []string{"category", "country"}}
			queries = append(queries, q, Query{Text: "-none", Where: q.Where, Facets: q.Facets}, Query{Where: q.Where, Facets: q.Facets, Ranges: []Range{{Field: "none", OrNone: true}}})
		}
	}
	compare := func(state string) {
		t.Helper()
		for range 2 {
			for _, q := range queries {
				found, err := ix.Search(ctx, q)
				fatal(t, err)
				for _, field := range q.Facets {
					if d := gocmp.Diff(countedByHand(docs, q.Where, field), found.Facets[field]); d != "" {
						t.Fatalf("%s, %+v: %s (-want +got):\n%s", state, q.Where, field, d)
					}
				}
			}
		}
	}
	compare("as built")
	docs[4].Facets["category"], docs[4].Version = []string{"c9"}, 2
	fatal(t, w.Apply(ctx, []Change{{Document: docs[4]}, {Document: Document{ID: "6", Version: 2}, Removed: true}}))
	docs = slices.Delete(docs, 6, 7)
	fatal(t, ix.Refresh(ctx))
	compare("changed")
}

// countedByHand counts a field over the documents for which all filters hold but
// the field's own.
func countedByHand(docs []Document, where []Filter, field string) []Count {
	n := map[string]int{}
	for _, d := range docs {
		holds := !slices.ContainsFunc(where, func(f Filter) bool {
			has := func(wanted []string) bool {
				return slices.ContainsFunc(d.Facets[f.Field], func(v string) bool { return slices.Contains(wanted, v) })
			}
			return (f.Field != field || f.Fixed) && (len(f.AnyOf) > 0 && !has(f.AnyOf) || has(f.NoneOf))
		})
		if !holds {
			continue
		}
		for _, v := range slices.Compact(slices.Sorted(slices.Values(d.Facets[field]))) {
			n[v]++
		}
	}
	counts := []Count{}
	for v, n := range n {
		counts = append(counts, Count{Value: v, N: n})
	}
	slices.SortFunc(counts, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Value, b.Value)) })
	return counts
}

// More filters than fit a table of them answer as few do.
func TestManyFilters(t *testing.T) {
	ix := smallIndex(t)
	for _, text := range []string{"", "migration", "geneva univ", "organization "} {
		few := Query{
			Text: text, Facets: []string{"category", "seen_by"},
			Where: []Filter{{Field: "seen_by", AnyOf: []string{"public"}, Fixed: true}, {Field: "category", AnyOf: []string{"un_agency"}}},
		}
		many := few
		for i := range 2 * fewTests {
			many.Where = append(many.Where[:len(many.Where):len(many.Where)], Filter{Field: fmt.Sprint("none", i), NoneOf: []string{"x"}})
		}
		want, err := ix.Search(ctx, few)
		fatal(t, err)
		got, err := ix.Search(ctx, many)
		fatal(t, err)
		if d := gocmp.Diff(want, got, gocmp.AllowUnexported(Hit{})); d != "" || want.Total == 0 && text == "" {
			t.Errorf("%q (-few +many):\n%s", text, d)
		}
	}
}
