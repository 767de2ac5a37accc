package search

import (
	"encoding/binary"
	"iter"
)

// keyList holds the sort keys of the documents, which are in their order, so that
// each begins much like the one before. It is written in blocks: for each the
// place where it starts (uint32, one more for the end), then the keys, each as
// the bytes it has in common with the one before (uvarint, none in the first of a
// block), how many more there are (uvarint), and these.
type keyList struct {
	starts []byte
	bytes  []byte
}

const keysInBlock = 16

func encodeKeys(n int, keys iter.Seq[string]) []byte {
	blocks := (n + keysInBlock - 1) / keysInBlock
	out := make([]byte, 4*(blocks+1))
	i, before := 0, ""
	for key := range keys {
		shared := 0
		if i%keysInBlock == 0 {
			binary.LittleEndian.PutUint32(out[4*(i/keysInBlock):], uint32(len(out)-4*(blocks+1)))
		} else {
			shared = commonPrefix(before, key)
		}
		out = binary.AppendUvarint(out, uint64(shared))
		out = binary.AppendUvarint(out, uint64(len(key)-shared))
		out = append(out, key[shared:]...)
		i, before = i+1, key
	}
	binary.LittleEndian.PutUint32(out[4*blocks:], uint32(len(out)-4*(blocks+1)))
	return out
}

func decodeKeys(section []byte, n int) (keyList, bool) {
	starts := 4 * ((n+keysInBlock-1)/keysInBlock + 1)
	if len(section) < starts {
		return keyList{}, false
	}
	l := keyList{starts: section[:starts], bytes: section[starts:]}
	return l, int(binary.LittleEndian.Uint32(l.starts[starts-4:])) == len(l.bytes)
}

// at returns the key of a document.
func (l keyList) at(doc int) string {
	b := l.bytes[uint32At(l.starts, doc/keysInBlock):]
	var key []byte
	for range doc%keysInBlock + 1 {
		key, b = nextKey(key, b)
	}
	return string(key)
}

// nextKey reads the key after the one given, whose bytes it writes over.
func nextKey(key, b []byte) (next, rest []byte) {
	shared, n := binary.Uvarint(b)
	more, m := binary.Uvarint(b[n:])
	b = b[n+m:]
	return append(key[:shared], b[:more]...), b[more:]
}

// all returns the keys in order, for who needs all of them.
func (l keyList) all(n int) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		var key []byte
		b := l.bytes
		for doc := range n {
			if doc%keysInBlock == 0 {
				key = key[:0]
			}
			if key, b = nextKey(key, b); !yield(doc, string(key)) {
				return
			}
		}
	}
}
