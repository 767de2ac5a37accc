package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var sanctionsLists = noun[directory.SanctionsList]{
	name:    typeSanctionsList,
	id:      func(*directory.SanctionsList) string { return "list" },
	version: func(l *directory.SanctionsList) *int64 { return &l.Version },
	journal: func(l *directory.SanctionsList) *journal.Log { return &l.Log },
	item: func(*directory.SanctionsList) table.Item {
		return table.Item{Key: sanctionsListKey(), Type: typeSanctionsList}
	},
}

// ErrNoSanctions says that a file held no entry: a list that is empty is no list.
var ErrNoSanctions = errors.New("the list has no entries")

// SanctionsList returns which edition of the list is the one, the zero list before
// the first import.
func (s *Store) SanctionsList(ctx context.Context) (*directory.SanctionsList, error) {
	l, err := get(ctx, s, sanctionsLists, sanctionsListKey())
	if errors.Is(err, ErrNotFound) {
		return &directory.SanctionsList{}, nil
	}
	return l, err
}

// SanctionsEntries returns the entries of an edition.
func (s *Store) SanctionsEntries(ctx context.Context, edition string) ([]directory.SanctionsEntry, error) {
	var list []directory.SanctionsEntry
	for cursor, more := "", true; more; more = cursor != "" {
		p, err := s.Table.Query(ctx, table.Query{PK: sanctionKey(edition, "").PK, Cursor: cursor, Limit: table.MaxPage})
		if err != nil {
			return nil, translate(err)
		}
		for _, it := range p.Items {
			var e directory.SanctionsEntry
			if err := json.Unmarshal(it.Attributes, &e); err != nil {
				return nil, fmt.Errorf("decode an entry of the sanctions list: %w", err)
			}
			list = append(list, e)
		}
		cursor = p.Cursor
	}
	return list, nil
}

// ReplaceSanctions writes the entries of a new edition, makes it the one in one
// step, and removes those of all others. Generated says when the list was made,
// which a reader of the file knows once it has begun. When entries fail, or the
// process ends, the edition before stays, and the next call removes what was begun.
func (s *Store) ReplaceSanctions(ctx context.Context, edition string, entries iter.Seq2[directory.SanctionsEntry, error], generated func() string) (int, error) {
	if err := s.changeSanctions(ctx, func(l *directory.SanctionsList) { l.Begin(edition) }); err != nil {
		return 0, err
	}
	n, err := s.writeSanctions(ctx, edition, entries)
	if err == nil && n == 0 {
		err = ErrNoSanctions
	}
	if err == nil {
		err = s.changeSanctions(ctx, func(l *directory.SanctionsList) { l.Become(edition, generated(), n, s.Now()) })
	}
	if err != nil {
		return n, errors.Join(err, s.sweepSanctions(context.WithoutCancel(ctx)))
	}
	return n, s.sweepSanctions(ctx)
}

func (s *Store) writeSanctions(ctx context.Context, edition string, entries iter.Seq2[directory.SanctionsEntry, error]) (int, error) {
	var ops []table.Op
	seen := map[string]bool{}
	for e, err := range entries {
		if err != nil {
			return len(seen), err
		}
		if seen[e.Reference] {
			return len(seen), fmt.Errorf("the reference number %s comes twice", e.Reference)
		}
		seen[e.Reference] = true
		ops = append(ops, table.Op{Verb: table.Put, Item: table.Item{Key: sanctionKey(edition, e.Reference), Type: typeSanction, Version: 1, Attributes: encode(e)}})
		if len(ops) == table.MaxOps {
			if err := s.Table.Transact(ctx, ops); err != nil {
				return len(seen), translate(err)
			}
			ops = nil
		}
	}
	if len(ops) == 0 {
		return len(seen), nil
	}
	return len(seen), translate(s.Table.Transact(ctx, ops))
}

// sweepSanctions removes the entries of editions that are not the one.
func (s *Store) sweepSanctions(ctx context.Context) error {
	l, err := s.SanctionsList(ctx)
	if err != nil {
		return err
	}
	for _, edition := range l.Stale {
		if err := s.dropSanctions(ctx, edition); err != nil {
			return err
		}
	}
	return s.changeSanctions(ctx, func(l *directory.SanctionsList) { l.Swept() })
}

func (s *Store) dropSanctions(ctx context.Context, edition string) error {
	for {
		p, err := s.Table.Query(ctx, table.Query{PK: sanctionKey(edition, "").PK, Limit: table.MaxOps})
		if err != nil || len(p.Items) == 0 {
			return translate(err)
		}
		ops := make([]table.Op, len(p.Items))
		for i, it := range p.Items {
			ops[i] = table.Op{Verb: table.Delete, Item: table.Item{Key: it.Key}}
		}
		if err := s.Table.Transact(ctx, ops); err != nil {
			return translate(err)
		}
	}
}

func (s *Store) changeSanctions(ctx context.Context, change func(*directory.SanctionsList)) error {
	_, err := update(ctx, s, sanctionsLists, sanctionsListKey(), func(l *directory.SanctionsList) error { change(l); return nil })
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	l := &directory.SanctionsList{}
	change(l)
	return create(ctx, s, sanctionsLists, l)
}
