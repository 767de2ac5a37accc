package likeness

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"convoke/shared/domain/directory"
	"convoke/shared/state/search"
)

// form is one name as it is compared.
type form struct {
	text    string
	words   []string // folded, in order
	bare    []string // without legal forms
	core    []string // and without small words
	sounds  []string // the core by sound, for comparison across alphabets
	foreign bool     // some of it is Cyrillic or Greek
	short   string   // the letters of an acronym without what parts them, "" of a longer name
	first   []string // the initials: of the core, and of all words
}

// maxAcronym is the longest acronym, in letters, and minAcronym the shortest
// that says anything.
const (
	minAcronym = 3
	maxAcronym = 10
)

func formOf(n directory.Name) form {
	f := form{text: n.Text, words: search.Terms(n.Text)}
	for _, w := range f.words {
		if search.LegalForm(w) || partOfForm(w) && len(f.words) > 2 {
			continue
		}
		f.bare = append(f.bare, w)
		if !search.Small(w) {
			f.core = append(f.core, w)
		}
	}
	if len(f.core) == 0 { // a name of such words alone is told apart by them
		f.bare, f.core = f.words, f.words
	}
	for _, w := range f.core {
		sound, foreign := search.Sound(w, n.Lang)
		f.foreign = f.foreign || foreign
		if sound != "" {
			f.sounds = append(f.sounds, sound)
		}
	}
	f.short, f.first = shortOf(n, f.words), initialsOf(f)
	return f
}

// partOfForm knows the words that say a legal form when they stand beside others,
// and would say something of their own alone.
func partOfForm(term string) bool {
	switch term {
	case "ev", "eg", "ag", "sa", "spa", "ab", "as", "limited", "incorporated", "corporation", "company", "gesellschaft":
		return true
	}
	return false
}

// shortOf returns the letters of a name that is an acronym, by its kind or by
// its looks: one word of capitals.
func shortOf(n directory.Name, words []string) string {
	joined := strings.Join(words, "")
	count := utf8.RuneCountInString(joined)
	if count < 2 || count > maxAcronym {
		return ""
	}
	if n.Kind == directory.NameAcronym || len(words) == 1 && n.Text == strings.ToUpper(n.Text) && n.Text != strings.ToLower(n.Text) {
		return joined
	}
	return ""
}

// initialsOf returns what acronyms of the name would be: of the words that say
// something, and of all of them.
func initialsOf(f form) []string {
	var list []string
	for _, words := range [][]string{f.core, f.bare} {
		var b strings.Builder
		for _, w := range words {
			r, _ := utf8.DecodeRuneInString(w)
			if unicode.IsLetter(r) && r < 0x0e00 {
				b.WriteRune(r)
			}
		}
		n := utf8.RuneCountInString(b.String())
		if n >= minAcronym && n <= maxAcronym && !slices.Contains(list, b.String()) {
			list = append(list, b.String())
		}
	}
	return list
}

// nameLikeness is how alike two names are, and why.
type nameLikeness struct {
	score float64
	code  string
}

// The scores of the ways in which names are alike. What they are out of 1 is
// how often such a pair of one country is one organisation; docs/duplicates.md
// says how that is measured.
const (
	scoreSame            = 0.97
	scoreLegalForm       = 0.95
	scoreSmallWords      = 0.94
	scoreSpacing         = 0.93
	scoreTransliteration = 0.92
	scoreWordOrder       = 0.91
	scoreSpelling        = 0.90
	scoreAcronymSame     = 0.84
	scoreAcronym         = 0.82
	scorePart            = 0.72
)

