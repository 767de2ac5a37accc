package search

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"convoke/shared/state/blob"
	"convoke/shared/state/blob/dir"
)

// model is the index as it would be without segments: the newest of every ID.
type model map[string]Change

func (m model) apply(changes []Change) {
	for _, c := range changes {
		if had, ok := m[c.ID]; !ok || had.Version <= c.Version {
			m[c.ID] = c
		}
	}
}

func (m model) documents() []Document {
	var out []Document
	for _, id := range slices.Sorted(maps.Keys(m)) {
		if !m[id].Removed {
			out = append(out, m[id].Document)
		}
	}
	return out
}

// answer is what a search must return whatever the segments.
type answer struct {
	IDs    []string // in order where the order is not one of scores, else sorted
	Facets map[string]map[string]int
}

// search answers the query by looking at every document.
func (m model) search(q Query) answer {
	p := parse(q.Text)
	docs := m.documents()
	docs = slices.DeleteFunc(docs, func(d Document) bool { return !inRanges(d, q.Ranges) })
	visible := func(d Document) bool { return passes(d, q.Where, "") }
	matching := m.matching(docs, p, visible, func(d Document) bool {
		return visible(d) || slices.ContainsFunc(q.Facets, func(field string) bool { return passes(d, q.Where, field) })
	})
	var hits []Document
	facets := map[string]map[string]int{}
	for _, field := range q.Facets {
		facets[field] = map[string]int{}
	}
	if len(p.words) == 0 && len(p.excluded) == 0 && strings.TrimSpace(q.Text) != "" {
		return answer{Facets: facets} // marks alone find nothing
	}
	for _, d := range matching {
		if passes(d, q.Where, "") {
			hits = append(hits, d)
		}
		for field := range facets {
			if passes(d, q.Where, field) {
				for v := range unique(d.Facets[field]) {
					facets[field][v]++
				}
			}
		}
	}
	order(hits, q, len(p.words) > 0)
	a := answer{Facets: facets}
	for _, d := range hits {
		a.IDs = append(a.IDs, d.ID)
	}
	return a
}

// matching returns the documents with the words of the query, by the strictest
// mode that finds enough visible ones. Counted are those and the ones that a
// facet's counts look at besides.
func (m model) matching(docs []Document, p parsed, visible, counted func(Document) bool) []Document {
	docs = slices.DeleteFunc(docs, func(d Document) bool {
		return !all(p.phrases, func(terms []string) bool { return hasTerms(d, terms) || soundsLike(d, terms) }) ||
			slices.ContainsFunc(p.excluded, func(terms []string) bool { return hasTerms(d, terms) })
	})
	if len(p.words) == 0 {
		return docs
	}
	last := mode{tolerant: true, generous: true}
	for _, m := range []mode{{}, {tolerant: true}, last} {
		found := atLeast(docs, p, m, p.required)
		n := len(slices.DeleteFunc(slices.Clone(found), func(d Document) bool { return !visible(d) }))
		forgiving := slices.ContainsFunc(p.words, func(w queryWord) bool { return w.edits(mode{}) > 0 })
		if n >= max(1, 10/(p.required*p.required*p.required)) || n > 0 && (m.tolerant || !forgiving) {
			return found
		}
	}
	most := 0
	for _, seen := range []func(Document) bool{visible, counted} {
		for _, d := range docs {
			if n := wordsIn(d, p, last); seen(d) {
				most = max(most, n)
			}
		}
		if most > 0 {
			break
		}
	}
	return atLeast(docs, p, last, max(most, 1))
}

func atLeast(docs []Document, p parsed, m mode, n int) []Document {
	return slices.DeleteFunc(slices.Clone(docs), func(d Document) bool { return wordsIn(d, p, m) < n })
}

func wordsIn(d Document, p parsed, m mode) int {
	n := 0
	for _, w := range p.words[:p.required] {
		inNames := slices.ContainsFunc(nameTerms(d), func(term string) bool { return meetsWord(w, term, m, names) })
		inLatin := w.latin != nil && slices.ContainsFunc(d.Names, func(n Name) bool {
			return slices.ContainsFunc(latinTerms(n), func(term string) bool { return meetsWord(*w.latin, term, m, latin) })
		})
		if inNames || inLatin || slices.ContainsFunc(textTerms(d), func(term string) bool { return meetsWord(w, term, m, words) }) {
			n++
		}
	}
	return n
}

