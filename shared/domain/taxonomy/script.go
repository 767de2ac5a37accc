package taxonomy

import (
	"slices"
	"unicode"

	"golang.org/x/text/language"
)

// scripts are the writing systems that organisations' names are met in, by their
// code of ISO 15924.
func scripts() []struct {
	code  string
	table *unicode.RangeTable
} {
	return []struct {
		code  string
		table *unicode.RangeTable
	}{
		{"Latn", unicode.Latin},
		{"Cyrl", unicode.Cyrillic},
		{"Arab", unicode.Arabic},
		{"Hani", unicode.Han},
		{"Grek", unicode.Greek},
		{"Hebr", unicode.Hebrew},
		{"Deva", unicode.Devanagari},
		{"Beng", unicode.Bengali},
		{"Hang", unicode.Hangul},
		{"Hira", unicode.Hiragana},
		{"Kana", unicode.Katakana},
		{"Thai", unicode.Thai},
		{"Ethi", unicode.Ethiopic},
		{"Armn", unicode.Armenian},
		{"Geor", unicode.Georgian},
		{"Khmr", unicode.Khmer},
		{"Laoo", unicode.Lao},
		{"Mymr", unicode.Myanmar},
		{"Sinh", unicode.Sinhala},
		{"Taml", unicode.Tamil},
		{"Telu", unicode.Telugu},
		{"Knda", unicode.Kannada},
		{"Mlym", unicode.Malayalam},
		{"Gujr", unicode.Gujarati},
		{"Guru", unicode.Gurmukhi},
		{"Orya", unicode.Oriya},
		{"Tibt", unicode.Tibetan},
		{"Thaa", unicode.Thaana},
		{"Syrc", unicode.Syriac},
		{"Mong", unicode.Mongolian},
		{"Tfng", unicode.Tifinagh},
		{"Nkoo", unicode.Nko},
		{"Cher", unicode.Cherokee},
		{"Cans", unicode.Canadian_Aboriginal},
		{"Vaii", unicode.Vai},
		{"Adlm", unicode.Adlam},
		{"Olck", unicode.Ol_Chiki},
		{"Bopo", unicode.Bopomofo},
	}
}

// composites are the codes of ISO 15924 that stand for several scripts together,
// or for one way of writing a script, with what their letters belong to.
func composites(code string) []string {
	switch code {
	case "Jpan":
		return []string{"Hani", "Hira", "Kana"}
	case "Hrkt":
		return []string{"Hira", "Kana"}
	case "Kore":
		return []string{"Hang", "Hani"}
	case "Hans", "Hant":
		return []string{"Hani"}
	case "Hanb":
		return []string{"Hani", "Bopo"}
	}
	return []string{code}
}

// ValidScript reports whether code is a code of ISO 15924 in its own spelling,
// such as "Cyrl", that names a way of writing.
func ValidScript(code string) bool {
	s, err := language.ParseScript(code)
	return err == nil && s.String() == code && !s.IsPrivateUse() && !slices.Contains([]string{"Zinh", "Zmth", "Zsye", "Zsym", "Zxxx", "Zyyy", "Zzzz"}, code)
}

// ScriptOf returns the code of the script that most letters of s belong to, ""
// when it has none that is known here. Kana among Han is Japanese, and so Jpan.
func ScriptOf(s string) string {
	count := countScripts(s)
	if count["Hira"]+count["Kana"] > 0 && count["Hani"] > 0 {
		return "Jpan"
	}
	best := ""
	for _, sc := range scripts() { // of equals, the earlier in the table
		if count[sc.code] > count[best] {
			best = sc.code
		}
	}
	return best
}

// WrittenIn reports whether any letter of s belongs to the script, or s has no
// letter of a script that is known here.
func WrittenIn(s, code string) bool {
	count := countScripts(s)
	return len(count) == 0 || !countable(code) ||
		slices.ContainsFunc(composites(code), func(c string) bool { return count[c] > 0 })
}

// countable reports whether letters of the script are counted here.
func countable(code string) bool {
	for _, sc := range scripts() {
		if slices.Contains(composites(code), sc.code) {
			return true
		}
	}
	return false
}

func countScripts(s string) map[string]int {
	count := map[string]int{}
	for _, r := range s {
		if !unicode.IsLetter(r) {
			continue
		}
		for _, sc := range scripts() {
			if unicode.Is(sc.table, r) {
				count[sc.code]++
				break
			}
		}
	}
	return count
}
