package search

import (
	"encoding/binary"
	"math/bits"
)

// A posting is a document number and the mask of the fields the term stands in,
// packed as doc<<4|mask. A list of them is stored as its length (uvarint), then,
// when there is more than one block, for each block its last document and its
// end (two uint32), then the blocks of 128 postings. A block is a width, a mask
// or, when the masks differ, mixedMasks, the gaps between documents less one in
// width bits each, and then the masks that differ in 4 bits each.
const (
	blockSize  = 128
	maskBits   = 4
	mixedMasks = 0xff
	slack      = 8 // bytes that must follow the last block, so that gaps are read eight bytes at a time
)

// maxDocs is how many documents a segment can number.
const maxDocs = 1 << (32 - maskBits)

func appendPostings(dst []byte, packed []uint32) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(packed)))
	blocks := (len(packed) + blockSize - 1) / blockSize
	skips := len(dst)
	if blocks > 1 {
		dst = append(dst, make([]byte, 8*blocks)...)
	}
	start, previous := len(dst), ^uint32(0)
	for i := range blocks {
		block := packed[i*blockSize : min((i+1)*blockSize, len(packed))]
		dst = appendBlock(dst, block, previous)
		previous = block[len(block)-1] >> maskBits
		if blocks > 1 {
			binary.LittleEndian.PutUint32(dst[skips+8*i:], previous)
			binary.LittleEndian.PutUint32(dst[skips+8*i+4:], uint32(len(dst)-start))
		}
	}
	return dst
}

func appendBlock(dst []byte, block []uint32, previous uint32) []byte {
	gaps, common, mask := uint32(0), true, block[0]&(1<<maskBits-1)
	for i, before := 0, previous; i < len(block); i++ {
		doc := block[i] >> maskBits
		gaps |= doc - before - 1
		before = doc
		common = common && block[i]&(1<<maskBits-1) == mask
	}
	width := bits.Len32(gaps)
	if !common {
		mask = mixedMasks
	}
	dst = append(dst, byte(width), byte(mask))
	var w bitWriter
	for _, p := range block {
		dst = w.append(dst, p>>maskBits-previous-1, width)
		previous = p >> maskBits
	}
	dst = w.flush(dst)
	if common {
		return dst
	}
	for i, p := range block {
		if i%2 == 0 {
			dst = append(dst, 0)
		}
		dst[len(dst)-1] |= byte(p&(1<<maskBits-1)) << (4 * (i % 2))
	}
	return dst
}

type bitWriter struct {
	bits uint64
	n    int
}

func (w *bitWriter) append(dst []byte, v uint32, width int) []byte {
	w.bits |= uint64(v) << w.n
	for w.n += width; w.n >= 8; w.n -= 8 {
		dst = append(dst, byte(w.bits))
		w.bits >>= 8
	}
	return dst
}

func (w *bitWriter) flush(dst []byte) []byte {
	if w.n > 0 {
		dst = append(dst, byte(w.bits))
	}
	return dst
}

// postings reads one list. The bytes go on after it, at least for the slack.
type postings struct {
	n     int // postings in all
	skips []byte
	body  []byte
}

func readPostings(b []byte) postings {
	n, size := binary.Uvarint(b)
	p := postings{n: int(n), body: b[size:]}
	if p.n > blockSize {
		blocks := p.blocks()
		p.skips, p.body = p.body[:8*blocks], p.body[8*blocks:]
	}
	return p
}

func (p *postings) blocks() int { return (p.n + blockSize - 1) / blockSize }

// last returns the last document of block i, of a list with more than one.
func (p *postings) last(i int) uint32 { return binary.LittleEndian.Uint32(p.skips[8*i:]) }

// read decodes block i into packed postings.
func (p *postings) read(i int, out *[blockSize]uint32) []uint32 {
	n := min(blockSize, p.n-i*blockSize)
	previous, b := ^uint32(0), p.body
	if i > 0 {
		previous, b = p.last(i-1), b[binary.LittleEndian.Uint32(p.skips[8*i-4:]):]
	}
	width, mask := uint(b[0]), uint32(b[1])
	b = b[2:]
	low := uint64(1)<<width - 1
	mixed := mask == mixedMasks
	if mixed {
		mask = 0
	}
	for j := range uint(n) {
		at := j * width
		previous += uint32(binary.LittleEndian.Uint64(b[at>>3:])>>(at&7)&low) + 1
		out[j] = previous<<maskBits | mask
	}
	if mixed {
		b = b[(uint(n)*width+7)/8:]
		for j := range n {
			out[j] |= uint32(b[j/2]>>(4*(j%2))) & (1<<maskBits - 1)
		}
	}
	return out[:n]
}

// reach returns the first block from block i on that may hold doc, or the number
// of blocks.
func (p *postings) reach(i int, doc uint32) int {
	blocks := p.blocks()
	if blocks == 1 {
		return i
	}
	step := 1
	lo, hi := i, i
	for hi < blocks && p.last(hi) < doc {
		lo = hi + 1
		hi += step
		step *= 2
	}
	hi = min(hi, blocks)
	for lo < hi {
		mid := (lo + hi) / 2
		if p.last(mid) < doc {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
