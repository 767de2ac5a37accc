package search

import (
	"encoding/base64"
	"encoding/binary"
)

// A cursor is the digest of the query, the rank of the last hit, the length of
// its sort key, the key, and its ID. It says where to go on, not how many hits to
// pass over, so that a change of the index neither repeats nor hides others.
const cursorHead = 4 + 8 + 1

func (p place) cursor(digest uint32) string {
	b := binary.LittleEndian.AppendUint32(nil, digest)
	b = binary.LittleEndian.AppendUint64(b, p.rank)
	b = append(b, byte(len(p.key)))
	b = append(append(b, p.key...), p.id...)
	return base64.RawURLEncoding.EncodeToString(b)
}

// placeOf reads a cursor.
func placeOf(cursor string, digest uint32) (*place, error) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < cursorHead || binary.LittleEndian.Uint32(b) != digest || len(b) < cursorHead+int(b[12]) {
		return nil, ErrCursor
	}
	end := cursorHead + int(b[12])
	return &place{rank: binary.LittleEndian.Uint64(b[4:]), key: string(b[cursorHead:end]), id: string(b[end:])}, nil
}
