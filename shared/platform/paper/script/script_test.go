package script

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// TestJoin writes letters in the forms that they take beside each other.
func TestJoin(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"alone, initial, medial, final", "ب ببب", "\ufe8f \ufe91\ufe92\ufe90"},
		{"no letter reaches out of an alef", "باب", "\ufe91\ufe8e\ufe8f"},
		{"peace", "سلام", "\ufeb3\ufefc\ufee1"},
		{"lam and alef alone", "لا", "\ufefb"},
		{"lam and alef with hamza", "بلأ", "\ufe91\ufef8"},
		{"vowel marks are left out, and do not part letters", "مُحَمَّد", "\ufee3\ufea4\ufee4\ufeaa"},
		{"a shadda between lam and alef", "لّا", "\ufefb"},
		{"hamza joins nothing", "جزءب", "\ufe9f\ufeb0ء\ufe8f"},
		{"Persian", "پژگی", "\ufb58\ufb8b\ufb94\ufbfd"},
		{"tatweel", "بـب", "\ufe91ـ\ufe90"},
		{"parted by a zero-width non-joiner", "ب\u200cب", "\ufe8f\ufe8f"},
		{"joined to nothing", "ب\u200d", "\ufe91"},
		{"controls are left out", "a\u202eb\u2068c\u2069\x07", "abc"},
		{"other scripts stay", "Zürich 移民 Женева", "Zürich 移民 Женева"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got strings.Builder
			for _, r := range join([]rune(tt.text)) {
				if r != gone {
					got.WriteRune(r)
				}
			}
			if diff := cmp.Diff(tt.want, got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestJoinKeepsTheLetters reads every form back as the letter that it is of.
func TestJoinKeepsTheLetters(t *testing.T) {
	letters := rapid.SliceOf(rapid.SampledFrom([]rune("ابتثجحخدذرزسشصضطظعغفقكلمنهوىيءآأؤإئةپچژکگیہھے ab1")))
	rapid.Check(t, func(t *rapid.T) {
		word := string(letters.Draw(t, "word"))
		var got strings.Builder
		for _, r := range join([]rune(word)) {
			if r != gone {
				got.WriteRune(r)
			}
		}
		if back := norm.NFKC.String(got.String()); back != norm.NFKC.String(word) {
			t.Errorf("%q becomes %q", word, back)
		}
	})
}

// TestOrder draws lines whose order is known.
func TestOrder(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		rtl        bool
		want       string
	}{
		{"Latin", "a (b) c", false, "a (b) c"},
		{"Hebrew in Latin", "a אבג d", false, "a גבא d"},
		{"Latin in Hebrew", "אב abc גד", true, "דג abc בא"},
		{"a number in Hebrew", "אב 12 גד", true, "דג 12 בא"},
		{"a number within Hebrew within Latin", "a אב 12 גד d", false, "a דג 12 בא d"},
		{"brackets", "אב (גד)", true, "(דג) בא"},
		{"a zone in brackets", "אב (Europe/Zurich, UTC+01:00)", true, "(Europe/Zurich, UTC+01:00) בא"},
		{"an isolate keeps to itself", "אב \u2068a, ב\u2069, גד", true, "דג ,a, ב בא"},
		{"as it would without", "a \u2068אב\u2069 - 12", false, "a בא - 12"},
		{"an isolate that is not closed", "a \u2067אב", false, "a בא"},
		{"an address after Arabic", "\u0627 https://example.org/x?y=1", true, "https://example.org/x?y=1 \ufe8d"},
		{"spaces at the end stay there", "אב  ", true, "  בא"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got strings.Builder
			line := Shape(tt.text, tt.rtl, nil)
			for _, i := range Order(line, tt.rtl) {
				got.WriteRune(line[i].Drawn())
			}
			if diff := cmp.Diff(tt.want, got.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestLevelsAgree compares with x/text, which tells directions and no levels, on
// texts without isolates and without brackets, whose pairs x/text does not find.
func TestLevelsAgree(t *testing.T) {
	characters := rapid.SliceOfN(rapid.SampledFrom([]rune("abאבגاب12٣٤ .,:+-/%€\u0301")), 1, 24)
	rapid.Check(t, func(t *rapid.T) {
		text, rtl := characters.Draw(t, "text"), rapid.Bool().Draw(t, "rtl")
		mark := '\u200e' // a strong character says which way the paragraph goes
		if rtl {
			mark = '\u200f'
		}
		runes := append([]rune{mark}, text...)
		var p bidi.Paragraph
		if _, err := p.SetString(string(runes)); err != nil {
			t.Fatal(err)
		}
		order, err := p.Order()
		if err != nil {
			t.Fatal(err)
		}
		levels := Levels(runes, rtl)
		for n := range order.NumRuns() {
			run := order.Run(n)
			from, to := run.Pos()
			for i := from; i <= to; i++ {
				if i < len(levels) && (levels[i]%2 == 1) != (run.Direction() == bidi.RightToLeft) {
					t.Fatalf("%q (rtl %v): level %d of character %d, x/text says %v", string(runes), rtl, levels[i], i, run.Direction())
				}
			}
		}
	})
}
