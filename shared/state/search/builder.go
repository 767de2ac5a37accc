package search

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strings"
)

// builder gathers documents, from the outside and out of other segments, and
// writes them as one segment. Documents are numbered as they come and numbered
// anew, in the order of their names, when the segment is written.
type builder struct {
	docs    []docRow
	groups  [groups]termSet
	facets  map[string]*facetSet
	numbers map[string][]docNumber
	removed map[string]int64
	sources []*segment // what rows point into
	collate *collator  // nil until a document is added
}

// docRow is what is kept of a document by its number.
type docRow struct {
	id      string
	version int64
	sortKey string
	script  byte
	length  uint8 // terms of the display name
	names   []byte
	stored  []byte
}

type termSet struct {
	ids      map[string]uint32
	postings [][]uint32 // packed
}

type facetSet struct {
	ids   map[string]uint32
	pairs []docValue
}

// unweighed is the facet, and its one value, of documents that are Unweighed.
const unweighed = "unweighed"

type docValue struct{ doc, value uint32 }

type docNumber struct {
	doc   uint32
	value int64
}

func newBuilder() *builder {
	b := &builder{facets: map[string]*facetSet{}, numbers: map[string][]docNumber{}, removed: map[string]int64{}}
	for g := range b.groups {
		b.groups[g].ids = map[string]uint32{}
	}
	return b
}

// add takes a document from the outside. Its ID must not have been added before.
func (b *builder) add(d *Document) error {
	if err := d.check(); err != nil {
		return err
	}
	if len(b.docs) == maxDocs {
		return fmt.Errorf("%s: a segment holds at most %d documents: %w", d.ID, maxDocs, ErrInvalid)
	}
	if b.collate == nil {
		b.collate = newCollator()
	}
	doc, display := uint32(len(b.docs)), d.display()
	row := docRow{id: d.ID, version: d.Version, sortKey: b.collate.key(display), script: scriptOf(display), stored: d.Stored}
	for _, n := range d.Names {
		row.names = b.addName(row.names, doc, n, n.Text == display)
	}
	row.length = uint8(min(len(analyse(display)), math.MaxUint8))
	for _, text := range d.Topics {
		b.groups[words].addAll(doc, inTopics, analyse(text))
	}
	for _, text := range d.Text {
		b.groups[words].addAll(doc, inText, analyse(text))
	}
	for field, values := range d.Facets {
		b.facet(field).addAll(doc, values)
	}
	if d.Unweighed {
		b.facet(unweighed).addAll(doc, []string{unweighed})
	}
	for field, n := range d.Numbers {
		b.numbers[field] = append(b.numbers[field], docNumber{doc, n})
	}
	b.docs = append(b.docs, row)
	return nil
}

// addName indexes a name and appends its terms, by the builder's numbers, to the
// forward entry of the document: the field's bit, how many terms, the terms.
func (b *builder) addName(forward []byte, doc uint32, n Name, isDisplay bool) []byte {
	mask, terms := uint32(inOther), []string(nil)
	switch {
	case isDisplay:
		mask = inDisplay
	case n.Kind == KindAcronym:
		mask = inAcronym
	}
	if n.Kind == KindAcronym {
		terms = analyseAcronym(n.Text)
	} else {
		terms = analyse(n.Text)
	}
	forward = b.addTerms(forward, doc, mask, terms)
	if terms = latinTerms(n); len(terms) > 0 {
		forward = b.addTerms(forward, doc, inLatin, terms)
	}
	return forward
}

func (b *builder) addTerms(forward []byte, doc, mask uint32, terms []string) []byte {
	group := &b.groups[nameGroup(byte(mask))]
	forward = binary.AppendUvarint(append(forward, byte(mask)), uint64(len(terms)))
	for _, term := range terms {
		forward = binary.AppendUvarint(forward, uint64(group.add(doc, mask, term)))
	}
	return forward
}

func (b *builder) facet(field string) *facetSet {
	f := b.facets[field]
	if f == nil {
		f = &facetSet{ids: map[string]uint32{}}
		b.facets[field] = f
	}
	return f
}

func (f *facetSet) addAll(doc uint32, values []string) {
	for i, v := range values {
		if !slices.Contains(values[:i], v) {
			f.pairs = append(f.pairs, docValue{doc, f.id(v)})
		}
	}
}

