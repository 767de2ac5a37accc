package searchtest

import (
	"math/rand/v2"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// spell writes a Cyrillic or Greek name in Latin letters, by one of the ways in
// use. These tables know nothing of the index's own.
func spell(r *rand.Rand, lang, text string) string {
	table := romanisation(r, lang, text)
	var b strings.Builder
	for _, letter := range norm.NFC.String(strings.ToLower(text)) {
		if latin, ok := table[letter]; ok {
			b.WriteString(latin)
		} else {
			b.WriteRune(unaccented(letter, table))
		}
	}
	spelt := b.String()
	if _, greek := table['ω']; greek {
		spelt = greekPairs(r).Replace(spelt)
	}
	return spelt
}

// unaccented stands for what no table has: vowels with an accent.
func unaccented(letter rune, table map[rune]string) rune {
	base := []rune(norm.NFD.String(string(letter)))[0]
	if latin, ok := table[base]; ok && len(latin) > 0 {
		return []rune(latin)[0]
	}
	if unicode.Is(unicode.Mn, letter) {
		return ' '
	}
	return letter
}

// romanisation returns the table of one way to write the language.
func romanisation(r *rand.Rand, lang, text string) map[rune]string {
	if mostly(text) == unicode.Greek {
		return letters("α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o",
			[]string{"", "φ ph χ h η e υ u", "χ kh θ th ξ ks"}[r.IntN(3)])
	}
	const common = "а a б b в v г g д d е e ё e ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch " +
		"ъ  ы y ь  э e ю yu я ya і i ї yi є ye ґ g ў u ј j љ lj њ nj ђ dj ћ c џ dz ѓ gj ќ kj ѕ dz ә a ө o ү u ұ u қ k ғ g ң n һ h"
	switch lang {
	case "uk":
		return letters(common, []string{"г h и y й i ю iu я ia є ie ї i", "г h и y й y", "г h и y й j ю ju я ja є je ї ji х ch ц c ч č ш š щ šč ж ž"}[r.IntN(3)])
	case "bg":
		return letters(common, []string{"х h щ sht ъ a", "х h щ sht ъ u", "х h щ št ъ ă ж ž ч č ш š ц c ю ju я ja й j"}[r.IntN(3)])
	case "sr", "mk", "bs":
		return letters(common, []string{"х h ц c ч č ш š ж ž", "х h ц c ч c ш s ж z"}[r.IntN(2)])
	}
	return letters(common, []string{ // a map service's, a passport's, a library's, a scholar's
		"", "й i ю iu я ia ъ ie", "й ĭ ю iu я ia э ė ь ʹ ъ ʺ", "й j ю ju я ja х h ц c ч č ш š щ šč ж ž ё ë э è",
	}[r.IntN(4)])
}

// letters reads "letter spelling letter spelling ...", later ones over earlier
// ones; two spaces after a letter leave it out.
func letters(lists ...string) map[rune]string {
	table := map[rune]string{}
	for _, list := range lists {
		fields := strings.Split(list, " ")
		for i := 0; i+1 < len(fields); i += 2 {
			table[[]rune(fields[i])[0]] = fields[i+1]
		}
	}
	return table
}

// greekPairs writes pairs of letters as they sound, or leaves them.
func greekPairs(r *rand.Rand) *strings.Replacer {
	if r.IntN(2) == 0 {
		return strings.NewReplacer("oy", "ou")
	}
	return strings.NewReplacer("oy", "ou", "mp", "b", "gg", "ng", "ay", "av", "ey", "ev")
}
