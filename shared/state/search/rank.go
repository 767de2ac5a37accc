package search

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"sort"
)

// headSize is how many of the best hits are looked at again, name by name.
const headSize = 256

// ranked is a hit with its place: a higher rank comes first, and of equals the
// one whose name is before the other's. Hits that were looked at again have
// lookedAgain set in their rank and so come before all others.
type ranked struct {
	rank  uint64
	score uint32 // of the words, before names are compared
	layer int32
	doc   uint32
}

const lookedAgain = 1 << 63

// place is a ranked hit as a cursor can keep it.
type place struct {
	rank    uint64
	key, id string
}

func (e *evaluation) compare(a, b ranked) int {
	switch {
	case a.rank != b.rank:
		if a.rank > b.rank {
			return -1
		}
		return 1
	case a.layer == b.layer:
		return int(int64(a.doc) - int64(b.doc))
	}
	return e.place(a).compare(e.place(b))
}

func (e *evaluation) place(r ranked) place {
	l := e.layers[r.layer]
	return place{r.rank, l.keys().at(int(r.doc)), string(l.ids().at(int(r.doc)))}
}

func (p place) compare(o place) int {
	switch {
	case p.rank > o.rank:
		return -1
	case p.rank < o.rank:
		return 1
	}
	return compareKeys(p.key, p.id, o.key, o.id)
}

// page returns the hits that follow after (or the first ones, without it), one
// more than limit if there are so many.
func (e *evaluation) page(hits []found, after *place, limit int) []ranked {
	rank := e.ranker()
	follows := e.follows(after)
	if !e.byRelevance() {
		return e.best(hits, rank, limit+1, follows)
	}
	head, inTail := e.head(hits, rank, after == nil)
	e.lookAgain(head)
	if follows != nil {
		head = slices.DeleteFunc(head, func(r ranked) bool { return !follows(r) })
	}
	if len(head) > limit || inTail == nil {
		return head[:min(len(head), limit+1)]
	}
	tail := e.best(hits, rank, limit+1-len(head), func(r ranked) bool {
		return inTail(r) && (follows == nil || follows(r))
	})
	return append(head, tail...)
}

// head returns the best hits, which are to be looked at again, and what tells the
// others; nil for none. For a further page they are the same as for the first one, and
// who has come among them since.
func (e *evaluation) head(hits []found, rank func(int, *found, int, uint32) uint64, first bool) (head []ranked, inTail func(ranked) bool) {
	size := cmp.Or(e.query.head, headSize)
	switch {
	case first:
		if head = e.best(hits, rank, size, nil); len(head) == size {
			last := e.place(head[size-1])
			e.taken.head = &last
		}
	case e.taken.head == nil:
		return e.best(hits, rank, maxGrown*size, nil), nil
	default:
		inTail = e.follows(e.taken.head)
		return e.best(hits, rank, maxGrown*size, func(r ranked) bool { return !inTail(r) }), inTail
	}
	if e.taken.head == nil {
		return head, nil
	}
	var behind func(ranked) bool
	return head, func(r ranked) bool { // asked for hits behind the head alone, which are seldom wanted
		if behind == nil {
			behind = e.follows(e.taken.head)
		}
		return behind(r)
	}
}

// maxGrown is how many times as many the best hits may become from the first page to
// the last one.
const maxGrown = 4

// follows returns what tells the hits that come after a place; nil for no place.
// Documents are numbered in the order of their keys, so where the place falls in
// each layer is looked for once.
func (e *evaluation) follows(after *place) func(ranked) bool {
	if after == nil {
		return nil
	}
	from := make([]uint32, len(e.layers))
	for i, l := range e.layers {
		from[i] = uint32(sort.Search(l.n, func(doc int) bool {
			return compareKeys(after.key, after.id, l.keys().at(doc), string(l.ids().at(doc))) < 0
		}))
	}
	return func(r ranked) bool {
		return r.rank < after.rank || r.rank == after.rank && r.doc >= from[r.layer]
	}
}

func (e *evaluation) byRelevance() bool { return e.query.Sort.By == "" && !e.listing() }

// byName reports whether the documents found, which are numbered by name, are in
// the order asked for already.
func (e *evaluation) byName() bool {
	if !e.listing() || e.query.Sort.By != "" && e.query.Sort.By != SortByName {
		return false
	}
	_, ofOther := scriptsOf(e.query.Sort.Lang)
	return !ofOther
}

