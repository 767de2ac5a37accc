package search

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestAnalyse(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"case and punctuation", "World  Water-Watch, (Inc.)", "world water watch inc"},
		{"Latin accents", "Médecins Sans Frontières — Genève", "medecins sans frontieres geneve"},
		{"decomposed accents", "Gene\u0300ve", "geneve"},
		{"Latin letters that do not decompose", "Ørsted Łódź Straße Æon Œuvre Þór Đà Nẵng", "orsted lodz strasse aeon oeuvre thor da nang"},
		{"signs of transliteration", "Selʹskoe obʺedinenie", "selskoe obedinenie"},
		{"Turkish", "İSTANBUL ve Diyarbakır", "istanbul ve diyarbakir"},
		{"elision", "L’Association d'Afrique", "l association d afrique"},
		{"compatibility forms", "Ｕｎｉｔｅｄ ﬁnance №5 ²", "united finance no5 2"},
		{"dotted acronyms", "U.N.H.C.R. and the U.S.A, e.g. E.U", "unhcr and the usa eg eu"},
		{"not an acronym", "Dr. J. Smith v.2", "dr j smith v 2"},
		{"Greek", "Ελληνικό Συμβούλιο για τους Πρόσφυγες", "ελληνικο συμβουλιο για τουσ προσφυγεσ"},
		{"Cyrillic", "Российский Йод и Ёлка, Україна", "россиискии иод и елка украіна"},
		{"Hebrew points", "שָׁלוֹם", "שלום"},
		{"Arabic variants", "الأمم المتّحدة إلى مـــوسى", "الامم المتحده الي موسي"},
		{"a mark on what only stretches", "مـَـوسى aـ\u0301", "موسي a"},
		{"Farsi letters and joiner", "سازمان\u200cهای ملّی ایران ک", "سازمانهاي ملي ايران ك"},
		{"Arabic digits", "٢٠٢٥ ۱۲۳", "2025 123"},
		{"Devanagari keeps its vowels", "हिन्दी विश्वविद्यालय", "हिन्दी विश्वविद्यालय"},
		{"Tamil", "தமிழ்நாடு", "தமிழ்நாடு"},
		{"Armenian and Georgian", "Երևան თბილისი", "երեւան თბილისი"},
		{"Ethiopic", "አዲስ አበባ", "አዲስ አበባ"},
		{"Han in pairs", "国际移民组织", "国际 际移 移民 民组 组织"},
		{"one Han letter", "中", "中"},
		{"Kana and half-width Kana", "カード ｶﾅ", "カー ード カナ"},
		{"Hangul", "국제이주", "국제 제이 이주"},
		{"Thai keeps its vowels", "ที่นี่", "ที ี่ ่น นี ี่"},
		{"Khmer, Lao, Myanmar", "ខ្មែរ ລາວ မြန်", "ខ្ ្ម មែ ែរ ລາ າວ မြ ြန န်"},
		{"mixed scripts", "WHO世界卫生 2030", "who 世界 界卫 卫生 2030"},
		{"broken UTF-8", "a\xffb \xc3", "a b"},
		{"nothing", " ,;- \u200d", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if d := cmp.Diff(test.want, strings.Join(analyse(test.text), " ")); d != "" {
				t.Errorf("analyse(%q) (-want +got):\n%s", test.text, d)
			}
		})
	}
}

func TestAnalyseAcronym(t *testing.T) {
	for text, want := range map[string]string{
		"UN-Habitat": "un habitat unhabitat",
		"IOM":        "iom",
		"I.O.M.":     "iom",
		"国际 移民":      "国际 移民",
	} {
		if got := strings.Join(analyseAcronym(text), " "); got != want {
			t.Errorf("analyseAcronym(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestTermsAreBounded(t *testing.T) {
	for _, term := range analyse(strings.Repeat("é世", 5000) + " " + strings.Repeat("ж", 5000)) {
		if len(term) > maxTermBytes || !utf8.ValidString(term) {
			t.Fatalf("term of %d bytes: %q", len(term), term)
		}
	}
}

func TestParse(t *testing.T) {
	show := func(p parsed) string {
		var b strings.Builder
		for i, w := range p.words {
			b.WriteString(w.term)
			if w.exact {
				b.WriteString("!")
			}
			if w.prefix {
				b.WriteString("*")
			}
			if i >= p.required {
				b.WriteString("?")
			}
			b.WriteString(" ")
		}
		for _, phrase := range p.phrases {
			b.WriteString("+" + strings.Join(phrase, "_") + " ")
		}
		for _, phrase := range p.excluded {
			b.WriteString("-" + strings.Join(phrase, "_") + " ")
		}
		return strings.TrimSpace(b.String())
	}
	for text, want := range map[string]string{
		"":                            "",
		"wor":                         "wor*",
		"world wat":                   "world wat*",
		"world water ":                "world water",
		"university of the west ind":  "university west ind* of? the?",
		"of the":                      "of the*",
		"Ryobi Ltd. ":                 "ryobi ltd?",
		"Hilfe m.b.H. ":               "hilfe mbh?",
		"ΕΠΕ ":                        "επε",
		"Μουσείο της Πόλης ":          "μουσειο πολησ τησ?",
		`"world bank" geneva`:         "world! bank! geneva* +world_bank",
		`“world bank” «genève»`:       "world! bank! geneve! +world_bank +geneve",
		`"never closed`:               "never closed*",
		"bank -world":                 "bank -world",
		`bank -"world water" x`:       "bank x* -world_water",
		"saint-denis":                 "saint denis*",
		"-":                           "",
		"--a -- -":                    "-a",
		"a\x00b \xff-c":               "b a? -c",
		"bank bank ban":               "bank ban*",
		`""" -"" "`:                   "",
		"世界卫":                         "世界 界卫*",
		strings.Repeat("word ", 3000): "word wor*", // cut
	} {
		if got := show(parse(text)); got != want {
			t.Errorf("parse(%.40q) = %q, want %q", text, got, want)
		}
	}
}

// TestFoldLetters compares the table with the rules that it is made by: alone, and
// in texts of all that it holds.
func TestFoldLetters(t *testing.T) {
	var letters []rune
	for r := range rune(lettersEnd) {
		if foldLetter(r) != "" {
			letters = append(letters, r)
		}
	}
	letters = append(letters, []rune("–—‘’“”")...)
	rapid.Check(t, func(t *rapid.T) {
		text := string(rapid.SliceOfN(rapid.SampledFrom(letters), 1, 8).Draw(t, "letters"))
		if got, ok := foldLetters(text); !ok || got != foldAny(text) {
			t.Fatalf("%q: %q, %v; want %q", text, got, ok, foldAny(text))
		}
	})
	for _, text := range []string{"e\u0301", "ـ", "\xff", "क", "\u0301"} {
		if got, ok := foldLetters(text); ok {
			t.Errorf("%q has a mark or is not in the table: %q", text, got)
		}
	}
}
