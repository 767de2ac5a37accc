package search

import "math/bits"

// wanted returns the values of the facets and numbers that the query wants with
// each hit.
func (e *evaluation) wanted(r ranked) (values map[string][]string, numbers map[string]int64) {
	l := e.layers[r.layer]
	values, numbers = map[string][]string{}, map[string]int64{}
	for _, field := range e.query.Want {
		if f := l.facet(field); f != nil {
			values[field] = f.of(r.doc)
		}
		if c := l.number(field); c != nil {
			if n, ok := c.at(r.doc); ok {
				numbers[field] = n
			}
		}
	}
	return values, numbers
}

// of returns the values of one document, in the order of the values.
func (f *facet) of(doc uint32) (values []string) {
	kind, width, data := f.column[0], int(f.column[1]), f.column[2:]
	add := func(v int) { values = append(values, string(f.values.at(v))) }
	switch kind {
	case byteColumn:
		if v := data[doc]; v != 0 {
			add(int(v) - 1)
		}
	case maskColumn:
		for mask := loadUint(data[int(doc)*width:], width); mask != 0; mask &= mask - 1 {
			add(bits.TrailingZeros64(mask))
		}
	default:
		base := uint32At(data, 0)
		entries := data[4*base:]
		for i := uint32At(data, int(doc)) - base; i < uint32At(data, int(doc)+1)-base; i++ {
			add(int(loadUint(entries[int(i)*width:], width)))
		}
	}
	return values
}
