package search

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// Limits of a Query. Of a longer text only the beginning is read.
const (
	MaxLimit   = 1000
	MaxFilters = 64 // filters and ranges together; values of one filter: 4096
	MaxFacets  = 64

	defaultLimit   = 20
	maxValues      = 4096
	maxQueryBytes  = 2048
	maxQueryWords  = 40
	maxQueryGroups = 8 // quoted phrases and exclusions
)

// Query asks for documents. The zero Query lists all of them by name.
type Query struct {
	// Text is words in any order; the last one may be the beginning of a word
	// unless a space follows. A "quoted phrase" must stand so in a name; a single
	// quoted word must stand anywhere as typed; -word excludes. Marks without a
	// word find nothing.
	Text   string
	Where  []Filter // all must hold
	Ranges []Range  // all must hold
	Facets []string // fields to count
	Limit  int      // hits in a page, 1..MaxLimit; 0 is 20
	Cursor string   // of the former Result of the same query
	Sort   Sort
	Boost  []Boost
	// Suggest asks for a Suggestion, Explain for each hit's Why, Mark for its Marks.
	Suggest, Explain, Mark bool
	// Near forgives edits however much is found as typed: who looks for what is alike
	// finds the thing itself too.
	Near bool
	// Want names facets and numbers whose values each hit is to carry.
	Want []string

	head int // how many of the best hits are looked at again
}

// Filter holds for documents with any of the values AnyOf, when given, and none
// of NoneOf. One with neither holds for no document, so that a list of what a
// reader may see that comes out empty shows nothing.
type Filter struct {
	Field  string
	AnyOf  []string
	NoneOf []string
	// Fixed keeps the filter in force for the counts of its own field, from which
	// filters are left out otherwise. What a reader may not see needs it.
	Fixed bool
}

// Range holds for documents whose number is within From and To, both included.
// -MaxNumber and MaxNumber leave an end open.
type Range struct {
	Field    string // of Numbers
	From, To int64
	OrNone   bool // and for documents without the number
}

// Sort is the order of the hits: the zero value puts the best first, or orders
// by name when there is no text.
type Sort struct {
	By         string // "", SortByName, or a field of Numbers; documents without it come last
	Descending bool   // for Numbers
	// Lang is the reader's language (BCP 47): names in the script it is written in
	// come first in an order by name.
	Lang string
}

// SortByName orders by display name, by the root collation of Unicode.
const SortByName = "name"

// Boost multiplies the score of documents that have any of the values.
type Boost struct {
	Field  string
	AnyOf  []string
	Factor float64 // 0.1 to 10
}

// Result is one page of hits.
type Result struct {
	Total  int // documents found, in all pages
	Hits   []Hit
	Facets map[string][]Count // for each field asked for: its values, most frequent first
	Cursor string             // of the next page, empty when nothing follows
	// Suggestion is the text of the query with what its best hit has for the words
	// that no document the reader may see has as typed; empty when there is none.
	Suggestion string
}

// Hit is one document found. Scores compare within one Result only.
type Hit struct {
	ID     string
	Score  float64
	Stored json.RawMessage
	Why    *Explanation // of the score, when asked for and sorted by it

	Values  map[string][]string // of the facets that were wanted
	Numbers map[string]int64    // that were wanted, and are there

	met met // for its Marks
}

// Count is how many of the documents found have a value.
type Count struct {
	Value string
	N     int
}

func (q *Query) check() error {
	switch {
	case q.Limit < 0 || q.Limit > MaxLimit:
		return fmt.Errorf("limit %d: %w", q.Limit, ErrQuery)
	case len(q.Where)+len(q.Ranges) > MaxFilters || len(q.Facets) > MaxFacets || len(q.Want) > MaxFacets || len(q.Boost) > MaxFilters:
		return fmt.Errorf("too many filters, facets or boosts: %w", ErrQuery)
	}
	for _, f := range q.Where {
		if len(f.AnyOf) > maxValues || len(f.NoneOf) > maxValues {
			return fmt.Errorf("too many values for %q: %w", cut(f.Field, MaxFieldBytes), ErrQuery)
		}
	}
	for _, b := range q.Boost {
		if !(b.Factor >= 0.1 && b.Factor <= 10) || len(b.AnyOf) > maxValues {
			return fmt.Errorf("boost of %q: %w", cut(b.Field, MaxFieldBytes), ErrQuery)
		}
	}
	return nil
}

// digest tells queries apart, so that a cursor is not taken for another query.
func (q *Query) digest() uint32 {
	b := appendSized(make([]byte, 0, 256), q.Text)
	for i := range q.Where {
		b = strconv.AppendBool(q.Where[i].appendTo(b), q.Where[i].Fixed)
	}
	return checksum(fmt.Appendf(b, "%v %v %v", q.Sort, q.Boost, q.Ranges))
}

// parsed is the text of a query as the index understands it.
type parsed struct {
	words    []queryWord
	required int        // the first words, which count; the others are stop words
	phrases  [][]string // must be there
	excluded [][]string // must not
}

// queryWord is one word of a query.
type queryWord struct {
	term   string
	runes  []rune
	prefix bool       // it may be the beginning of a word
	exact  bool       // it was quoted
	place  int        // in the query
	latin  *queryWord // by sound, when it is in Latin letters
	spelt  string     // of latin: the term as it was typed
}

