package search

import (
	"encoding/binary"
	"sync"
)

// The memory that what is kept of one segment may take: the sets of filters, and
// the counts of facets.
const (
	maxCachedBytes  = 2 << 20
	maxCountedBytes = 1 << 20
)

// cache keeps what was worked out lately: readers come with the same few filters
// again and again. When it is full it begins anew. What it hands out is shared and
// must not be written to.
type cache[T any] struct {
	mu    sync.RWMutex
	kept  map[string]T
	bytes int
}

func (c *cache[T]) find(key []byte) (v T, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	v, ok = c.kept[string(key)]
	return v, ok
}

// keep keeps a value of a size in bytes, within a limit for all of them.
func (c *cache[T]) keep(key []byte, v T, size, limit int) {
	size += len(key)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.kept[string(key)]; ok || size > limit {
		return
	}
	if c.kept == nil || c.bytes+size > limit {
		c.kept, c.bytes = map[string]T{}, 0
	}
	c.kept[string(key)] = v
	c.bytes += size
}

// keptSet is a set as it is kept: a small one as its members, in order, for it takes a
// part of the memory so.
type keptSet struct {
	dense   bitset
	members []uint32 // when dense is nil
}

func keep(set bitset) keptSet {
	if n := set.count(); n < len(set)/2 {
		return keptSet{members: set.appendTo(make([]uint32, 0, n))}
	}
	return keptSet{dense: set}
}

// size is what the set takes, in bytes.
func (k *keptSet) size() int { return 8*len(k.dense) + 4*len(k.members) }

// narrow takes out of a set what is not in the kept one.
func (k keptSet) narrow(set bitset) {
	if k.dense != nil {
		set.and(k.dense)
		return
	}
	next := 0 // word of the set
	for i := 0; i < len(k.members); next++ {
		word, mask := int(k.members[i]>>6), uint64(0)
		for ; i < len(k.members) && int(k.members[i]>>6) == word; i++ {
			mask |= 1 << (k.members[i] & 63)
		}
		clear(set[next:word])
		set[word] &= mask
		next = word
	}
	clear(set[next:])
}

// appendTo appends what tells a filter's set from all others: how many values
// there are and how long each is comes before them, so that no two filters, nor two
// rows of them, are alike.
func (f *Filter) appendTo(key []byte) []byte {
	key = appendSized(key, f.Field)
	for _, values := range [...][]string{f.AnyOf, f.NoneOf} {
		key = binary.AppendUvarint(key, uint64(len(values)))
		for _, v := range values {
			key = appendSized(key, v)
		}
	}
	return key
}

func appendSized(key []byte, s string) []byte {
	return append(binary.AppendUvarint(key, uint64(len(s))), s...)
}
