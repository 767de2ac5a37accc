// Package script brings a line of text from the order in which it is read into
// the order in which it is drawn, from left to right, with the letters of Arabic
// in the forms that they take beside each other. What draws it needs to know
// nothing of scripts then.
package script

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Glyph is one character to be drawn.
type Glyph struct {
	Rune  rune // Arabic letters as their presentation forms
	Level int  // of embedding (UAX 9): right to left when it is odd
	Break bool // a line may end after it
}

// Shape returns the glyphs of one paragraph in the order of reading. Breaks are
// the offsets in bytes at which a line may end. Controls are left out, and so are
// the vowel marks of Arabic, which its readers do without and which would need
// positions of their own.
func Shape(text string, rtl bool, breaks []int) []Glyph {
	var runes []rune
	var may []bool
	at := map[int]bool{}
	for _, b := range breaks {
		at[b] = true
	}
	for i, r := range text {
		if i > 0 && at[i] {
			may[len(may)-1] = true
		}
		runes, may = append(runes, r), append(may, false)
	}
	levels := Levels(runes, rtl)
	forms := join(runes)
	glyphs := make([]Glyph, 0, len(runes))
	for i, r := range forms {
		switch {
		case r != gone:
			glyphs = append(glyphs, Glyph{r, levels[i], may[i]})
		case may[i] && len(glyphs) > 0:
			glyphs[len(glyphs)-1].Break = true
		}
	}
	return glyphs
}

// Tidy composes what can be one character (NFC), so that fewer need a mark that
// is placed upon them.
func Tidy(text string) string { return norm.NFC.String(text) }

// Order returns which glyph of the line is drawn first from the left, which next,
// and so on (UAX 9, rules L1 and L2).
func Order(line []Glyph, rtl bool) []int {
	levels, order := make([]int, len(line)), make([]int, len(line))
	highest := 0
	for i, g := range line {
		levels[i], order[i] = g.Level, i
		highest = max(highest, g.Level)
	}
	for i := len(line) - 1; i >= 0 && isSpace(line[i].Rune); i-- {
		levels[i] = base(rtl)
	}
	for level := highest; level > 0; level-- {
		reverseRuns(order, levels, level)
	}
	return order
}

// reverseRuns reverses each run of glyphs at the level or above.
func reverseRuns(order, levels []int, level int) {
	for i := 0; i < len(order); i++ {
		j := i
		for j < len(order) && levels[order[j]] >= level {
			j++
		}
		slices.Reverse(order[i:j])
		if j > i {
			i = j
		}
	}
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\u00a0' || r == '\u202f' }

// base is the level of a paragraph.
func base(rtl bool) int {
	if rtl {
		return 1
	}
	return 0
}

// Drawn is the character that is drawn for the glyph: from right to left a bracket
// is its counterpart (L4).
func (g Glyph) Drawn() rune {
	if g.Level%2 == 1 {
		return mirrored(g.Rune)
	}
	return g.Rune
}

func mirrored(r rune) rune {
	switch r {
	case '(':
		return ')'
	case ')':
		return '('
	case '[':
		return ']'
	case ']':
		return '['
	case '{':
		return '}'
	case '}':
		return '{'
	case '<':
		return '>'
	case '>':
		return '<'
	case '«':
		return '»'
	case '»':
		return '«'
	case '‹':
		return '›'
	case '›':
		return '‹'
	}
	return r
}

// Plain is the text with letters of Arabic instead of their presentation forms, as
// programs that read it expect.
func Plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r >= 0xfb50 && r <= 0xfdff || r >= 0xfe70 && r <= 0xfeff {
			b.WriteString(norm.NFKC.String(string(r)))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
