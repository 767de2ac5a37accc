package store

import (
	"context"
	"slices"

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

// Upload returns one upload of a stakeholder that was not dropped.
func (s *Store) Upload(ctx context.Context, stakeholder, id string) (*directory.Upload, error) {
	u, err := get(ctx, s, uploads, uploadKey(stakeholder, id))
	if err == nil && u.Dropped {
		return nil, ErrNotFound
	}
	return u, err
}

// UpdateUpload changes one upload.
func (s *Store) UpdateUpload(ctx context.Context, stakeholder, id string, change func(*directory.Upload) error) (*directory.Upload, error) {
	return update(ctx, s, uploads, uploadKey(stakeholder, id), change)
}

// UploadsOf returns the uploads of a stakeholder that were not dropped.
func (s *Store) UploadsOf(ctx context.Context, stakeholder string) (kept []*directory.Upload, err error) {
	for cursor, more := "", true; more; more = cursor != "" {
		var list []*directory.Upload
		q := table.Query{PK: stakeholderKey(stakeholder).PK, SKPrefix: uploadPrefix, Cursor: cursor, Limit: table.MaxPage}
		if list, cursor, err = page(ctx, s, uploads, q); err != nil {
			return nil, err
		}
		kept = append(kept, slices.DeleteFunc(list, func(u *directory.Upload) bool { return u.Dropped })...)
	}
	return kept, nil
}

// DropUpload forgets an upload whose bytes are gone. Its item stays: a trail that
// belongs to nothing could not be told from one whose aggregate was taken away.
func (s *Store) DropUpload(ctx context.Context, u *directory.Upload) error {
	if err := s.redactTrail(ctx, typeUpload, u.ID, all); err != nil {
		return err
	}
	_, err := s.UpdateUpload(ctx, u.Stakeholder, u.ID, func(u *directory.Upload) error { u.Drop(); return nil })
	return err
}