func meetsWord(w queryWord, term string, m mode, group int) bool {
	if term == w.term || w.prefix && strings.HasPrefix(term, w.term) {
		return true
	}
	k := w.edits(m)
	if group == words {
		k = min(k, 1)
	}
	if !m.tolerant || k == 0 {
		return false
	}
	letters := []rune(term)
	if letters[0] == w.runes[0] {
		if distance(w.runes, letters) <= k {
			return true
		}
		for end := range len(letters) + 1 {
			if group != words && w.prefix && len(w.runes) > 4 && end > 0 && distance(w.runes, letters[:end]) <= 1 {
				return true
			}
		}
		return group != words && swapped(w.runes) == term
	}
	if group == words {
		return false
	}
	from, to := alphabet(w.runes[0])
	known := from <= letters[0] && letters[0] <= to
	rest := string(w.runes[1:])
	return term == rest || term == swapped(w.runes) ||
		known && string(letters[1:]) == rest || known && string(letters[1:]) == w.term
}

func swapped(w []rune) string { return string(w[1]) + string(w[0]) + string(w[2:]) }

func nameTerms(d Document) []string {
	var terms []string
	for _, n := range d.Names {
		if n.Kind == KindAcronym {
			terms = append(terms, analyseAcronym(n.Text)...)
		} else {
			terms = append(terms, analyse(n.Text)...)
		}
	}
	return terms
}

func textTerms(d Document) []string {
	return analyse(strings.Join(append(slices.Clone(d.Text), d.Topics...), " . "))
}

func hasTerms(d Document, terms []string) bool {
	if len(terms) == 1 {
		return slices.Contains(nameTerms(d), terms[0]) || slices.Contains(textTerms(d), terms[0])
	}
	return slices.ContainsFunc(d.Names, func(n Name) bool {
		in := nameTerms(Document{Names: []Name{n}})
		for i := 0; i+len(terms) <= len(in); i++ {
			if slices.Equal(in[i:i+len(terms)], terms) {
				return true
			}
		}
		return false
	})
}

func soundsLike(d Document, terms []string) bool {
	if slices.ContainsFunc(terms, func(term string) bool { return !isLatin(term) }) {
		return false
	}
	var sounds []string
	for _, term := range terms {
		sounds = append(sounds, bySound(term))
	}
	return slices.ContainsFunc(d.Names, func(n Name) bool {
		in := latinTerms(n)
		for i := 0; i+len(sounds) <= len(in); i++ {
			if slices.Equal(in[i:i+len(sounds)], sounds) {
				return true
			}
		}
		return false
	})
}

// passes reports whether all filters hold but the free ones of a field.
func passes(d Document, where []Filter, except string) bool {
	return all(where, func(f Filter) bool {
		has := func(values []string) bool {
			return slices.ContainsFunc(d.Facets[f.Field], func(v string) bool { return slices.Contains(values, v) })
		}
		switch {
		case f.Field == except && !f.Fixed:
			return true
		case len(f.AnyOf) == 0 && len(f.NoneOf) == 0:
			return false
		}
		return (len(f.AnyOf) == 0 || has(f.AnyOf)) && !has(f.NoneOf)
	})
}

func inRanges(d Document, ranges []Range) bool {
	return all(ranges, func(r Range) bool {
		n, ok := d.Numbers[r.Field]
		return ok && r.From <= n && n <= r.To || !ok && r.OrNone
	})
}

func order(hits []Document, q Query, hasWords bool) {
	byName := func(a, b Document) int {
		if q.Sort.By == "" || q.Sort.By == SortByName {
			first, _ := scriptsOf(q.Sort.Lang)
			x, y := first.has(scriptOf(a.display())), first.has(scriptOf(b.display()))
			if x != y && first.from > 0 {
				return map[bool]int{true: -1, false: 1}[x]
			}
		}
		return compareKeys(newCollator().key(a.display()), a.ID, newCollator().key(b.display()), b.ID)
	}
	slices.SortFunc(hits, func(a, b Document) int {
		if q.Sort.By == "" && hasWords {
			return strings.Compare(a.ID, b.ID)
		}
		x, okX := a.Numbers[q.Sort.By]
		y, okY := b.Numbers[q.Sort.By]
		switch {
		case okX != okY && okX:
			return -1
		case okX != okY:
			return 1
		case q.Sort.Descending:
			x, y = y, x
		}
		return cmp.Or(cmp.Compare(x, y), byName(a, b))
	})
}