// likeNames compares two names, the strictest way first.
func likeNames(a, b form) nameLikeness {
	if a.short != "" || b.short != "" {
		return likeShort(a, b)
	}
	switch {
	case slices.Equal(a.words, b.words):
		return nameLikeness{scoreSame, SameName}
	case slices.Equal(a.bare, b.bare):
		return nameLikeness{scoreLegalForm, LegalForm}
	case slices.Equal(a.core, b.core):
		return nameLikeness{scoreSmallWords, SmallWords}
	case strings.Join(a.core, "") == strings.Join(b.core, ""):
		return nameLikeness{scoreSpacing, Spacing}
	case sameSet(a.core, b.core):
		return nameLikeness{scoreWordOrder, WordOrder}
	case a.foreign != b.foreign:
		return acrossAlphabets(a.sounds, b.sounds)
	}
	return bySpelling(a.core, b.core)
}

// likeShort compares names of which one at least is an acronym.
func likeShort(a, b form) nameLikeness {
	short, long := a, b
	if short.short == "" {
		short, long = b, a
	}
	switch {
	case long.short != "" && short.short == long.short:
		return nameLikeness{scoreAcronymSame, SameAcronym}
	case long.short != "":
		return nameLikeness{}
	case slices.Equal(a.words, b.words):
		return nameLikeness{scoreSame, SameName}
	case utf8.RuneCountInString(short.short) >= minAcronym && slices.Contains(long.first, short.short):
		return nameLikeness{scoreAcronym, Acronym}
	}
	return nameLikeness{}
}

func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// acrossAlphabets compares names by sound, one of which was written in other
// letters.
func acrossAlphabets(a, b []string) nameLikeness {
	if len(a) == 0 || len(b) == 0 { // of what has no sound here nothing is known
		return nameLikeness{}
	}
	if slices.Equal(a, b) || sameSet(a, b) {
		return nameLikeness{scoreTransliteration, Transliteration}
	}
	like := bySpelling(a, b)
	if like.code == Spelling {
		return nameLikeness{like.score - 0.01, Transliteration}
	}
	return like
}

// bySpelling pairs the words of two names off, each with one that is spelt as it
// or nearly so. When all are, the names differ by spelling; when all of one are,
// it is a part of the other.
func bySpelling(a, b []string) nameLikeness {
	p := pairOff(a, b)
	switch {
	case p.leftA == 0 && p.leftB == 0 && p.exact+p.near > 0:
		return nameLikeness{scoreSpelling - 0.02*float64(max(0, p.edits-2)), Spelling}
	case (p.leftA == 0 || p.leftB == 0) && p.share() >= 0.5:
		return nameLikeness{scorePart * (0.6 + 0.4*p.share()), Part}
	}
	return nameLikeness{0.6 * p.share() * p.share(), Some}
}

// pairing is how the words of two names were paired off; letters are counted, so
// that long words say more than short ones.
type pairing struct {
	exact, near  int // letters of paired words, of both sides
	leftA, leftB int // letters of those without a partner
	edits        int
}

func (p pairing) share() float64 {
	all := p.exact + p.near + p.leftA + p.leftB
	if all == 0 {
		return 0
	}
	return (float64(p.exact) + 0.9*float64(p.near)) / float64(all)
}

func pairOff(a, b []string) pairing {
	var p pairing
	taken := make([]bool, len(b))
	var open []string
	for _, w := range a {
		if at := indexFree(b, taken, func(o string) bool { return o == w }); at >= 0 {
			p.exact += 2 * letters(w)
		} else {
			open = append(open, w)
		}
	}
	for _, w := range open {
		edits := 0
		at := indexFree(b, taken, func(o string) bool {
			var near bool
			edits, near = nearWords(w, o)
			return near
		})
		if at < 0 {
			p.leftA += letters(w)
			continue
		}
		p.near, p.edits = p.near+letters(w)+letters(b[at]), p.edits+edits
	}
	for i, w := range b {
		if !taken[i] {
			p.leftB += letters(w)
		}
	}
	return p
}

// indexFree takes the first word that is free and wanted, -1 when none is.
func indexFree(words []string, taken []bool, wanted func(string) bool) int {
	for i, w := range words {
		if !taken[i] && wanted(w) {
			taken[i] = true
			return i
		}
	}
	return -1
}

func letters(word string) int { return utf8.RuneCountInString(word) }
