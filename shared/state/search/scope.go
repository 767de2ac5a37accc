package search

import (
	"encoding/binary"
	"slices"
)

// scope is which documents of a layer a query may look at.
type scope struct {
	hits bitset            // all filters hold
	own  map[string]bitset // for a facet asked for that is also filtered by: all filters but its own hold
	any  bitset            // one of the above
}

// scope works the filters, phrases and exclusions of a query out.
func (l *layer) scope(q *Query, p *parsed) scope {
	base := l.live.clone()
	for _, terms := range p.phrases {
		set := l.phrase(terms)
		set.or(l.phraseBySound(terms))
		base.and(set)
	}
	for _, terms := range p.excluded {
		base.andNot(l.phrase(terms))
	}
	sets := make([]bitset, len(q.Where))
	for i, f := range q.Where {
		sets[i] = l.filter(f)
	}
	except := func(field string) bitset {
		out := base.clone()
		for i, f := range q.Where {
			if f.Field != field || f.Fixed {
				out.and(sets[i])
			}
		}
		return out
	}
	s := scope{hits: base.clone(), own: map[string]bitset{}}
	for _, set := range sets {
		s.hits.and(set)
	}
	s.any = s.hits
	for _, field := range q.Facets {
		if !slices.ContainsFunc(q.Where, func(f Filter) bool { return f.Field == field && !f.Fixed }) {
			continue
		}
		if s.own[field] == nil {
			s.own[field] = except(field)
			s.any = s.any.clone()
			s.any.or(s.own[field])
		}
	}
	return s
}

// filter returns the documents for which f holds.
func (l *layer) filter(f Filter) bitset {
	column := l.facets[f.Field]
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
		set := s.groups[names].with(terms[0], s.n)
		set.or(s.groups[words].with(terms[0], s.n))
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
		set.and(s.groups[group].with(term, s.n))
		id, _ := s.groups[group].terms.find(term)
		ids[i] = uint64(id)
	}
	for _, doc := range set.appendTo(nil) {
		if !hasPhrase(s.forward.at(int(doc)), group, ids) {
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
