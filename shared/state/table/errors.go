package table

import (
	"errors"
	"fmt"
)

// Errors that both implementations return, wrapped with what was being done.
var (
	ErrAbsent      = errors.New("no such item")
	ErrConflict    = errors.New("a concurrent write won; try again")
	ErrThrottled   = errors.New("the table is busy; try again later")
	ErrBadKey      = errors.New("key is empty, too long, or not UTF-8 without NUL")
	ErrBadItem     = errors.New("attributes are not a JSON object the table can keep")
	ErrTooLarge    = errors.New("item is larger than 400 KB, or transaction than 4 MB")
	ErrBadQuery    = errors.New("query is not well formed")
	ErrBadTransact = errors.New("transaction is empty, too long, names a key twice, or asks for nothing")
	ErrTrimmed     = errors.New("changes after the cursor are no longer kept")
	ErrFull        = errors.New("no space left to write; nothing was written")
	ErrClosed      = errors.New("table is closed")
	ErrCorrupt     = errors.New("table file is damaged")
)

// ConditionFailed says which operations of a Transact, counted from 0, did not
// find what they required. Nothing was written.
type ConditionFailed struct{ Ops []int }

// Error implements error.
func (e *ConditionFailed) Error() string {
	return fmt.Sprintf("condition failed for operation %v", e.Ops)
}
