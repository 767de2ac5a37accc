package search

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// smallIndex holds a few organisations everybody knows.
func smallIndex(tb testing.TB) *Index {
	tb.Helper()
	named := func(id, category string, names ...Name) Document {
		d := Document{
			ID: id, Version: 1, Names: names, Stored: []byte(`{"id":"` + id + `"}`),
			Facets: map[string][]string{"seen_by": {"public"}, "category": {category}},
		}
		return d
	}
	display := func(text string) Name { return Name{Text: text, Lang: "en", Kind: KindDisplay} }
	acronym := func(text string) Name { return Name{Text: text, Kind: KindAcronym} }
	other := func(lang, text string) Name { return Name{Text: text, Lang: lang, Kind: KindOther} }
	iom := named("iom", "un_agency", display("International Organization for Migration"), acronym("IOM"),
		other("fr", "Organisation internationale pour les migrations"), other("ar", "المنظمة الدولية للهجرة"),
		other("zh", "国际移民组织"), other("ru", "Международная организация по миграции"))
	iom.Text, iom.Topics = []string{"Promotes humane and orderly movement of people."}, []string{"border management"}
	unhcr := named("unhcr", "un_agency", display("United Nations High Commissioner for Refugees"), acronym("U.N.H.C.R."), other("el", "Ύπατη Αρμοστεία"))
	unhcr.Text = []string{"Protects refugees; works with the International Organization for Migration."}
	habitat := named("habitat", "un_agency", display("United Nations Human Settlements Programme"), acronym("UN-Habitat"))
	msf := named("msf", "ngo", display("Médecins Sans Frontières"), acronym("MSF"), other("en", "Doctors Without Borders"))
	geneva := named("unige", "academic", display("University of Geneva"), other("fr", "Université de Genève"))
	hug := named("hug", "academic", display("University of Geneva Hospitals"), acronym("HUG"))
	hidden := named("hidden", "ngo", display("Hidden Migration Association"))
	hidden.Facets["seen_by"] = []string{"unit1"}
	geneva.Numbers, hug.Numbers = map[string]int64{"invited": 0}, map[string]int64{"invited": 4}
	w := openWriter(tb, tb.TempDir())
	fatal(tb, w.Apply(ctx, put(iom, unhcr, habitat, msf, geneva, hug, hidden)))
	ix, err := Open(ctx, w.Store)
	fatal(tb, err)
	return ix
}

func ids(hits []Hit) string {
	var all []string
	for _, h := range hits {
		all = append(all, h.ID)
	}
	return strings.Join(all, " ")
}

func TestSearch(t *testing.T) {
	ix := smallIndex(t)
	public := []Filter{{Field: "seen_by", AnyOf: []string{"public"}, Fixed: true}}
	for _, test := range []struct{ name, text, want string }{
		{"nothing lists all by name", "", "iom msf unhcr habitat unige hug"},
		{"name before text", "international organization for migration", "iom unhcr"},
		{"prefix of the last word", "international org", "iom unhcr"},
		{"no prefix after a space", "geneva hospit ", "unige hug"}, // none has both
		{"another language", "organisation internationale pour les migrations", "iom"},
		{"Arabic with variants", "المنظمه الدوليه", "iom"},
		{"Chinese part", "移民组织", "iom"},
		{"Russian", "организация по миграции", "iom"},
		{"Greek without accents", "υπατη αρμοστεια", "unhcr"},
		{"acronym", "iom", "iom"},
		{"acronym with dots", "I.O.M.", "iom"},
		{"dotted acronym without dots", "unhcr", "unhcr"},
		{"joined acronym", "unhabitat", "habitat"},
		{"accents left out", "medecins sans frontieres", "msf"},
		{"a typo", "medcins", "msf"},
		{"two typos in a long word", "fontiéress sans", "msf"},
		{"letters swapped", "docotrs", "msf"},
		{"a typo in the beginning of a word", "froentier", "msf"},
		{"wrong first letter", "poctors", "msf"},
		{"first letter missing", "octors", "msf"},
		{"one letter before the first", "xdoctors", "msf"},
		{"words in another order", "borders doctors", "msf"},
		{"stop words do not count", "the university at geneva", "unige hug"},
		{"the shorter name first", "university geneva", "unige hug"},
		{"the most words when none has all", "geneva university xylophone", "unige hug"},
		{"topic", "border management", "iom"},
		{"phrase", `"organization for migration"`, "iom"},
		{"phrase in another order", `"migration organization"`, ""},
		{"quoted words are exact", `"doctor"`, ""},
		{"exclusion", "university geneva -hospitals", "unige"},
		{"excluded phrase", `united -"high commissioner"`, "habitat"},
		{"exclusion alone", "-united -university", "iom msf"},
		{"hidden", "hidden", ""},
		{"no such word", "xylophone", ""},
		{"too short for edits", "iomm", "iom"},
		{"three letters are not forgiven", "iox", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := ix.Search(ctx, Query{Text: test.text, Where: public})
			if err != nil || ids(r.Hits) != test.want {
				t.Errorf("Search(%q) = %s, %v; want %s", test.text, ids(r.Hits), err, test.want)
			}
		})
	}
}

