package store

import (
	"context"
	"errors"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var feeds = noun[convening.Feed]{
	name:    typeFeed,
	id:      func(f *convening.Feed) string { return f.Contact },
	version: func(f *convening.Feed) *int64 { return &f.Version },
	journal: func(f *convening.Feed) *journal.Log { return &f.Log },
	item: func(f *convening.Feed) table.Item {
		return table.Item{Key: feedKey(f.Contact), Type: typeFeed}
	},
}

// Feed returns the calendar feed of a contact, ErrNotFound when it never had one.
func (s *Store) Feed(ctx context.Context, contact string) (*convening.Feed, error) {
	return get(ctx, s, feeds, feedKey(contact))
}

// UpdateFeed changes the calendar feed of a contact, which need not have been kept
// yet.
func (s *Store) UpdateFeed(ctx context.Context, ref ContactRef, change func(*convening.Feed)) (*convening.Feed, error) {
	if err := s.mentionAll(ctx, []string{ref.Stakeholder}, mention{typeFeed, ref.Contact}); err != nil {
		return nil, err
	}
	for range attempts {
		f, err := update(ctx, s, feeds, feedKey(ref.Contact), func(f *convening.Feed) error { change(f); return nil })
		if !errors.Is(err, ErrNotFound) {
			return f, err
		}
		f = convening.NewFeed(ref.Stakeholder, ref.Contact)
		if change(f); f.Hash == "" {
			return f, nil
		}
		if err := create(ctx, s, feeds, f); !errors.Is(err, ErrBusy) {
			return f, err
		}
	}
	return nil, ErrBusy
}

// eraseFeed takes away the address of a contact that is erased.
func (s *Store) eraseFeed(ctx context.Context, e *directory.Erasure, contact string) error {
	if e.Contact != "" && e.Contact != contact {
		return nil
	}
	_, err := update(ctx, s, feeds, feedKey(contact), func(f *convening.Feed) error { f.Revoke(); return nil })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return s.redactTrail(ctx, typeFeed, contact, all)
}
