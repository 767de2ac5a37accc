package search

import "slices"

// scorer adds up, word by word, what the documents of one layer score. It is
// used again for other layers and queries.
type scorer struct {
	docs    []docScore
	touched []uint32
	weights [maxQueryWords + 1]uint32 // by step

	step     uint8
	required bool     // the word of this step counts
	need     uint8    // required words a document must have had before
	alive    []uint32 // the documents that have them
	sorted   bool     // alive is
	marks    bitset   // to sort them; all 0 between uses
	value    [1 << maskBits]uint16
	block    [blockSize]uint32
	failed   [blockSize]uint64 // tests, by bit, of the documents of a block
	scope    *scope            // what may come in
	within   bitset            // the same, once it is worked out

	listed []bitset // by layer: room for the hits of a query without words
	left   bitset   // room for a set that leaves tests out
	some   []uint32 // and for documents, likewise

	counts  []uint32 // by the number of a facet's value; all 0 between uses
	counted []uint32 // those that are not
	order   []uint64 // to sort them
}

// docScore is what is known of a document. A step is a word of the query, from 1.
type docScore struct {
	score uint32 // of the steps before
	best  uint16 // of this step: only the best posting of a word counts
	step  uint8  // the last step that met the document
	count uint8  // required words met
}

// reset makes the scorer ready for a layer of n documents.
func (s *scorer) reset(n int) {
	for _, doc := range s.touched {
		s.docs[doc] = docScore{}
	}
	s.touched = s.touched[:0]
	if len(s.docs) < n {
		s.docs = make([]docScore, n)
	}
	s.need = 0
}

// begin starts the step of a word, which only documents with at least need
// required words go on from; with no such need, a required word brings documents in.
func (s *scorer) begin(step int, weight uint32, required bool, need int) {
	s.step, s.required, s.need = uint8(step), required, uint8(need)
	s.weights[step] = weight
	s.alive, s.sorted = s.alive[:0], false
	if need == 0 {
		return
	}
	for _, doc := range s.touched {
		if s.docs[doc].count >= s.need {
			s.alive = append(s.alive, doc)
		}
	}
}

// roomOf returns what to write the hits of a layer over.
func (s *scorer) roomOf(layer int) bitset {
	for len(s.listed) <= layer {
		s.listed = append(s.listed, nil)
	}
	return s.listed[layer]
}

// sortAlive brings the documents in question into their order: many of them by
// marking them in a set, which is read in order.
func (s *scorer) sortAlive() {
	s.sorted = true
	if len(s.alive) < len(s.docs)/256 {
		slices.Sort(s.alive)
		return
	}
	if len(s.marks)*64 < len(s.docs) {
		s.marks = newBitset(len(s.docs))
	}
	for _, doc := range s.alive {
		s.marks.set(doc)
	}
	s.alive = s.marks.appendTo(s.alive[:0])
	clear(s.marks)
}

// add counts the postings of one term, for documents within the scope.
func (s *scorer) add(list postings) {
	if s.need > 0 && 8*len(s.alive) < list.n {
		s.seek(list)
		return
	}
	creates := s.required && s.need == 0
	for i := range list.blocks() {
		block := list.read(i, &s.block)
		if creates {
			block = s.admitted(block)
		}
		for _, p := range block {
			doc := p >> maskBits
			d := &s.docs[doc]
			if d.step == 0 {
				if !creates {
					continue
				}
				s.touched = append(s.touched, doc)
			}
			s.meet(d, s.value[p&(1<<maskBits-1)])
		}
	}
}

// admitted leaves of a block the postings of documents that may come in.
func (s *scorer) admitted(block []uint32) []uint32 {
	if s.within == nil {
		return s.scope.admitted(block, &s.failed)
	}
	n := 0
	for _, p := range block {
		block[n] = p
		if s.within.has(p >> maskBits) {
			n++
		}
	}
	return block[:n]
}

// seek looks only the documents still in question up in a long list.
func (s *scorer) seek(list postings) {
	if !s.sorted {
		s.sortAlive()
	}
	var held []uint32
	at, read := 0, -1
	for _, doc := range s.alive {
		if at = list.reach(at, doc); at == list.blocks() {
			return
		}
		if at != read {
			held, read = list.read(at, &s.block), at
		}
		j, _ := slices.BinarySearchFunc(held, doc, func(p, doc uint32) int { return int(int64(p>>maskBits) - int64(doc)) })
		if j < len(held) && held[j]>>maskBits == doc {
			s.meet(&s.docs[doc], s.value[held[j]&(1<<maskBits-1)])
		}
	}
}

// meet notes that a document has the word of this step, with a value.
func (s *scorer) meet(d *docScore, value uint16) {
	switch {
	case d.step == s.step:
		d.best = max(d.best, value)
	case d.count >= s.need:
		d.score += uint32(d.best) * s.weights[d.step]
		d.best, d.step = value, s.step
		if s.required {
			d.count++
		}
	}
}

// finish returns the documents that have at least need required words.
func (s *scorer) finish(need int) found {
	n := 0
	for _, doc := range s.touched {
		if int(s.docs[doc].count) >= need {
			n++
		}
	}
	f := found{docs: make([]uint32, 0, n), scores: make([]uint32, 0, n), counts: make([]uint8, 0, n)}
	for _, doc := range s.touched {
		d := &s.docs[doc]
		if int(d.count) < need {
			continue
		}
		f.docs = append(f.docs, doc)
		f.counts = append(f.counts, d.count)
		f.scores = append(f.scores, d.score+uint32(d.best)*s.weights[d.step])
	}
	return f
}
