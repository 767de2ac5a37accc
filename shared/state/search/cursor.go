package search

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
)

// A cursor is the digest of the query, the place of the last hit, and how the query
// was taken. It says where to go on, not how many hits to pass over; and what is scored
// is scored as before, although other documents make a word rarer or more frequent
// meanwhile. So a change of the index neither repeats nor hides others.

// taking is how a query with words was taken for its first page.
type taking struct {
	mode    byte   // its place in modes
	fullest byte   // in a partial match, how many words a hit must have
	weights []byte // by word, 1 to scarcest
	head    *place // the last hit, before names are compared, whose names are; nil for all
}

// fixedTaking is the length of what is always there: mode, fullest, how many words,
// whether there is a head.
const fixedTaking = 4

func (p place) cursor(digest uint32, t taking) string {
	b := binary.LittleEndian.AppendUint32(nil, digest)
	b = append(b, t.mode, t.fullest, byte(len(t.weights)), 0)
	if t.head != nil {
		b[len(b)-1] = 1
	}
	b = p.appendTo(append(b, t.weights...))
	if t.head != nil {
		b = t.head.appendTo(b)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// appendTo appends the rank, and the key and the ID with their lengths before them.
func (p place) appendTo(b []byte) []byte {
	return appendSized(appendSized(binary.LittleEndian.AppendUint64(b, p.rank), p.key), p.id)
}

// placeOf reads a cursor of a query with so many words.
func placeOf(cursor string, digest uint32, words int) (*place, taking, error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < 4+fixedTaking+words || binary.LittleEndian.Uint32(b) != digest {
		return nil, taking{}, ErrCursor
	}
	fixed, rest := b[4:4+fixedTaking], b[4+fixedTaking:]
	t := taking{mode: fixed[0], fullest: fixed[1], weights: rest[:words]}
	if t.mode >= modeCount || int(fixed[2]) != words || slices.Contains(t.weights, 0) {
		return nil, taking{}, ErrCursor
	}
	p, rest := readPlace(rest[words:])
	if fixed[3] != 0 {
		if t.head, rest = readPlace(rest); t.head == nil {
			p = nil
		}
	}
	if p == nil || len(rest) > 0 {
		return nil, taking{}, ErrCursor
	}
	return p, t, nil
}

// readPlace reads a place and returns what follows it; nil when there is none.
func readPlace(b []byte) (*place, []byte) {
	if len(b) < 8 {
		return nil, nil
	}
	p := &place{rank: binary.LittleEndian.Uint64(b)}
	b = b[8:]
	for _, part := range [...]*string{&p.key, &p.id} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > uint64(len(b)-size) {
			return nil, nil
		}
		*part, b = string(b[size:size+int(n)]), b[size+int(n):]
	}
	return p, b
}
