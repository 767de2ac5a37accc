package search

import (
	"encoding/binary"
	"math/bits"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// A facet keeps the values of one field twice: by document, as a column to count
// with, and by value, as a bitmap to filter with.
//
// The first byte of a column tells its kind, the second its width in bytes:
//
//	byteColumn: the value's number plus one, or 0; at most one value each
//	maskColumn: a bit for each value; at most 64 values in all
//	listColumn: a uint32 for each document and one more: where its values start;
//	            then the values
type facet struct {
	values list // sorted
	column []byte
	sets   list   // roaring bitmaps, one for each value
	totals []byte // uint32: how many documents have each value
	docs   int    // how many the column is of

	named sync.Once
	names []string // the values, once they were asked for
}

// name returns a value.
func (f *facet) name(value int) string {
	f.named.Do(func() {
		all := string(f.values.bytes)
		f.names = make([]string, f.values.n)
		for i := range f.names {
			from, to := f.values.span(i)
			f.names[i] = all[from:to]
		}
	})
	return f.names[value]
}

const (
	byteColumn = iota
	maskColumn
	listColumn
)

// with returns the documents, of n, that have any of the values.
func (f *facet) with(values []string, n int) bitset {
	var sets []*roaring.Bitmap
	for _, value := range values {
		if i, ok := f.values.find(value); ok {
			sets = append(sets, f.set(i))
		}
	}
	out := newBitset(n)
	switch len(sets) {
	case 0:
	case 1:
		copy(out, sets[0].ToDense())
	default:
		copy(out, roaring.FastOr(sets...).ToDense())
	}
	return out
}

// set reads a bitmap in place. Its bytes are under the section's checksum.
func (f *facet) set(value int) *roaring.Bitmap {
	b := roaring.New()
	if _, err := b.FromBuffer(f.sets.at(value)); err != nil {
		panic("search: a bitmap that passed its checksum cannot be read: " + err.Error())
	}
	return b
}

func loadUint(b []byte, width int) uint64 {
	switch width {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}

func appendUint(b []byte, v uint64, width int) []byte {
	for range width {
		b = append(b, byte(v))
		v >>= 8
	}
	return b
}

// widthOf returns the bytes, 1, 2, 4 or 8, that hold v.
func widthOf(v uint64) int {
	switch n := bits.Len64(v); {
	case n <= 8:
		return 1
	case n <= 16:
		return 2
	case n <= 32:
		return 4
	}
	return 8
}

// encodeColumn writes the values of n documents, which are sorted by document.
func encodeColumn(pairs []docValue, n, values int) []byte {
	single := true
	for i := 1; i < len(pairs); i++ {
		single = single && pairs[i].doc != pairs[i-1].doc
	}
	switch {
	case single && values < 255:
		out := make([]byte, 2+n)
		out[0], out[1] = byteColumn, 1
		for _, p := range pairs {
			out[2+p.doc] = byte(p.value + 1)
		}
		return out
	case values <= 64:
		return encodeMasks(pairs, n, values)
	}
	return encodeLists(pairs, n, values)
}

func encodeMasks(pairs []docValue, n, values int) []byte {
	masks := make([]uint64, n)
	for _, p := range pairs {
		masks[p.doc] |= 1 << p.value
	}
	width := widthOf(1<<values - 1)
	out := []byte{maskColumn, byte(width)}
	for _, m := range masks {
		out = appendUint(out, m, width)
	}
	return out
}

// encodeLists counts the starts from n+1, so that the first of them also tells
// where the values begin.
func encodeLists(pairs []docValue, n, values int) []byte {
	width := widthOf(uint64(values))
	out := []byte{listColumn, byte(width)}
	next := 0
	for doc := range n + 1 {
		for next < len(pairs) && int(pairs[next].doc) < doc {
			next++
		}
		out = binary.LittleEndian.AppendUint32(out, uint32(n+1+next))
	}
	for _, p := range pairs {
		out = appendUint(out, uint64(p.value), width)
	}
	return out
}

func encodeTotals(pairs []docValue, values int) []byte {
	totals := make([]byte, 4*values)
	for _, p := range pairs {
		binary.LittleEndian.PutUint32(totals[4*p.value:], uint32At(totals, int(p.value))+1)
	}
	return totals
}

func encodeSets(pairs []docValue, values int) []byte {
	sets := make([]*roaring.Bitmap, values)
	for i := range sets {
		sets[i] = roaring.New()
	}
	for _, p := range pairs {
		sets[p.value].Add(p.doc)
	}
	return encodeList(values, func(yield func([]byte) bool) {
		for _, s := range sets {
			s.RunOptimize()
			b, err := s.ToBytes()
			if err != nil {
				panic("search: a bitmap in memory cannot be written: " + err.Error())
			}
			if !yield(b) {
				return
			}
		}
	})
}

// number is a column of integers: a byte for the width, the least value less one
// (int64), then for each document its value less that, or 0 for none.
type number []byte

// at returns the value of a document, and false when it has none.
func (c number) at(doc uint32) (int64, bool) {
	width := int(c[0])
	v := loadUint(c[9+int(doc)*width:], width)
	return int64(binary.LittleEndian.Uint64(c[1:]) + v), v != 0
}

func encodeNumbers(pairs []docNumber, n int) []byte {
	least, most := pairs[0].value, pairs[0].value
	for _, p := range pairs {
		least, most = min(least, p.value), max(most, p.value)
	}
	base := uint64(least) - 1
	width := widthOf(uint64(most) - base)
	out := append(make([]byte, 0, 9+n*width), byte(width))
	out = binary.LittleEndian.AppendUint64(out, base)
	out = out[:9+n*width]
	for _, p := range pairs {
		appendUint(out[:9+int(p.doc)*width], uint64(p.value)-base, width)
	}
	return out
}
