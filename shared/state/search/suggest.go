package search

// suggestion returns the text of the query with other words for those that no
// document the reader may see has as typed: the ones that its best hit has in a
// name. So it always finds something, and says nothing of what is hidden.
func (e *evaluation) suggestion(best ranked) string {
	if !e.mode.tolerant || e.listing() {
		return ""
	}
	var m, all meeting
	for mask, terms := range forwardNames(e.layers[best.layer].forward().at(int(best.doc))) {
		if nameGroup(mask) != names {
			continue
		}
		e.meets(&m, best.layer, names, terms)
		for w, q := range m.got {
			if q > all.got[w] {
				all.got[w], all.terms[w] = q, m.terms[w]
			}
		}
	}
	instead := map[string]string{}
	for w := range e.parsed.words[:e.parsed.required] {
		word := &e.parsed.words[w]
		if q := all.got[w]; q > 0 && q < completed && !e.isKnown(word) {
			instead[word.term] = string(e.layers[best.layer].groups[names]().terms.at(int(all.terms[w])))
		}
	}
	if len(instead) == 0 {
		return ""
	}
	return rewrite(readable(e.query.Text), instead)
}

// isKnown reports whether a document that the reader may see has the word as it
// stands, or is spelt so in Latin letters.
func (e *evaluation) isKnown(w *queryWord) bool {
	for i := range e.layers {
		l := &e.layers[i]
		for g := range l.groups {
			term := w.term
			if g == latin {
				if w.latin == nil {
					continue
				}
				term = w.latin.term
			}
			if id, ok := l.groups[g]().terms.find(term); ok && l.groups[g]().anyOf(id, &e.scopes[i]) {
				return true
			}
		}
	}
	return false
}

// anyOf reports whether a hit has the term.
func (d *dictionary) anyOf(id int, within *scope) bool {
	list := d.read(id)
	var block [blockSize]uint32
	for i := range list.blocks() {
		for _, p := range list.read(i, &block) {
			if within.hit(p >> maskBits) {
				return true
			}
		}
	}
	return false
}
