package search

import "testing"

// TestDevanagariBySound states names with the spellings that come to the same
// words, or to such as one edit, which is forgiven, brings together.
func TestDevanagariBySound(t *testing.T) {
	for name, spellings := range map[string][]string{
		"विश्वविद्यालय": {"vishvavidyalay", "vishwavidyalay", "viśvavidyālay"},
		"संस्थान":       {"sansthan", "sansthaan", "saṃsthān"},
		"शिक्षा":        {"shiksha", "śikṣā", "siksa"},
		"प्रवासी":       {"pravasi", "pravāsī", "prawasi"},
		"महिला":         {"mahila", "mahilaa"},
		"अधिकार":        {"adhikar", "adhikaar"},
		"नेपाल":         {"nepal", "nepaal"},
		"दिल्ली":        {"dilli", "dili"},
		"फ़ाउंडेशन":     {"faundeshan", "phaundeshan"},
	} {
		got := latinTerms(Name{Text: name, Lang: "hi"})
		for _, s := range spellings {
			if want := bySound(fold(s)); len(got) != 1 || distance([]rune(got[0]), []rune(want)) > 1 {
				t.Errorf("%s is %v, %s is %s", name, got, s, want)
			}
		}
	}
}

// TestArabicByConsonants states words with spellings that have the same
// consonants, and such as are too short or differ.
func TestArabicByConsonants(t *testing.T) {
	for name, spellings := range map[string][]string{
		"المهاجرين": {"muhajirin", "mohajireen", "muhājirīn"},
		"مؤسسة":     {},
		"القاهرة":   {"qahira", "qahirah", "kahira"},
		"الرباط":    {"ribat", "rabat", "rebatt"},
		"التنمية":   {"tanmiya", "tanmiyah"},
		"منظمة":     {"munazzama", "munazama", "monazamah"},
		"حقوق":      {},
		"الشباب":    {},
		"المغرب":    {"maghrib", "maghreb"},
		"مجلس":      {"majlis", "majles"},
	} {
		got := arabicSkeleton(fold(name))
		for _, s := range spellings {
			if want := latinSkeleton(fold(s)); got == "" || got != want {
				t.Errorf("%s is %q, %s is %q", name, got, s, want)
			}
		}
		if len(spellings) == 0 && got != "" {
			t.Errorf("%s is %q, which is too little to go by", name, got)
		}
	}
}

func TestFindByLatinSpelling(t *testing.T) {
	w := openWriter(t, t.TempDir())
	named := func(id, lang, name string) Document {
		d := doc(id, 1, name)
		d.Names[0].Lang = lang
		return d
	}
	fatal(t, w.Apply(ctx, put(
		named("hi", "hi", "दिल्ली विश्वविद्यालय"), named("ar", "ar", "منظمة المهاجرين في المغرب"), named("en", "en", "University of Delhi"),
		named("ru", "ru", "Казанский университет"),
	)))
	ix, err := Open(ctx, w.Store)
	fatal(t, err)
	for text, want := range map[string]string{
		"dilli vishwavidyalaya": "hi", "vishvavidyalay ": "hi", "munazzamat al-muhajirin": "ar", "muhajirin maghreb": "ar", "mohajir": "ar", "kazanskiy universitet": "ru",
	} {
		r, err := ix.Search(ctx, Query{Text: text})
		if err != nil || len(r.Hits) == 0 || r.Hits[0].ID != want {
			t.Errorf("%q finds %s, %v; want %s", text, ids(r.Hits), err, want)
		}
	}
	r, err := ix.Search(ctx, Query{Text: "muhajirin", Mark: true})
	fatal(t, err)
	if got := marked("منظمة المهاجرين", r.Hits[0].Marks(Name{Text: "منظمة المهاجرين", Lang: "ar"})); got != "منظمة [المهاجرين]" {
		t.Errorf("marks %s", got)
	}
}
