package store

import (
	"context"
	"encoding/json"
	"errors"

	"convoke/shared/state/table"
)

// Cursor returns how far a reader of the change log has come; "" at first.
func (s *Store) Cursor(ctx context.Context, reader string) (string, error) {
	it, err := s.Table.Get(ctx, cursorKey(reader))
	if errors.Is(err, table.ErrAbsent) {
		return "", nil
	}
	if err != nil {
		return "", translate(err)
	}
	var c struct {
		Position string `json:"position"`
	}
	return c.Position, json.Unmarshal(it.Attributes, &c)
}

// KeepCursor notes how far a reader has come. A reader calls it after the work
// is done, so that a crash repeats and never skips.
func (s *Store) KeepCursor(ctx context.Context, reader, position string) error {
	it := table.Item{Key: cursorKey(reader), Type: typeCursor, Version: 1, Attributes: encode(map[string]string{"position": position})}
	return translate(s.Table.Transact(ctx, []table.Op{{Verb: table.Put, Item: it}}))
}

// Housekeeping reports whether a change is of the local process's own
// bookkeeping, which no reader acts on. A reader that kept its cursor for such a
// change would make another one.
func Housekeeping(ch table.Change) bool {
	it := ch.New
	if it == nil {
		it = ch.Old
	}
	return it == nil || it.Type == typeCursor || it.Type == typeQueue || it.Type == typeMessage
}
