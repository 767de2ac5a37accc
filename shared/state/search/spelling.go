package search

import "strings"

// What follows lets others compare names by the same rules by which the index
// finds them, so that what one takes for equal the other does too.

// Terms returns the folded terms of a text in order: words, or pairs of
// neighbouring letters in scripts that do not part words.
func Terms(text string) []string { return analyse(text) }

// Sound returns the key by which a folded term is compared across alphabets, and
// whether it was written in another than the Latin one: Cyrillic and Greek are
// written in Latin letters, by the ways of the language when it is known. Terms
// of other scripts are returned as they are.
func Sound(term, lang string) (key string, foreign bool) {
	latin, foreign := romanise(term, lang)
	return bySound(latin), foreign
}

// Small reports whether a folded term is an article, a preposition or a
// conjunction in some language.
func Small(term string) bool { return isSmall(term) }

// LegalForm reports whether a folded term is a legal form and little else.
func LegalForm(term string) bool { return isLegalForm(term) }

// InLatin returns a text that holds Cyrillic or Greek as it may be spelt in
// Latin letters, false when it holds none.
func InLatin(text, lang string) (latin string, ok bool) {
	if !strings.ContainsFunc(text, isRomanised) {
		return "", false
	}
	terms := analyse(text)
	for i, term := range terms {
		terms[i], _ = romanise(term, lang)
	}
	return strings.Join(terms, " "), true
}
