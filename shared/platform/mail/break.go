package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// lineWidth is the width of plain text in columns, where a wide character counts
// two. RFC 3676 section 4.2 asks for 78 or fewer, with room for the space at the
// end of a flowed line.
const lineWidth = 74

// breakLine cuts s before the width is full, at an opportunity of UAX 14 that is
// a space or lies between wide characters: so an address, a date with hyphens or
// the name of a time zone stays whole, and so does a stretch without a place to
// cut. Nearly all lines are short enough as they are, which is seen without
// looking for opportunities.
func breakLine(s string) (line, rest string) {
	if fits(s) || !strings.Contains(s, " ") && isASCII(s) {
		return s, ""
	}
	if cut := quickBreak(s); cut > 0 {
		return s[:cut], s[cut:]
	}
	return slowBreak(s)
}

// slowBreak is breakLine for text of any kind that is wider than a line.
func slowBreak(s string) (line, rest string) {
	width, state, at, cut := 0, -1, 0, 0
	for rest = s; rest != ""; {
		var segment string
		segment, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
		if cut > 0 && width+columns(strings.TrimRight(segment, " ")) > lineWidth {
			return s[:cut], s[cut:]
		}
		width += columns(segment)
		at += len(segment)
		if last, _ := utf8.DecodeLastRuneInString(segment); last == ' ' || columns(string(last)) == 2 {
			cut = at
		}
	}
	return s, ""
}

// quickBreak is where slowBreak cuts text whose first line has the letters and the
// punctuation of the six languages alone: where UAX 14 always allows it, at a space
// that stands between a word, with its punctuation, and a word, a bracket or a dash
// (LB18), or after an ideograph (LB31). It is 0 when there is no such place, when
// another may come after it, or when the characters are others.
func quickBreak(s string) int {
	width, cut := 0, 0
	var last, beforeSpace glyph
	for i, r := range s {
		g := glyphOf(r)
		if g == unknown {
			return 0
		}
		switch opportunity(beforeSpace, last, g) {
		case always:
			cut = i
		case perhaps:
			cut = 0
		}
		if g != space && g != mark {
			if width+g.columns() > lineWidth {
				return cut
			}
			beforeSpace = g
		}
		width += g.columns()
		last = g
	}
	return 0
}

// place says whether a line may be cut somewhere.
type place uint8

const (
	never place = iota
	perhaps
	always
)

// opportunity is the one between last and next, of which beforeSpace is the latest
// that took a column.
func opportunity(beforeSpace, last, next glyph) place {
	switch {
	case last == space && next != space:
		if beforeSpace.endsWord() && next.beginsWord() && (beforeSpace != dash || next != dash) { // two dashes stay together (LB17)
			return always
		}
		return perhaps
	case last == ideograph || last == wideCloses:
		switch next {
		case letter, ideograph, wideOpens:
			return always
		case narrow, opens, dash:
			return perhaps
		}
	}
	return never
}

// glyph is what a character is for quickBreak.
type glyph uint8

const (
	unknown glyph = iota // what only the whole of UAX 14 knows how to treat
	space
	letter
	opens  // a bracket
	closes // punctuation that ends what stands before it
	dash
	narrow // everything else of one column
	ideograph
	wideOpens
	wideCloses
	mark // stands on what is before it and takes no column
)

func (g glyph) columns() int {
	switch g {
	case ideograph, wideOpens, wideCloses:
		return 2
	case mark:
		return 0
	}
	return 1
}

func (g glyph) endsWord() bool {
	return g == letter || g == ideograph || g == closes || g == wideCloses || g == dash
}

func (g glyph) beginsWord() bool {
	return g == letter || g == ideograph || g == opens || g == wideOpens || g == dash || g == mark
}

func glyphOf(r rune) glyph {
	switch {
	case r >= 'a' && r <= 'z':
		return letter
	case r == ' ':
		return space
	case r == '(':
		return opens
	case strings.ContainsRune(",.;:!?)\u060C\u061B\u061F", r):
		return closes
	case r < firstCombining && inWord(r), r >= '\u0400' && r <= '\u0481', r >= '\u0620' && r <= '\u064A':
		return letter
	case r == '\u2013', r == '\u2014':
		return dash
	case r < firstCombining, r >= '\u2018' && r <= '\u201D', r == '\u2212':
		return narrow
	case r >= '\u2066' && r <= '\u2069', r >= '\u064B' && r <= '\u0652': // isolates, and the vowels of Arabic
		return mark
	case r >= '\u4E00' && r <= '\u9FFF':
		return ideograph
	case r == '\uFF08':
		return wideOpens
	case strings.ContainsRune("\u3001\u3002\uFF01\uFF09\uFF0C\uFF1A\uFF1B\uFF1F", r):
		return wideCloses
	}
	return unknown
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// firstCombining is the first character that stands on another.
const firstCombining = '\u0300'

// fits reports whether s is certainly no wider than a line: no character is wider
// than two columns, or than one below U+1100, where the wide ones begin.
func fits(s string) bool {
	if len(s) <= lineWidth {
		return true
	}
	width := 0
	for _, r := range s {
		if width++; r >= firstWide {
			width++
		}
	}
	return width <= lineWidth
}

// firstWide is the first character that may take two columns, Hangul Choseong
// Kiyeok (UAX 11).
const firstWide = '\u1100'

// columns is the width of s. That of ASCII is known without looking for clusters.
func columns(s string) int {
	if isASCII(s) {
		return len(s)
	}
	return uniseg.StringWidth(s)
}
