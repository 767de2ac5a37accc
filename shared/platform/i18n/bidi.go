package i18n

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// The isolates of UAX 9: between them, text finds its own direction and leaves
// the order of what is around it alone.
const (
	fsi = '\u2068' // first strong isolate
	pdi = '\u2069' // pop directional isolate
)

// Isolate makes foreign text, such as a name someone typed, safe to stand in a
// text of the language: controls become spaces, embeddings and overrides go, and
// the whole is put between FSI and PDI where it could change the order of its
// surroundings, or they its own. In a left-to-right language that is only when
// it has a right-to-left character, so that most mails stay free of invisible
// characters; in Arabic it is always.
func Isolate(lang Lang, s string) string {
	s = Clean(s)
	if s == "" || !rightToLeft(lang) && !hasRightToLeft(s) {
		return s
	}
	return string(fsi) + s + string(pdi)
}

func hasRightToLeft(s string) bool {
	for i := 0; i < len(s); {
		p, size := bidi.LookupString(s[i:])
		switch p.Class() {
		case bidi.R, bidi.AL, bidi.AN:
			return true
		}
		i += max(size, 1)
	}
	return false
}

// Clean drops what a value must not bring along. Isolates may stay when they
// are balanced: they come from a value that was itself made here.
func Clean(s string) string {
	balanced := isolatesBalanced(s)
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, r >= 0x202A && r <= 0x202E: // LRE, RLE, PDF, LRO, RLO
			return -1
		case (opensIsolate(r) || r == pdi) && !balanced:
			return -1
		case unicode.IsControl(r), r == 0x2028, r == 0x2029:
			return ' '
		}
		return r
	}, s)
}

// opensIsolate knows LRI, RLI and FSI, each of which ends with PDI.
func opensIsolate(r rune) bool { return r >= 0x2066 && r <= fsi }

func isolatesBalanced(s string) bool {
	depth := 0
	for _, r := range s {
		switch {
		case opensIsolate(r):
			depth++
		case r == pdi:
			depth--
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}

// Segment is a stretch of a text: foreign text that was isolated, or the
// product's own.
type Segment struct {
	Text     string // without the characters that isolate it
	Isolated bool
}

// Segments splits a text at its outermost isolates, so that a page or an HTML
// mail can write <bdi> in their place: mark-up is what HTML asks for, and what
// its readers understand more widely than the characters.
func Segments(s string) []Segment {
	var all []Segment
	depth, from := 0, 0
	cut := func(to int, isolated bool) {
		if to > from {
			all = append(all, Segment{Text: s[from:to], Isolated: isolated})
		}
	}
	for i, r := range s {
		switch {
		case opensIsolate(r) && depth == 0:
			cut(i, false)
			from, depth = i+utf8.RuneLen(r), 1
		case opensIsolate(r):
			depth++
		case r == pdi && depth == 1:
			cut(i, true)
			from, depth = i+utf8.RuneLen(r), 0
		case r == pdi && depth > 1:
			depth--
		}
	}
	cut(len(s), depth > 0)
	return all
}
