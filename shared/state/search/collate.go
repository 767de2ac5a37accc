package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// collator makes the keys that names are ordered by. One is made for each
// segment that is written; a reader needs none.
type collator struct {
	root   *collate.Collator
	buffer collate.Buffer
}

func newCollator() *collator {
	return &collator{root: collate.New(language.Und, collate.Loose, collate.Numeric)}
}

// maxKeyBytes is how long a key may be, which is about 48 letters.
const maxKeyBytes = 96

// key returns what a name is ordered by: the words of it, without marks between
// them, by the root collation of Unicode, which all languages that do not say
// otherwise go by. Case and accents make no difference, and numbers count by
// their value.
func (c *collator) key(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !isWordRune(r) && !unicode.Is(unicode.Cf, r) })
	c.buffer.Reset()
	key := c.root.KeyFromString(&c.buffer, cut(strings.Join(words, " "), maxTextBytesOfKey))
	return string(key[:min(len(key), maxKeyBytes)])
}

const maxTextBytesOfKey = 4 * maxKeyBytes

// The scripts that readers of some language have first in a list, where the root
// collation has Latin, Greek, Cyrillic and so on in this order. So Unicode's
// locale data orders for languages that are not written in Latin letters.
const (
	otherScript = iota
	latinScript
	greekScript
	cyrillicScript
	georgianScript
	armenianScript
	hebrewScript
	arabicScript
	ethiopicScript
	devanagariScript
	bengaliScript
	tamilScript
	thaiScript
	hangulScript
	kanaScript
	hanScript
)

// scriptOf says which script a name begins with.
func scriptOf(name string) byte {
	tables := [...]*unicode.RangeTable{
		nil, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Georgian, unicode.Armenian, unicode.Hebrew, unicode.Arabic,
		unicode.Ethiopic, unicode.Devanagari, unicode.Bengali, unicode.Tamil, unicode.Thai, unicode.Hangul, unicode.Hiragana, unicode.Han,
	}
	for _, r := range name {
		if !unicode.IsLetter(r) {
			continue
		}
		for script := latinScript; script < len(tables); script++ {
			if unicode.Is(tables[script], r) || script == kanaScript && unicode.Is(unicode.Katakana, r) {
				return byte(script)
			}
		}
		return otherScript
	}
	return otherScript
}

// scripts is a range of them, both ends included.
type scripts struct{ from, to byte }

func (s scripts) has(script byte) bool { return s.from <= script && script <= s.to }

// scriptsOf returns the scripts whose names come first for a reader of a language
// (BCP 47), and false when the root order is that reader's own.
func scriptsOf(lang string) (first scripts, ok bool) {
	language, _, _ := strings.Cut(lang, "-")
	one := func(script byte) (scripts, bool) { return scripts{script, script}, true }
	switch language {
	case "el":
		return one(greekScript)
	case "ru", "uk", "be", "bg", "mk", "sr", "kk", "ky", "mn", "tg":
		return one(cyrillicScript)
	case "ka":
		return one(georgianScript)
	case "hy":
		return one(armenianScript)
	case "he", "yi":
		return one(hebrewScript)
	case "ar", "fa", "ur", "ps", "ckb", "ug":
		return one(arabicScript)
	case "am", "ti":
		return one(ethiopicScript)
	case "hi", "mr", "ne":
		return one(devanagariScript)
	case "bn", "as":
		return one(bengaliScript)
	case "ta":
		return one(tamilScript)
	case "th":
		return one(thaiScript)
	case "ko":
		return one(hangulScript)
	case "zh", "yue":
		return one(hanScript)
	case "ja":
		return scripts{kanaScript, hanScript}, true
	}
	return scripts{}, false
}
