package search

const gone = ^uint32(0) // the number of a document that is not taken over

// merge takes over the documents of s that are in live, without analysing them
// again.
func (b *builder) merge(s *segment, live bitset) {
	b.sources = append(b.sources, s)
	number := b.mergeRows(s, live)
	var terms [groups][]uint32
	for g := range s.groups {
		terms[g] = b.groups[g].merge(s.groups[g](), number)
	}
	for doc, n := range number {
		if n != gone {
			b.docs[n].names = renumber(s.forward().at(doc), terms)
		}
	}
	for field, f := range s.facets {
		b.facet(field).merge(f(), number)
	}
	for field, column := range s.numbers {
		if pairs := column().appendTo(b.numbers[field], number); len(pairs) > 0 {
			b.numbers[field] = pairs
		}
	}
}

// mergeRows returns the builder's numbers for the documents of s.
func (b *builder) mergeRows(s *segment, live bitset) []uint32 {
	number := make([]uint32, s.n)
	for doc, key := range s.keys().all(s.n) {
		number[doc] = gone
		if !live.has(uint32(doc)) {
			continue
		}
		number[doc] = uint32(len(b.docs))
		b.docs = append(b.docs, docRow{
			id:      string(s.ids().at(doc)),
			version: s.version(doc),
			sortKey: key,
			script:  s.scripts()[doc],
			length:  s.lengths()[doc],
			stored:  s.stored().appendTo(nil, doc, s.ids().at(doc)),
		})
	}
	return number
}

// merge returns the numbers in t of the terms of d; those no live document has
// stay out.
func (t *termSet) merge(d *dictionary, number []uint32) []uint32 {
	ids := make([]uint32, d.terms.n)
	var block [blockSize]uint32
	for i := range d.terms.n {
		ids[i] = gone
		list := d.read(i)
		for j := range list.blocks() {
			for _, p := range list.read(j, &block) {
				n := number[p>>maskBits]
				if n == gone {
					continue
				}
				if ids[i] == gone {
					ids[i] = t.id(string(d.terms.at(i)))
				}
				t.postings[ids[i]] = append(t.postings[ids[i]], n<<maskBits|p&(1<<maskBits-1))
			}
		}
	}
	return ids
}

func (f *facetSet) merge(from *facet, number []uint32) {
	for value := range from.values.n {
		id := gone
		set := from.set(value).Iterator()
		for set.HasNext() {
			n := number[set.Next()]
			if n == gone {
				continue
			}
			if id == gone {
				id = f.id(string(from.values.at(value)))
			}
			f.pairs = append(f.pairs, docValue{n, id})
		}
	}
}