// ranker returns what ranks the j-th hit of a layer before names are compared.
func (e *evaluation) ranker() func(layer int, f *found, j int, doc uint32) uint64 {
	switch by := e.query.Sort.By; {
	case e.byRelevance():
		boosts, lengths := e.boosts(), columnOf(e.layers, func(l *layer) []byte { return l.lengths() })
		return func(layer int, f *found, j int, doc uint32) uint64 {
			score := uint64(f.scores[j]) * 16
			if len(boosts[layer]) > 0 {
				score = uint64(float64(f.scores[j]) * boosts.factor(layer, doc) * 16)
			}
			return score<<8 | uint64(math.MaxUint8-lengths[layer][doc])
		}
	case by == "" || by == SortByName:
		first, ok := scriptsOf(e.query.Sort.Lang)
		scripts := columnOf(e.layers, func(l *layer) []byte { return l.scripts() })
		return func(layer int, _ *found, _ int, doc uint32) uint64 {
			if ok && first.has(scripts[layer][doc]) {
				return 1
			}
			return 0
		}
	default:
		return func(layer int, _ *found, _ int, doc uint32) uint64 { return e.numberRank(layer, doc) }
	}
}

func columnOf(layers []layer, of func(*layer) []byte) [][]byte {
	columns := make([][]byte, len(layers))
	for i := range layers {
		columns[i] = of(&layers[i])
	}
	return columns
}

// numberRank puts the documents without the number last.
func (e *evaluation) numberRank(layer int, doc uint32) uint64 {
	column := e.layers[layer].number(e.query.Sort.By)
	if column == nil {
		return 0
	}
	v, ok := column.at(doc)
	if !ok {
		return 0
	}
	rank := uint64(v + MaxNumber + 1)
	if !e.query.Sort.Descending {
		rank = 2*MaxNumber + 2 - rank
	}
	return rank
}

// best returns the k best hits that are wanted (all, if nil), the best first.
func (e *evaluation) best(hits []found, rank func(int, *found, int, uint32) uint64, k int, wanted func(ranked) bool) []ranked {
	s := selection{k: k, compare: e.compare}
	for i := range hits {
		taken, f := 0, &hits[i]
		f.each(func(j int, doc uint32) bool {
			r := ranked{rank: rank(i, f, j, doc), layer: int32(i), doc: doc}
			if f.scores != nil {
				r.score = f.scores[j]
			}
			if s.hopeless(r) || wanted != nil && !wanted(r) {
				return true
			}
			s.add(r)
			taken++
			return taken < k || !e.byName()
		})
	}
	slices.SortFunc(s.kept, e.compare)
	return s.kept
}

// each calls do with every document and its place until that returns false.
func (f *found) each(do func(j int, doc uint32) bool) {
	for j, doc := range f.docs {
		if !do(j, doc) {
			return
		}
	}
	for i, w := range f.set {
		for ; w != 0; w &= w - 1 {
			if !do(0, uint32(i<<6+bits.TrailingZeros64(w))) {
				return
			}
		}
	}
}

// selection keeps the k best of what is added, as a heap with the worst on top.
type selection struct {
	k       int
	compare func(a, b ranked) int
	kept    []ranked
}

// hopeless reports whether k better ones are kept already.
func (s *selection) hopeless(r ranked) bool {
	return len(s.kept) == s.k && (r.rank < s.kept[0].rank || s.compare(r, s.kept[0]) > 0)
}

func (s *selection) add(r ranked) {
	if len(s.kept) < s.k {
		s.kept = append(s.kept, r)
		for i := len(s.kept) - 1; i > 0 && s.compare(s.kept[i], s.kept[(i-1)/2]) > 0; i = (i - 1) / 2 {
			s.kept[i], s.kept[(i-1)/2] = s.kept[(i-1)/2], s.kept[i]
		}
		return
	}
	s.kept[0] = r
	for i := 0; ; {
		worst := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(s.kept); child++ {
			if s.compare(s.kept[child], s.kept[worst]) > 0 {
				worst = child
			}
		}
		if worst == i {
			return
		}
		s.kept[i], s.kept[worst] = s.kept[worst], s.kept[i]
		i = worst
	}
}

// lookAgain ranks the best hits anew by how their names meet the query, and puts
// them in that order.
func (e *evaluation) lookAgain(head []ranked) {
	boosts := e.boosts()
	for i, r := range head {
		score := 0.7*e.bestName(r) + 0.3*e.share(r.score)
		head[i].rank = lookedAgain | uint64(score*boosts.factor(int(r.layer), r.doc)*1e12)
	}
	slices.SortFunc(head, e.compare)
}

