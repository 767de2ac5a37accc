package search

import (
	"cmp"
	"slices"
	"strings"
)

// hits leaves of each layer's documents the hits, and without words to match
// makes all hits the documents found.
func (e *evaluation) hits() []found {
	hits := make([]found, len(e.layers))
	for i := range hits {
		if e.listing() {
			hits[i].set = e.layers[i].all(&e.scopes[i], 0, e.scorer.roomOf(i))
			e.scorer.listed[i] = hits[i].set
			continue
		}
		hits[i] = e.found[i]
		if f := &e.found[i]; f.failed != nil {
			hits[i] = f.only(f.hit)
		}
	}
	return hits
}

// size returns how many documents there are.
func (f *found) size() int {
	if f.set != nil {
		return f.set.count()
	}
	return len(f.docs)
}

// listing reports whether the query has no words to find.
func (e *evaluation) listing() bool { return len(e.parsed.words) == 0 }

// count counts the values of the facets asked for.
func (e *evaluation) count(hits []found) map[string][]Count {
	if len(e.query.Facets) == 0 {
		return nil
	}
	out := make(map[string][]Count, len(e.query.Facets))
	for _, field := range e.query.Facets {
		if _, done := out[field]; !done {
			out[field] = e.countField(field, hits)
		}
	}
	return out
}

// nothing is the count of the fields where nothing was found.
func nothing(fields []string) map[string][]Count {
	if len(fields) == 0 {
		return nil
	}
	out := make(map[string][]Count, len(fields))
	for _, field := range fields {
		out[field] = []Count{}
	}
	return out
}

// countField counts layer by layer; values are brought together by their names
// where more than one layer has any.
func (e *evaluation) countField(field string, hits []found) []Count {
	counts := []Count{}
	at, several := map[string]int(nil), false // what was counted in layers before
	for i := range e.layers {
		f := e.layers[i].facet(field)
		if f == nil {
			continue
		}
		before := len(counts)
		counts = e.countLayer(i, f, field, &hits[i], counts)
		if before > 0 && len(counts) > before {
			if !several {
				at, several = placesOf(counts[:before]), true
			}
			counts = together(counts, before, at)
		}
	}
	if several {
		slices.SortFunc(counts, func(a, b Count) int {
			return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Value, b.Value))
		})
	}
	return counts
}

// countLayer appends the counts of a facet in one layer.
func (e *evaluation) countLayer(i int, f *facet, field string, hits *found, counts []Count) []Count {
	left := e.scopes[i].leftOut(field)
	switch {
	case e.listing():
		return e.countListing(i, f, field, hits.set, counts)
	case left == 0:
		e.scorer.count(f, hits.docs)
	default:
		all, some := &e.found[i], e.scorer.some[:0]
		for j, doc := range all.docs {
			if all.failed[j]&^left == 0 {
				some = append(some, doc)
			}
		}
		e.scorer.some = some
		e.scorer.count(f, some)
	}
	return e.scorer.takeCounts(f, counts)
}

// manyDocuments are so many that their counts are worth keeping.
const manyDocuments = 1024

// countListing does so without words, where the same few filters come again and
// again: the counts of many documents are kept.
func (e *evaluation) countListing(i int, f *facet, field string, set bitset, counts []Count) []Count {
	l, s := &e.layers[i], &e.scopes[i]
	left := s.leftOut(field)
	if !s.plain || left == 0 && set.count() < manyDocuments {
		if left != 0 {
			set = e.leaving(i, left)
		}
		e.scorer.countSet(f, set)
		return e.scorer.takeCounts(f, counts)
	}
	var buffer [256]byte
	key := s.appendTo(appendSized(buffer[:0], field), left)
	if kept, ok := l.counted.find(key); ok {
		return append(counts, kept...)
	}
	if left != 0 {
		set = e.leaving(i, left)
	}
	from := len(counts)
	e.scorer.countSet(f, set)
	counts = e.scorer.takeCounts(f, counts)
	if made := counts[from:]; set.count() >= manyDocuments {
		l.counted.keep(key, slices.Clone(made), countBytes*len(made), maxCountedBytes)
	}
	return counts
}

// leaving returns the documents of a layer that pass all tests but those left out, until
// it is asked again.
func (e *evaluation) leaving(i int, left uint64) bitset {
	e.scorer.left = e.layers[i].all(&e.scopes[i], left, e.scorer.left)
	return e.scorer.left
}

// countBytes is what a Count takes.
const countBytes = 24

func placesOf(counts []Count) map[string]int {
	at := make(map[string]int, len(counts))
	for i, c := range counts {
		at[c.Value] = i
	}
	return at
}

// together adds the counts from a place on to those of the same values before it.
func together(counts []Count, from int, at map[string]int) []Count {
	added := counts[from:]
	counts = counts[:from]
	for _, c := range added {
		if i, ok := at[c.Value]; ok {
			counts[i].N += c.N
		} else {
			at[c.Value] = len(counts)
			counts = append(counts, c)
		}
	}
	return counts
}
