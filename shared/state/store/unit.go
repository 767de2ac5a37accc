package store

import (
	"context"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var units = noun[convening.Unit]{
	name:    typeUnit,
	id:      func(u *convening.Unit) string { return u.ID },
	version: func(u *convening.Unit) *int64 { return &u.Version },
	journal: func(u *convening.Unit) *journal.Log { return &u.Log },
	item: func(u *convening.Unit) table.Item {
		return table.Item{Key: unitRecordKey(u.ID), G1: table.Key{PK: allUnits, SK: u.ID}, Type: typeUnit}
	},
}

const allUnits = "UNITS"

// CreateUnit keeps a new unit; ErrBusy says that there is one of this id.
func (s *Store) CreateUnit(ctx context.Context, u *convening.Unit) error {
	return create(ctx, s, units, u)
}

// Unit returns one unit. A unit may organise of which nothing is kept.
func (s *Store) Unit(ctx context.Context, id string) (*convening.Unit, error) {
	return get(ctx, s, units, unitRecordKey(id))
}

// UpdateUnit changes one unit.
func (s *Store) UpdateUnit(ctx context.Context, id string, change func(*convening.Unit) error) (*convening.Unit, error) {
	return update(ctx, s, units, unitRecordKey(id), change)
}

// Units returns one page of units, by id.
func (s *Store) Units(ctx context.Context, cursor string, limit int) ([]*convening.Unit, string, error) {
	return page(ctx, s, units, table.Query{Index: table.G1, PK: allUnits, Cursor: cursor, Limit: limit})
}
