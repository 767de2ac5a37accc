package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// marked shows a text with its marks in brackets.
func marked(text string, marks []Mark) string {
	for _, m := range slices.Backward(marks) {
		text = text[:m.From] + "[" + text[m.From:m.To] + "]" + text[m.To:]
	}
	return text
}

func TestMarks(t *testing.T) {
	ix := smallIndex(t)
	for _, test := range []struct {
		text, want string
		name       Name
	}{
		{"medecins", "[Médecins] Sans Frontières", Name{Text: "Médecins Sans Frontières"}},
		{"medcins san", "[Médecins] [Sans] Frontières", Name{Text: "Médecins Sans Frontières"}},
		{"university of geneva", "[University] of [Geneva]", Name{Text: "University of Geneva"}},
		{"unhcr", "[U.N.H.C.R.] office", Name{Text: "U.N.H.C.R. office"}},
		{"unhabitat", "[UN-Habitat]", Name{Text: "UN-Habitat", Kind: KindAcronym}},
		{"移民组织", "国际[移民组织]", Name{Text: "国际移民组织"}},
		{"المنظمه", "[المنظّمة] الدولية", Name{Text: "المنظّمة الدولية"}},
		{"organizatsiya", "Международная [организация] по миграции", Name{Text: "Международная организация по миграции", Lang: "ru"}},
		{"", "University of Geneva", Name{Text: "University of Geneva"}},
	} {
		r, err := ix.Search(ctx, Query{Text: test.text, Mark: true})
		fatal(t, err)
		if got := marked(test.name.Text, r.Hits[0].Marks(test.name)); got != test.want {
			t.Errorf("%q marks %s, want %s", test.text, got, test.want)
		}
	}
}

// TestTokensAreWhatIsAnalysed compares over letters that compose, decompose,
// vanish and stretch.
func TestTokensAreWhatIsAnalysed(t *testing.T) {
	piece := rapid.SampledFrom([]string{
		"a", "É", "e\u0301", "ﬁ", "ß", "İ", " ", ".", "u.n.", "ـ", "لا", "한", "ᄒ", "ᅡ", "ᆫ", "क्षि", "界", "ｶﾞ", "\u200d", "Σ", "9", "٣", "-", "\u0301", "Ⅷ",
	})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(piece, 0, 12).Draw(t, "pieces"), "")
		var got []string
		end := 0
		for _, token := range tokens(text) {
			got = append(got, token.term)
			if token.from < 0 || token.to > len(text) || token.from >= token.to || token.to < end {
				t.Fatalf("%q: %+v", text, token)
			}
			end = token.to
		}
		if d := cmp.Diff(analyse(text), got); d != "" {
			t.Fatalf("%q (-analysed +tokens):\n%s", text, d)
		}
	})
}

func TestSuggestion(t *testing.T) {
	ix := smallIndex(t)
	public := []Filter{{Field: "seen_by", AnyOf: []string{"public"}, Fixed: true}}
	for text, want := range map[string]string{
		"university of gneva ":    "university of geneva ",
		"Medcins sans frontieres": "medecins sans frontieres",
		"internatoinal migration": "international migration",
		"university geneva":       "",
		"organizatsiya ":          "", // spelt as a Russian name sounds: no error
		"hiden ":                  "", // what is hidden is not suggested
		"xylophone":               "",
		"":                        "",
	} {
		r, err := ix.Search(ctx, Query{Text: text, Where: public, Suggest: true})
		if err != nil || r.Suggestion != want {
			t.Errorf("%q suggests %q, %v; want %q", text, r.Suggestion, err, want)
		}
	}
}

// A word that only hidden documents have is as unknown as one that nobody has.
func TestASuggestionDoesNotTellOfTheHidden(t *testing.T) {
	w := openWriter(t, t.TempDir())
	hidden := doc("h", 1, "Migratoin House")
	hidden.Facets["seen_by"] = []string{"unit1"}
	fatal(t, w.Apply(ctx, put(doc("p", 1, "Migration Forum"), hidden)))
	ix, err := Open(ctx, w.Store)
	fatal(t, err)
	r, err := ix.Search(ctx, Query{Text: "migratoin ", Suggest: true, Where: []Filter{{Field: "seen_by", AnyOf: []string{"public"}, Fixed: true}}})
	if err != nil || r.Suggestion != "migration " {
		t.Errorf("suggests %q, %v", r.Suggestion, err)
	}
}