func (f *facetSet) id(value string) uint32 {
	id, ok := f.ids[value]
	if !ok {
		id = uint32(len(f.ids))
		f.ids[strings.Clone(value)] = id
	}
	return id
}

func (t *termSet) id(term string) uint32 {
	id, ok := t.ids[term]
	if !ok {
		id = uint32(len(t.postings))
		t.ids[strings.Clone(term)] = id
		t.postings = append(t.postings, nil)
	}
	return id
}

// add notes that the term stands in a field of the document added last.
func (t *termSet) add(doc, mask uint32, term string) uint32 {
	id := t.id(term)
	p := t.postings[id]
	if n := len(p); n > 0 && p[n-1]>>maskBits == doc {
		p[n-1] |= mask
	} else {
		t.postings[id] = append(p, doc<<maskBits|mask)
	}
	return id
}

func (t *termSet) addAll(doc, mask uint32, terms []string) {
	for _, term := range terms {
		t.add(doc, mask, term)
	}
}

// encode writes the segment.
func (b *builder) encode() []byte {
	order := b.order()
	rank := invert(order)
	s := map[string][]byte{}
	b.encodeRows(s, order)
	var ranks [groups][]uint32
	for g := range b.groups {
		ranks[g] = b.groups[g].encode(s, groupName(g), rank, b.unweighed(rank))
	}
	s["forward"] = encodeList(len(order), func(yield func([]byte) bool) {
		for _, doc := range order {
			if !yield(renumber(b.docs[doc].names, ranks)) {
				return
			}
		}
	})
	for field, f := range b.facets {
		f.encode(s, "facet/"+field, rank)
	}
	for field, pairs := range b.numbers {
		for i := range pairs {
			pairs[i].doc = rank[pairs[i].doc]
		}
		s["number/"+field] = encodeNumbers(pairs, len(order))
	}
	return encodeSections(s)
}

// unweighed returns the documents, by their rank, that are not to be weighed.
func (b *builder) unweighed(rank []uint32) bitset {
	set := newBitset(len(rank))
	if f := b.facets[unweighed]; f != nil {
		for _, p := range f.pairs {
			set.set(rank[p.doc])
		}
	}
	return set
}

// order returns the documents by their names, then by their IDs.
func (b *builder) order() []uint32 {
	order := make([]uint32, len(b.docs))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int {
		return compareKeys(b.docs[x].sortKey, b.docs[x].id, b.docs[y].sortKey, b.docs[y].id)
	})
	return order
}

func compareKeys(key, id, otherKey, otherID string) int {
	if c := strings.Compare(key, otherKey); c != 0 {
		return c
	}
	return strings.Compare(id, otherID)
}

func invert(order []uint32) []uint32 {
	rank := make([]uint32, len(order))
	for i, old := range order {
		rank[old] = uint32(i)
	}
	return rank
}

func (b *builder) encodeRows(s map[string][]byte, order []uint32) {
	n := len(order)
	column := func(of func(*docRow) string) []byte {
		return encodeList(n, func(yield func(string) bool) {
			for _, doc := range order {
				if !yield(of(&b.docs[doc])) {
					return
				}
			}
		})
	}
	s["id"] = column(func(r *docRow) string { return r.id })
	s["key"] = encodeKeys(n, func(yield func(string) bool) {
		for _, doc := range order {
			if !yield(b.docs[doc].sortKey) {
				return
			}
		}
	})
	s["stored/symbols"], s["stored"] = encodeStored(n, func(i int) storedRow {
		row := &b.docs[order[i]]
		return storedRow{[]byte(row.id), row.stored}
	})
	byID := make([]uint32, n)
	for i := range byID {
		byID[i] = uint32(i)
	}
	slices.SortFunc(byID, func(x, y uint32) int { return strings.Compare(b.docs[order[x]].id, b.docs[order[y]].id) })
	for i, doc := range order {
		s["version"] = binary.LittleEndian.AppendUint64(s["version"], uint64(b.docs[doc].version))
		s["length"] = append(s["length"], b.docs[doc].length)
		s["script"] = append(s["script"], b.docs[doc].script)
		s["by-id"] = binary.LittleEndian.AppendUint32(s["by-id"], byID[i])
	}
	encodeRemoved(s, b.removed)
}

