package searchtest

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Typo makes one typing error in a word of five letters or more, past its first
// letter; "" when there is none.
func Typo(r *rand.Rand, text string) string {
	words := strings.Fields(unquoted(text))
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
	words := strings.Fields(unquoted(text))
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
	words := strings.Fields(unquoted(text))
	if len(words) < 2 {
		return ""
	}
	r.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	return strings.Join(words, " ")
}

// longWords leaves out all words of up to three letters, whatever they say.
func longWords(text string) string {
	return without(text, func(w string) bool { return len([]rune(w)) <= 3 })
}

// withoutSmall leaves out the articles, prepositions and conjunctions: short
// words in small letters. A short word in capitals is a name of its own.
func withoutSmall(text string) string {
	return without(text, func(w string) bool { return len([]rune(w)) <= 3 && strings.ToLower(w) == w })
}

func without(text string, left func(word string) bool) string {
	words := slices.DeleteFunc(strings.Fields(unquoted(text)), left)
	if len(words) < 2 || len(words) == len(strings.Fields(text)) {
		return ""
	}
	return strings.Join(words, " ")
}

// unquoted leaves quotation marks out, which would ask for what is between them
// exactly as it stands.
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

// shorten leaves the first 60% of the letters.
func shorten(text string) string {
	runes := []rune(text)
	return string(runes[:len(runes)*6/10])
}