// TestExplanationsAddUp works the score out again from what explains it.
func TestExplanationsAddUp(t *testing.T) {
	ix := smallIndex(t)
	for _, text := range []string{"university geneva", "migration", "medcins frontieres", "geneva xylophone", "organizatsiya"} {
		r, err := ix.Search(ctx, Query{Text: text, Explain: true, Boost: []Boost{{"category", []string{"academic"}, 2}}})
		fatal(t, err)
		for _, h := range r.Hits {
			x := h.Why
			name := x.Kind * x.Share * x.Share * (0.55 + 0.30*x.Cover + 0.15*x.Order)
			score := (0.7*x.Name + 0.3*x.Fields) * x.Boost
			if diff := score - h.Score; diff > 1e-9 || diff < -1e-9 || name-x.Name > 1e-9 {
				t.Errorf("%q: %s scores %v, explained as %v by %+v", text, h.ID, h.Score, score, *x)
			}
		}
	}
	r, err := ix.Search(ctx, Query{Text: "medcins", Explain: true})
	fatal(t, err)
	want := []WordMet{{Word: "medcins", Rarity: r.Hits[0].Why.Words[0].Rarity, Met: 0.6, By: "medecins"}}
	if d := cmp.Diff(want, r.Hits[0].Why.Words); d != "" || r.Hits[0].Why.Mode != "forgiving" || r.Hits[0].Why.Of != KindDisplay {
		t.Errorf("%+v\n%s", r.Hits[0].Why, d)
	}
}

// TestNamesInTheReadersOrder sorts names of many scripts for readers of several
// languages, and goes on from a cursor after the list has changed.
func TestNamesInTheReadersOrder(t *testing.T) {
	w := openWriter(t, t.TempDir())
	names := []string{
		"Zürich Forum", "zurich aid", "Éire Network", "École ouverte", "eagle", "Group 10", "Group 2", "Œuvre", "Ångström", "«Zebra»",
		"Ассоциация", "Ёлка", "Ель", "Ямал", "جمعية", "أمل", "中文", "शक्ति", "Ωμέγα", "Άλφα",
	}
	var docs []Document
	for i, name := range names {
		docs = append(docs, doc(fmt.Sprintf("%02d", i), 1, name))
	}
	fatal(t, w.Apply(ctx, put(docs[:10]...)))
	fatal(t, w.Compact(ctx))
	fatal(t, w.Apply(ctx, put(docs[10:]...)))
	ix, err := Open(ctx, w.Store)
	fatal(t, err)
	for lang, want := range map[string]string{
		"en":      "Ångström|eagle|École ouverte|Éire Network|Group 2|Group 10|Œuvre|«Zebra»|zurich aid|Zürich Forum|Άλφα|Ωμέγα|Ассоциация|Ёлка|Ель|Ямал|أمل|جمعية|शक्ति|中文",
		"ru":      "Ассоциация|Ёлка|Ель|Ямал|Ångström|eagle|École ouverte|Éire Network|Group 2|Group 10|Œuvre|«Zebra»|zurich aid|Zürich Forum|Άλφα|Ωμέγα|أمل|جمعية|शक्ति|中文",
		"ar-EG":   "أمل|جمعية|Ångström|eagle",
		"zh-Hans": "中文|Ångström",
	} {
		var got []string
		for q := (Query{Sort: Sort{By: SortByName, Lang: lang}, Limit: 3}); ; {
			r, err := ix.Search(ctx, q)
			fatal(t, err)
			for _, h := range r.Hits {
				got = append(got, nameOf(h))
			}
			if q.Cursor = r.Cursor; q.Cursor == "" {
				break
			}
		}
		if order := strings.Join(got, "|"); !strings.HasPrefix(order, want) || len(got) != len(names) {
			t.Errorf("%s:\n got %s\nwant %s", lang, order, want)
		}
	}
	q := Query{Sort: Sort{By: SortByName, Lang: "ru"}, Limit: 4}
	r, err := ix.Search(ctx, q)
	fatal(t, err)
	fatal(t, w.Apply(ctx, put(doc("new", 1, "Абрикос"), doc("newer", 1, "aaa"))))
	fatal(t, w.Apply(ctx, []Change{{Document: Document{ID: r.Hits[3].ID, Version: 2}, Removed: true}}))
	fatal(t, ix.Refresh(ctx))
	q.Cursor = r.Cursor
	r, err = ix.Search(ctx, q)
	if err != nil || nameOf(r.Hits[0]) != "aaa" || nameOf(r.Hits[1]) != "Ångström" {
		t.Errorf("after a change: %v, %v", r.Hits, err)
	}
}