func all[T any](items []T, holds func(T) bool) bool {
	return !slices.ContainsFunc(items, func(item T) bool { return !holds(item) })
}

func unique(values []string) map[string]bool {
	set := map[string]bool{}
	for _, v := range values {
		set[v] = true
	}
	return set
}

// vocabulary is full of words that are near each other.
var vocabulary = []string{
	"migrant", "migrants", "migration", "immigration", "geneva", "genova", "genève", "bank", "banks", "rank", "water", "walter",
	"of", "the", "de", "association", "associations", "associazione", "世界卫生", "世界", "ассоциация", "асоциация", "asotsiatsiya", "асоціація", "γενεύη", "unhcr", "u.n.h.c.r.", "un", "2030",
}

func drawText(t *rapid.T, label string, most int) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, most).Draw(t, label), " ")
}

func drawDocument(t *rapid.T) Document {
	d := Document{
		ID:      fmt.Sprintf("d%02d", rapid.IntRange(0, 40).Draw(t, "id")),
		Version: rapid.Int64Range(0, 4).Draw(t, "version"),
		Text:    []string{drawText(t, "text", 3)},
		Topics:  []string{drawText(t, "topic", 1)},
		Facets: map[string][]string{
			"category": {rapid.SampledFrom([]string{"ngo", "academic", "media"}).Draw(t, "category")},
			"country":  rapid.SliceOfN(rapid.SampledFrom([]string{"CH", "FR", "KE", "MX", "ES"}), 0, 3).Draw(t, "country"),
			"seen_by":  {rapid.SampledFrom([]string{"public", "public", "unit1"}).Draw(t, "seen_by")},
		},
		Numbers: rapid.MapOfN(rapid.SampledFrom([]string{"verified", "invited"}), rapid.Int64Range(-3, 3), 0, 2).Draw(t, "numbers"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "names") {
		d.Names = append(d.Names, Name{
			Text: drawText(t, "name", 4), Kind: rapid.SampledFrom([]string{KindDisplay, KindAcronym, KindOther}).Draw(t, "kind"),
		})
	}
	// Content follows from ID and version, as it does for a record in a table.
	d.Stored = fmt.Appendf(nil, `{"id":%q,"v":%d}`, d.ID, d.Version)
	return d
}

func drawQuery(t *rapid.T) Query {
	q := Query{
		Text:   drawQueryText(t),
		Facets: rapid.SliceOfN(rapid.SampledFrom([]string{"category", "country", "seen_by", "unknown"}), 0, 3).Draw(t, "facets"),
		Limit:  rapid.IntRange(1, 9).Draw(t, "limit"),
		Sort: Sort{
			By:         rapid.SampledFrom([]string{"", "", SortByName, "verified", "unknown"}).Draw(t, "by"),
			Descending: rapid.Bool().Draw(t, "descending"),
			Lang:       rapid.SampledFrom([]string{"", "fr", "ru", "zh-Hans", "el"}).Draw(t, "lang"),
		},
		Suggest: rapid.Bool().Draw(t, "suggest"),
		Explain: rapid.Bool().Draw(t, "explain"),
	}
	for range rapid.IntRange(0, 1).Draw(t, "ranges") {
		q.Ranges = append(q.Ranges, Range{
			Field: rapid.SampledFrom([]string{"verified", "invited", "unknown"}).Draw(t, "number"),
			From:  rapid.Int64Range(-3, 3).Draw(t, "from"), To: rapid.Int64Range(-3, 3).Draw(t, "to"), OrNone: rapid.Bool().Draw(t, "or none"),
		})
	}
	values := rapid.SampledFrom([]string{"ngo", "academic", "CH", "FR", "KE", "public", "unit1", "unknown"})
	for range rapid.IntRange(0, 3).Draw(t, "filters") {
		q.Where = append(q.Where, Filter{
			Field:  rapid.SampledFrom([]string{"category", "country", "seen_by", "unknown"}).Draw(t, "field"),
			AnyOf:  rapid.SliceOfN(values, 0, 4).Draw(t, "any of"),
			NoneOf: rapid.SliceOfN(values, 0, 2).Draw(t, "none of"),
			Fixed:  rapid.Bool().Draw(t, "fixed"),
		})
	}
	return q
}

func drawQueryText(t *rapid.T) string {
	text := []rune(drawText(t, "query", 3))
	for range rapid.IntRange(0, 2).Draw(t, "typos") {
		if len(text) == 0 {
			break
		}
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		switch rapid.IntRange(0, 3).Draw(t, "typo") {
		case 0:
			text = slices.Delete(text, at, at+1)
		case 1:
			text = slices.Insert(text, at, 'e')
		case 2:
			text[at] = 'o'
		default:
			text = text[:at]
		}
	}
	return string(text) + rapid.SampledFrom([]string{"", "", " ", ` "world bank"`, ` "bank"`, " -bank", ` "bank asociacija"`, ` "geneyi"`, ` -"bank of"`, ` "of the`}).Draw(t, "tail")
}

// TestSegmentsAnswerLikeTheModel applies batches with old versions, removals and
// repetitions, compacts now and then, and compares every answer with one worked
// out by looking at all documents; then the same of the compacted and of the
// rebuilt index.
func TestSegmentsAnswerLikeTheModel(t *testing.T) {
	root, n := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		w := openWriter(t, filepath.Join(root, fmt.Sprint(n)))
		want := model{}
		contents := map[string]Change{}
		for range rapid.IntRange(1, 6).Draw(t, "batches") {
			batch := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Change {
				return Change{Document: drawDocument(t), Removed: rapid.IntRange(0, 5).Draw(t, "removed") == 0}
			}), 0, 20).Draw(t, "batch")
			for i, c := range batch {
				key := fmt.Sprint(c.ID, c.Version)
				if _, ok := contents[key]; !ok {
					contents[key] = c
				}
				batch[i] = contents[key]
			}
			fatal(t, w.Apply(ctx, batch))
			want.apply(batch)
			if rapid.IntRange(0, 4).Draw(t, "compact") == 0 {
				fatal(t, w.Compact(ctx))
			}
		}
		queries := rapid.SliceOfN(rapid.Custom(drawQuery), 1, 8).Draw(t, "queries")
		ix, err := Open(ctx, w.Store)
		fatal(t, err)
		compareAll(t, "layers", ix, want, queries)
		fatal(t, w.Compact(ctx))
		fatal(t, ix.Refresh(ctx))
		compareAll(t, "compacted", ix, want, queries)
		fatal(t, w.Build(ctx, withoutErrors(want.documents())))
		fatal(t, ix.Refresh(ctx))
		compareAll(t, "rebuilt", ix, want, queries)
	})
}

