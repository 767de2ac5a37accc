package search

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCompactionWritesWhatBuildingWould compacts a base with deltas that change,
// remove, add and bring back, and holds every section against that of a segment
// built at once from what is left.
func TestCompactionWritesWhatBuildingWould(t *testing.T) {
	w := openWriter(t, t.TempDir())
	left := map[string]Document{}
	apply := func(version int64, from, to int) {
		var docs []Document
		for i := from; i < to; i++ {
			d := varied(i, version)
			docs, left[d.ID] = append(docs, d), d
		}
		fatal(t, w.Apply(ctx, put(docs...)))
	}
	apply(1, 0, 900)
	fatal(t, w.Compact(ctx))
	apply(2, 850, 1300)
	removed := map[string]int64{"id7": 3, "id1200": 3}
	for id, version := range removed {
		fatal(t, w.Apply(ctx, []Change{{Document: Document{ID: id, Version: version}, Removed: true}}))
		delete(left, id)
	}
	apply(4, 100, 110)
	fatal(t, w.Compact(ctx))

	b := newBuilder()
	for _, d := range left {
		fatal(t, b.add(&d))
	}
	b.removed = removed
	m, err := readManifest(ctx, w.Store)
	fatal(t, err)
	file, _, err := w.Store.Get(ctx, m.Base.Key)
	fatal(t, err)
	got, reason := decodeSections(file)
	if reason != "" {
		t.Fatal(reason)
	}
	want, _ := decodeSections(b.encode())
	if m.Base.Documents != len(left) || len(m.Deltas) > 0 {
		t.Errorf("the base has %d documents and %d deltas, want %d and none", m.Base.Documents, len(m.Deltas), len(left))
	}
	if diff := cmp.Diff(contents(want), contents(got)); diff != "" {
		t.Error(diff)
	}
}

// contents leaves out where sections stand, which depends on their order.
func contents(sections map[string]section) map[string][]byte {
	all := map[string][]byte{}
	for name, s := range sections {
		all[name] = s.bytes
	}
	return all
}

func varied(i int, version int64) Document {
	d := doc(fmt.Sprintf("id%d", i), version, fmt.Sprintf("%s %s %d", vocabulary[i%len(vocabulary)], vocabulary[(i+int(version))%7], i%50))
	d.Names = append(d.Names, Name{Text: "Хабаровский центр", Lang: "ru", Kind: KindOther})
	d.Text = vocabulary[i%5 : 12]
	d.Facets["country"] = []string{vocabulary[i%9], vocabulary[i%11]}
	d.Facets[fmt.Sprintf("only%d", version)] = []string{"x"}
	d.Numbers = map[string]int64{"verified": int64(i), fmt.Sprintf("at%d", version): 5}
	return d
}
