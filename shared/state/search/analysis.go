package search

import (
	"slices"
	"strings"
	"unicode"
)

const (
	maxTermBytes = 64   // longer words are cut
	maxTerms     = 4096 // of one text; more are left out
)

// analyse returns the terms of a text in order: words where words are parted by
// spaces, pairs of neighbouring letters where they are not.
func analyse(text string) []string {
	return split([]rune(fold(text)))
}

// split cuts folded text into terms.
func split(text []rune) []string {
	var terms []string
	splitInto(text, func(term string, _, _ int) { terms = append(terms, term) })
	return terms
}

// splitInto calls emit with each term of a folded text and the runes it is made
// of.
func splitInto(text []rune, emit func(term string, from, to int)) {
	n := 0
	for i := 0; i < len(text) && n < maxTerms; {
		if acronym, next := dotted(text, i); next > i {
			emit(acronym, i, next)
			n, i = n+1, next
			continue
		}
		r := text[i]
		switch {
		case !isWordRune(r):
			i++
		case isUnspaced(r):
			end := runEnd(text, i, isUnspaced)
			n += emitPairs(text, i, end, emit)
			i = end
		default:
			end := runEnd(text, i, func(r rune) bool { return isWordRune(r) && !isUnspaced(r) || unicode.Is(unicode.Cf, r) })
			emit(word(text[i:end]), i, end)
			n, i = n+1, end
		}
	}
}

// analyseAcronym adds to the words of an acronym the one they make together, so
// that UN-Habitat is found as unhabitat.
func analyseAcronym(text string) []string {
	terms := analyse(text)
	if joined := strings.Join(terms, ""); len(terms) > 1 && len(joined) <= maxTermBytes && !isUnspaced(firstRune(joined)) {
		return append(terms, joined)
	}
	return terms
}

// dotted reads an acronym written with dots ("u.n.h.c.r.", "e.u") that starts at
// text[i], and returns it without them and where it ends, or i when there is none.
func dotted(text []rune, i int) (string, int) {
	if i > 0 && isWordRune(text[i-1]) {
		return "", i
	}
	at := func(j int) rune {
		if j < len(text) {
			return text[j]
		}
		return 0
	}
	var b strings.Builder
	j, letters := i, 0
	for unicode.IsLetter(at(j)) && !isUnspaced(at(j)) && at(j+1) == '.' {
		b.WriteRune(at(j))
		j, letters = j+2, letters+1
	}
	if letters > 0 && unicode.IsLetter(at(j)) && !isWordRune(at(j+1)) {
		b.WriteRune(at(j))
		j, letters = j+1, letters+1
	}
	if letters < 2 || isWordRune(at(j)) {
		return "", i
	}
	return cut(b.String(), maxTermBytes), j
}

// word drops the invisible joiners inside a word.
func word(runes []rune) string {
	if !slices.ContainsFunc(runes, func(r rune) bool { return r >= 0x80 && unicode.Is(unicode.Cf, r) }) {
		return cut(string(runes), maxTermBytes)
	}
	var b strings.Builder
	for _, r := range runes {
		if !unicode.Is(unicode.Cf, r) {
			b.WriteRune(r)
		}
	}
	return cut(b.String(), maxTermBytes)
}

// emitPairs emits the pairs of neighbouring letters between two places, or the
// one letter there is, and returns how many.
func emitPairs(text []rune, from, to int, emit func(term string, from, to int)) int {
	if to-from == 1 {
		emit(string(text[from:to]), from, to)
		return 1
	}
	for i := from; i+1 < to; i++ {
		emit(string(text[i:i+2]), i, i+2)
	}
	return to - from - 1
}

func runEnd(text []rune, i int, in func(rune) bool) int {
	for i < len(text) && in(text[i]) {
		i++
	}
	return i
}

func isWordRune(r rune) bool {
	if r < 0x80 {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.N)
}

// isUnspaced reports whether r is of a script that is indexed in pairs of
// letters: most of them do not part words, Hangul glues particles to them.
func isUnspaced(r rune) bool {
	if r < 0x0e00 {
		return false
	}
	return r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Thai, unicode.Khmer, unicode.Lao, unicode.Myanmar)
}
