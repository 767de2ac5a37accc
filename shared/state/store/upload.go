package store

import (
	"context"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var uploads = noun[directory.Upload]{
	name:    typeUpload,
	id:      func(u *directory.Upload) string { return u.ID },
	version: func(u *directory.Upload) *int64 { return &u.Version },
	journal: func(u *directory.Upload) *journal.Log { return &u.Log },
	item: func(u *directory.Upload) table.Item {
		return table.Item{Key: uploadKey(u.Stakeholder, u.ID), G2: dueKey(u.DueAt, u.ID), Type: typeUpload}
	},
}

// CreateUpload keeps what is known of a document that is on its way.
func (s *Store) CreateUpload(ctx context.Context, u *directory.Upload) error {
	return create(ctx, s, uploads, u)
}

// Upload returns one upload of a stakeholder.
func (s *Store) Upload(ctx context.Context, stakeholder, id string) (*directory.Upload, error) {
	return get(ctx, s, uploads, uploadKey(stakeholder, id))
}

// UpdateUpload changes one upload.
func (s *Store) UpdateUpload(ctx context.Context, stakeholder, id string, change func(*directory.Upload) error) (*directory.Upload, error) {
	return update(ctx, s, uploads, uploadKey(stakeholder, id), change)
}

// DropUpload forgets an upload whose bytes are gone.
func (s *Store) DropUpload(ctx context.Context, u *directory.Upload) error {
	return translate(s.Table.Transact(ctx, []table.Op{{Verb: table.Delete, Item: table.Item{Key: uploadKey(u.Stakeholder, u.ID)}}}))
}