// edits returns how many edits a word of its length is forgiven.
func (w *queryWord) edits(m mode) int {
	n := len(w.runes)
	switch {
	case w.exact || n < 4 || n > maxNearRunes || isUnspaced(w.runes[0]) || strings.ContainsAny(w.term, "0123456789"):
		return 0
	case n < 5 || n < 8 && !m.generous:
		return 1
	}
	return maxEdits
}

// gains reports whether the word is forgiven more edits in the generous mode.
func (w queryWord) gains() bool {
	generous := mode{generous: true}
	return w.edits(generous) > w.edits(mode{}) || w.latin != nil && w.latin.edits(generous) > w.latin.edits(mode{})
}

// parse reads the text of a query. It never fails: whatever is not understood
// parts words.
func parse(text string) parsed {
	text = readable(text)
	var p parsed
	var all []queryWord
	for text != "" && len(all) < maxQueryWords {
		chunk := nextChunk(text)
		text = text[chunk.length:]
		terms := analyse(chunk.text)
		switch {
		case len(terms) == 0:
		case chunk.excluded:
			if len(p.excluded) < maxQueryGroups {
				p.excluded = append(p.excluded, terms)
			}
		default:
			if chunk.quoted && len(p.phrases) < maxQueryGroups {
				p.phrases = append(p.phrases, terms)
			}
			open := text == "" && !chunk.quoted && !endsWord(chunk.text)
			all = appendWords(all, terms, chunk.quoted, open)
		}
	}
	p.order(all)
	return p
}

// Parts takes a query's text apart for an engine that is not this one: the plain
// words, whether the last of them may be the beginning of a word, the quoted
// phrases, and what is excluded.
func Parts(text string) (plain string, open bool, phrases, excluded []string) {
	text = readable(text)
	var words []string
	for text != "" {
		chunk := nextChunk(text)
		text = text[chunk.length:]
		switch body := strings.TrimSpace(chunk.text); {
		case len(analyse(body)) == 0:
		case chunk.excluded:
			excluded = append(excluded, body)
		case chunk.quoted:
			phrases = append(phrases, body)
		default:
			words = append(words, body)
			open = text == "" && !endsWord(chunk.text)
		}
	}
	return strings.Join(words, " "), open, phrases, excluded
}

// readable is the part of a query's text that is read.
func readable(text string) string { return strings.ToValidUTF8(cut(text, maxQueryBytes), " ") }

type chunk struct {
	text             string
	length           int // bytes taken from the query
	quoted, excluded bool
}

// nextChunk takes from the text a quoted phrase, an exclusion, or what comes
// before the next of them.
func nextChunk(text string) chunk {
	rest, excluded := strings.CutPrefix(text, "-")
	quote, closing := quoteAt(rest)
	switch {
	case quote > 0:
		body := rest[quote:]
		end := strings.Index(body, closing)
		if end < 0 { // never closed: plain words
			return chunk{text: body, length: len(text), excluded: excluded}
		}
		length := len(text) - len(body) + end + len(closing)
		return chunk{text: body[:end], length: length, quoted: true, excluded: excluded}
	case excluded:
		end := strings.IndexFunc(rest, unicode.IsSpace)
		if end < 0 {
			end = len(rest)
		}
		return chunk{text: rest[:end], length: len(text) - len(rest) + end, excluded: true}
	}
	for i, r := range text {
		if q, _ := quoteAt(text[i:]); i > 0 && (q > 0 || r == '-' && strings.ContainsRune(" \t", rune(text[i-1]))) {
			return chunk{text: text[:i], length: i}
		}
	}
	return chunk{text: text, length: len(text)}
}

// quoteAt returns the length of the opening quotation mark the text begins with,
// 0 when there is none, and the mark that closes it.
func quoteAt(text string) (length int, closing string) {
	for _, q := range [...][2]string{{`"`, `"`}, {"“", "”"}, {"«", "»"}, {"„", "“"}} {
		if strings.HasPrefix(text, q[0]) {
			return len(q[0]), q[1]
		}
	}
	return 0, ""
}

func endsWord(text string) bool {
	last := []rune(text)
	return !isWordRune(last[len(last)-1])
}

// appendWords adds the terms that are not there yet. With open, the last one may
// be the beginning of a word.
func appendWords(all []queryWord, terms []string, quoted, open bool) []queryWord {
	for i, term := range terms {
		w := queryWord{term: term, runes: []rune(term), exact: quoted, prefix: open && i == len(terms)-1, place: len(all)}
		known := false
		for j := range all {
			if all[j].term == term {
				known = true
				all[j].prefix = all[j].prefix || w.prefix
				all[j].exact = all[j].exact || w.exact
			}
		}
		if !known && len(all) < maxQueryWords {
			all = append(all, w)
		}
	}
	return all
}

// inLatin returns the word by its sound, nil when it is not in Latin letters.
func (w queryWord) inLatin() *queryWord {
	if !isLatin(w.term) {
		return nil
	}
	w.spelt = w.term
	w.term = bySound(w.term)
	w.runes = []rune(w.term)
	return &w
}

// order puts stop words last; when there is nothing else, they count.
func (p *parsed) order(all []queryWord) {
	for i := range all {
		all[i].latin = all[i].inLatin()
	}
	for _, w := range all {
		if !isStop(w.term) {
			p.words = append(p.words, w)
		}
	}
	p.required = len(p.words)
	for _, w := range all {
		if isStop(w.term) {
			p.words = append(p.words, w)
		}
	}
	if p.required == 0 {
		p.required = len(p.words)
	}
}
