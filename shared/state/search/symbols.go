package search

import (
	"bytes"
	"cmp"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// symbolSet is what the symbols of stored entries are made of: words and what
// stands between them, and the words that come after each other so often that they
// are one symbol.
type symbolSet struct {
	texts []string          // by code
	codes map[string]uint32 // by text
	next  map[joint]uint32  // a symbol with one more word
}

// joint is a symbol and the word after it, by their numbers.
type joint struct{ symbol, word uint32 }

const (
	learnFrom      = 8 << 20  // bytes of entries that words are learnt from
	joinFrom       = 1 << 18  // bytes of entries that joints are learnt from
	joinRounds     = 12       // a symbol has no more words than these and one
	joinsPerRound  = 160      // new symbols of each
	leastOften     = 3        // a symbol must come in what it is learnt from
	maxSymbolBytes = 64       // of a symbol, and of a word
	firstOfCJK     = '\u2e80' // from here on there are no spaces between words
)

// learn chooses the symbols from entries all over. The same entries in the same
// order make the same symbols.
func (v *symbolSet) learn(n int, row func(i int) storedRow) {
	*v = symbolSet{codes: map[string]uint32{}, next: map[joint]uint32{}}
	often := map[string]int{}
	for r := range sample(n, row, learnFrom) {
		for part := range r.parts() {
			for word := range wordsOf(part) {
				often[string(word)]++
			}
		}
	}
	v.addBest(often, maxSymbols-joinRounds*joinsPerRound)
	for range joinRounds {
		v.join(sample(n, row, joinFrom))
	}
	v.order(sample(n, row, joinFrom), often)
}

// sample yields rows from all over with about so many bytes.
func sample(n int, row func(i int) storedRow, size int) iter.Seq[storedRow] {
	return func(yield func(storedRow) bool) {
		usual := max(1, len(row(n/2).entry))
		step := max(1, n*usual/size)
		for i := 0; i < n; i += step {
			if !yield(row(i)) {
				return
			}
		}
	}
}

// parts yields what stands before and after the row's own ID.
func (r storedRow) parts() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		before, after, found := r.cut()
		if yield(before) && found {
			yield(after)
		}
	}
}

func (r storedRow) cut() (before, after []byte, found bool) {
	if len(r.id) == 0 {
		return r.entry, nil, false
	}
	return bytes.Cut(r.entry, r.id)
}

// wordsOf cuts a text: a word has the space before it; what stands between words
// is one piece; of scripts without spaces each character is.
func wordsOf(text []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for len(text) > 0 {
			n := wordEnd(text)
			if !yield(text[:n]) {
				return
			}
			text = text[n:]
		}
	}
}

func wordEnd(text []byte) int {
	if first, size := utf8.DecodeRune(text); first >= firstOfCJK {
		return size
	}
	i, inWord := 0, wordByte(text[0]) || beginsWord(text)
	if inWord {
		i = 1
	}
	for ; i < len(text) && i < maxSymbolBytes-utf8.UTFMax; i++ {
		switch {
		case inWord && !wordByte(text[i]), !inWord && (wordByte(text[i]) || beginsWord(text[i:])):
			return max(i, 1)
		case text[i] >= 0xe2:
			if r, _ := utf8.DecodeRune(text[i:]); r >= firstOfCJK {
				return max(i, 1)
			}
		}
	}
	return max(i, 1)
}

func wordByte(b byte) bool {
	return b >= utf8.RuneSelf || b|0x20 >= 'a' && b|0x20 <= 'z' || b >= '0' && b <= '9'
}

func beginsWord(text []byte) bool { return len(text) > 1 && text[0] == ' ' && wordByte(text[1]) }

// addBest adds up to so many of the texts, those that save most.
func (v *symbolSet) addBest(often map[string]int, most int) {
	worth := slices.DeleteFunc(slices.Collect(maps.Keys(often)), func(s string) bool { return often[s] < leastOften || len(s) < 2 })
	slices.SortFunc(worth, func(a, b string) int {
		return cmp.Or(cmp.Compare(often[b]*(len(b)-1), often[a]*(len(a)-1)), strings.Compare(a, b))
	})
	for _, s := range worth[:min(len(worth), most)] {
		v.add(s)
	}
}

