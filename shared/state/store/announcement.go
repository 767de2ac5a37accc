package store

import (
	"context"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var announcements = noun[convening.Announcement]{
	name:    typeAnnounced,
	id:      func(a *convening.Announcement) string { return a.EventID + "." + a.ID },
	version: func(a *convening.Announcement) *int64 { return &a.Version },
	journal: func(a *convening.Announcement) *journal.Log { return &a.Log },
	item: func(a *convening.Announcement) table.Item {
		return table.Item{Key: announcementKey(a.EventID, a.ID), G2: dueKey(a.DueAt, a.ID), Type: typeAnnounced}
	},
}

// CreateAnnouncement keeps a new announcement, which the planner carries out.
func (s *Store) CreateAnnouncement(ctx context.Context, a *convening.Announcement) error {
	return create(ctx, s, announcements, a)
}

// Announcement returns one announcement of an event.
func (s *Store) Announcement(ctx context.Context, event, id string) (*convening.Announcement, error) {
	return get(ctx, s, announcements, announcementKey(event, id))
}

// UpdateAnnouncement changes one announcement.
func (s *Store) UpdateAnnouncement(ctx context.Context, event, id string, change func(*convening.Announcement) error) (*convening.Announcement, error) {
	return update(ctx, s, announcements, announcementKey(event, id), change)
}

// Announcements returns one page of an event's announcements, the oldest first.
func (s *Store) Announcements(ctx context.Context, event, cursor string, limit int) ([]*convening.Announcement, string, error) {
	return page(ctx, s, announcements, table.Query{PK: eventKey(event).PK, SKPrefix: announcementPrefix, Cursor: cursor, Limit: limit})
}
