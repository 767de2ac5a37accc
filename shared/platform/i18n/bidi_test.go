package i18n

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestIsolate(t *testing.T) {
	for _, c := range []struct {
		name string
		lang Lang
		in   string
		want string
	}{
		{"Latin in English", English, "Migrant Forum (1999)", "Migrant Forum (1999)"},
		{"Arabic in English", English, "رابطة", "\u2068رابطة\u2069"},
		{"Hebrew in Russian", Russian, "שלום 12", "\u2068שלום 12\u2069"},
		{"Latin in Arabic", Arabic, "ACME!", "\u2068ACME!\u2069"},
		{"Arabic in Arabic", Arabic, "رابطة", "\u2068رابطة\u2069"},
		{"nothing", Arabic, "", ""},
		{"override", English, "a\u202Egnp.exe", "agnp.exe"},
		{"lone isolates", English, "a\u2069b\u2067c", "abc"},
		{"isolated before", Arabic, "\u2068x\u2069", "\u2068\u2068x\u2069\u2069"},
		{"new lines", English, "a\r\nBcc: b", "a  Bcc: b"},
		{"broken UTF-8", English, "a\xffb", "ab"},
	} {
		if got := Isolate(c.lang, c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestSegments(t *testing.T) {
	for in, want := range map[string][]Segment{
		"":                            nil,
		"plain":                       {{Text: "plain"}},
		"a \u2068b\u2069 c":           {{Text: "a "}, {Text: "b", Isolated: true}, {Text: " c"}},
		"\u2068a\u2068b\u2069c\u2069": {{Text: "a\u2068b\u2069c", Isolated: true}},
		"open \u2068a":                {{Text: "open "}, {Text: "a", Isolated: true}},
		"stray \u2069a":               {{Text: "stray \u2069a"}},
	} {
		if diff := cmp.Diff(want, Segments(in)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

// TestIsolateHolds is the law: whatever a value holds, what it leaves in a text
// is balanced, so that it cannot reach beyond itself.
func TestIsolateHolds(t *testing.T) {
	odd := rapid.StringOf(rapid.OneOf(rapid.SampledFrom([]rune("\u2066\u2067\u2068\u2069\u202a\u202b\u202d\u202e\u202c\r\nابa1")), rapid.Rune()))
	rapid.Check(t, func(t *rapid.T) {
		lang := rapid.SampledFrom(All()).Draw(t, "lang")
		value := odd.Draw(t, "value")
		got := Isolate(lang, value)
		if !isolatesBalanced(got) || strings.ContainsAny(got, "\u202a\u202b\u202d\u202e\r\n") {
			t.Fatalf("%q", got)
		}
		if again := Isolate(lang, got); Clean(again) != again {
			t.Fatalf("%q then %q", got, again)
		}
		want := []Segment{{Text: "x "}, {Text: Clean(value), Isolated: true}, {Text: " y"}}
		if got != Clean(value) && !cmp.Equal(Segments("x "+got+" y"), want) {
			t.Fatalf("%q became %v", got, Segments("x "+got+" y"))
		}
	})
}
