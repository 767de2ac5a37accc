package search

// valueTest is a filter of one facet, to be put to one document after the other.
type valueTest struct {
	facet     *facet
	wants     bool // any of the values
	any, none bitset
	nobody    bool // it holds for no document
	all       bool // it holds for each
}

// test prepares a filter of the facet, which is nil in a segment without one.
func (f *facet) test(filter *Filter) valueTest {
	t := valueTest{facet: f, wants: len(filter.AnyOf) > 0}
	if f == nil || len(filter.AnyOf)+len(filter.NoneOf) == 0 {
		t.all = !t.wants && len(filter.NoneOf) > 0
		t.nobody = !t.all
		return t
	}
	t.any, t.none = f.valueSet(filter.AnyOf), f.valueSet(filter.NoneOf)
	t.nobody = t.wants && t.any == nil
	t.all = !t.wants && t.none == nil
	return t
}

// valueSet returns the numbers of the values, nil when the facet has none of them.
func (f *facet) valueSet(values []string) bitset {
	var set bitset
	for _, v := range values {
		if i, ok := f.values.find(v); ok {
			if set == nil {
				set = newBitset(f.values.n)
			}
			set.set(uint32(i))
		}
	}
	return set
}

func (t *valueTest) has(doc uint32) bool {
	if t.nobody || t.all {
		return t.all
	}
	column, width := t.facet.column[2:], int(t.facet.column[1])
	switch t.facet.column[0] {
	case byteColumn:
		v := column[doc]
		if v == 0 {
			return !t.wants
		}
		return t.passes(uint32(v - 1))
	case maskColumn:
		mask := loadUint(column[int(doc)*width:], width)
		return (!t.wants || mask&t.any[0] != 0) && (t.none == nil || mask&t.none[0] == 0)
	}
	return t.passesList(column, width, doc)
}

func (t *valueTest) passes(value uint32) bool {
	return (!t.wants || t.any.has(value)) && (t.none == nil || !t.none.has(value))
}

func (t *valueTest) passesList(column []byte, width int, doc uint32) bool {
	first := uint32At(column, 0)
	from, to := uint32At(column, int(doc))-first, uint32At(column, int(doc)+1)-first
	values := column[4*first:]
	found := !t.wants
	for i := from; i < to; i++ {
		v := uint32(loadUint(values[int(i)*width:], width))
		if t.none != nil && t.none.has(v) {
			return false
		}
		found = found || t.any.has(v)
	}
	return found
}
