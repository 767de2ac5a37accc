package search

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNothingTellsOfTheUnweighed asks an index with documents that the reader may not
// see, and one that never had them, the same: whatever is asked, hits, scores and what
// explains them, counts, suggestions and cursors are the same, of a base as it was built
// and of one that was compacted.
func TestNothingTellsOfTheUnweighed(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	with, without := openWriter(t, t.TempDir()), openWriter(t, t.TempDir())
	word := func() string { return vocabulary[r.IntN(len(vocabulary))] }
	documents := func(from, to int) (all, shown []Document) {
		for i := from; i < to; i++ {
			d := doc(fmt.Sprint("id", i), 1, word()+" "+word())
			d.Names = append(d.Names, Name{Text: "Хабаровский " + word(), Lang: "ru", Kind: KindOther})
			d.Text, d.Facets["country"] = []string{word(), word()}, []string{word()}
			if r.IntN(3) == 0 {
				d.Names = append(d.Names, Name{Text: fmt.Sprint("secret", r.IntN(9)), Kind: KindOther})
				d.Facets["seen_by"], d.Unweighed = []string{"organisers"}, true
			} else {
				shown = append(shown, d)
			}
			all = append(all, d)
		}
		return all, shown
	}
	all, shown := documents(0, 400)
	fatal(t, with.Build(ctx, withoutErrors(all)))
	fatal(t, without.Build(ctx, withoutErrors(shown)))
	compare := func(state string) {
		t.Helper()
		a, err := Open(ctx, with.Store)
		fatal(t, err)
		b, err := Open(ctx, without.Store)
		fatal(t, err)
		for range 600 {
			q := Query{
				Text: strings.Join([]string{fmt.Sprint("secret", r.IntN(9)), word(), word()}[r.IntN(3):], " "), Facets: []string{"country", "seen_by"}, Limit: 5,
				Where: []Filter{{Field: "seen_by", AnyOf: []string{"public"}, Fixed: true}}, Explain: true, Suggest: true, Mark: true,
			}
			if r.IntN(2) == 0 {
				q.Text = spoiled(r, q.Text)
			}
			if r.IntN(3) == 0 {
				q.Where = append(q.Where, Filter{Field: "country", AnyOf: []string{word()}})
			}
			got, err := a.Search(ctx, q)
			fatal(t, err)
			want, err := b.Search(ctx, q)
			fatal(t, err)
			if d := cmp.Diff(want, got, cmp.AllowUnexported(Hit{})); d != "" {
				t.Fatalf("%s: %q tells of what is hidden (-without +with):\n%s", state, q.Text, d)
			}
		}
	}
	compare("base")
	all, shown = documents(350, 450)
	for i := range all {
		all[i].Version = 2
	}
	gone := map[string]bool{}
	for _, d := range all {
		gone[d.ID] = true
	}
	changes := put(all...)
	fatal(t, with.Apply(ctx, changes))
	for _, d := range shown {
		delete(gone, d.ID)
	}
	changes = nil
	for id := range gone {
		changes = append(changes, Change{Document: Document{ID: id, Version: 2}, Removed: true})
	}
	for _, d := range shown {
		d.Version = 2
		changes = append(changes, Change{Document: d})
	}
	fatal(t, without.Apply(ctx, changes))
	fatal(t, with.Compact(ctx))
	fatal(t, without.Compact(ctx))
	compare("compacted")
}

// spoiled leaves a letter out or doubles one.
func spoiled(r *rand.Rand, text string) string {
	at := 1 + r.IntN(len(text)-1)
	if r.IntN(2) == 0 {
		return text[:at] + text[at-1:]
	}
	return text[:at-1] + text[at:]
}
