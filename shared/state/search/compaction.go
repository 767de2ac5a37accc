package search

import (
	"encoding/binary"
	"iter"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// compaction writes the live documents of a snapshot as one segment, section by
// section: beside the file it has in memory the numbers of the documents and
// what one group of sections is made from. The documents of a segment stay in
// their order, so the base is read from its beginning to its end and only the
// few documents of the deltas are sorted.
type compaction struct {
	layers  []layer
	order   []source   // the documents, as they are numbered in the new segment
	numbers [][]uint32 // for each layer, the new numbers of its documents, or gone
	removed map[string]int64
}

// source is where a document comes from.
type source struct{ layer, doc uint32 }

func newCompaction(s *snapshot) *compaction {
	c := &compaction{removed: map[string]int64{}}
	var segments []*segment
	for _, l := range s.layers {
		segments = append(segments, l.segment)
	}
	var won map[string]entry
	c.layers, won = resolve(segments)
	c.number()
	first := c.layers[0]
	for i := range first.removed().n {
		c.removed[string(first.removed().at(i))] = first.removedVersion(i)
	}
	for id, e := range won {
		if e.doc == gone {
			c.removed[id] = e.version
		} else {
			delete(c.removed, id)
		}
	}
	return c
}

// keyed is a document with what it is ordered by.
type keyed struct {
	source
	key, id string
}

// live yields the live documents of a layer in their order.
func (c *compaction) live(layer int) iter.Seq[keyed] {
	return func(yield func(keyed) bool) {
		l := &c.layers[layer]
		for doc, key := range l.keys().all(l.n) {
			if l.live.has(uint32(doc)) && !yield(keyed{source{uint32(layer), uint32(doc)}, key, string(l.ids().at(doc))}) {
				return
			}
		}
	}
}

// number brings the base and the documents of the deltas into one order.
func (c *compaction) number() {
	var newer []keyed
	for i, l := range c.layers {
		c.numbers = append(c.numbers, slices.Repeat([]uint32{gone}, l.n))
		if i > 0 {
			newer = slices.AppendSeq(newer, c.live(i))
		}
	}
	slices.SortFunc(newer, func(a, b keyed) int { return compareKeys(a.key, a.id, b.key, b.id) })
	c.order = make([]source, 0, c.layers[0].n+len(newer))
	for k := range c.live(0) {
		for len(newer) > 0 && compareKeys(newer[0].key, newer[0].id, k.key, k.id) < 0 {
			c.append(newer[0].source)
			newer = newer[1:]
		}
		c.append(k.source)
	}
	for _, k := range newer {
		c.append(k.source)
	}
}

func (c *compaction) append(s source) {
	c.numbers[s.layer][s.doc] = uint32(len(c.order))
	c.order = append(c.order, s)
}

// encode writes the segment.
func (c *compaction) encode() []byte {
	size := 0
	names := []string{"removed", "removed-version"}
	for _, l := range c.layers {
		size += l.bytes + l.bytes/64 // what few changes may add
		names = append(names, l.sections...)
	}
	slices.Sort(names)
	w := newSectionWriter(slices.Compact(names), size)
	c.encodeRows(w)
	c.encodeWords(w)
	c.encodeFacets(w)
	c.encodeNumbers(w)
	return w.finish()
}

// each yields what of a document gives, in the order of the new segment.
func each[T any](c *compaction, of func(l *layer, doc int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, s := range c.order {
			if !yield(of(&c.layers[s.layer], int(s.doc))) {
				return
			}
		}
	}
}

func (c *compaction) encodeRows(w *sectionWriter) {
	n := len(c.order)
	w.add("key", encodeKeys(n, c.keys()))
	w.write("id", func(dst []byte) []byte {
		return appendList(dst, n, each(c, func(l *layer, doc int) []byte { return l.ids().at(doc) }))
	})
	symbols, stored := encodeStored(n, c.storedRow())
	w.add("stored/symbols", symbols)
	w.add("stored", stored)
	w.write("version", func(dst []byte) []byte {
		for v := range each(c, func(l *layer, doc int) int64 { return l.version(doc) }) {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(v))
		}
		return dst
	})
	w.write("length", func(dst []byte) []byte {
		return slices.AppendSeq(dst, each(c, func(l *layer, doc int) byte { return l.lengths()[doc] }))
	})
	w.write("script", func(dst []byte) []byte {
		return slices.AppendSeq(dst, each(c, func(l *layer, doc int) byte { return l.scripts()[doc] }))
	})
	w.write("by-id", c.appendByID)
	s := map[string][]byte{}
	encodeRemoved(s, c.removed)
	w.addAll(s)
}

// storedRow returns the function that reads what is stored of a document, until it
// reads the next.
func (c *compaction) storedRow() func(i int) storedRow {
	var buffer []byte
	return func(i int) storedRow {
		l, doc := &c.layers[c.order[i].layer], int(c.order[i].doc)
		id := l.ids().at(doc)
		buffer = l.stored().appendTo(buffer[:0], doc, id)
		return storedRow{id, buffer}
	}
}

