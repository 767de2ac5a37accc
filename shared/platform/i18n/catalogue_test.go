package i18n

import (
	"encoding/json"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

var placeholder = regexp.MustCompile(`\{[a-z_]+\}`)

// entries reads one file with its keys in order, twice-written ones included.
func entries(t *testing.T, name string) (keys []string, texts map[string]string) {
	t.Helper()
	raw, err := files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	texts = make(map[string]string)
	for i := 0; ; i++ {
		token, err := d.Token()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if i == 0 {
			continue // the opening brace
		}
		key, ok := token.(string)
		if !ok {
			return keys, texts
		}
		var value string
		if err := d.Decode(&value); err != nil {
			t.Fatalf("%s: %s: %v", name, key, err)
		}
		keys, texts[key] = append(keys, key), value
	}
}

func placeholders(s string) []string {
	found := placeholder.FindAllString(s, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// forms lists the plural categories a language uses with whole numbers, and
// "other", which is what the rest falls back to.
func forms(lang Lang) []string {
	seen := []string{"other"}
	for n := range 1001 {
		if c := category(lang, n); !slices.Contains(seen, c) {
			seen = append(seen, c)
		}
	}
	slices.Sort(seen)
	return seen
}

// TestComplete holds every language to the English files: the same files, the
// same keys, the same placeholders, every plural form the language needs, and
// no empty text.
func TestComplete(t *testing.T) {
	concerns, err := fs.Glob(files, "locales/en/*.json")
	if err != nil || len(concerns) == 0 {
		t.Fatal("no English files", err)
	}
	for _, lang := range All() {
		own, _ := fs.Glob(files, path.Join("locales", string(lang), "*.json"))
		if len(own) != len(concerns) {
			t.Errorf("%s has %d files, English has %d", lang, len(own), len(concerns))
		}
		seen := make(map[string]string)
		for _, english := range concerns {
			name := path.Join("locales", string(lang), path.Base(english))
			keys, texts := entries(t, name)
			for _, key := range keys {
				if other, twice := seen[key]; twice {
					t.Errorf("%s is both in %s and %s", key, other, name)
				}
				seen[key] = name
			}
			_, wanted := entries(t, english)
			compare(t, lang, name, wanted, texts)
		}
	}
}

func compare(t *testing.T, lang Lang, name string, english, texts map[string]string) {
	t.Helper()
	wanted := make(map[string]string) // key, without its form, to the English text
	for key, s := range english {
		base, _, counted := strings.Cut(key, "#")
		if !counted {
			wanted[key] = s
			continue
		}
		for _, form := range forms(lang) {
			wanted[base+"#"+form] = english[base+"#other"]
		}
	}
	for key, s := range wanted {
		got, ok := texts[key]
		if !ok {
			t.Errorf("%s lacks %s", name, key)
			continue
		}
		want, have := placeholders(s), placeholders(got)
		if strings.Contains(key, "#") { // a form for exactly one number may spell it out
			want, have = slices.DeleteFunc(want, isCount), slices.DeleteFunc(have, isCount)
		}
		if diff := cmp.Diff(want, have, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s: placeholders (-English +%s):\n%s", name, key, lang, diff)
		}
		if strings.TrimSpace(got) == "" || got != strings.TrimSpace(got) || !utf8.ValidString(got) {
			t.Errorf("%s: %s is empty, or begins or ends with a space", name, key)
		}
	}
	for key := range texts {
		if _, ok := wanted[key]; !ok {
			t.Errorf("%s has %s, which English has not, or a form the language does not use", name, key)
		}
	}
}

func isCount(s string) bool { return s == "{n}" }

func TestForms(t *testing.T) {
	want := map[Lang][]string{
		Arabic:  {"few", "many", "one", "other", "two", "zero"},
		Chinese: {"other"},
		English: {"one", "other"},
		French:  {"one", "other"},
		Russian: {"few", "many", "one", "other"},
		Spanish: {"one", "other"},
	}
	for _, lang := range All() {
		if diff := cmp.Diff(want[lang], forms(lang)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

func TestN(t *testing.T) {
	for _, c := range []struct {
		lang Lang
		n    int
		want string
	}{
		{English, 1, "1 stakeholder found"},
		{English, 0, "0 stakeholders found"},
		{French, 0, "0 partie prenante trouvée"},
		{French, 2, "2 parties prenantes trouvées"},
		{Russian, 1, "Найдена 1 заинтересованная сторона"},
		{Russian, 3, "Найдены 3 заинтересованные стороны"},
		{Russian, 11, "Найдено 11 заинтересованных сторон"},
		{Russian, 21, "Найдена 21 заинтересованная сторона"},
		{Arabic, 0, "لم يُعثر على أي جهة صاحبة مصلحة"},
		{Arabic, 2, "عُثر على جهتين صاحبتي مصلحة"},
		{Arabic, 5, "عُثر على \u20685\u2069 جهات صاحبة مصلحة"},
		{Arabic, 103, "عُثر على \u2068103\u2069 جهات صاحبة مصلحة"},
		{Chinese, 7, "找到7个利益攸关方"},
		{"tlh", 2, "2 stakeholders found"},
	} {
		if got := N(c.lang, "page.found", c.n, nil); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.lang, c.n, got, c.want)
		}
	}
	if got := N(French, "no.such", 3, nil); got != "no.such" {
		t.Errorf("a missing key gives %q", got)
	}
}

func TestTFallsBack(t *testing.T) {
	if got := T("pt", "role.speaker", nil); got != "Speaker" {
		t.Errorf("an unknown language gives %q", got)
	}
	if got := T(French, "no.such.key", nil); got != "no.such.key" {
		t.Errorf("a missing key gives %q", got)
	}
	if got := T(English, "mail.greeting", nil); got != "Dear {name}," {
		t.Errorf("a missing value gives %q", got)
	}
}

func TestExpand(t *testing.T) {
	value := func(name string) (string, bool) { return "<" + name + ">", name != "none" }
	for in, want := range map[string]string{
		"":           "",
		"a {b} c":    "a <b> c",
		"{a}{b}":     "<a><b>",
		"{none} {a}": "{none} <a>",
		"open {a":    "open {a",
		"{{a}}":      "<{a>}",
	} {
		if got := expand(in, value); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
}

// TestTNeverFails holds that no key, language or value panics or lets a control
// character through.
func TestTNeverFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lang := Lang(rapid.OneOf(rapid.SampledFrom([]string{"ar", "en", "ru"}), rapid.String()).Draw(t, "lang"))
		key := rapid.OneOf(rapid.Just("mail.invitation.subject"), rapid.String()).Draw(t, "key")
		value := rapid.String().Draw(t, "value")
		got := T(lang, key, map[string]string{"title": value})
		if key == "mail.invitation.subject" && strings.ContainsAny(got, "\r\n\x00\x1b\u0085\u2028\u202e") {
			t.Fatalf("%q", got)
		}
	})
}
