package search

import (
	"encoding/binary"
	"sync"
)

// maxCachedBytes is how much memory the sets of filters may take for one segment.
const maxCachedBytes = 4 << 20

// setCache keeps the sets of the filters asked for lately: readers come with the
// same few again and again. When it is full it begins anew.
type setCache struct {
	mu    sync.RWMutex
	sets  map[string]bitset
	bytes int
}

// get returns the set of a filter, made if it is not kept.
func (c *setCache) get(f *Filter, make func() bitset) bitset {
	var buffer [128]byte
	key := f.appendTo(buffer[:0])
	c.mu.RLock()
	set, ok := c.sets[string(key)]
	c.mu.RUnlock()
	if !ok {
		set = make()
		c.keep(string(key), set)
	}
	return set
}

func (c *setCache) keep(key string, set bitset) {
	size := len(key) + 8*len(set)
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.sets[key]; ok || size > maxCachedBytes {
		return
	}
	if c.sets == nil || c.bytes+size > maxCachedBytes {
		c.sets, c.bytes = map[string]bitset{}, 0
	}
	c.sets[key] = set
	c.bytes += size
}

// appendTo appends what tells a filter's set from all others: how long each value
// is comes before it, so that no two are alike.
func (f *Filter) appendTo(key []byte) []byte {
	key = appendSized(key, f.Field)
	key = binary.AppendUvarint(key, uint64(len(f.AnyOf)))
	for _, v := range f.AnyOf {
		key = appendSized(key, v)
	}
	for _, v := range f.NoneOf {
		key = appendSized(key, v)
	}
	return key
}

func appendSized(key []byte, s string) []byte {
	return append(binary.AppendUvarint(key, uint64(len(s))), s...)
}