func encodeRemoved(s map[string][]byte, versions map[string]int64) {
	removed := slices.Sorted(maps.Keys(versions))
	s["removed"] = encodeList(len(removed), slices.Values(removed))
	for _, id := range removed {
		s["removed-version"] = binary.LittleEndian.AppendUint64(s["removed-version"], uint64(versions[id]))
	}
}

// encode writes a dictionary and returns the numbers of its terms in it. How many
// postings a term has is written without those of the documents, by their rank, that
// are not to be weighed.
func (t *termSet) encode(s map[string][]byte, name string, rank []uint32, unweighed bitset) []uint32 {
	terms := slices.Sorted(maps.Keys(t.ids))
	ranks := make([]uint32, len(terms))
	shared := make([]byte, len(terms))
	for i, term := range terms {
		ranks[t.ids[term]] = uint32(i)
		if i > 0 {
			shared[i] = byte(commonPrefix(terms[i-1], term))
		}
	}
	s[name+"/terms"] = encodeList(len(terms), slices.Values(terms))
	s[name+"/shared"] = shared
	var buffer, before []byte
	n := 0
	s[name+"/postings"] = encodeList(len(terms)+1, func(yield func([]byte) bool) {
		for _, term := range terms {
			list := t.postings[t.ids[term]]
			before = binary.LittleEndian.AppendUint32(before, uint32(n))
			for i, p := range list {
				doc := rank[p>>maskBits]
				if list[i] = doc<<maskBits | p&(1<<maskBits-1); !unweighed.has(doc) {
					n++
				}
			}
			slices.Sort(list)
			if buffer = appendPostings(buffer[:0], list); !yield(buffer) {
				return
			}
		}
		yield(make([]byte, slack))
	})
	s[name+"/before"] = binary.LittleEndian.AppendUint32(before, uint32(n))
	return ranks
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (f *facetSet) encode(s map[string][]byte, name string, rank []uint32) {
	values := slices.Sorted(maps.Keys(f.ids))
	ranks := make([]uint32, len(values))
	for i, v := range values {
		ranks[f.ids[v]] = uint32(i)
	}
	for i, p := range f.pairs {
		f.pairs[i] = docValue{rank[p.doc], ranks[p.value]}
	}
	slices.SortFunc(f.pairs, func(a, b docValue) int {
		return cmp.Or(cmp.Compare(a.doc, b.doc), cmp.Compare(a.value, b.value))
	})
	s[name+"/values"] = encodeList(len(values), slices.Values(values))
	s[name+"/column"] = encodeColumn(f.pairs, len(rank), len(values))
	s[name+"/sets"] = encodeSets(f.pairs, len(values))
	s[name+"/totals"] = encodeTotals(f.pairs, len(values))
}

// forwardNames reads a forward entry: for each name the field's bit and, through
// terms, its terms.
func forwardNames(entry []byte) iter.Seq2[byte, []byte] {
	return func(yield func(byte, []byte) bool) {
		for len(entry) > 0 {
			mask := entry[0]
			n, size := binary.Uvarint(entry[1:])
			rest := entry[1+size:]
			end := 0
			for range n {
				_, size := binary.Uvarint(rest[end:])
				end += size
			}
			if !yield(mask, rest[:end]) {
				return
			}
			entry = rest[end:]
		}
	}
}

// renumber rewrites a forward entry with other numbers for its terms.
func renumber(entry []byte, to [groups][]uint32) []byte { return appendRenumbered(nil, entry, to) }

func appendRenumbered(out, entry []byte, to [groups][]uint32) []byte {
	for mask, terms := range forwardNames(entry) {
		out = binary.AppendUvarint(append(out, mask), countUvarints(terms))
		for len(terms) > 0 {
			id, size := binary.Uvarint(terms)
			terms = terms[size:]
			out = binary.AppendUvarint(out, uint64(to[nameGroup(mask)][id]))
		}
	}
	return out
}

// countUvarints counts the bytes that end a number.
func countUvarints(b []byte) uint64 {
	n := uint64(0)
	for _, c := range b {
		if c < 0x80 {
			n++
		}
	}
	return n
}
