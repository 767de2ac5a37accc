package search

import (
	"errors"
	"fmt"
)

// Errors a caller may tell apart; CorruptError is the other one.
var (
	// ErrCursor is returned for a Cursor that no former Result of the same query
	// gave.
	ErrCursor = errors.New("cursor does not belong to this query")
	// ErrQuery is returned for a Query beyond its limits.
	ErrQuery = errors.New("query is not well formed")
	// ErrUnavailable is returned while no state of the index could be read yet.
	ErrUnavailable = errors.New("the index cannot be read now")
	// ErrBusy is returned when other writers kept replacing the manifest; nothing
	// is lost, and the call may be repeated.
	ErrBusy = errors.New("the index is being written by others; try again")
)

// CorruptError says that a file of the index is damaged, missing, or of another
// format. The table the index was made from is not concerned.
type CorruptError struct {
	Key    string // of the blob
	Reason string
}

// Error implements error.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("search index file %s is damaged (%s); run `convoke reindex` to build it again", e.Key, e.Reason)
}
