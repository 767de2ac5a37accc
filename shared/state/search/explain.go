package search

// Explanation says how the score of a hit came about. The first hits are compared
// with the query name by name: their score is
//
//	(0.7 × Name + 0.3 × Fields) × Boost, with Name = Kind × Share² × (0.55 + 0.30 × Cover + 0.15 × Order)
//
// of the name for which that is most. Those after them score a tenth of Fields.
type Explanation struct {
	Mode   string  // "typed", "forgiving", "generous" or "partial": how strictly the query was taken
	Name   float64 // how well the best name meets the query, 0 to 1; 0 beyond the first hits
	Kind   float64 // what that name's kind counts for
	Of     string  // the kind: KindDisplay, KindAcronym, KindOther, or "latin" for a name by its sound
	Share  float64 // of the query's words, by their rarity, that it has
	Cover  float64 // of its words that the query has
	Order  float64 // of the query's words that follow each other as asked
	Fields float64 // the share of the query's words that the document has in any field
	Boost  float64
	Words  []WordMet // those of the query, in the order asked
}

// WordMet is how the best name has one word of the query.
type WordMet struct {
	Word   string  // folded
	Rarity float64 // 0 to 1
	Met    float64 // 1 as typed, less for edits and beginnings, 0 when it is not in that name
	By     string  // what met it, folded
}

// String implements fmt.Stringer.
func (m mode) String() string {
	switch {
	case m.partial:
		return "partial"
	case m.generous:
		return "generous"
	case m.tolerant:
		return "forgiving"
	}
	return "typed"
}

func (e *evaluation) explain(r ranked) *Explanation {
	x := &Explanation{Mode: e.mode.String(), Fields: e.share(r.score), Boost: e.boosts().factor(int(r.layer), r.doc)}
	best, group := meeting{}, names
	for mask, terms := range forwardNames(e.layers[r.layer].forward().at(int(r.doc))) {
		var m meeting
		e.meets(&m, r.layer, nameGroup(mask), terms)
		if value := kindWeight(mask) * m.value(); value > x.Name {
			x.Name, x.Kind, x.Of, best, group = value, kindWeight(mask), kindName(mask), m, nameGroup(mask)
		}
	}
	x.Share, x.Cover, x.Order = best.share, best.cover, best.order
	x.Words = make([]WordMet, len(e.parsed.words))
	for w := range e.parsed.words {
		word := &e.parsed.words[w]
		met := WordMet{Word: word.term, Rarity: float64(e.weights[w]) / scarcest, Met: float64(best.got[w]) / asTyped}
		if best.got[w] > 0 {
			met.By = string(e.layers[r.layer].groups[group]().terms.at(int(best.terms[w])))
		}
		x.Words[w] = met
	}
	if r.rank < lookedAgain {
		x.Name = 0
	}
	return x
}

func kindName(mask byte) string {
	switch mask {
	case inDisplay:
		return KindDisplay
	case inAcronym:
		return KindAcronym
	case inLatin:
		return "latin"
	}
	return KindOther
}
