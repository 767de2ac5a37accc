package i18n

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// maxAcceptLanguage bounds the header that is read at all, in bytes.
const maxAcceptLanguage = 1000

// Negotiate chooses the language for an Accept-Language header (RFC 9110
// section 12.5.4) by lookup (RFC 4647 section 3.4). What cannot be read, or
// names none of the six, is answered in English.
//
// It is lookup and not the matcher of golang.org/x/text, because that one
// follows CLDR in serving Russian to readers of Ukrainian, and French to readers
// of Breton: a guess that is not ours to make.
func Negotiate(acceptLanguage string) Lang {
	if len(acceptLanguage) > maxAcceptLanguage {
		return English
	}
	type weighted struct {
		tag string
		q   float32
	}
	var ranges []weighted
	// One at a time: a single range it cannot read would spoil the whole header.
	for part := range strings.SplitSeq(acceptLanguage, ",") {
		tags, qs, err := language.ParseAcceptLanguage(part)
		if err == nil && len(tags) == 1 {
			ranges = append(ranges, weighted{tags[0].String(), qs[0]})
		}
	}
	slices.SortStableFunc(ranges, func(a, b weighted) int { return cmp.Compare(b.q, a.q) })
	for _, r := range ranges {
		if lang, ok := lookup(r.tag); ok {
			return lang
		}
	}
	return English
}

// Match returns the first language that serves one of the preferred BCP 47
// tags, in their order, and English when none does: "fr-CA" is served in
// French, "zh-Hant-TW" in Chinese, "arb" (Standard Arabic) in Arabic.
func Match(preferred ...string) Lang {
	for _, tag := range preferred {
		if lang, ok := lookup(tag); ok {
			return lang
		}
	}
	return English
}

// lookup shortens the range from its end until it names a language we speak.
func lookup(tag string) (Lang, bool) {
	if len(tag) > maxAcceptLanguage {
		return "", false
	}
	// Macro languages first, so that the member of one is found under it.
	t, err := (language.Macro | language.DeprecatedBase).Parse(tag)
	if err != nil && t == language.Und {
		return "", false
	}
	for s := t.String(); s != ""; s = shorten(s) {
		if slices.Contains(All(), Lang(s)) {
			return Lang(s), true
		}
	}
	return "", false
}

// shorten removes the last subtag, and a single letter or digit before it (RFC
// 4647 section 3.4).
func shorten(tag string) string {
	tag = tag[:max(0, strings.LastIndexByte(tag, '-'))]
	if i := strings.LastIndexByte(tag, '-'); i >= 0 && i == len(tag)-2 {
		tag = tag[:i]
	}
	return tag
}
