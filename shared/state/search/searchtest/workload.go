package searchtest

import (
	"math/rand/v2"
	"strings"

	"convoke/shared/domain/taxonomy"
	"convoke/shared/state/search"
)

// Ask is a query that any engine can be asked: words, filters of which each must
// hold for one of its values, and the facets to count.
type Ask struct {
	Text   string
	Where  map[string][]string
	Facets []string
	Limit  int
	Want   string // the ID of the document meant; empty where none is
}

// Query asks it of the index, for a reader of the public.
func (a Ask) Query() search.Query {
	q := search.Query{Text: a.Text, Facets: a.Facets, Limit: a.Limit}
	for _, field := range []string{"category", "country", "topic"} {
		if values := a.Where[field]; len(values) > 0 {
			q.Where = append(q.Where, search.Filter{Field: field, AnyOf: values})
		}
	}
	q.Where = append(q.Where, search.Filter{Field: "seen_by", AnyOf: []string{"public"}, Fixed: true})
	return q
}

// SixFacets are those that a page of results counts.
func SixFacets() []string {
	return []string{"category", "country", "region", "group", "topic", "language"}
}

// Workload is a kind of query.
type Workload struct {
	Name string
	ask  func(r *rand.Rand, known []search.Document) Ask
}

// Workloads are the kinds that are measured.
func Workloads() []Workload {
	return []Workload{
		{"name, typo and prefix", askTypo},
		{"words, 3 filters, 6 facets", askWords},
		{"filters, 6 facets", askFilters},
		{"broad word, 6 facets", askBroad},
		{"two letters, 6 facets", askLetters},
		{"typeahead", askBeginning},
	}
}

// Asks returns n of a kind, about documents that are known to be public.
func (w Workload) Asks(known []search.Document, n int, seed uint64) []Ask {
	r := rand.New(rand.NewPCG(seed, 3)) //nolint:gosec // to be repeated, not to be secret
	asks := make([]Ask, n)
	for i := range asks {
		asks[i] = w.ask(r, known)
	}
	return asks
}

// Known returns about n public documents of all that are given, spread
// evenly; those before an error, if there is one.
func Known(documents func(func(search.Document, error) bool), of, n int) []search.Document {
	var known []search.Document
	i := 0
	for d, err := range documents {
		if err != nil {
			break
		}
		if i%max(1, of/n) == 0 && d.Facets["seen_by"][0] == "public" {
			known = append(known, d)
		}
		i++
	}
	return known
}

func askTypo(r *rand.Rand, known []search.Document) Ask {
	for {
		d := &known[r.IntN(len(known))]
		if text := []rune(Typo(r, d.Names[0].Text)); len(text) > 0 {
			return Ask{Text: string(text[:max(4, len(text)*8/10)]), Limit: 20, Want: d.ID}
		}
	}
}

func askWords(r *rand.Rand, known []search.Document) Ask {
	d := &known[r.IntN(len(known))]
	words := strings.Fields(d.Names[0].Text)
	text := words[0]
	if len(words) > 1 {
		text += " " + words[len(words)-1]
	}
	where := map[string][]string{
		"country": someOf(r, taxonomy.Countries(), d.Facets["country"], 3), "category": someOf(r, taxonomy.Categories(), d.Facets["category"], 2),
	}
	if len(d.Facets["topic"]) > 0 {
		where["topic"] = someOf(r, taxonomy.Topics(), d.Facets["topic"], 3)
	}
	return Ask{Text: text + " ", Where: where, Facets: SixFacets(), Limit: 20, Want: d.ID}
}

func askFilters(r *rand.Rand, known []search.Document) Ask {
	d := &known[r.IntN(len(known))]
	return Ask{
		Facets: SixFacets(), Limit: 20,
		Where: map[string][]string{"country": d.Facets["country"], "category": someOf(r, taxonomy.Categories(), d.Facets["category"], 1)},
	}
}

// someOf returns the values and n others.
func someOf(r *rand.Rand, all, values []string, n int) []string {
	some := values[:len(values):len(values)]
	for range n {
		some = append(some, all[r.IntN(len(all))])
	}
	return some
}

func askBroad(r *rand.Rand, _ []search.Document) Ask {
	broad := strings.Fields("university institute association centre migrants workers universidad association ассоциация universität")
	return Ask{Text: broad[r.IntN(len(broad))] + " ", Facets: SixFacets(), Limit: 20}
}

func askLetters(r *rand.Rand, known []search.Document) Ask {
	a := askBeginning(r, known)
	return Ask{Text: string([]rune(a.Text)[:2]), Facets: SixFacets(), Limit: 20}
}

func askBeginning(r *rand.Rand, known []search.Document) Ask {
	d := &known[r.IntN(len(known))]
	letters := []rune(strings.ToLower(d.Names[0].Text))
	return Ask{Text: string(letters[:min(len(letters), 3+r.IntN(9))]), Limit: 8, Want: d.ID}
}
