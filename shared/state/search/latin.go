package search

import (
	"strings"
	"sync"
	"unicode"
)

// A name in Cyrillic, Greek, Devanagari or Arabic is indexed a second time as it may be spelt in
// Latin letters. There is no one way to do that (Хабаровский is Khabarovskiy,
// Habarovskij, Chabarowskii), so both the name, written by the table below, and
// the words of a query are brought to one spelling by sound before they are
// compared. What still differs is left to the edits that any word is forgiven.

// latinTerms returns the words of a name by sound, nil when it has no letter
// that the table knows.
func latinTerms(n Name) []string {
	if !strings.ContainsFunc(n.Text, isRomanised) {
		return nil
	}
	var terms []string
	known := false
	for _, term := range analyse(n.Text) {
		latin, ok := sounding(term, n.Lang)
		known = known || ok
		if latin != "" {
			terms = append(terms, cut(latin, maxTermBytes))
		}
	}
	if !known {
		return nil
	}
	return terms
}

// sounding returns the key of a word of a name by its sound, "" when nothing is
// left of it, and reports whether the word is of a script that the tables know.
func sounding(term, lang string) (key string, ok bool) {
	if isArabic(term) {
		return arabicSkeleton(term), true
	}
	latin, ok := romanise(term, lang)
	return bySound(latin), ok
}

// greekPairs are vowels of two letters.
var greekPairs = sync.OnceValue(func() *strings.Replacer { return strings.NewReplacer("ου", "u", "αυ", "av", "ευ", "ev") })

// romanise writes the Cyrillic and Greek letters of a folded word in Latin ones,
// and reports whether there were any.
func romanise(term, lang string) (latin string, ok bool) {
	if strings.ContainsFunc(term, isDevanagari) {
		return devanagari(term), true
	}
	if !strings.ContainsFunc(term, isRomanised) {
		return term, false
	}
	var b strings.Builder
	term = greekPairs().Replace(term)
	for _, r := range term {
		if !isRomanised(r) {
			b.WriteRune(r)
			continue
		}
		ok = true
		b.WriteString(latinLetter(r, lang))
	}
	return b.String(), ok
}

func isRomanised(r rune) bool {
	return r >= 0x370 && unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Arabic, unicode.Devanagari)
}

func isDevanagari(r rune) bool { return r >= 0x900 && unicode.Is(unicode.Devanagari, r) }

// latinLetter is the table: what a folded letter is written as, before the
// spelling is evened out. Folding has made й и, ё е, ї і and ў у already.
func latinLetter(r rune, lang string) string {
	if language, _, _ := strings.Cut(lang, "-"); language == "bg" && r == 'ъ' {
		return "a"
	} else if language == "bg" && r == 'щ' {
		return "sht"
	} else if (language == "uk" || language == "be") && r == 'г' {
		return "h"
	}
	const letters = "а a б b в v г g д d е e ж zh з z и i к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch ы y э e ю yu я ya " +
		"і i є ye ґ g ј j љ lj њ nj ђ dj ћ c џ dz ѕ dz ә a ө o ү u ұ u қ k ғ g ң n һ h ҳ h ҷ j ҡ k ҙ z ҫ s " +
		"α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s τ t υ y φ f χ ch ψ ps ω o "
	at := strings.Index(letters, string(r)+" ")
	if at < 0 {
		return "" // ъ and ь
	}
	latin, _, _ := strings.Cut(letters[at+len(string(r))+1:], " ")
	return latin
}

// bySound evens the spelling of a word in plain Latin letters out; other words
// stay as they are. What it returns is a key to compare by, not a way to write.
func bySound(word string) string {
	if !isLatin(word) {
		return word
	}
	key := make([]byte, 0, len(word)+4)
	for i := 0; i < len(word); {
		sound, n := soundAt(word[i:])
		for _, letter := range []byte(sound) { // doubled letters count once
			if len(key) == 0 || key[len(key)-1] != letter {
				key = append(key, letter)
			}
		}
		i += n
	}
	return string(key)
}

// soundAt returns what stands for the letters that the rest of a word begins
// with, and how many they are.
func soundAt(rest string) (sound string, n int) {
	if n := len(rest) - len(strings.TrimLeft(rest, "iyj")); n > 0 {
		if strings.HasPrefix(rest[n:], "e") { // nie, niye, nije
			return "", n
		}
		return "i", n
	}
	if strings.HasPrefix(rest, "tch") {
		return "c", 3
	}
	if len(rest) > 1 {
		if sound := pairSound(rest[:2]); sound != "" {
			return sound, 2
		}
	}
	switch rest[0] {
	case 'x':
		return "ks", 1
	case 'w':
		return "v", 1
	case 'q':
		return "k", 1
	}
	return rest[:1], 1
}

func pairSound(pair string) string {
	switch pair {
	case "sh":
		return "s"
	case "ch", "ts", "tz", "cz":
		return "c"
	case "zh":
		return "z"
	case "kh":
		return "h"
	case "ph":
		return "f"
	case "th":
		return "t"
	case "ck":
		return "k"
	case "qu":
		return "kv"
	case "ou":
		return "u"
	case "au":
		return "av"
	case "eu":
		return "ev"
	case "mp":
		return "b"
	case "nt":
		return "d"
	case "gk", "gg", "ng":
		return "g"
	}
	return ""
}

func isLatin(word string) bool {
	return word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") == ""
}