func (v *symbolSet) add(text string) uint32 {
	code, known := v.codes[text]
	if !known {
		code = uint32(len(v.texts))
		v.texts, v.codes[text] = append(v.texts, text), code
	}
	return code
}

// join makes symbols of the symbols and words that come most after each other.
func (v *symbolSet) join(rows iter.Seq[storedRow]) {
	often := map[joint]int{}
	for r := range rows {
		for part := range r.parts() {
			before := unknown
			for s := range v.cut(part) {
				if before != unknown && s.first != unknown {
					often[joint{before, s.first}]++
				}
				before = s.code
			}
		}
	}
	length := func(j joint) int { return len(v.texts[j.symbol]) + len(v.texts[j.word]) }
	joints := slices.DeleteFunc(slices.Collect(maps.Keys(often)), func(j joint) bool { return often[j] < leastOften || length(j) > maxSymbolBytes })
	slices.SortFunc(joints, func(a, b joint) int {
		return cmp.Or(cmp.Compare(often[b], often[a]), cmp.Compare(a.symbol, b.symbol), cmp.Compare(a.word, b.word))
	})
	for _, j := range joints[:min(len(joints), joinsPerRound)] {
		v.next[j] = v.add(v.texts[j.symbol] + v.texts[j.word])
	}
}

// unknown is the number of what is no symbol.
const unknown = ^uint32(0)

// piece is a symbol in a text, or a word that is none.
type piece struct {
	code, first uint32 // of the symbol, and of its first word; unknown when it is none
	text        []byte
}

// cut yields the symbols of a text, each with as many words as are joined.
func (v *symbolSet) cut(text []byte) iter.Seq[piece] {
	return func(yield func(piece) bool) {
		at, end := 0, 0
		p := piece{code: unknown, first: unknown}
		for word := range wordsOf(text) {
			code, known := v.codes[string(word)]
			if !known {
				code = unknown
			}
			if joined, ok := v.next[joint{p.code, code}]; ok && end > at && p.code != unknown && known {
				p.code = joined
			} else {
				if p.text = text[at:end]; end > at && !yield(p) {
					return
				}
				p, at = piece{code: code, first: code}, end
			}
			end += len(word)
		}
		if p.text = text[at:end]; end > at {
			yield(p)
		}
	}
}

// order numbers the symbols by how often they come, so that the first have the
// short codes.
func (v *symbolSet) order(rows iter.Seq[storedRow], words map[string]int) {
	used := map[uint32]int{}
	for r := range rows {
		for part := range r.parts() {
			for p := range v.cut(part) {
				used[p.code]++
			}
		}
	}
	order := make([]uint32, len(v.texts))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return cmp.Or(cmp.Compare(used[b], used[a]), cmp.Compare(words[v.texts[b]], words[v.texts[a]]), strings.Compare(v.texts[a], v.texts[b]))
	})
	texts, rank := make([]string, len(order)), make([]uint32, len(order))
	for i, old := range order {
		texts[i], rank[old] = v.texts[old], uint32(i)
		v.codes[texts[i]] = uint32(i)
	}
	next := make(map[joint]uint32, len(v.next))
	for j, s := range v.next {
		next[joint{rank[j.symbol], rank[j.word]}] = rank[s]
	}
	v.texts, v.next = texts, next
}

// appendCoded appends a row's entry as codes.
func (v *symbolSet) appendCoded(dst []byte, r storedRow) []byte {
	before, after, found := r.cut()
	dst = v.appendText(dst, before)
	if found {
		dst = v.appendText(append(dst, ownID), after)
	}
	return dst
}

func (v *symbolSet) appendText(dst, text []byte) []byte {
	at, end := 0, 0 // of what has no symbol
	for p := range v.cut(text) {
		if p.code == unknown {
			end += len(p.text)
			continue
		}
		dst = appendLiteral(dst, text[at:end])
		if p.code < shortCodes {
			dst = append(dst, byte(p.code))
		} else {
			dst = append(dst, byte(shortCodes+(p.code-shortCodes)>>8), byte(p.code-shortCodes))
		}
		end += len(p.text)
		at = end
	}
	return appendLiteral(dst, text[at:end])
}

func appendLiteral(dst, text []byte) []byte {
	for part := range slices.Chunk(text, 255) {
		dst = append(append(dst, literal, byte(len(part))), part...)
	}
	return dst
}