// TestPagesOfScoresAreStable goes through the pages of what is found by words while
// others come and go, which makes the words rarer or more frequent: who was there all
// along comes once.
func TestPagesOfScoresAreStable(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	for round := range 24 {
		w := openWriter(t, t.TempDir())
		name := func() string {
			return vocabulary[r.IntN(5)] + " " + vocabulary[r.IntN(9)] + " " + vocabulary[r.IntN(len(vocabulary))]
		}
		var docs []Document
		for i := range 120 {
			docs = append(docs, doc(fmt.Sprint("stays", i), 1, name()))
		}
		fatal(t, w.Build(ctx, withoutErrors(docs)))
		ix, err := Open(ctx, w.Store)
		fatal(t, err)
		text := vocabulary[r.IntN(5)] + " " + vocabulary[r.IntN(9)]
		if round%3 == 0 {
			text = spoiled(r, text) + " absent"
		}
		first, err := ix.Search(ctx, Query{Text: text, Limit: MaxLimit})
		fatal(t, err)
		seen := map[string]int{}
		for q := (Query{Text: text, Limit: 7}); ; {
			page, err := ix.Search(ctx, q)
			fatal(t, err)
			for _, h := range page.Hits {
				seen[h.ID]++
			}
			if q.Cursor = page.Cursor; q.Cursor == "" {
				break
			}
			var changes []Document
			for range 20 {
				changes = append(changes, doc(fmt.Sprint("new", r.Int64()), 1, strings.Repeat(text+" ", 1+r.IntN(2))+name()))
			}
			fatal(t, w.Apply(ctx, put(changes...)))
			if r.IntN(2) == 0 {
				fatal(t, w.Compact(ctx))
			}
			fatal(t, ix.Refresh(ctx))
			if len(seen) > 400 {
				break // newcomers that stand behind are found too: enough
			}
		}
		for id, n := range seen {
			if n > 1 {
				t.Fatalf("%q: %s comes %d times", text, id, n)
			}
		}
		for _, h := range first.Hits {
			if len(seen) <= 400 && seen[h.ID] == 0 {
				t.Fatalf("%q: %s of %d never comes", text, h.ID, first.Total)
			}
		}
	}
}

// TestPagesGoOnBehindTheHead asks for more hits than are compared name by name, at once
// and in pages of several sizes: always the same ones in the same order, each once.
func TestPagesGoOnBehindTheHead(t *testing.T) {
	w := openWriter(t, t.TempDir())
	var docs []Document
	for i := range 3 * headSize {
		docs = append(docs, doc(fmt.Sprint("id", i), 1, strings.Join([]string{"common", vocabulary[i%7], vocabulary[i%11]}[:1+i%3], " ")))
	}
	fatal(t, w.Build(ctx, withoutErrors(docs[:len(docs)-100])))
	fatal(t, w.Apply(ctx, put(docs[len(docs)-100:]...)))
	ix, err := Open(ctx, w.Store)
	fatal(t, err)
	whole, err := ix.Search(ctx, Query{Text: "common ", Limit: MaxLimit})
	fatal(t, err)
	if whole.Total != len(docs) || len(whole.Hits) != len(docs) || whole.Cursor != "" {
		t.Fatalf("%d of %d hits, cursor %q", len(whole.Hits), whole.Total, whole.Cursor)
	}
	for _, limit := range []int{50, headSize, headSize + 1, 2*headSize + 3} {
		var got []Hit
		for q := (Query{Text: "common ", Limit: limit}); ; {
			page, err := ix.Search(ctx, q)
			fatal(t, err)
			got = append(got, page.Hits...)
			if q.Cursor = page.Cursor; q.Cursor == "" {
				break
			}
		}
		if d := cmp.Diff(strings.Fields(ids(whole.Hits)), strings.Fields(ids(got))); d != "" {
			t.Errorf("in pages of %d (-at once +in pages):\n%s", limit, d)
		}
	}
}

func nameOf(h Hit) string {
	_, rest, _ := strings.Cut(string(h.Stored), `"name":"`)
	return strings.TrimSuffix(rest, `"}`)
}

func TestRanges(t *testing.T) {
	ix := smallIndex(t)
	for _, test := range []struct {
		r    Range
		want string
	}{
		{Range{Field: "invited", From: 0, To: 0}, "unige"},
		{Range{Field: "invited", From: 1, To: MaxNumber}, "hug"},
		{Range{Field: "invited", From: -MaxNumber, To: MaxNumber}, "unige hug"},
		{Range{Field: "invited", From: 1, To: 0}, ""},
		{Range{Field: "unknown", To: MaxNumber, OrNone: true}, "unige hug"},
	} {
		r, err := ix.Search(ctx, Query{Text: "geneva", Ranges: []Range{test.r}, Facets: []string{"category"}})
		if err != nil || ids(r.Hits) != test.want || len(r.Facets["category"]) > 0 != (test.want != "") {
			t.Errorf("%+v: %s, %v, %v; want %s", test.r, ids(r.Hits), r.Facets, err, test.want)
		}
	}
	r, err := ix.Search(ctx, Query{Ranges: []Range{{Field: "invited", To: 3, OrNone: true}}})
	if err != nil || ids(r.Hits) != "hidden iom msf unhcr habitat unige" {
		t.Errorf("without words: %s, %v", ids(r.Hits), err)
	}
}

func TestTypeahead(t *testing.T) {
	ix := smallIndex(t)
	public := []Filter{{Field: "seen_by", AnyOf: []string{"public"}, Fixed: true}}
	for text, want := range map[string]string{"u": "unhcr", "medec": "msf", "univ gen": "unige", "hidd": "", "intrenat": "iom"} {
		r, err := ix.Typeahead(ctx, text, public, 1)
		if err != nil || ids(r.Hits) != want {
			t.Errorf("%q: %s, %v; want %s", text, ids(r.Hits), err, want)
		}
	}
}
