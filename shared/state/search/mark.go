package search

import (
	"encoding/binary"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Mark is a part of a text, from one byte up to another.
type Mark struct{ From, To int }

// met holds the terms of a hit's names that words of the query met, by their
// group; only of words that count, not of small ones and legal forms.
type met [groups][]string

// met returns the terms of a hit's names for which the search took words of the
// query: what is marked is what was found.
func (e *evaluation) met(r ranked) (m met) {
	l, spans := &e.layers[r.layer], e.spans[r.layer][:e.parsed.required]
	for mask, terms := range forwardNames(l.forward().at(int(r.doc))) {
		group := nameGroup(mask)
		for len(terms) > 0 {
			id, size := binary.Uvarint(terms)
			terms = terms[size:]
			if _, q := bestWord(spans, group, int(id)); q == 0 {
				continue
			}
			if term := string(l.groups[group]().terms.at(int(id))); !slices.Contains(m[group], term) {
				m[group] = append(m[group], term)
			}
		}
	}
	return m
}

// Marked reports whether a name of the hit has parts to mark: a hit may have been
// met in its topics or texts alone.
func (h *Hit) Marked() bool { return len(h.met[names])+len(h.met[latin]) > 0 }

// Marks returns the parts of one of the hit's names that the words of the query
// met, in order and without overlaps: what a page sets off. Only words that count
// are marked. There are none unless the query had Mark set.
func (h *Hit) Marks(n Name) []Mark {
	if !h.Marked() {
		return nil
	}
	n.Text = cut(n.Text, maxMarkedBytes)
	found := tokens(n.Text)
	if n.Kind == KindAcronym {
		if terms := analyseAcronym(n.Text); len(terms) > len(found) { // the words it makes together
			found = append(found, token{terms[len(terms)-1], found[0].from, found[len(found)-1].to})
		}
	}
	var marks []Mark
	for _, t := range found {
		if h.met.has(t, n.Lang) {
			marks = append(marks, Mark{t.from, t.to})
		}
	}
	return united(marks)
}

// has reports whether a term of a name in the language is one of them.
func (m *met) has(t token, lang string) bool {
	if slices.Contains(m[names], t.term) {
		return true
	}
	return len(m[latin]) > 0 && slices.Contains(m[latin], t.bySound(lang))
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
	var from, to []int // in text, of each folded rune; nil where each is a byte
	if isASCII(text) {
		folded = []rune(strings.ToLower(text))
	} else {
		folded, from, to = foldedClusters(text)
	}
	var out []token
	splitInto(folded, func(term string, i, j int) {
		if from == nil {
			out = append(out, token{term, i, j})
		} else {
			out = append(out, token{term, from[i], to[j-1]})
		}
	})
	return out
}

// foldedClusters folds a text letter by letter, and returns where in it each folded
// rune comes from.
func foldedClusters(text string) (folded []rune, from, to []int) {
	folded, from, to = make([]rune, 0, len(text)), make([]int, 0, len(text)), make([]int, 0, len(text))
	for at := 0; at < len(text); {
		r, n := utf8.DecodeRuneInString(text[at:])
		done := foldLetter(r)
		if done == "" || !standsAlone(text[at+n:]) {
			n = nextCluster(text[at:])
			done = fold(text[at : at+n])
		}
		for _, r := range done {
			folded, from, to = append(folded, r), append(from, at), append(to, at+n)
		}
		at += n
	}
	return folded, from, to
}

// standsAlone reports whether what follows a letter begins with no mark on it.
func standsAlone(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || foldLetter(r) != ""
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
