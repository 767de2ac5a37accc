package store

import (
	"context"
	"errors"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var distinctions = noun[directory.Distinction]{
	name:    typeDistinction,
	id:      func(d *directory.Distinction) string { return d.One + "." + d.Other },
	version: func(d *directory.Distinction) *int64 { return &d.Version },
	journal: func(d *directory.Distinction) *journal.Log { return &d.Log },
	item: func(d *directory.Distinction) table.Item {
		return table.Item{Key: distinctionKey(d.One, d.Other), Type: typeDistinction}
	},
}

// Distinguish keeps that two stakeholders are no duplicate of each other. It
// fails with directory.ErrAlreadyDistinct when that is known.
func (s *Store) Distinguish(ctx context.Context, d *directory.Distinction) error {
	_, err := s.Table.Get(ctx, distinctionKey(d.One, d.Other))
	if err == nil {
		return directory.ErrAlreadyDistinct
	}
	if !errors.Is(err, table.ErrAbsent) {
		return translate(err)
	}
	if err := s.mentionAll(ctx, []string{d.One, d.Other}, mention{typeDistinction, distinctions.id(d)}); err != nil {
		return err
	}
	return create(ctx, s, distinctions, d)
}

// Distinction returns what a moderator noted of a pair, or ErrNotFound.
func (s *Store) Distinction(ctx context.Context, a, b string) (*directory.Distinction, error) {
	return get(ctx, s, distinctions, distinctionKey(min(a, b), max(a, b)))
}

// Distinct returns which of the others were held to be distinct from id, in one
// request. The ids must differ.
func (s *Store) Distinct(ctx context.Context, id string, others []string) (map[string]bool, error) {
	distinct := map[string]bool{}
	if len(others) == 0 {
		return distinct, nil
	}
	keys, pair := make([]table.Key, len(others)), map[table.Key]string{}
	for i, other := range others {
		keys[i] = distinctionKey(min(id, other), max(id, other))
		pair[keys[i]] = other
	}
	items, err := s.Table.GetMany(ctx, keys)
	if err != nil {
		return nil, translate(err)
	}
	for _, it := range items {
		distinct[pair[it.Key]] = true
	}
	return distinct, nil
}
