package directory

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

// Text is prose in one language.
type Text struct {
	Lang string `json:"lang"` // BCP 47
	Text string `json:"text"`
}

// In returns the text for the first of the languages that has one, else the
// first text, else "".
func In(texts []Text, langs ...string) string {
	for _, lang := range langs {
		for _, t := range texts {
			if t.Lang == lang || strings.HasPrefix(t.Lang, lang+"-") {
				return t.Text
			}
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return texts[0].Text
}

// LineFault returns the code of what is wrong with one line of text that people
// will read, or "". Control characters (CR and LF among them), bidirectional
// overrides and embeddings, and invisible format characters are refused, because
// they make one name look like another and break headers. ZWJ and ZWNJ stay:
// Persian, Hindi and Sinhala need them.
func LineFault(s string, maxRunes int) string {
	if !utf8.ValidString(s) {
		return "text.not_utf8"
	}
	if strings.TrimSpace(s) == "" {
		return "text.empty"
	}
	if utf8.RuneCountInString(s) > maxRunes {
		return "text.too_long"
	}
	for _, r := range s {
		if code := runeFault(r); code != "" {
			return code
		}
	}
	return ""
}

// ProseFault is LineFault for text of several lines: LF and TAB are allowed.
func ProseFault(s string, maxRunes int) string {
	return LineFault(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, s), maxRunes)
}

func runeFault(r rune) string {
	switch {
	case r == '\u200c' || r == '\u200d':
		return ""
	case r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\u200e', r == '\u200f', r == '\u061c':
		return "text.bidi_control"
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029', unicode.Is(unicode.Co, r), unicode.Is(unicode.Noncharacter_Code_Point, r):
		return "text.control_character"
	}
	return ""
}

// Tidy normalises a line to NFC and folds runs of space, so that one name is
// stored in one way.
func Tidy(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

// CheckLine records in faults what is wrong with a required line.
func CheckLine(faults *fault.List, pointer, s string, maxRunes int) {
	if code := LineFault(s, maxRunes); code != "" {
		faults.Add(pointer, code, "max", strconv.Itoa(maxRunes))
	}
}

// CheckTexts records what is wrong with a list of texts: at most one a language.
func CheckTexts(faults *fault.List, pointer string, texts []Text, maxRunes int) {
	seen := map[string]bool{}
	for i, t := range texts {
		at := pointer + "/" + strconv.Itoa(i)
		if code := ProseFault(t.Text, maxRunes); code != "" {
			faults.Add(at+"/text", code, "max", strconv.Itoa(maxRunes))
		}
		if !taxonomy.ValidLanguage(t.Lang) {
			faults.Add(at+"/lang", "language.unknown")
		}
		if seen[t.Lang] {
			faults.Add(at+"/lang", "language.repeated")
		}
		seen[t.Lang] = true
	}
}

// CheckEach records, for each value of a list, what check says of it, and what
// is repeated or too many.
func CheckEach(faults *fault.List, pointer string, values []string, most int, check func(string) string) {
	if len(values) > most {
		faults.Add(pointer, "list.too_long", "max", strconv.Itoa(most))
		return
	}
	seen := map[string]bool{}
	for i, v := range values {
		at := pointer + "/" + strconv.Itoa(i)
		if code := check(v); code != "" {
			faults.Add(at, code)
		} else if seen[v] {
			faults.Add(at, "list.repeated")
		}
		seen[v] = true
	}
}
