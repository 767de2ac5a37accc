// Package i18n speaks to people in their language: which of the six languages
// of the United Nations a reader is served in, the texts themselves, and the
// dates, countries and languages named in them. The texts lie in
// locales/<language>/<concern>.json, flat, under dotted keys; an error's code is
// also the key of its text.
package i18n

import "golang.org/x/text/language"

// Lang is a language the product speaks, as a BCP 47 tag. Any other value is
// served in English.
type Lang string

// The six official languages of the United Nations.
const (
	Arabic  Lang = "ar"
	Chinese Lang = "zh"
	English Lang = "en"
	French  Lang = "fr"
	Russian Lang = "ru"
	Spanish Lang = "es"
)

// All returns the languages in the order of the United Nations: alphabetical in
// English.
func All() []Lang {
	return []Lang{Arabic, Chinese, English, French, Russian, Spanish}
}

// Dir is the direction of the script, as the HTML attribute dir spells it:
// "rtl" or "ltr".
func Dir(lang Lang) string {
	if rightToLeft(lang) {
		return "rtl"
	}
	return "ltr"
}

// DirOf is Dir for any BCP 47 tag, for text that is not the product's own, such
// as an organisation's name in its language. It is "auto" when the tag tells
// nothing.
func DirOf(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return "auto"
	}
	script, confidence := t.Script()
	switch {
	case confidence == language.No:
		return "auto"
	case rightToLeftScript(script.String()):
		return "rtl"
	}
	return "ltr"
}

func rightToLeft(lang Lang) bool { return lang == Arabic }

// rightToLeftScript knows the ISO 15924 codes of the scripts in modern use that
// are written from right to left.
func rightToLeftScript(code string) bool {
	switch code {
	case "Adlm", "Arab", "Hebr", "Mand", "Nkoo", "Rohg", "Samr", "Syrc", "Thaa", "Yezi":
		return true
	}
	return false
}

// tag is the language for golang.org/x/text.
func (l Lang) tag() language.Tag { return language.Make(string(l)) }
