package search

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// room makes sure that n values can be counted.
func (s *scorer) room(n int) {
	if len(s.counts) < n {
		s.counts = make([]uint32, n)
	}
}

// note counts a value n times.
func (s *scorer) note(value, n uint32) {
	if s.counts[value] == 0 {
		s.counted = append(s.counted, value)
	}
	s.counts[value] += n
}

// takeCounts appends what was counted of a facet, the most frequent first, and
// leaves nothing counted.
func (s *scorer) takeCounts(f *facet, counts []Count) []Count {
	s.order = s.order[:0]
	for _, v := range s.counted {
		if n := s.counts[v]; n > 0 {
			s.order = append(s.order, uint64(^n)<<32|uint64(v)) // values are numbered in their order
		}
		s.counts[v] = 0
	}
	s.counted = s.counted[:0]
	slices.Sort(s.order)
	counts = slices.Grow(counts, len(s.order))
	for _, o := range s.order {
		counts = append(counts, Count{Value: f.name(int(uint32(o))), N: int(^uint32(o >> 32))})
	}
	return counts
}

// count counts how many of the documents have each value of a facet.
func (s *scorer) count(f *facet, docs []uint32) {
	s.room(f.values.n)
	kind, width, data := f.column[0], int(f.column[1]), f.column[2:]
	switch kind {
	case byteColumn:
		for _, doc := range docs {
			if v := data[doc]; v != 0 {
				s.note(uint32(v-1), 1)
			}
		}
	case maskColumn:
		for _, doc := range docs {
			for mask := loadUint(data[int(doc)*width:], width); mask != 0; mask &= mask - 1 {
				s.note(uint32(bits.TrailingZeros64(mask)), 1)
			}
		}
	default:
		first := uint32At(data, 0)
		values := data[4*first:]
		for _, doc := range docs {
			pair := binary.LittleEndian.Uint64(data[4*doc:])
			for i := uint32(pair) - first; i < uint32(pair>>32)-first; i++ {
				s.note(uint32(loadUint(values[int(i)*width:], width)), 1)
			}
		}
	}
}

// countSet counts how many documents of a set have each value of a facet. When
// they are more than half of all, it counts the others and takes these off what
// all of them have.
func (s *scorer) countSet(f *facet, set bitset) {
	s.room(f.values.n)
	n, all := set.count(), f.docs
	if n <= all/2 {
		s.countBits(f, set, 0, all)
		return
	}
	s.countBits(f, set, ^uint64(0), all)
	for _, v := range s.counted { // what the others have, to be taken off
		s.counts[v] = -s.counts[v]
	}
	for v := range uint32(f.values.n) {
		total := uint32At(f.totals, int(v))
		if s.counts[v] == 0 {
			s.counted = append(s.counted, v)
		}
		s.counts[v] += total
	}
}

// countBits counts for the documents of a set, or with all bits of flip set for
// those, of n, that are not in it.
func (s *scorer) countBits(f *facet, set bitset, flip uint64, n int) {
	if f.column[0] == byteColumn {
		s.countBytes(f, set, flip, n)
		return
	}
	var docs [256]uint32
	used, count := 0, s.count
	if f.values.n <= fewValues {
		count = s.countFew
		defer s.gather(f.values.n)
	}
	for i, w := range set {
		for w = within(w^flip, n-i*64); w != 0; w &= w - 1 {
			docs[used] = uint32(i<<6 + bits.TrailingZeros64(w))
			if used++; used == len(docs) {
				count(f, docs[:])
				used = 0
			}
		}
	}
	count(f, docs[:used])
}

// fewValues is up to how many values of a facet it is cheaper to look all of them
// over than to note which were met.
const fewValues = 512

// countFew is count for masks and lists, but for noting what was counted.
func (s *scorer) countFew(f *facet, docs []uint32) {
	width, data, counts := int(f.column[1]), f.column[2:], s.counts
	if f.column[0] == maskColumn {
		for _, doc := range docs {
			for mask := loadUint(data[int(doc)*width:], width); mask != 0; mask &= mask - 1 {
				counts[bits.TrailingZeros64(mask)]++
			}
		}
		return
	}
	first := uint32At(data, 0)
	values := data[4*first:]
	for _, doc := range docs {
		pair := binary.LittleEndian.Uint64(data[4*doc:])
		from, to := int(uint32(pair)-first)*width, int(uint32(pair>>32)-first)*width
		for ; from < to; from += width {
			counts[loadUint(values[from:], width)]++
		}
	}
}

// gather notes which of n values were counted.
func (s *scorer) gather(n int) {
	for v, n := range s.counts[:n] {
		if n > 0 {
			s.counted = append(s.counted, uint32(v))
		}
	}
}

// countBytes does so where a document has one value, which is a byte.
func (s *scorer) countBytes(f *facet, set bitset, flip uint64, n int) {
	var even, odd [256]uint32 // in turn, so that one sum need not wait for the other
	for i, w := range set {
		if w = within(w^flip, n-i*64); w == 0 {
			continue
		}
		column := f.column[2+i<<6:]
		if len(column) < 64 { // the last ones
			for ; w != 0; w &= w - 1 {
				even[column[bits.TrailingZeros64(w)]]++
			}
			continue
		}
		block := (*[64]byte)(column)
		for ; w != 0; w &= w - 1 {
			even[block[bits.TrailingZeros64(w)&63]]++
			if w &= w - 1; w == 0 {
				break
			}
			odd[block[bits.TrailingZeros64(w)&63]]++
		}
	}
	for v := range len(even) - 1 {
		if n := even[v+1] + odd[v+1]; n > 0 {
			s.note(uint32(v), n)
		}
	}
}

// within leaves of a word of a set the first n bits.
func within(w uint64, n int) uint64 {
	if n < 64 {
		w &= 1<<n - 1
	}
	return w
}
