package search

import (
	"encoding/binary"
	"slices"
)

// scope is which documents of a layer a query may look at.
type scope struct {
	base  bitset // live documents, with the phrases and without what is excluded
	tests []test // one for each filter and range
	own   []own
	plain bool // nothing but filters narrows the live documents
	// passing has a bit for each set of few tests that a document may fail and still
	// be a hit or be counted by some facet.
	passing uint64
}

// fewTests are as many as have all their sets in passing.
const fewTests = 6

// appendTo appends what tells the documents of a plain scope, without the tests
// left out, from those of others.
func (s *scope) appendTo(key []byte, left uint64) []byte {
	for i := range s.tests {
		if left>>i&1 == 0 {
			key = s.tests[i].filter.appendTo(key)
		}
	}
	return key
}

// own is a facet asked for that is also filtered by: its counts leave the filters
// of its own field out.
type own struct {
	field string
	left  uint64 // the tests left out, by bit
}

// test is one filter or range of a query on a layer: a test of a facet's values,
// or else a column of numbers.
type test struct {
	filter *Filter
	values valueTest
	among  number // nil for none
	Range
}

func (t *test) has(doc uint32) bool {
	if t.filter != nil {
		return t.values.has(doc)
	}
	if t.among == nil {
		return t.OrNone
	}
	v, ok := t.among.at(doc)
	return ok && t.From <= v && v <= t.To || !ok && t.OrNone
}

// scope works the filters, phrases and exclusions of a query out.
func (l *layer) scope(q *Query, p *parsed) scope {
	s := scope{base: l.live, tests: make([]test, 0, len(q.Where)+len(q.Ranges))}
	if len(p.phrases)+len(p.excluded) > 0 {
		s.base = l.live.clone()
	}
	for _, terms := range p.phrases {
		set := l.phrase(terms)
		set.or(l.phraseBySound(terms))
		s.base.and(set)
	}
	for _, terms := range p.excluded {
		s.base.andNot(l.phrase(terms))
	}
	for i := range q.Where {
		f := &q.Where[i]
		s.tests = append(s.tests, test{filter: f, values: l.facet(f.Field).test(f)})
	}
	for _, r := range q.Ranges {
		s.tests = append(s.tests, test{among: l.number(r.Field), Range: r})
	}
	s.own = ownFilters(q)
	for failed := range uint64(1) << min(len(s.tests), fewTests) {
		if failed == 0 || s.leavesOut(failed) {
			s.passing |= 1 << failed
		}
	}
	s.plain = len(p.phrases)+len(p.excluded)+len(q.Ranges) == 0
	return s
}

func ownFilters(q *Query) []own {
	var all []own
	for _, field := range q.Facets {
		o := own{field: field}
		for i := range q.Where {
			if q.Where[i].Field == field && !q.Where[i].Fixed {
				o.left |= 1 << i
			}
		}
		if o.left != 0 && !slices.Contains(all, o) {
			all = append(all, o)
		}
	}
	return all
}

// fails returns the tests that a document does not pass, by bit; ok is false when
// it is not in question at all.
func (s *scope) fails(doc uint32) (failed uint64, ok bool) {
	if !s.base.has(doc) {
		return 0, false
	}
	for i := range s.tests {
		if !s.tests[i].has(doc) {
			failed |= 1 << i
		}
	}
	return failed, true
}

// admitted leaves of a block the postings of documents that may be a hit or be
// counted by some facet. One test is put to all of them after the other: so their
// columns are read ahead of each other. failed is for its own use.
func (s *scope) admitted(block []uint32, failed *[blockSize]uint64) []uint32 {
	n := 0
	for _, p := range block {
		block[n], failed[n] = p, 0
		if s.base.has(p >> maskBits) {
			n++
		}
	}
	for i := range s.tests {
		block, n = block[:n], 0
		s.tests[i].failing(block, failed, 1<<i)
		if len(s.tests) <= fewTests {
			for j, p := range block {
				f := failed[j]
				block[n], failed[n] = p, f
				n += int(s.passing >> (f & 63) & 1)
			}
			continue
		}
		for j, p := range block {
			block[n], failed[n] = p, failed[j]
			if failed[n] == 0 || s.leavesOut(failed[n]) {
				n++
			}
		}
	}
	return block[:n]
}

// failing notes by a bit for which documents of a block the test does not hold.
func (t *test) failing(block []uint32, failed *[blockSize]uint64, bit uint64) {
	if t.filter != nil && t.values.kind == byteColumn {
		column, accepts := t.values.column, &t.values.accepts
		for j, p := range block {
			b := column[p>>maskBits]
			failed[j&(blockSize-1)] |= bit &^ -(accepts[b>>6] >> (b & 63) & 1)
		}
		return
	}
	for j, p := range block {
		if !t.has(p >> maskBits) {
			failed[j] |= bit
		}
	}
}

