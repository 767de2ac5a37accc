package searchtest

import (
	"math/rand/v2"
	"strings"
	"unicode"
)

// Kind is a way to ask for a known record.
type Kind struct {
	Name string
	// Least is the share of records that must be among the first ten hits.
	Least float64
	query func(r *rand.Rand, record *Record) (query, name string)
}

// Item is a query and the record that it should find.
type Item struct {
	Query  string
	Record *Record
	Script string // of the name that the query was made from
}

// Kinds are all ways to ask for a record.
func Kinds() []Kind {
	return []Kind{
		{"display name", 0.995, display(func(_ *rand.Rand, name string) string { return name })},
		{"alias", 0.995, named("alias")},
		{"other language", 0.995, named("label")},
		{"no diacritics", 0.995, display(func(_ *rand.Rand, name string) string { return withoutMarks(name) })},
		{"another order", 0.995, display(shuffled)},
		{"one typo", 0.995, display(Typo)},
		{"two typos", 0.99, display(func(r *rand.Rand, name string) string { return Typo(r, Typo(r, name)) })},
		{"wrong first letter", 0.99, display(otherFirst)},
		{"short words left out", 0.995, display(func(_ *rand.Rand, name string) string { return withoutSmall(name) })},
		{"and short names as well", 0.985, display(func(_ *rand.Rand, name string) string { return longWords(name) })},
		{"acronym and country", 0.99, acronymAndCountry},
		{"first 60%", 0.96, display(func(_ *rand.Rand, name string) string { return shorten(name) })},
		{"Cyrillic, spelt in Latin", 0.85, spelt(unicode.Cyrillic)},
		{"Greek, spelt in Latin", 0.85, spelt(unicode.Greek)},
	}
}

// Items returns n queries of the kind, or as many as the records give, no two
// the same. The same seed gives the same ones.
func (k Kind) Items(records []Record, n int, seed uint64) []Item {
	r := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // to be repeated, not to be secret
	var items []Item
	asked := map[Item]bool{}
	for range 4 { // a record may have several such names
		for _, i := range r.Perm(len(records)) {
			if len(items) == n {
				return items
			}
			query, name := k.query(r, &records[i])
			item := Item{query, &records[i], script(name)}
			if query != "" && !asked[item] {
				asked[item] = true
				items = append(items, item)
			}
		}
	}
	return items
}

func display(change func(*rand.Rand, string) string) func(*rand.Rand, *Record) (string, string) {
	return func(r *rand.Rand, record *Record) (string, string) {
		return change(r, record.Display()), record.Display()
	}
}

func named(kind string) func(*rand.Rand, *Record) (string, string) {
	return func(r *rand.Rand, record *Record) (string, string) {
		name := record.named(r, besides(kind)).Value
		return name, name
	}
}

func acronymAndCountry(r *rand.Rand, record *Record) (string, string) {
	acronym := record.named(r, besides("acronym")).Value
	if acronym == "" || len(record.Locations) == 0 {
		return "", ""
	}
	return acronym + " " + record.Locations[0].Details.Name, acronym
}

// spelt asks for a name, of more than an acronym's length, in Latin letters.
func spelt(table *unicode.RangeTable) func(*rand.Rand, *Record) (string, string) {
	return func(r *rand.Rand, record *Record) (string, string) {
		n := record.named(r, func(n Name) bool {
			return len([]rune(n.Value)) > 6 && mostly(n.Value) == table
		})
		if n.Value == "" {
			return "", ""
		}
		return spell(r, n.Lang, unquoted(n.Value)), n.Value
	}
}

// script names the script that most letters of a text are of.
func script(text string) string {
	if table := mostly(text); table != nil {
		for name, t := range unicode.Scripts {
			if t == table {
				return name
			}
		}
	}
	return "none"
}

// mostly returns the script that most letters of a text are of, nil without letters.
func mostly(text string) *unicode.RangeTable {
	counts := map[*unicode.RangeTable]int{}
	var most *unicode.RangeTable
	for _, r := range strings.ToLower(text) {
		table := scriptOf(r)
		if table == nil {
			continue
		}
		if counts[table]++; most == nil || counts[table] > counts[most] {
			most = table
		}
	}
	return most
}

func scriptOf(r rune) *unicode.RangeTable {
	switch {
	case !unicode.IsLetter(r):
		return nil
	case unicode.Is(unicode.Latin, r):
		return unicode.Latin
	}
	for name, table := range unicode.Scripts {
		if name != "Common" && name != "Inherited" && unicode.Is(table, r) {
			return table
		}
	}
	return nil
}