func compareAll(t *rapid.T, state string, ix *Index, want model, queries []Query) {
	for _, q := range queries {
		got := collect(t, ix, q)
		if q.Sort.By == "" && len(parse(q.Text).words) > 0 {
			slices.Sort(got.IDs)
		}
		if d := gocmp.Diff(want.search(q), got); d != "" {
			t.Fatalf("%s: %+v (-want +got):\n%s", state, q, d)
		}
	}
}

// collect reads all pages.
func collect(t *rapid.T, ix *Index, q Query) answer {
	a := answer{Facets: map[string]map[string]int{}}
	for page := 0; ; page++ {
		r, err := ix.Search(ctx, q)
		fatal(t, err)
		for _, h := range r.Hits {
			a.IDs = append(a.IDs, h.ID)
			if !strings.Contains(string(h.Stored), h.ID) {
				t.Fatalf("%s shows %s", h.ID, h.Stored)
			}
		}
		for field, counts := range r.Facets {
			a.Facets[field] = map[string]int{}
			for _, c := range counts {
				a.Facets[field][c.Value] = c.N
			}
		}
		if r.Cursor == "" {
			if r.Total != len(a.IDs) {
				t.Fatalf("%+v: total %d, %d hits in %d pages", q, r.Total, len(a.IDs), page+1)
			}
			return a
		}
		q.Cursor = r.Cursor
	}
}

var ctx = context.Background()

func openWriter(t interface{ Fatal(args ...any) }, root string) *Writer {
	store, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return &Writer{Store: store, Now: time.Now}
}

// onlyBlobs hides that a store has files, so that nothing is mapped.
type onlyBlobs struct{ blob.Store }

func fatal(t interface{ Fatal(args ...any) }, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func withoutErrors(docs []Document) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		for _, d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}
