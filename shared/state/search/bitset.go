package search

import "math/bits"

// bitset is a set of document numbers of one segment, dense. Sets that meet in
// one operation have the same length.
type bitset []uint64

func newBitset(n int) bitset { return make(bitset, (n+63)/64) }

// fullBitset holds 0 to n-1.
func fullBitset(n int) bitset {
	s := newBitset(n)
	for i := range s {
		s[i] = ^uint64(0)
	}
	if n%64 != 0 {
		s[len(s)-1] = 1<<(n%64) - 1
	}
	return s
}

func (s bitset) has(i uint32) bool { return s[i>>6]>>(i&63)&1 != 0 }

func (s bitset) set(i uint32) { s[i>>6] |= 1 << (i & 63) }

func (s bitset) clear(i uint32) { s[i>>6] &^= 1 << (i & 63) }

func (s bitset) and(o bitset) {
	for i, w := range o {
		s[i] &= w
	}
}

func (s bitset) andNot(o bitset) {
	for i, w := range o {
		s[i] &^= w
	}
}

func (s bitset) or(o bitset) {
	for i, w := range o {
		s[i] |= w
	}
}

func (s bitset) clone() bitset { return append(bitset(nil), s...) }

func (s bitset) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// appendTo appends the members in ascending order.
func (s bitset) appendTo(docs []uint32) []uint32 {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			docs = append(docs, uint32(i<<6+bits.TrailingZeros64(w)))
		}
	}
	return docs
}
