package search

import "unicode/utf8"

const (
	maxEdits     = 2
	maxNearRunes = 40 // longer words are met as typed only
)

// editor compares one word with terms in sorted order. It keeps one row of the
// edit-distance table per letter of the current term, so a term costs only the
// letters it does not share with the one before, and all terms that share a
// hopeless beginning are passed over at once. An edit is a letter too many, too
// few, another letter, or two neighbours swapped (optimal string alignment).
type editor struct {
	word  []rune
	k     int
	depth int
	ends  [maxNearRunes + maxEdits + 2]int  // byte position after each letter of the term
	runes [maxNearRunes + maxEdits + 2]rune // its letters, from 1
	rows  [maxNearRunes + maxEdits + 2][maxNearRunes + 2]uint8
}

func newEditor(word []rune, k int) *editor {
	e := &editor{word: word, k: k}
	for j := range min(k+2, len(word)+2) {
		e.rows[0][j] = uint8(j)
	}
	return e
}

// push appends a letter to the term and reports whether a term that goes on from
// here can still be near. Only a band of k cells on both sides of the diagonal
// is worked out.
func (e *editor) push(r rune, end int) bool {
	e.depth++
	d, m, far := e.depth, len(e.word), uint8(e.k+1)
	e.runes[d], e.ends[d] = r, end
	row, above := &e.rows[d], &e.rows[d-1]
	from, to := max(1, d-e.k), min(m, d+e.k)
	if from > to {
		return false
	}
	row[from-1] = far
	if from == 1 {
		row[0] = uint8(min(d, e.k+1))
	}
	least := row[from-1]
	for j := from; j <= to; j++ {
		cost := above[j-1]
		if e.word[j-1] != r {
			cost = min(cost, above[j], row[j-1]) + 1
		}
		if d > 1 && j > 1 && e.word[j-2] == r && e.word[j-1] == e.runes[d-1] {
			cost = min(cost, e.rows[d-2][j-2]+1)
		}
		cost = min(cost, far)
		row[j] = cost
		least = min(least, cost)
	}
	row[to+1] = far
	return int(least) <= e.k
}

// edits returns the distance of the word from the term as pushed, k+1 or more
// when it is too far.
func (e *editor) edits() int {
	m := len(e.word)
	if e.depth < m-e.k || e.depth > m+e.k {
		return e.k + 1
	}
	return int(e.rows[e.depth][m])
}

// keep takes letters back until what is left lies within the first n bytes.
func (e *editor) keep(n int) {
	for e.depth > 0 && e.ends[e.depth] > n {
		e.depth--
	}
}

// near calls found with each term in [lo, hi) within k edits of the word, and
// returns how many it compared.
func (d *dictionary) near(word []rune, k, lo, hi int, found func(id, edits int)) (compared int) {
	e := newEditor(word, k)
	for i := lo; i < hi; compared++ {
		hopeless := !d.walk(e, i, lo, nil)
		if hopeless {
			i = d.skip(i, hi, e.ends[e.depth])
			continue
		}
		if n := e.edits(); n <= k {
			found(i, n)
		}
		i++
	}
	return compared
}

// nearPrefixes calls found with the ranges of terms in [lo, hi) of which some
// beginning is within k edits of the word, and returns how many terms it compared.
func (d *dictionary) nearPrefixes(word []rune, k, lo, hi int, found func(lo, hi int)) (compared int) {
	e := newEditor(word, k)
	for i := lo; i < hi; compared++ {
		met, next := false, i+1
		hopeless := !d.walk(e, i, lo, func() bool { met = e.edits() <= k; return met })
		if met || hopeless {
			next = d.skip(i, hi, e.ends[e.depth])
		}
		if met {
			found(i, next)
		}
		i = next
	}
	return compared
}

// walk pushes the letters of term i that the editor does not hold already and
// reports whether all of them could be; it stops early when until says so.
func (d *dictionary) walk(e *editor, i, first int, until func() bool) bool {
	if i == first {
		e.depth = 0
	} else {
		e.keep(int(d.shared[i]))
	}
	term := d.terms.at(i)
	for at := e.ends[e.depth]; at < len(term); {
		r, size := utf8.DecodeRune(term[at:])
		at += size
		if !e.push(r, at) {
			return false
		}
		if until != nil && until() {
			return true
		}
	}
	return true
}

// skip returns the first term after i that does not share its first n bytes.
func (d *dictionary) skip(i, hi, n int) int {
	for i++; i < hi && int(d.shared[i]) >= n; i++ {
	}
	return i
}
