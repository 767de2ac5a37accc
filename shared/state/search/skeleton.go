package search

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Arabic writes few vowels, so a name in it cannot be brought to one spelling with
// them. Both its words and a query's in Latin letters are reduced to consonants
// that sound alike in either, and only words that have three of these left are
// compared, as typed: no edits are forgiven.

// skeletonMark begins the key of a skeleton, so that it is no other term.
const skeletonMark = "~"

const minSkeleton = 3

// arabicSkeleton returns the key of a folded Arabic word, "" when too little is
// left. The article before it is taken off, as it is parted in Latin letters.
func arabicSkeleton(term string) string {
	if bare := strings.TrimPrefix(term, "ال"); utf8.RuneCountInString(bare) > 2 {
		term = bare
	}
	const letters = "ب b پ b ت t ث t ج j چ c ح h خ h د d ذ d ر r ز z ژ j س s ش s ص s ض d ط t ظ z غ j ف f ق k ك k گ j ل l م m ن n ه h "
	var b strings.Builder
	for _, r := range term {
		if at := strings.Index(letters, string(r)+" "); at >= 0 {
			b.WriteByte(letters[at+utf8.RuneLen(r)+1])
		}
	}
	return skeletonKey(b.String())
}

// consonantPairs evens out how one sound is written.
var consonantPairs = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("tch", "c", "kh", "h", "sh", "s", "ch", "s", "th", "t", "dh", "d", "gh", "j", "ph", "f", "ou", "", "dj", "j")
})

// latinSkeleton returns the same of a word in plain Latin letters.
func latinSkeleton(word string) string {
	word = consonantPairs().Replace(word)
	var b strings.Builder
	for _, r := range word {
		switch {
		case strings.ContainsRune("aeiouwy", r):
		case r == 'p':
			b.WriteByte('b')
		case r == 'q' || r == 'c':
			b.WriteByte('k')
		case r == 'g':
			b.WriteByte('j')
		case r == 'v':
			b.WriteByte('f')
		case r == 'x':
			b.WriteString("ks")
		default:
			b.WriteRune(r)
		}
	}
	return skeletonKey(b.String())
}

// skeletonKey counts doubled letters once and leaves the last h out, which is the
// ending -a in one spelling and nothing in another.
func skeletonKey(consonants string) string {
	consonants = strings.TrimSuffix(consonants, "h")
	key := []byte(skeletonMark)
	for i := range len(consonants) {
		if key[len(key)-1] != consonants[i] {
			key = append(key, consonants[i])
		}
	}
	if len(key) < len(skeletonMark)+minSkeleton {
		return ""
	}
	return string(key)
}

func isArabic(term string) bool {
	return strings.ContainsFunc(term, func(r rune) bool { return r >= 0x600 && unicode.Is(unicode.Arabic, r) })
}

// dottedLetters are the consonants that a dot below makes others of.
var dottedLetters = sync.OnceValue(func() *strings.Replacer {
	return strings.NewReplacer("ड़", "r", "ढ़", "rh", "क़", "k़", "ज़", "z", "फ़", "f")
})

// devanagari writes a folded word of Devanagari in Latin letters: a consonant has
// the vowel a with it unless a vowel sign or a virama follows, or the word ends.
func devanagari(term string) string {
	const consonants = "क k ख kh ग g घ gh ङ ng च ch छ chh ज j झ jh ञ n ट t ठ th ड d ढ dh ण n त t थ th द d ध dh न n प p फ ph ब b भ bh म m " +
		"य y र r ल l व v श sh ष sh स s ह h ळ l "
	const vowels = "अ a आ a इ i ई i उ u ऊ u ऋ ri ए e ऐ ai ओ o औ au ऑ o ा a ि i ी i ु u ू u ृ ri े e ै ai ो o ौ au ॉ o ं n ँ n "
	var b strings.Builder
	inherent := false // the consonant before waits for its vowel
	for _, r := range dottedLetters().Replace(term) {
		latin, isVowel := letterOf(vowels, r), true
		if latin == "" {
			latin, isVowel = letterOf(consonants, r), false
		}
		isConsonant := latin != "" && !isVowel || r < utf8.RuneSelf
		if inherent && (isConsonant || r == 'ं' || r == 'ँ') {
			b.WriteByte('a')
		}
		switch {
		case r == '़': // a dot that makes no difference here
			continue
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		default:
			b.WriteString(latin)
		}
		inherent = isConsonant
	}
	return b.String()
}

func letterOf(table string, r rune) string {
	at := strings.Index(table, string(r)+" ")
	if at < 0 {
		return ""
	}
	latin, _, _ := strings.Cut(table[at+utf8.RuneLen(r)+1:], " ")
	return latin
}