// TestTheHiddenDoesNotShow changes nothing in the answer by whether a document
// the reader may not see is there: not the count, not what edits are forgiven.
func TestTheHiddenDoesNotShow(t *testing.T) {
	ix := smallIndex(t)
	where := []Filter{{Field: "seen_by", AnyOf: []string{"public"}, Fixed: true}}
	r, err := ix.Search(ctx, Query{Text: "migration", Where: where, Facets: []string{"seen_by", "category"}})
	fatal(t, err)
	want := map[string][]Count{"seen_by": {{"public", 2}}, "category": {{"un_agency", 2}}}
	if d := cmp.Diff(want, r.Facets); d != "" || r.Total != 2 {
		t.Errorf("total %d, facets (-want +got):\n%s", r.Total, d)
	}
	if r, err = ix.Search(ctx, Query{Where: []Filter{{Field: "seen_by"}}}); err != nil || r.Total != 0 {
		t.Errorf("a filter without values shows %d documents, %v", r.Total, err)
	}
}

func TestSortAndBoost(t *testing.T) {
	ix := smallIndex(t)
	for _, test := range []struct {
		name string
		q    Query
		want string
	}{
		{"least first", Query{Text: "geneva", Sort: Sort{By: "invited"}}, "unige hug"},
		{"most first", Query{Text: "geneva", Sort: Sort{By: "invited", Descending: true}}, "hug unige"},
		{"without the number last", Query{Sort: Sort{By: "invited", Descending: true}}, "hug unige hidden iom msf unhcr habitat"},
		{"by name", Query{Text: "united", Sort: Sort{By: SortByName}}, "unhcr habitat"},
		{"boost", Query{Text: "migration", Boost: []Boost{{"category", []string{"ngo"}, 10}}}, "hidden iom unhcr"},
		{"damp", Query{Text: "migration", Boost: []Boost{{"category", []string{"ngo"}, 0.1}}}, "iom hidden unhcr"},
	} {
		r, err := ix.Search(ctx, test.q)
		if err != nil || ids(r.Hits) != test.want {
			t.Errorf("%s: %s, %v; want %s", test.name, ids(r.Hits), err, test.want)
		}
	}
}

