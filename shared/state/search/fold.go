package search

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// fold brings spellings of the same text together: compatibility forms (NFKC),
// case, digits of every script, Arabic letter variants, and accents, which are
// taken off in Latin, Greek, Cyrillic, Hebrew and Arabic only: elsewhere a
// combining mark is a vowel.
func fold(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	if folded, ok := foldLetters(text); ok {
		return folded
	}
	return foldAny(text)
}

// lettersEnd is up to where letters are folded by a table: what most names that
// are not plain Latin are written in, Cyrillic, Greek, Hebrew and Arabic among it.
const lettersEnd = 0x700

// foldedLetters holds what foldAny makes of each letter by itself, "" for what can
// act on a letter before it: marks, and what leaves nothing.
var foldedLetters = sync.OnceValue(func() *[lettersEnd]string {
	table := new([lettersEnd]string)
	for r := range rune(lettersEnd) {
		if !unicode.Is(unicode.Mn, r) && !vanishes(r) {
			table[r] = foldAny(string(r))
		}
	}
	return table
})

// foldLetter returns what stands for a letter that is folded by itself whatever
// is beside it, "" for others. Dashes and curly quotes stay as they are.
func foldLetter(r rune) string {
	switch {
	case r < lettersEnd:
		return foldedLetters()[r]
	case r == '–', r == '—', r == '‘', r == '’', r == '“', r == '”':
		return string(r)
	}
	return "" // broken UTF-8 too
}

// foldLetters folds a text of nothing but such letters, and is not ok for others.
func foldLetters(text string) (folded string, ok bool) {
	b := make([]byte, 0, len(text))
	for _, r := range text {
		letter := foldLetter(r)
		if letter == "" {
			return "", false
		}
		b = append(b, letter...)
	}
	return string(b), true
}

// foldAny folds any text.
func foldAny(text string) string {
	text = cases.Fold().String(norm.NFKD.String(strings.ToValidUTF8(text, " ")))
	var done string // what comes before a letter that vanished, which nothing after it composes with
	var b strings.Builder
	b.Grow(len(text))
	strips := false // whether the letter before carries its marks as accents
	for _, r := range text {
		if unicode.Is(unicode.Mn, r) {
			if !strips {
				b.WriteRune(r)
			}
			continue
		}
		if vanishes(r) {
			done += norm.NFC.String(b.String())
			b.Reset()
			strips = true
			continue
		}
		strips = unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic)
		writeFolded(&b, r)
	}
	return done + norm.NFC.String(b.String())
}

// writeFolded writes r, or what stands for it: letters that decompose to nothing
// although readers leave their stroke or ligature out, and Arabic variants.
func writeFolded(b *strings.Builder, r rune) {
	switch r {
	case 'ø':
		r = 'o'
	case 'đ', 'ð':
		r = 'd'
	case 'ł':
		r = 'l'
	case 'ħ':
		r = 'h'
	case 'ı':
		r = 'i'
	case 'ŧ':
		r = 't'
	case 'æ':
		b.WriteByte('a')
		r = 'e'
	case 'œ':
		b.WriteByte('o')
		r = 'e'
	case 'þ':
		b.WriteByte('t')
		r = 'h'
	case 'ٱ': // alef wasla; the other alefs decompose
		r = 'ا'
	case 'ى', 'ی': // alef maksura, Farsi yeh
		r = 'ي'
	case 'ة': // marbuta
		r = 'ه'
	case 'ک': // keheh
		r = 'ك'
	default:
		r = asciiDigit(r)
	}
	b.WriteRune(r)
}

// vanishes reports whether r leaves nothing, nor do the marks on it: tatweel, which
// only stretches a word, and what stands for the soft and the hard sign, which most
// leave out.
func vanishes(r rune) bool { return r == 'ـ' || r == 'ʹ' || r == 'ʺ' }

// asciiDigit maps the decimal digits of every script to 0-9. Unicode keeps each
// set of ten together, in order.
func asciiDigit(r rune) rune {
	if r < utf8.RuneSelf || !unicode.Is(unicode.Nd, r) {
		return r
	}
	for _, set := range unicode.Nd.R16 {
		if rune(set.Lo) <= r && r <= rune(set.Hi) {
			return '0' + (r-rune(set.Lo))%10
		}
	}
	for _, set := range unicode.Nd.R32 {
		if rune(set.Lo) <= r && r <= rune(set.Hi) {
			return '0' + (r-rune(set.Lo))%10
		}
	}
	return r
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cut shortens s to at most n bytes and never splits a rune.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
