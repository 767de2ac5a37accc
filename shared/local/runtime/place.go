package runtime

import (
	"context"
	"fmt"

	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

// PassIndexed moves the projector's place on over changes that ask for nothing
// but the index. Whoever rebuilt the index from the table, while nobody else
// wrote, calls it so that the next process does not project every entry again.
// It stops at the batch that holds the first mail, event or answer to be
// counted: nothing of those is passed over.
func PassIndexed(ctx context.Context, s *store.Store) error {
	place, err := s.Cursor(ctx, readerName)
	if err != nil {
		return fmt.Errorf("read the place in the change log: %w", err)
	}
	from := place
	for {
		changes, next, err := s.Table.Changes(ctx, place, table.MaxPage)
		if err != nil {
			return fmt.Errorf("read the change log: %w", err)
		}
		if len(changes) == 0 || asksForMore(changes) {
			break
		}
		place = next
	}
	if place == from {
		return nil
	}
	return s.KeepCursor(ctx, readerName, place)
}

// asksForMore reports whether a change among these is more than an entry of the
// index.
func asksForMore(changes []table.Change) bool {
	for _, ch := range changes {
		_, counted := store.InvitationEvent(ch)
		_, announced, err := store.DecodeOutbox(ch)
		if counted || announced || err != nil {
			return true
		}
	}
	return false
}
