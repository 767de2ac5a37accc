package search

import (
	"bytes"
	"slices"
	"sort"
	"unicode/utf8"
)

// A dictionary holds the terms of one group of fields, flat and sorted, each
// with its postings: the names in one, topics and texts in another, and names by
// their sound in Latin letters in the third.
type dictionary struct {
	group    int
	terms    list
	shared   []byte // for each term, how many bytes it begins with like the term before
	postings list   // one more than the terms: the slack
	before   []byte // uint32: for each term and their end, how many postings come before, of documents that are weighed
}

// The groups, and the fields' bits in the masks of their postings.
const (
	names = iota
	words
	latin
	groups

	inDisplay, inAcronym, inOther, inLatin = 1 << 0, 1 << 1, 1 << 2, 1 << 3
	inTopics, inText                       = 1 << 0, 1 << 1
)

// nameGroup is where the terms of a name are, by the bit of its field.
func nameGroup(mask byte) int {
	if mask == inLatin {
		return latin
	}
	return names
}

// groupName is what the sections of a group's dictionary are called.
func groupName(group int) string {
	return [groups]string{"names", "words", "latin"}[group]
}

func (d *dictionary) read(id int) postings {
	from, _ := d.postings.span(id)
	return readPostings(d.postings.bytes[from:])
}

// prefix returns the range of the terms that start with p.
func (d *dictionary) prefix(p string) (lo, hi int) {
	b := []byte(p)
	lo, _ = d.terms.find(p)
	hi = lo + sort.Search(d.terms.n-lo, func(i int) bool { return !bytes.HasPrefix(d.terms.at(lo+i), b) })
	return lo, hi
}

// span is a range of terms, and how well the query's word is met by each of
// them, from 1 to 100.
type span struct {
	lo, hi  int
	quality uint32
}

// The qualities.
const (
	asTyped       = 100
	completed     = 80 // the last word is the beginning of the term
	byBones       = 70 // an Arabic word has the same consonants
	oneEdit       = 60
	otherLetter   = 50 // the first letter is wrong
	twoEdits      = 45
	nearCompleted = 35 // the last word is the beginning of the term but for an edit
)

// expand returns the terms that may stand for w, without overlaps and in order.
// Edits are forgiven as the mode says. How many terms were compared for that is
// added to compared.
func (d *dictionary) expand(w *queryWord, m mode, compared *int) []span {
	if d.group == latin {
		if w = w.latin; w == nil {
			return nil
		}
	}
	var spans []span
	if id, ok := d.terms.find(w.term); ok {
		spans = append(spans, span{id, id + 1, asTyped})
	}
	if w.prefix {
		lo, hi := d.prefix(w.term)
		spans = append(spans, span{lo, hi, completed})
	}
	if m.tolerant && d.group == latin {
		spans = d.sameBones(spans, w)
	}
	if m.tolerant {
		spans = d.forgive(spans, w, m, compared)
	}
	return flatten(spans)
}

// sameBones adds the Arabic words that have the same consonants.
func (d *dictionary) sameBones(spans []span, w *queryWord) []span {
	bones := latinSkeleton(w.spelt)
	if bones == "" {
		return spans
	}
	if id, ok := d.terms.find(bones); ok {
		spans = append(spans, span{id, id + 1, byBones})
	}
	if w.prefix {
		lo, hi := d.prefix(bones)
		spans = append(spans, span{lo, hi, nearCompleted})
	}
	return spans
}

// forgive adds the terms within the edits that a word of its length is allowed;
// in texts and topics, no more than one, and not in the first letter.
func (d *dictionary) forgive(spans []span, w *queryWord, m mode, compared *int) []span {
	k := w.edits(m)
	if d.group == words {
		k = min(k, 1)
	}
	if k == 0 {
		return spans
	}
	first := string(w.runes[:1])
	lo, hi := d.prefix(first)
	*compared += d.near(w.runes, k, lo, hi, func(id, edits int) {
		quality := uint32(oneEdit)
		if edits > 1 {
			quality = twoEdits
		}
		spans = append(spans, span{id, id + 1, quality})
	})
	if d.group == words {
		return spans
	}
	if w.prefix && len(w.runes) > 4 {
		*compared += d.nearPrefixes(w.runes, 1, lo, hi, func(lo, hi int) { spans = append(spans, span{lo, hi, nearCompleted}) })
	}
	return d.otherFirstLetter(spans, w.runes)
}

// otherFirstLetter is the narrower path past a wrong first letter: another
// letter in its place, one too few, one too many, or the first two swapped, and
// the rest as typed.
func (d *dictionary) otherFirstLetter(spans []span, w []rune) []span {
	var buffer [4 * (maxNearRunes + 1)]byte
	try := func(first string, rest []rune) {
		term := append(buffer[:0], first...)
		for _, r := range rest {
			term = utf8.AppendRune(term, r)
		}
		if id, ok := d.terms.findBytes(term); ok {
			spans = append(spans, span{id, id + 1, otherLetter})
		}
	}
	try("", w[1:])
	try(string(w[1])+string(w[0]), w[2:])
	from, to := alphabet(w[0])
	for r := from; r <= to; r++ {
		first := string(r)
		try(first, w[1:])
		try(first, w)
	}
	return spans
}

// alphabet returns the range of the folded letters that r is one of; the range
// is empty for scripts whose first letters are not forgiven.
func alphabet(r rune) (from, to rune) {
	for _, a := range [...][2]rune{
		{'a', 'z'}, {'α', 'ω'}, {'а', 'я'}, {'ա', 'ֆ'}, {'א', 'ת'}, {'ء', 'ي'}, {'अ', 'ह'}, {'অ', 'হ'}, {'அ', 'ஹ'}, {'ა', 'ჰ'}, {'አ', 'ኧ'},
	} {
		if a[0] <= r && r <= a[1] {
			return a[0], a[1]
		}
	}
	return 0, -1
}

// flatten puts spans in order and where they overlap keeps the best quality.
func flatten(spans []span) []span {
	if len(spans) < 2 {
		return slices.DeleteFunc(spans, func(s span) bool { return s.lo >= s.hi })
	}
	slices.SortFunc(spans, func(a, b span) int { return int(b.quality) - int(a.quality) })
	var flat []span
	for _, s := range spans {
		flat = appendUncovered(flat, s)
	}
	slices.SortFunc(flat, func(a, b span) int { return a.lo - b.lo })
	return flat
}

// appendUncovered adds the parts of s that flat, in which nothing overlaps, does
// not cover.
func appendUncovered(flat []span, s span) []span {
	for i, n := 0, len(flat); i < n && s.lo < s.hi; i++ {
		f := flat[i]
		switch {
		case f.hi <= s.lo || s.hi <= f.lo:
		case f.lo <= s.lo:
			s.lo = min(f.hi, s.hi)
		case s.hi <= f.hi:
			s.hi = f.lo
		default: // f lies inside s
			flat = appendUncovered(flat, span{f.hi, s.hi, s.quality})
			s.hi = f.lo
		}
	}
	if s.lo < s.hi {
		flat = append(flat, s)
	}
	return flat
}

// quality returns how well the term with the id is met, 0 when not at all.
func quality(spans []span, id int) uint32 {
	i, j := 0, len(spans)
	for i < j {
		if m := (i + j) / 2; spans[m].hi <= id {
			i = m + 1
		} else {
			j = m
		}
	}
	if i < len(spans) && spans[i].lo <= id {
		return spans[i].quality
	}
	return 0
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
