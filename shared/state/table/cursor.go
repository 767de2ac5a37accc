package table

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// Position is where a page ended: the sort key in the queried index, and the
// item's own key.
type Position struct {
	SK  string
	Key Key
}

const cursorSum = 9 // bytes of checksum before the position; a multiple of 3 leaves no padding

// CursorAt returns the cursor of a page of q that ends with an item. It names
// no partition and is bound to the query, so that a cursor which was changed or
// belongs to another query is refused; it is no secret and grants nothing.
func (q Query) CursorAt(p Position) string {
	position := strings.Join([]string{p.SK, p.Key.PK, p.Key.SK}, "\x00")
	return base64.RawURLEncoding.EncodeToString(append(q.sum(position), position...))
}

// Start returns the position that q.Cursor stands for; ok is false when q
// starts from the beginning. A cursor that q cannot have had is ErrBadQuery.
func (q Query) Start() (p Position, ok bool, err error) {
	if q.Cursor == "" {
		return Position{}, false, nil
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(q.Cursor)
	if err != nil || len(raw) < cursorSum || string(q.sum(string(raw[cursorSum:]))) != string(raw[:cursorSum]) {
		return Position{}, false, fmt.Errorf("%w: not a cursor of this query", ErrBadQuery)
	}
	parts := strings.Split(string(raw[cursorSum:]), "\x00")
	if len(parts) != 3 {
		return Position{}, false, fmt.Errorf("%w: not a cursor of this query", ErrBadQuery)
	}
	p = Position{SK: parts[0], Key: Key{PK: parts[1], SK: parts[2]}}
	if err := q.admits(p); err != nil {
		return Position{}, false, err
	}
	return p, true, nil
}

// admits guards against a cursor whose checksum was computed by hand. A sort
// key equal to SKTo is where DynamoDB may stop, see dynamo.
func (q Query) admits(p Position) error {
	inside := q.Covers(p.SK) || (q.SKTo != "" && p.SK == q.SKTo)
	own := q.Index != Primary || p.Key == Key{PK: q.PK, SK: p.SK}
	if !inside || !own || ValidateKey(p.Key) != nil || !plain(p.SK) {
		return fmt.Errorf("%w: not a cursor of this query", ErrBadQuery)
	}
	return nil
}

func (q Query) sum(position string) []byte {
	identity := fmt.Sprintf("%q %q %q %q %q %t %q", q.Index, q.PK, q.SKPrefix, q.SKFrom, q.SKTo, q.Reverse, position)
	sum := sha256.Sum256([]byte(identity))
	return sum[:cursorSum]
}
