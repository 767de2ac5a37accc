package directory

import (
	"slices"
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
// Persian, Hindi and Sinhala need them. A line with nothing in it that shows is
// empty.
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
	if strings.IndexFunc(s, shows) < 0 {
		return "text.empty"
	}
	return ""
}

// shows reports whether a rune leaves a mark of its own on the page. The blank
// of Braille is a symbol to Unicode and nothing to a reader.
func shows(r rune) bool {
	return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) && r != '\u2800'
}

// ProseFault is LineFault for text of several lines: LF and TAB are allowed.
func ProseFault(s string, maxRunes int) string {
	if !utf8.ValidString(s) { // strings.Map would mend it
		return "text.not_utf8"
	}
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
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029', unicode.Is(unicode.Co, r), unicode.Is(unicode.Noncharacter_Code_Point, r), unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r):
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
	for i, t := range texts {
		if code := ProseFault(t.Text, maxRunes); code != "" {
			faults.Add(pointer+"/"+strconv.Itoa(i)+"/text", code, "max", strconv.Itoa(maxRunes))
		}
	}
	CheckTextLanguages(faults, pointer, texts)
}

// CheckTextLanguages records which texts name no language, or one that another
// has: "EN" and "en" are one.
func CheckTextLanguages(faults *fault.List, pointer string, texts []Text) {
	seen := map[string]bool{}
	for i, t := range texts {
		at := pointer + "/" + strconv.Itoa(i) + "/lang"
		lang, ok := taxonomy.CanonicalLanguage(t.Lang)
		if !ok {
			faults.Add(at, "language.unknown")
		} else if seen[lang] {
			faults.Add(at, "language.repeated")
		}
		seen[lang] = true
	}
}

// TidyTexts normalises texts for storage: NFC, and each language in the one
// spelling in which In looks for it.
func TidyTexts(texts []Text) []Text {
	texts = slices.Clone(texts)
	for i, t := range texts {
		texts[i] = Text{Lang: canonicalLanguage(t.Lang), Text: norm.NFC.String(strings.TrimSpace(t.Text))}
	}
	return texts
}

// canonicalLanguage is the one spelling of a tag; what is no tag stays as it is.
func canonicalLanguage(tag string) string {
	if canonical, ok := taxonomy.CanonicalLanguage(tag); ok {
		return canonical
	}
	return tag
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