// share is a sum of weighted words as a part of the most it could be.
func (e *evaluation) share(score uint32) float64 {
	most := uint32(0)
	for _, w := range e.weights {
		most += w
	}
	return float64(score) / float64(most) / (topWeight * asTyped)
}

// score is what a rank says about relevance, for the reader of a result.
func (e *evaluation) score(rank uint64) float64 {
	switch {
	case !e.byRelevance():
		return 0
	case rank >= lookedAgain:
		return float64(rank&^lookedAgain) / 1e12
	}
	return 0.1 * e.share(uint32(min(rank>>8/16, math.MaxUint32)))
}

// kindWeight is what a name counts for by the bit of its field.
func kindWeight(mask byte) float64 {
	switch mask {
	case inDisplay:
		return 1
	case inAcronym:
		return 0.95
	case inLatin:
		return 0.85
	}
	return 0.9
}

// bestName returns how well the best name of a document meets the query, from 0
// to 1.
func (e *evaluation) bestName(r ranked) float64 {
	best := 0.0
	var m meeting
	for mask, terms := range forwardNames(e.layers[r.layer].forward().at(int(r.doc))) {
		e.meets(&m, r.layer, nameGroup(mask), terms)
		best = max(best, kindWeight(mask)*m.value())
	}
	return best
}

// meeting is how one name meets a query.
type meeting struct {
	share float64               // of the query's words, by their rarity, that the name has
	cover float64               // of the name's words that the query has
	order float64               // of the query's words that follow each other as asked, with nothing but small words between
	got   [maxQueryWords]uint32 // quality by word, 0 for not met
	terms [maxQueryWords]uint32 // what met it, by its number
}

// value puts above all the share, squared, so that a rare word that is nearly
// right does not outweigh several right ones.
func (m *meeting) value() float64 {
	return m.share * m.share * (0.55 + 0.30*m.cover + 0.15*m.order)
}

// meets compares one name with the query.
func (e *evaluation) meets(m *meeting, layer int32, group int, terms []byte) {
	*m = meeting{}
	matched, length, pairs, before := 0, 0, 0, -2
	var gap gap
	for ; len(terms) > 0; length++ {
		id, size := binary.Uvarint(terms)
		terms = terms[size:]
		word, q := bestWord(e.spans[layer], group, int(id))
		if q == 0 {
			gap.add(int(id))
			continue
		}
		if q > m.got[word] {
			m.got[word], m.terms[word] = q, uint32(id)
		}
		matched++
		at := e.parsed.words[word].place
		if at == before+1 && gap.isSmall(e.layers[layer].groups[group]()) {
			pairs++
		}
		before, gap.n = at, 0
	}
	if matched == 0 {
		return
	}
	sum, most := 0.0, 0.0
	for w, weight := range e.weights {
		sum += float64(weight) * float64(m.got[w]) / asTyped
		most += float64(weight)
	}
	m.share, m.cover, m.order = sum/most, float64(matched)/float64(length), 1
	if n := len(e.weights); n > 1 {
		m.order = min(1, float64(pairs)/float64(n-1))
	}
}

// gap is the words of a name between two that the query met.
type gap struct {
	n     int
	terms [3]int // the first of them
}

func (g *gap) add(term int) {
	if g.n < len(g.terms) {
		g.terms[g.n] = term
	}
	g.n++
}

// isSmall reports whether nothing is left out there but what a query may leave out.
func (g *gap) isSmall(d *dictionary) bool {
	if g.n > len(g.terms) {
		return false
	}
	for _, term := range g.terms[:g.n] {
		if !isStop(string(d.terms.at(term))) {
			return false
		}
	}
	return true
}

func bestWord(spans [][groups][]span, group, id int) (word int, best uint32) {
	for w := range spans {
		if q := quality(spans[w][group], id); q > best {
			word, best = w, q
		}
	}
	return word, best
}

// boosts are the sets of documents whose scores a query multiplies, by layer.
type boosts [][]boosted

type boosted struct {
	set bitset
	by  float64
}

func (e *evaluation) boosts() boosts {
	all := make(boosts, len(e.layers))
	for i, l := range e.layers {
		for _, b := range e.query.Boost {
			if f := l.facet(b.Field); f != nil {
				all[i] = append(all[i], boosted{f.with(b.AnyOf, l.n), b.Factor})
			}
		}
	}
	return all
}

func (b boosts) factor(layer int, doc uint32) float64 {
	factor := 1.0
	for _, x := range b[layer] {
		if x.set.has(doc) {
			factor *= x.by
		}
	}
	return min(max(factor, 0.001), 1000)
}
