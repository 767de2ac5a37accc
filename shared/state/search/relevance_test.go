package search_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"convoke/shared/state/search"
)

// knownItem makes, from a record, a query that should find it; "" when the
// record has nothing to make one of.
type knownItem struct {
	name  string
	least float64 // hit@10
	query func(r *rand.Rand, record *rorRecord) string
}

func knownItems() []knownItem {
	return []knownItem{
		{"display name", 0.99, func(_ *rand.Rand, record *rorRecord) string { return record.display() }},
		{"alias", 0.99, func(r *rand.Rand, record *rorRecord) string { return record.named(r, "alias") }},
		{"other language", 0.99, func(r *rand.Rand, record *rorRecord) string { return record.named(r, "label") }},
		{"no diacritics", 0.99, func(_ *rand.Rand, record *rorRecord) string { return withoutMarks(record.display()) }},
		{"another order", 0.99, func(r *rand.Rand, record *rorRecord) string { return shuffled(r, record.display()) }},
		{"one typo", 0.98, func(r *rand.Rand, record *rorRecord) string { return typo(r, record.display()) }},
		{"two typos", 0.96, func(r *rand.Rand, record *rorRecord) string { return typo(r, typo(r, record.display())) }},
		{"wrong first letter", 0.95, func(r *rand.Rand, record *rorRecord) string { return otherFirst(r, record.display()) }},
		{"short words left out", 0.98, func(_ *rand.Rand, record *rorRecord) string { return longWords(record.display()) }},
		{"acronym and country", 0.9, func(r *rand.Rand, record *rorRecord) string {
			acronym := record.named(r, "acronym")
			if acronym == "" || len(record.Locations) == 0 {
				return ""
			}
			return acronym + " " + record.Locations[0].Details.Name
		}},
		{"first 60%", 0.93, func(_ *rand.Rand, record *rorRecord) string {
			return cutRunes(record.display(), len([]rune(record.display()))*6/10)
		}},
	}
}

// TestKnownItems asks for records by other spellings of their names and counts
// how often they are among the first ten. A record counts as found when one with
// the same display name is.
func TestKnownItems(t *testing.T) {
	records, ix := ror(t), rorIndex(t)
	n := 400
	if testing.Short() || raceEnabled {
		n = 50
	}
	for _, kind := range knownItems() {
		r := rand.New(rand.NewPCG(7, 7))
		asked, firstHit, tenHits := 0, 0, 0
		for range 20 * n {
			if asked == n {
				break
			}
			record := &records[r.IntN(len(records))]
			text := kind.query(r, record)
			if text == "" {
				continue
			}
			asked++
			at := placeOf(t, ix, text, record)
			if at == 0 {
				firstHit++
			}
			if at >= 0 {
				tenHits++
			} else if testing.Verbose() {
				t.Logf("missed: %q for %q", text, record.display())
			}
		}
		got := float64(tenHits) / float64(asked)
		t.Logf("%-22s asked %d  hit@1 %.3f  hit@10 %.3f", kind.name, asked, float64(firstHit)/float64(asked), got)
		if got < kind.least {
			t.Errorf("%s: hit@10 %.3f, want at least %.3f", kind.name, got, kind.least)
		}
	}
}

func placeOf(t *testing.T, ix *search.Index, text string, record *rorRecord) int {
	t.Helper()
	result, err := ix.Search(t.Context(), search.Query{Text: text, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	return slices.IndexFunc(result.Hits, func(h search.Hit) bool { return h.ID == record.ID })
}

// named returns a name of the kind that is not the display name.
func (r *rorRecord) named(random *rand.Rand, kind string) string {
	var all []string
	for _, n := range r.Names {
		if slices.Contains(n.Types, kind) && !slices.Contains(n.Types, "ror_display") {
			all = append(all, n.Value)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return all[random.IntN(len(all))]
}

// typo makes one typing error in a word of five letters or more, past its first
// letter; "" when there is none.
func typo(r *rand.Rand, text string) string {
	words := strings.Fields(text)
	long := longAt(words)
	if len(long) == 0 {
		return ""
	}
	i := long[r.IntN(len(long))]
	w := []rune(words[i])
	at := 1 + r.IntN(len(w)-2)
	switch letter := rune('a' + r.IntN(26)); r.IntN(4) {
	case 0:
		w = slices.Delete(w, at, at+1)
	case 1:
		w = slices.Insert(w, at, letter)
	case 2:
		w[at] = letter
	default:
		w[at], w[at+1] = w[at+1], w[at]
	}
	words[i] = string(w)
	return strings.Join(words, " ")
}

func longAt(words []string) []int {
	var long []int
	for i, w := range words {
		runes := []rune(w)
		if len(runes) >= 5 && !slices.ContainsFunc(runes, func(r rune) bool { return !unicode.IsLetter(r) || r > 0x2ff }) {
			long = append(long, i)
		}
	}
	return long
}

func otherFirst(r *rand.Rand, text string) string {
	words := strings.Fields(text)
	long := longAt(words)
	if len(long) == 0 {
		return ""
	}
	i := long[r.IntN(len(long))]
	w := []rune(words[i])
	w[0] = 'a' + (unicode.ToLower(w[0])-'a'+1+rune(r.IntN(24)))%26
	words[i] = string(w)
	return strings.Join(words, " ")
}

func shuffled(r *rand.Rand, text string) string {
	words := strings.Fields(unquoted(text)) // quotation marks would ask for the order they have
	if len(words) < 2 {
		return ""
	}
	r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	return strings.Join(words, " ")
}

func longWords(text string) string {
	words := slices.DeleteFunc(strings.Fields(unquoted(text)), func(w string) bool { return len([]rune(w)) <= 3 })
	if len(words) < 2 || len(words) == len(strings.Fields(text)) {
		return ""
	}
	return strings.Join(words, " ")
}

func unquoted(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`"“”«»„`, r) {
			return -1
		}
		return r
	}, text)
}

func withoutMarks(text string) string {
	bare := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(text))
	if bare == text {
		return ""
	}
	return bare
}
