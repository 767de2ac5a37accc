package directory

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// lines are hostile and ordinary lines, with what is wrong with each as a name
// of 300 runes.
var lines = []struct{ name, line, want string }{
	{"empty", "", "text.empty"},
	{"spaces", " \u00a0\u3000", "text.empty"},
	{"line break alone", "\n", "text.empty"},
	{"joiners alone", "\u200d\u200c\u200d", "text.empty"},
	{"accents alone", "\u0301\u0301", "text.empty"},
	{"blank of Braille", "\u2800", "text.empty"},
	{"Hangul filler", "\u3164", "text.control_character"},
	{"filler within a name", "Asso\u115fciation", "text.control_character"},
	{"LF", "Association\nBcc: all@example.org", "text.control_character"},
	{"CR", "Association\rX", "text.control_character"},
	{"NUL", "Association\x00", "text.control_character"},
	{"DEL", "Association\x7f", "text.control_character"},
	{"C1 NEL", "Association\u0085X", "text.control_character"},
	{"line separator", "Association\u2028X", "text.control_character"},
	{"tab", "Association\tX", "text.control_character"},
	{"right-to-left override", "Association \u202egnp.exe", "text.bidi_control"},
	{"isolate", "Association \u2066X\u2069", "text.bidi_control"},
	{"right-to-left mark", "\u200fالجمعية", "text.bidi_control"},
	{"zero width space", "Associa\u200btion", "text.control_character"},
	{"soft hyphen", "Associa\u00adtion", "text.control_character"},
	{"byte order mark", "\ufeffAssociation", "text.control_character"},
	{"tag characters", "Association\U000e0041", "text.control_character"},
	{"private use", "Association\ue000", "text.control_character"},
	{"noncharacter", "Association\ufdd0", "text.control_character"},
	{"not UTF-8", "Association\xff", "text.not_utf8"},
	{"surrogate in UTF-8", "Association\xed\xa0\x80", "text.not_utf8"},
	{"301 runes", strings.Repeat("é", 301), "text.too_long"},
	{"10,000 runes", strings.Repeat("ñ", 10_000), "text.too_long"},
	{"10,000 accents on one letter", "a" + strings.Repeat("\u0301", 10_000), "text.too_long"},
	{"300 runes", strings.Repeat("移", 300), ""},
	{"Persian with ZWNJ", "انجمن مهاجران می\u200cآیند", ""},
	{"Sinhala with ZWJ", "ශ්\u200dරී ලංකා", ""},
	{"Cyrillic homograph", "Аssociаtion", ""}, // moderators see the clash of names; scripts may be mixed
	{"markup", "<script>alert(1)</script>", ""},
	{"emoji", "🤝🏽", ""},
	{"acronym of signs", "!?", ""},
}

func TestLineFault(t *testing.T) {
	for _, tt := range lines {
		if got := LineFault(tt.line, 300); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Prose refuses what a line refuses, but for LF and TAB between words.
func TestProseFault(t *testing.T) {
	between := map[string]bool{"LF": true, "tab": true}
	for _, tt := range lines {
		want := tt.want
		if between[tt.name] {
			want = ""
		}
		if got := ProseFault(tt.line, 300); got != want {
			t.Errorf("%s: %q, want %q", tt.name, got, want)
		}
	}
}

func TestLineFaultNeverPassesWhatBreaksAHeader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")) })).Draw(t, "line")
		if LineFault(line, 300) != "" {
			return
		}
		if !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n\x00\u202e") || strings.TrimSpace(line) == "" {
			t.Errorf("%q passes", line)
		}
		if LineFault(Tidy(line), 300) != "" {
			t.Errorf("%q passes, and tidied to %q does not", line, Tidy(line))
		}
	})
}

func TestTidy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tidied := Tidy(rapid.String().Draw(t, "text"))
		if Tidy(tidied) != tidied || !norm.NFC.IsNormalString(tidied) {
			t.Errorf("%q is not settled", tidied)
		}
	})
	if got, want := Tidy("  Socie\u0301te\u0301 \u00a0 des\tamis "), "Société des amis"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestIn(t *testing.T) {
	texts := []Text{{"en-GB", "colour"}, {"fr", "couleur"}, {"es", "color"}}
	for _, tt := range []struct {
		name  string
		langs []string
		want  string
	}{
		{"exact", []string{"fr"}, "couleur"},
		{"of a region", []string{"en"}, "colour"},
		{"first of the reader's that is there", []string{"ar", "es", "fr"}, "color"},
		{"none of them", []string{"ru"}, "colour"},
		{"none asked", nil, "colour"},
		{"a prefix that is no subtag", []string{"e"}, "colour"},
	} {
		if got := In(texts, tt.langs...); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := In(nil, "en"); got != "" {
		t.Errorf("no texts: %q", got)
	}
}