func TestBadQueries(t *testing.T) {
	ix := smallIndex(t)
	r, err := ix.Search(ctx, Query{Limit: 1})
	fatal(t, err)
	for name, q := range map[string]Query{
		"limit":            {Limit: MaxLimit + 1},
		"negative limit":   {Limit: -1},
		"filters":          {Where: make([]Filter, MaxFilters+1)},
		"facets":           {Facets: make([]string, MaxFacets+1)},
		"boost":            {Boost: []Boost{{Field: "a", Factor: 0}}},
		"cursor":           {Cursor: "nonsense!"},
		"another cursor":   {Text: "other", Cursor: r.Cursor},
		"shortened cursor": {Cursor: r.Cursor[:len(r.Cursor)/2]},
	} {
		_, err := ix.Search(ctx, q)
		if !errors.Is(err, ErrQuery) && !errors.Is(err, ErrCursor) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPagesBeyondTheHead reads more hits than are looked at again, and finds
// each once.
func TestPagesBeyondTheHead(t *testing.T) {
	w := openWriter(t, t.TempDir())
	var docs []Document
	for i := range 3 * headSize {
		docs = append(docs, doc(strings.Repeat("x", 1+i%3)+string(rune('a'+i%26))+time.Duration(i).String(), 1, "common "+vocabulary[i%9]))
	}
	fatal(t, w.Apply(ctx, put(docs...)))
	ix, err := Open(ctx, w.Store)
	fatal(t, err)
	seen := map[string]bool{}
	last := 2.0
	for q := (Query{Text: "common ", Limit: 50}); ; {
		r, err := ix.Search(ctx, q)
		fatal(t, err)
		for _, h := range r.Hits {
			if seen[h.ID] || h.Score > last {
				t.Fatalf("%s again, or out of order: %v after %v", h.ID, h.Score, last)
			}
			seen[h.ID], last = true, h.Score
		}
		if q.Cursor = r.Cursor; q.Cursor == "" {
			break
		}
	}
	if len(seen) != len(docs) {
		t.Errorf("%d seen, want %d", len(seen), len(docs))
	}
}

// TestStrangeQueries asks 20,000 random things; none panics or takes long.
func TestStrangeQueries(t *testing.T) {
	ix := smallIndex(t)
	r := rand.New(rand.NewPCG(5, 6))
	n := 20_000
	if testing.Short() {
		n = 2_000
	}
	for i := range n {
		text := strange(r, i)
		q := Query{Text: text, Facets: []string{text}, Where: []Filter{{Field: text, NoneOf: []string{text}}}, Suggest: true, Explain: true, Mark: true}
		found, err := ix.Search(ctx, q)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if len(parse(text).words) > maxQueryWords {
			t.Fatalf("%q has %d words", text, len(parse(text).words))
		}
		for i := range found.Hits {
			for _, m := range found.Hits[i].Marks(Name{Text: text}) {
				if m.From < 0 || m.From >= m.To || m.To > len(text) {
					t.Fatalf("%q: mark %+v", text, m)
				}
			}
		}
		if _, err := ix.Search(ctx, Query{Cursor: text[:min(len(text), 60)]}); err != nil && !errors.Is(err, ErrCursor) {
			t.Fatalf("cursor %q: %v", text, err)
		}
	}
}

// strange returns text that nobody means: broken UTF-8, marks without letters,
// quotes and dashes, single letters of every script, 10 KB of one thing.
func strange(r *rand.Rand, i int) string {
	var b strings.Builder
	pieces := []string{`"`, "-", " ", "((((", "[[{", `"-"-`, "«„“", ":/\\*", ".", "“", "”", "\xff", "\xc3", "\u0301", "\u200d", "a", "bank", "ж", "界", "ที", "u.n.", "\x00", "\U0001F30D", "ــ", "é", "0"}
	for range r.IntN(30) {
		if r.IntN(3) == 0 {
			b.WriteRune(rune(r.IntN(utf8.MaxRune)))
		} else {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
	}
	if i%500 == 0 {
		return strings.Repeat(b.String()+"q", 10<<10/(b.Len()+1))
	}
	return b.String()
}

func FuzzSearch(f *testing.F) {
	for _, text := range []string{"", "world bank", `"a b" -c`, "u.n.h.c.r.", "国际移民", "\xff\xfe", strings.Repeat("-\"", 40)} {
		f.Add(text)
	}
	ix := smallIndex(f)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ix.Search(ctx, Query{Text: text, Facets: []string{"category"}, Cursor: ""})
		if err != nil || r.Total < len(r.Hits) {
			t.Errorf("%q: %d hits of %d, %v", text, len(r.Hits), r.Total, err)
		}
	})
}

// Marks without a word find nothing, where no text at all lists everything.
func TestMarksAloneFindNothing(t *testing.T) {
	ix := smallIndex(t)
	for text, want := range map[string]int{"": 7, "  ": 7, "!!!": 0, "\xff": 0, "\x00": 0, `""`: 0, "-geneva": 5} {
		if got := total(t, ix, text); got != want {
			t.Errorf("%q finds %d, want %d", text, got, want)
		}
	}
}
