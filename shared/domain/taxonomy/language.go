package taxonomy

import (
	"strings"

	"golang.org/x/text/language"
)

// maxLanguageBytes is the length RFC 5646 section 4.4.1 asks every
// implementation to take.
const maxLanguageBytes = 35

// UNLanguages returns the official languages of the United Nations as BCP 47
// tags, in the alphabetical order of their English names.
func UNLanguages() []string { return []string{"ar", "zh", "en", "fr", "ru", "es"} }

// ValidLanguage reports whether s is a well-formed BCP 47 tag whose subtags are
// registered. Tags that name no one language (und, mul, mis, zxx, private use)
// are refused.
func ValidLanguage(s string) bool {
	_, ok := CanonicalLanguage(s)
	return ok
}

// CanonicalLanguage returns the preferred spelling of a tag that ValidLanguage
// accepts: "EN-us" is "en-US", "iw" is "he".
func CanonicalLanguage(s string) (string, bool) {
	if len(s) > maxLanguageBytes || strings.Contains(s, "_") {
		return "", false
	}
	tag, err := language.Parse(s)
	if err != nil {
		return "", false
	}
	base, confidence := tag.Base()
	if confidence != language.Exact || base.IsPrivateUse() {
		return "", false
	}
	switch base.String() {
	case "und", "mul", "mis", "zxx":
		return "", false
	}
	return tag.String(), true
}

// unIndex is the place in UNLanguages of the language to answer a reader of
// lang in: that of its base language, or English.
func unIndex(lang language.Tag) int {
	base, _ := lang.Base()
	for i, l := range UNLanguages() {
		if l == base.String() {
			return i
		}
	}
	return 2
}
