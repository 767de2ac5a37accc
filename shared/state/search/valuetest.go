package search

// valueTest is a filter of one facet, to be put to one document after the other.
type valueTest struct {
	kind   int
	width  int
	column []byte
	wants  bool // any of the values

	any, none bitset
	accepts   [256 / 64]uint64 // of a byte column, the bytes for which it holds
}

// The ways to test a document, beside those that follow from a facet's column.
const (
	holdsForNone = -1 - iota
	holdsForAll
)

// test prepares a filter of the facet, which is nil in a segment without one.
func (f *facet) test(filter *Filter) valueTest {
	t := valueTest{wants: len(filter.AnyOf) > 0}
	if f != nil {
		t.kind, t.width, t.column = int(f.column[0]), int(f.column[1]), f.column[2:]
		t.any, t.none = f.valueSet(filter.AnyOf), f.valueSet(filter.NoneOf)
	}
	switch {
	case t.wants && t.any == nil, len(filter.AnyOf)+len(filter.NoneOf) == 0:
		t.kind = holdsForNone
	case !t.wants && t.none == nil:
		t.kind = holdsForAll
	case t.kind == byteColumn:
		for b := range t.accepts {
			for bit := range 64 {
				if t.passes(uint32(b<<6+bit), f.values.n) {
					t.accepts[b] |= 1 << bit
				}
			}
		}
	}
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

// passes reports whether the filter holds for what a byte column, of a facet with n
// values, says: 0 for none, else the value and one.
func (t *valueTest) passes(b uint32, n int) bool {
	if b == 0 || int(b) > n {
		return !t.wants
	}
	return (!t.wants || t.any.has(b-1)) && (t.none == nil || !t.none.has(b-1))
}

func (t *valueTest) has(doc uint32) bool {
	switch t.kind {
	case byteColumn:
		b := t.column[doc]
		return t.accepts[b>>6]>>(b&63)&1 != 0
	case maskColumn:
		mask := loadUint(t.column[int(doc)*t.width:], t.width)
		return (!t.wants || mask&t.any[0] != 0) && (t.none == nil || mask&t.none[0] == 0)
	case listColumn:
		return t.passesList(doc)
	}
	return t.kind == holdsForAll
}

func (t *valueTest) passesList(doc uint32) bool {
	first := uint32At(t.column, 0)
	from, to := uint32At(t.column, int(doc))-first, uint32At(t.column, int(doc)+1)-first
	values := t.column[4*first:]
	found := !t.wants
	for i := from; i < to; i++ {
		v := uint32(loadUint(values[int(i)*t.width:], t.width))
		if t.none != nil && t.none.has(v) {
			return false
		}
		found = found || t.any.has(v)
	}
	return found
}
