package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var searches = noun[convening.SavedSearch]{
	name:    typeSearch,
	id:      func(s *convening.SavedSearch) string { return s.ID },
	version: func(s *convening.SavedSearch) *int64 { return &s.Version },
	journal: func(s *convening.SavedSearch) *journal.Log { return &s.Log },
	item: func(s *convening.SavedSearch) table.Item {
		it := table.Item{Key: searchKey(s.ID), Type: typeSearch}
		if s.DeletedAt == nil {
			it.G1 = table.Key{PK: searchesOf(s), SK: s.ID}
		}
		return it
	},
	claims: func(s *convening.SavedSearch) []claim {
		if !s.Alert {
			return nil
		}
		return []claim{{item: alertItem(convening.AlertOf(s), 1)}}
	},
}

func searchesOf(s *convening.SavedSearch) string {
	if s.Shared {
		return sharedSearches(s.Unit)
	}
	return ownSearches(s.Unit, s.Owner)
}

func alertItem(a *convening.Alert, version int64) table.Item {
	return table.Item{Key: alertKey(a.Search), G2: dueKey(&a.DueAt, a.Search), Type: typeAlert, Version: version, Attributes: encode(a)}
}

func decodeAlert(it table.Item) (*convening.Alert, error) {
	a := new(convening.Alert)
	if err := json.Unmarshal(it.Attributes, a); err != nil {
		return nil, fmt.Errorf("decode %s: %w", it.Type, err)
	}
	a.Version = it.Version
	return a, nil
}

// searchUse says that something rests on a saved search: while it does, the
// search cannot be deleted.
func searchUse(search, noun, id string) []claim {
	if search == "" {
		return nil
	}
	return []claim{{item: table.Item{Key: searchUseKey(search, noun, id), Type: typeSearchUse, Version: 1, Attributes: encode(struct{}{})}}}
}

// CreateSearch keeps a new search.
func (s *Store) CreateSearch(ctx context.Context, x *convening.SavedSearch) error {
	return create(ctx, s, searches, x)
}

// SavedSearch returns one search that was not deleted.
func (s *Store) SavedSearch(ctx context.Context, id string) (*convening.SavedSearch, error) {
	x, err := get(ctx, s, searches, searchKey(id))
	if err == nil && x.DeletedAt != nil {
		return nil, ErrNotFound
	}
	return x, err
}

// UpdateSearch changes one search that was not deleted.
func (s *Store) UpdateSearch(ctx context.Context, id string, change func(*convening.SavedSearch) error) (*convening.SavedSearch, error) {
	return update(ctx, s, searches, searchKey(id), func(x *convening.SavedSearch) error {
		if x.DeletedAt != nil {
			return ErrNotFound
		}
		return change(x)
	})
}

// DeleteSearch takes away what a search says, once may allows it, unless a draft,
// a panel or a standing rule rests on it: convening.ErrSearchUsed. What comes to
// rest on it in that very moment finds nothing when it is resolved, which is
// convening.ErrSearchGone and invites nobody.
func (s *Store) DeleteSearch(ctx context.Context, id string, may func(*convening.SavedSearch) error) error {
	_, err := s.UpdateSearch(ctx, id, func(x *convening.SavedSearch) error {
		if err := may(x); err != nil {
			return err
		}
		used, err := s.Table.Query(ctx, table.Query{PK: searchKey(id).PK, SKPrefix: searchUsePrefix, Limit: 1})
		if err != nil {
			return translate(err)
		}
		if len(used.Items) > 0 {
			return convening.ErrSearchUsed
		}
		x.Delete(s.Now())
		return nil
	})
	return err
}

// SharedSearches returns one page of the searches that the organisers of a unit
// share.
func (s *Store) SharedSearches(ctx context.Context, unit, cursor string, limit int) ([]*convening.SavedSearch, string, error) {
	return page(ctx, s, searches, table.Query{Index: table.G1, PK: sharedSearches(unit), Cursor: cursor, Limit: limit})
}

// OwnSearches returns one page of the searches that an organiser of a unit keeps
// alone.
func (s *Store) OwnSearches(ctx context.Context, unit, owner, cursor string, limit int) ([]*convening.SavedSearch, string, error) {
	return page(ctx, s, searches, table.Query{Index: table.G1, PK: ownSearches(unit, owner), Cursor: cursor, Limit: limit})
}

// Sought returns the audience with what its saved search looks for in the place of
// its id; convening.ErrSearchGone when there is none any more.
func (s *Store) Sought(ctx context.Context, a convening.Audience) (convening.Audience, error) {
	if a.Search == "" {
		return a, nil
	}
	x, err := s.SavedSearch(ctx, a.Search)
	if errors.Is(err, ErrNotFound) {
		return a, convening.ErrSearchGone
	}
	if err != nil {
		return a, fmt.Errorf("saved search: %w", err)
	}
	return a.As(x.Query), nil
}

// Seek lets an event that went out take over what its saved search looks for now,
// if it has yet to.
func (s *Store) Seek(ctx context.Context, e *convening.Event) error {
	if e.Seeks() == "" {
		return nil
	}
	a, err := s.Sought(ctx, e.Audience)
	if err != nil {
		return err
	}
	e.Seek(convening.Query{Text: a.Text, Filters: a.Filters, Narrowing: a.Narrowing})
	return nil
}

// AdvanceAlert does what is due of the alert of a search: look returns what is to
// be told, and moves the alert on; both are written in one transaction. It reports
// whether there was anything to do.
func (s *Store) AdvanceAlert(ctx context.Context, search string, look func(*convening.Alert) (*journal.Entry, error)) (bool, error) {
	it, err := s.Table.Get(ctx, alertKey(search))
	if errors.Is(err, table.ErrAbsent) {
		return false, nil // stopped meanwhile
	}
	if err != nil {
		return false, translate(err)
	}
	a, err := decodeAlert(it)
	if err != nil || a.DueAt.After(s.Now()) {
		return false, err
	}
	told, err := look(a)
	if err != nil {
		return false, err
	}
	w := &write{store: s, once: -1}
	w.add(table.Op{Verb: table.Put, Item: alertItem(a, it.Version+1), If: table.IfVersion(it.Version)})
	if told != nil {
		w.announce(ctx, *told)
	}
	if err := w.commit(ctx); !errors.Is(err, ErrBusy) {
		return err == nil, err
	}
	return false, nil // another did it, or it was stopped
}
