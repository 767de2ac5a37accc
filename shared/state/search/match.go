package search

import (
	"cmp"
	"math"
	"slices"
)

const (
	// enough is how many documents one word must find as typed for edits not to be
	// forgiven. Several words together are seldom found by chance, so they need
	// fewer: a part of this, by the third power of their number.
	enough = 10
	// scarcest is the weight of a word that one document has.
	scarcest = 255
)

// fieldWeights are what a word counts for in the fields of a group, by the bit
// of the field.
func fieldWeights(group int) [maskBits]uint32 {
	if group == names {
		return [...]uint32{topWeight, 9, 7, 0} // display name, acronym, other names
	}
	if group == latin {
		return [...]uint32{0, 0, 0, 6}
	}
	return [...]uint32{4, 2, 0, 0} // topics, text
}

const topWeight = 10

// mode is how strictly a query is taken.
type mode struct {
	tolerant bool // edits are forgiven
	generous bool // two of them in words of five letters already
	partial  bool // the documents that have the most of the words, if none has all
}

// found is the documents of one layer that match the words of a query, and what
// they score.
type found struct {
	docs   []uint32
	scores []uint32
	counts []uint8  // required words met
	failed []uint64 // tests, by bit; nil when all of them are hits
	set    bitset   // without words: the hits, in place of all of these
}

// hit reports whether the j-th document is one.
func (f *found) hit(j int) bool { return f.failed == nil || f.failed[j] == 0 }

// evaluation is one query at work on one snapshot.
type evaluation struct {
	*snapshot
	query  *Query
	parsed parsed
	scopes []scope

	spans   [][][groups][]span // by layer, then by word
	sizes   [][]int            // postings of those, likewise, but for documents that are Unweighed
	weights []uint32           // by word: how rare it is, 1 to scarcest
	found   []found            // by layer
	mode    mode               // in the end
	taken   taking             // of the page before
	fullest uint8              // of a partial match, words that a hit has at least
	scorer  *scorer
	work    work
}

// work is what a query cost, in what grows with the query and with the index.
type work struct {
	terms    int // compared letter by letter for edits
	postings int // of the terms found, each time that they were read
}

const modeCount = 4

// modes are the ways to take a query: as typed, with edits forgiven, with more of
// them, or the documents that have the most words.
func modes() [modeCount]mode {
	return [...]mode{{}, {tolerant: true}, {tolerant: true, generous: true}, {tolerant: true, generous: true, partial: true}}
}

// match finds the documents that have the words of the query, in the first mode that
// finds enough. Only what the reader may see has a say in that.
func (e *evaluation) match() {
	for _, m := range modes() {
		if m.generous && !m.partial && !slices.ContainsFunc(e.parsed.words, queryWord.gains) {
			continue
		}
		if !m.partial { // else the terms are those of the mode before
			e.expand(m)
		}
		e.matchLayers(m)
		e.mode = m
		if e.query.Near && !m.tolerant && e.forgiving() {
			continue
		}
		visible := e.visible()
		if visible >= enoughOf(e.parsed.required) || visible > 0 && (m.tolerant || !e.forgiving()) {
			break
		}
	}
}

// matchAsBefore finds them for a further page, in the mode and with the weights of
// the first one.
func (e *evaluation) matchAsBefore() {
	for i, m := range modes() {
		if i > int(e.taken.mode) {
			break
		}
		if !m.partial { // the terms of one mode are found beside those of the mode before
			e.expand(m)
		}
		e.mode = m
	}
	for w, weight := range e.taken.weights {
		e.weights[w] = uint32(weight)
	}
	e.fullest = e.taken.fullest
	e.matchLayers(e.mode)
}

// takenNow is what a cursor keeps of how the words were taken.
func (e *evaluation) takenNow() taking {
	all := modes()
	t := taking{mode: byte(slices.Index(all[:], e.mode)), fullest: e.fullest, head: e.taken.head, weights: make([]byte, len(e.weights))}
	for w, weight := range e.weights {
		t.weights[w] = byte(weight)
	}
	return t
}

func enoughOf(words int) int { return max(1, enough/(words*words*words)) }

func (e *evaluation) forgiving() bool {
	return slices.ContainsFunc(e.parsed.words, func(w queryWord) bool { return w.edits(mode{}) > 0 })
}

// expand finds the terms for each word and how rare they are together.
func (e *evaluation) expand(m mode) {
	former := e.spans
	e.spans, e.sizes = make([][][groups][]span, len(e.layers)), make([][]int, len(e.layers))
	postings, documents := make([]int, len(e.parsed.words)), 1
	for i, l := range e.layers {
		documents += l.weighed()
		e.spans[i], e.sizes[i] = make([][groups][]span, len(postings)), make([]int, len(postings))
		for w := range postings {
			for g := range l.groups {
				if word := &e.parsed.words[w]; m.generous && !word.gains() {
					e.spans[i][w][g] = former[i][w][g]
				} else {
					e.spans[i][w][g] = l.groups[g]().expand(word, m, &e.work.terms)
				}
				e.sizes[i][w] += l.groups[g]().size(e.spans[i][w][g])
			}
			postings[w] += e.sizes[i][w]
		}
	}
	e.weights = make([]uint32, len(postings))
	for w, n := range postings {
		rare := math.Log2(1+float64(documents)/float64(n+1)) / math.Log2(1+float64(documents))
		e.weights[w] = uint32(max(1, rare*scarcest))
	}
}

