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
	for i, s := range e.scopes {
		if e.listing() {
			hits[i].docs = s.hits.appendTo(make([]uint32, 0, s.hits.count()))
			continue
		}
		for j, doc := range e.found[i].docs {
			if s.hits.has(doc) {
				hits[i].docs = append(hits[i].docs, doc)
				hits[i].scores = append(hits[i].scores, e.found[i].scores[j])
			}
		}
	}
	return hits
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

func (e *evaluation) countField(field string, hits []found) []Count {
	total := map[string]int{}
	for i, l := range e.layers {
		f := l.facets[field]
		if f == nil {
			continue
		}
		docs := hits[i].docs
		if own := e.scopes[i].own[field]; own != nil {
			docs = e.within(i, own)
		}
		counts := make([]int, f.values.n)
		f.count(docs, counts)
		for v, n := range counts {
			if n > 0 {
				total[string(f.values.at(v))] += n
			}
		}
	}
	counts := make([]Count, 0, len(total))
	for value, n := range total {
		counts = append(counts, Count{Value: value, N: n})
	}
	slices.SortFunc(counts, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Value, b.Value))
	})
	return counts
}

// within returns the documents found in a layer that are in the set.
func (e *evaluation) within(i int, set bitset) []uint32 {
	if e.listing() {
		return set.appendTo(make([]uint32, 0, set.count()))
	}
	var docs []uint32
	for _, doc := range e.found[i].docs {
		if set.has(doc) {
			docs = append(docs, doc)
		}
	}
	return docs
}
