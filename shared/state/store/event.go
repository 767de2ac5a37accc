package store

import (
	"context"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var events = noun[convening.Event]{
	name:    typeEvent,
	id:      func(e *convening.Event) string { return e.ID },
	version: func(e *convening.Event) *int64 { return &e.Version },
	journal: func(e *convening.Event) *journal.Log { return &e.Log },
	item: func(e *convening.Event) table.Item {
		return table.Item{Key: eventKey(e.ID), G1: unitKey(e), G2: dueKey(e.DueAt, e.ID), Type: typeEvent}
	},
}

// CreateEvent keeps a new event.
func (s *Store) CreateEvent(ctx context.Context, e *convening.Event) error {
	return create(ctx, s, events, e)
}

// Event returns one event.
func (s *Store) Event(ctx context.Context, id string) (*convening.Event, error) {
	return get(ctx, s, events, eventKey(id))
}

// UpdateEvent changes one event.
func (s *Store) UpdateEvent(ctx context.Context, id string, change func(*convening.Event) error) (*convening.Event, error) {
	return update(ctx, s, events, eventKey(id), change)
}

// Events returns one page of a unit's events, the latest start first.
func (s *Store) Events(ctx context.Context, unit, cursor string, limit int) ([]*convening.Event, string, error) {
	return page(ctx, s, events, table.Query{Index: table.G1, PK: "UNIT#" + unit, Cursor: cursor, Limit: limit, Reverse: true})
}