// size returns how many postings the terms in the spans have.
func (d *dictionary) size(spans []span) int {
	n := 0
	for _, s := range spans {
		n += int(uint32At(d.before, s.hi) - uint32At(d.before, s.lo))
	}
	return n
}

func (e *evaluation) matchLayers(m mode) {
	e.found = e.found[:0]
	for i := range e.layers {
		for _, n := range e.sizes[i] {
			e.work.postings += n
		}
		f := e.matchLayer(i, m)
		if s := &e.scopes[i]; len(s.own) > 0 {
			f.failed = make([]uint64, len(f.docs))
			for j, doc := range f.docs {
				f.failed[j], _ = s.fails(doc)
			}
		}
		e.found = append(e.found, f)
	}
	if m.partial {
		e.keepFullest()
	}
}

// matchLayer returns what matches in a layer: documents with all required words,
// or with any of them for a partial match.
func (e *evaluation) matchLayer(i int, m mode) found {
	l, s, required := &e.layers[i], e.scorer, e.parsed.required
	s.reset(l.n)
	s.scope, s.within = &e.scopes[i], nil
	for at, w := range e.byRarity(i) {
		need := min(at, required)
		if m.partial {
			need = 0
		}
		s.begin(at+1, e.weights[w], w < required, need)
		if need == 0 && s.within == nil && e.sizes[i][w] > l.n/manyPostings {
			s.within = l.any(s.scope)
		}
		for g := range l.groups {
			d := l.groups[g]()
			for _, span := range e.spans[i][w][g] {
				s.value = valuesOf(g, span.quality)
				for id := span.lo; id < span.hi; id++ {
					s.add(d.read(id))
				}
			}
		}
	}
	if m.partial {
		required = 1
	}
	return s.finish(required)
}

// manyPostings is from which part of a layer's documents on it is cheaper to work
// the set of all that a query may look at out than to test one after the other.
const manyPostings = 16

// keepFullest leaves, of a partial match, the documents with as many words as
// the hit that has the most, or as the page before wanted.
func (e *evaluation) keepFullest() {
	var ofHits, ofAll uint8
	for i := range e.found {
		f := &e.found[i]
		for j := range f.docs {
			ofAll = max(ofAll, f.counts[j])
			if f.hit(j) {
				ofHits = max(ofHits, f.counts[j])
			}
		}
	}
	e.fullest = cmp.Or(e.fullest, ofHits, ofAll)
	for i := range e.found {
		f := e.found[i]
		e.found[i] = f.only(func(j int) bool { return f.counts[j] >= e.fullest })
	}
}

// only returns the documents that are wanted, by their place.
func (f *found) only(wanted func(j int) bool) found {
	n := 0
	for j := range f.docs {
		if wanted(j) {
			n++
		}
	}
	kept := found{docs: make([]uint32, 0, n), scores: make([]uint32, 0, n)}
	if f.failed != nil {
		kept.failed = make([]uint64, 0, n)
	}
	for j, doc := range f.docs {
		if !wanted(j) {
			continue
		}
		kept.docs = append(kept.docs, doc)
		kept.scores = append(kept.scores, f.scores[j])
		if f.failed != nil {
			kept.failed = append(kept.failed, f.failed[j])
		}
	}
	return kept
}

// visible returns how many of the documents found are hits.
func (e *evaluation) visible() int {
	n := 0
	for i := range e.found {
		f := &e.found[i]
		if f.failed == nil {
			n += len(f.docs)
			continue
		}
		for _, failed := range f.failed {
			if failed == 0 {
				n++
			}
		}
	}
	return n
}

// byRarity returns the words in the order to look them up: the required ones
// first, and of them the one with the fewest postings.
func (e *evaluation) byRarity(i int) []int {
	order := make([]int, len(e.parsed.words))
	for w := range order {
		order[w] = w
	}
	slices.SortFunc(order[:e.parsed.required], func(a, b int) int { return cmp.Compare(e.sizes[i][a], e.sizes[i][b]) })
	return order
}

// valuesOf returns what a posting is worth by its mask: the best of its fields.
func valuesOf(group int, quality uint32) (values [1 << maskBits]uint16) {
	weights := fieldWeights(group)
	for mask := range values {
		for bit, weight := range weights {
			if mask>>bit&1 != 0 {
				values[mask] = max(values[mask], uint16(weight*quality))
			}
		}
	}
	return values
}
