package search

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Mark is a part of a text, from one byte up to another.
type Mark struct{ From, To int }

// Marks returns the parts of a name that the words of the query met, in order
// and without overlaps: what a page sets off in a hit's names. Only words that
// count are marked, not the small ones and legal forms. The name need not be of
// the index.
func (r *Result) Marks(n Name) []Mark {
	if r.asked == nil {
		return nil
	}
	n.Text = cut(n.Text, maxMarkedBytes)
	found := tokens(n.Text)
	if n.Kind == KindAcronym {
		if terms := analyseAcronym(n.Text); len(terms) > len(found) { // the words it makes together
			found = append(found, token{terms[len(terms)-1], found[0].from, found[len(found)-1].to})
		}
	}
	met := r.asked.met(found, n.Lang)
	var marks []Mark
	for i, t := range found {
		if met[i] {
			marks = append(marks, Mark{t.from, t.to})
		}
	}
	return united(marks)
}

// maxMarkedBytes is how much of a name is looked at for marks.
const maxMarkedBytes = 4096

// united sorts marks and makes one of those that meet.
func united(marks []Mark) []Mark {
	slices.SortFunc(marks, func(a, b Mark) int { return a.From - b.From })
	var out []Mark
	for _, m := range marks {
		if last := len(out) - 1; last >= 0 && m.From <= out[last].To {
			out[last].To = max(out[last].To, m.To)
		} else {
			out = append(out, m)
		}
	}
	return out
}

// asked is what a result remembers of its query.
type asked struct {
	words []queryWord // those that count
	mode  mode        // how strictly they were taken in the end
}

// met reports for each token of a name whether one of the words may stand for it.
// It asks a dictionary of just these terms, so that a mark and a hit never differ.
func (a *asked) met(found []token, lang string) []bool {
	met := make([]bool, len(found))
	for group := range groups {
		if group == words {
			continue
		}
		terms := make([]string, len(found)) // "" for none
		for i, t := range found {
			terms[i] = t.term
			if group == latin {
				terms[i] = t.bySound(lang)
			}
		}
		d := dictionaryOfTerms(group, terms)
		for i := range a.words {
			for _, s := range d.expand(&a.words[i], a.mode, new(int)) {
				for id := s.lo; id < s.hi; id++ {
					for j, term := range terms {
						met[j] = met[j] || term == string(d.terms.at(id))
					}
				}
			}
		}
	}
	return met
}

// dictionaryOfTerms holds the terms that are not empty, without postings.
func dictionaryOfTerms(group int, terms []string) *dictionary {
	terms = slices.Compact(slices.Sorted(slices.Values(terms)))
	if len(terms) > 0 && terms[0] == "" {
		terms = terms[1:]
	}
	d := &dictionary{group: group, shared: make([]byte, len(terms))}
	for i := 1; i < len(terms); i++ {
		d.shared[i] = byte(commonPrefix(terms[i-1], terms[i]))
	}
	d.terms, _ = decodeList(encodeList(len(terms), slices.Values(terms)))
	return d
}

// token is a term and where in a text, in bytes, it stands.
type token struct {
	term     string
	from, to int
}

// bySound returns the term of a name in another script by its sound in Latin
// letters, "" when there is none.
func (t token) bySound(lang string) string {
	key, ok := sounding(t.term, lang)
	if !ok {
		return ""
	}
	return cut(key, maxTermBytes)
}

// tokens returns the terms of a text, as analyse does, with their places. Text is
// folded letter by letter with its marks, which is as folding it whole, since no
// more than that is ever composed.
func tokens(text string) []token {
	var folded []rune
	var from, to []int // in text, of each folded rune
	for at := 0; at < len(text); {
		n := nextCluster(text[at:])
		for _, r := range fold(text[at : at+n]) {
			folded, from, to = append(folded, r), append(from, at), append(to, at+n)
		}
		at += n
	}
	var out []token
	splitInto(folded, func(term string, i, j int) { out = append(out, token{term, from[i], to[j-1]}) })
	return out
}

// nextCluster returns the bytes of the first letter of a text and the marks on it.
func nextCluster(text string) int {
	if text[0] < utf8.RuneSelf && (len(text) == 1 || text[1] < utf8.RuneSelf) {
		return 1
	}
	if n := norm.NFKC.NextBoundaryInString(text, true); n > 0 {
		return n
	}
	return len(text)
}

// rewrite returns the text with other words for some of its terms.
func rewrite(text string, words map[string]string) string {
	var b strings.Builder
	done := 0
	for _, t := range tokens(text) {
		if other, ok := words[t.term]; ok && t.from >= done {
			b.WriteString(text[done:t.from])
			b.WriteString(other)
			done = t.to
		}
	}
	return b.String() + text[done:]
}