// keys yields the sort keys, each layer's read on from where it was.
func (c *compaction) keys() iter.Seq[string] {
	return func(yield func(string) bool) {
		readers := make([]keyReader, len(c.layers))
		for i := range readers {
			readers[i].rest = c.layers[i].keys().bytes
		}
		for _, s := range c.order {
			if !yield(readers[s.layer].to(int(s.doc))) {
				return
			}
		}
	}
}

// keyReader reads a list of keys onwards.
type keyReader struct {
	next      int
	key, rest []byte
}

func (r *keyReader) to(doc int) string {
	for ; r.next <= doc; r.next++ {
		r.key, r.rest = nextKey(r.key, r.rest)
	}
	return string(r.key)
}

// appendByID appends the new numbers in the order of the IDs: the base's are in
// it already.
func (c *compaction) appendByID(dst []byte) []byte {
	var newer []uint32
	id := func(n uint32) string { s := c.order[n]; return string(c.layers[s.layer].ids().at(int(s.doc))) }
	for _, numbers := range c.numbers[1:] {
		newer = slices.AppendSeq(newer, liveOf(numbers))
	}
	slices.SortFunc(newer, func(a, b uint32) int { return strings.Compare(id(a), id(b)) })
	base := c.layers[0]
	byID := base.byID()
	for i := range base.n {
		n := c.numbers[0][uint32At(byID, i)]
		if n == gone {
			continue
		}
		for len(newer) > 0 && id(newer[0]) < id(n) {
			dst = binary.LittleEndian.AppendUint32(dst, newer[0])
			newer = newer[1:]
		}
		dst = binary.LittleEndian.AppendUint32(dst, n)
	}
	for _, n := range newer {
		dst = binary.LittleEndian.AppendUint32(dst, n)
	}
	return dst
}

func liveOf(numbers []uint32) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for _, n := range numbers {
			if n != gone && !yield(n) {
				return
			}
		}
	}
}

// encodeWords writes one dictionary after the other, and then the names by the
// numbers that their terms have in these.
func (c *compaction) encodeWords(w *sectionWriter) {
	terms := make([][groups][]uint32, len(c.layers))
	for g := range groups {
		set := termSet{ids: map[string]uint32{}}
		for i := range c.layers {
			terms[i][g] = set.merge(c.layers[i].groups[g](), c.numbers[i])
		}
		s := map[string][]byte{}
		ranks := set.encode(s, groupName(g), same(len(c.order)), c.unweighed())
		w.addAll(s)
		for i := range terms {
			rerank(terms[i][g], ranks)
		}
	}
	var buffer []byte
	w.write("forward", func(dst []byte) []byte {
		return appendList(dst, len(c.order), func(yield func([]byte) bool) {
			for _, s := range c.order {
				buffer = appendRenumbered(buffer[:0], c.layers[s.layer].forward().at(int(s.doc)), terms[s.layer])
				if !yield(buffer) {
					return
				}
			}
		})
	})
}

// unweighed returns the documents that are not to be weighed.
func (c *compaction) unweighed() bitset {
	set := newBitset(len(c.order))
	for i := range c.layers {
		if f := c.layers[i].facet(unweighed); f != nil && f.values.n > 0 {
			for doc := range roaring.Values(f.set(0)) {
				if n := c.numbers[i][doc]; n != gone {
					set.set(n)
				}
			}
		}
	}
	return set
}

// rerank turns numbers of terms as they came into those of their order.
func rerank(terms, ranks []uint32) {
	for i, id := range terms {
		if id != gone {
			terms[i] = ranks[id]
		}
	}
}

// same numbers documents as they are numbered.
func same(n int) []uint32 {
	numbers := make([]uint32, n)
	for i := range numbers {
		numbers[i] = uint32(i)
	}
	return numbers
}

func (c *compaction) encodeFacets(w *sectionWriter) {
	for _, field := range fieldsOf(c.layers, func(s *segment) map[string]func() *facet { return s.facets }) {
		set := facetSet{ids: map[string]uint32{}}
		for i, l := range c.layers {
			if f := l.facet(field); f != nil {
				set.merge(f, c.numbers[i])
			}
		}
		s := map[string][]byte{}
		set.encode(s, "facet/"+field, same(len(c.order)))
		w.addAll(s)
	}
}

func (c *compaction) encodeNumbers(w *sectionWriter) {
	for _, field := range fieldsOf(c.layers, func(s *segment) map[string]func() number { return s.numbers }) {
		var pairs []docNumber
		for i, l := range c.layers {
			pairs = l.number(field).appendTo(pairs, c.numbers[i])
		}
		if len(pairs) > 0 {
			w.add("number/"+field, encodeNumbers(pairs, len(c.order)))
		}
	}
}

// appendTo appends the values of the documents that are taken over.
func (c number) appendTo(pairs []docNumber, numbers []uint32) []docNumber {
	if c == nil {
		return pairs
	}
	for doc, n := range numbers {
		if v, ok := c.at(uint32(doc)); ok && n != gone {
			pairs = append(pairs, docNumber{n, v})
		}
	}
	return pairs
}

// fieldsOf returns the fields that any of the layers has, sorted.
func fieldsOf[T any](layers []layer, of func(*segment) map[string]T) []string {
	var fields []string
	for _, l := range layers {
		for field := range of(l.segment) {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}