// leavesOut reports whether some facet leaves all of these tests out.
func (s *scope) leavesOut(tests uint64) bool {
	for i := range s.own {
		if tests&^s.own[i].left == 0 {
			return true
		}
	}
	return false
}

// hit reports whether all tests hold for a document.
func (s *scope) hit(doc uint32) bool {
	failed, ok := s.fails(doc)
	return ok && failed == 0
}

// leftOut returns the tests that a facet's counts leave out, by bit.
func (s *scope) leftOut(field string) uint64 {
	for _, o := range s.own {
		if o.field == field {
			return o.left
		}
	}
	return 0
}

// all returns the documents that pass all tests of a scope but those left out. It is
// written over room, which may be nil.
func (l *layer) all(s *scope, left uint64, room bitset) bitset {
	set := append(room[:0], s.base...)
	for i := range s.tests {
		switch t := &s.tests[i]; {
		case left>>i&1 != 0:
		case t.filter != nil:
			l.filter(t.filter).narrow(set)
		default:
			for doc := range uint32(l.n) {
				if !t.has(doc) {
					set.clear(doc)
				}
			}
		}
	}
	return set
}

// any returns the documents that a scope admits.
func (l *layer) any(s *scope) bitset {
	set := l.all(s, 0, nil)
	var one bitset
	for _, o := range s.own {
		one = l.all(s, o.left, one)
		set.or(one)
	}
	return set
}

// filter returns the documents for which f holds.
func (l *layer) filter(f *Filter) keptSet {
	var buffer [128]byte
	key := f.appendTo(buffer[:0])
	set, ok := l.cached.find(key)
	if !ok {
		set = keep(l.makeFilter(f))
		l.cached.keep(key, set, set.size(), maxCachedBytes)
	}
	return set
}

func (l *layer) makeFilter(f *Filter) bitset {
	column := l.facet(f.Field)
	var set bitset
	switch {
	case len(f.AnyOf) > 0 && column != nil:
		set = column.with(f.AnyOf, l.n)
	case len(f.AnyOf) == 0 && len(f.NoneOf) > 0:
		set = fullBitset(l.n)
	default:
		return newBitset(l.n)
	}
	if len(f.NoneOf) > 0 && column != nil {
		set.andNot(column.with(f.NoneOf, l.n))
	}
	return set
}

// phrase returns the documents that have the one term anywhere, or the terms
// next to each other in a name.
func (s *segment) phrase(terms []string) bitset {
	if len(terms) == 1 {
		set := s.groups[names]().with(terms[0], s.n)
		set.or(s.groups[words]().with(terms[0], s.n))
		return set
	}
	return s.adjacent(names, terms)
}

// phraseBySound returns the documents of which a name in another script has the
// terms next to each other when it is spelt in Latin letters.
func (s *segment) phraseBySound(terms []string) bitset {
	sounds := make([]string, len(terms))
	for i, term := range terms {
		if !isLatin(term) {
			return newBitset(s.n)
		}
		sounds[i] = bySound(term)
	}
	return s.adjacent(latin, sounds)
}

// adjacent returns the documents with a name, of the group, that has the terms
// next to each other.
func (s *segment) adjacent(group int, terms []string) bitset {
	set := fullBitset(s.n)
	ids := make([]uint64, len(terms))
	for i, term := range terms {
		set.and(s.groups[group]().with(term, s.n))
		id, _ := s.groups[group]().terms.find(term)
		ids[i] = uint64(id)
	}
	for _, doc := range set.appendTo(nil) {
		if !hasPhrase(s.forward().at(int(doc)), group, ids) {
			set.clear(doc)
		}
	}
	return set
}

// with returns the documents, of n, that have the term.
func (d *dictionary) with(term string, n int) bitset {
	set := newBitset(n)
	id, ok := d.terms.find(term)
	if !ok {
		return set
	}
	list := d.read(id)
	var block [blockSize]uint32
	for i := range list.blocks() {
		for _, p := range list.read(i, &block) {
			set.set(p >> maskBits)
		}
	}
	return set
}

func hasPhrase(entry []byte, group int, ids []uint64) bool {
	for mask, terms := range forwardNames(entry) {
		if nameGroup(mask) != group {
			continue
		}
		var name []uint64
		for len(terms) > 0 {
			id, size := binary.Uvarint(terms)
			terms = terms[size:]
			name = append(name, id)
		}
		for i := 0; i+len(ids) <= len(name); i++ {
			if slices.Equal(name[i:i+len(ids)], ids) {
				return true
			}
		}
	}
	return false
}
