package search

import "slices"

// storedList holds what hits show. The entries of one index are much alike, so the
// strings that come most in them are symbols, and an entry is written as the codes
// of its symbols: each entry can be read without the others. Small segments have no
// symbols, and their entries stand as they are.
//
//	0 to 191    one of the symbols that come most
//	192 to 253  with the byte that follows, one of the others
//	254         the ID of the document itself
//	255         as many bytes as the one that follows says, as they are
type storedList struct {
	symbols list
	entries list
}

const (
	shortCodes = 192
	ownID      = 254
	literal    = 255
	maxSymbols = shortCodes + (ownID-shortCodes)*256

	symbolsFrom = 1024 // entries that are worth symbols
)

// appendTo appends what a hit of the document with the ID shows.
func (l storedList) appendTo(dst []byte, doc int, id []byte) []byte {
	entry := l.entries.at(doc)
	if l.symbols.n == 0 {
		return append(dst, entry...)
	}
	for i := 0; i < len(entry); i++ {
		switch code := int(entry[i]); {
		case code < shortCodes:
			dst = append(dst, l.symbols.at(code)...)
		case code < ownID:
			i++
			dst = append(dst, l.symbols.at(shortCodes+((code-shortCodes)<<8|int(entry[i])))...)
		case code == ownID:
			dst = append(dst, id...)
		default:
			n := int(entry[i+1])
			dst = append(dst, entry[i+2:i+2+n]...)
			i += 1 + n
		}
	}
	return dst
}

// storedRow is what is stored of a document, and its ID.
type storedRow struct{ id, entry []byte }

// encodeStored writes the sections of n rows.
func encodeStored(n int, row func(i int) storedRow) (symbols, entries []byte) {
	var v symbolSet
	if n >= symbolsFrom {
		v.learn(n, row)
	}
	var coded []byte
	entries = encodeList(n, func(yield func([]byte) bool) {
		for i := range n {
			r := row(i)
			if len(v.texts) > 0 {
				coded = v.appendCoded(coded[:0], r)
				r.entry = coded
			}
			if !yield(r.entry) {
				return
			}
		}
	})
	return encodeList(len(v.texts), slices.Values(v.texts)), entries
}
