package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"convoke/shared/platform/i18n"
)

// lineWidth is the width of plain text in columns, where a wide character counts
// two. RFC 3676 section 4.2 asks for 78 or fewer, with room for the space at the
// end of a flowed line.
const lineWidth = 74

// Text renders the letter as plain text of the format=flowed; delsp=yes kind
// (RFC 3676): a paragraph is broken into lines that end in a space, which a
// reader that knows the format joins again and another shows as they are. Lines
// end in LF. An address stands on a line of its own and is never broken.
func (l Letter) Text() string {
	var w flowed
	w.paragraph(l.Heading)
	w.paragraphs(l.Paragraphs)
	for _, reason := range l.Reasons {
		w.line("- " + reason)
	}
	w.gap()
	w.paragraph(l.Quote.Label)
	w.paragraphs(l.Quote.Paragraphs)
	for _, fact := range l.Facts {
		w.line(l.labelled(fact.Label, fact.Value))
	}
	w.gap()
	for _, action := range l.Actions {
		w.line(l.labelled(action.Label, ""))
		w.paragraph(action.URL)
	}
	w.paragraphs(l.Closing)
	if len(l.Footer) > 0 {
		w.b.WriteString("-- \n") // the signature separator, the one fixed line that ends in a space
	}
	for _, line := range l.Footer {
		w.line(line.Text)
		w.line(line.URL)
	}
	return strings.TrimRight(w.b.String(), "\n") + "\n"
}

// labelled joins a label and its value with the colon of the language.
func (l Letter) labelled(label, value string) string {
	before, after, _ := strings.Cut(i18n.T(l.Lang, "mail.labelled", nil), "{value}")
	return strings.TrimSpace(strings.Replace(before, "{label}", label, 1) + value + after)
}

// flowed writes paragraphs as flowed lines.
type flowed struct {
	b     strings.Builder
	wrote bool // something since the last gap
}

func (w *flowed) paragraphs(all []string) {
	for _, p := range all {
		w.paragraph(p)
	}
}

func (w *flowed) paragraph(s string) {
	w.line(s)
	w.gap()
}

func (w *flowed) gap() {
	if w.wrote {
		w.b.WriteByte('\n')
		w.wrote = false
	}
}

// line writes one logical line over as many lines as it needs; an empty one is
// left out.
func (w *flowed) line(s string) {
	s = strings.Trim(s, " ")
	if s == "" {
		return
	}
	w.wrote = true
	for s != "" {
		part, rest := breakLine(s)
		w.b.WriteString(stuffing(part) + part)
		if rest != "" {
			w.b.WriteByte(' ') // flowed: a reader deletes this space and joins (delsp)
		}
		w.b.WriteByte('\n')
		s = rest
	}
}

// stuffing is the space before a line that would otherwise read as a quotation,
// as an mbox separator or as stuffed itself (RFC 3676 section 4.4).
func stuffing(line string) string {
	if strings.HasPrefix(line, " ") || strings.HasPrefix(line, ">") || strings.HasPrefix(line, "From ") {
		return " "
	}
	return ""
}

// breakLine cuts s before the width is full, at an opportunity of UAX 14 that is
// a space or lies between wide characters: so an address, a date with hyphens or
// the name of a time zone stays whole, and so does a stretch without a place to
// cut. Nearly all lines are short enough as they are, which is seen without
// looking for opportunities.
func breakLine(s string) (line, rest string) {
	if fits(s) {
		return s, ""
	}
	if cut := narrowBreak(s); cut > 0 {
		return s[:cut], s[cut:]
	}
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

// narrowBreak is where to cut text that begins with a line of Latin characters
// that do not combine: at the last space that fits and that stands between a word,
// with its punctuation, and a word or a bracket, where UAX 14 always allows it. It is 0 when
// there is none or the characters are others.
func narrowBreak(s string) int {
	width, cut := 0, 0
	var last, beforeSpace rune
	for i, r := range s {
		if r >= firstCombining {
			return 0
		}
		if last == ' ' && (inWord(r) || r == '(') && (inWord(beforeSpace) || strings.ContainsRune(",.;:!?", beforeSpace)) {
			cut = i
		}
		if r != ' ' && width >= lineWidth {
			return cut
		}
		if r != ' ' {
			beforeSpace = r
		}
		width++
		last = r
	}
	return 0
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
