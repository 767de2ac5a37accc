package store

import (
	"context"
	"errors"
	"slices"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var screenings = noun[directory.Screening]{
	name:    typeScreening,
	id:      func(s *directory.Screening) string { return s.Stakeholder },
	version: func(s *directory.Screening) *int64 { return &s.Version },
	journal: func(s *directory.Screening) *journal.Log { return &s.Log },
	item: func(s *directory.Screening) table.Item {
		return table.Item{Key: screeningKey(s.Stakeholder), G1: screeningStateKey(s.Open() > 0, s.At, s.Stakeholder), Type: typeScreening}
	},
}

// ScreeningDue is a stakeholder whose names are to be compared with the list.
type ScreeningDue struct {
	Stakeholder string
	key         table.Key
}

// screeningClaims is the item that lets the planner compare a stakeholder's names
// with the list: it is written with the names, and again when they become others.
// Who is imported has none: an import that is large would make as many.
func screeningClaims(s *directory.Stakeholder) []claim {
	if !s.Screened() {
		return nil
	}
	at := s.UpdatedAt
	return []claim{{item: table.Item{
		Key: toScreenKey(s.ID, s.ScreenedAs()), G2: dueKey(&at, s.ID), Type: typeToScreen, Version: 1, Attributes: encode(map[string]string{"stakeholder": s.ID}),
	}}}
}

// importedClaims are the claims of an entry that is imported.
func importedClaims(s *directory.Stakeholder) []claim {
	return slices.DeleteFunc(stakeholderClaims(s), func(c claim) bool { return c.item.Type == typeToScreen })
}

func decodeToScreen(it table.Item) *ScreeningDue {
	return &ScreeningDue{Stakeholder: strings.TrimPrefix(it.PK, stakeholderKey("").PK), key: it.Key}
}

// SettleScreening notes that what was due has been done, and reports whether it
// had not been before: the index of what is due may lag behind the table.
func (s *Store) SettleScreening(ctx context.Context, d *ScreeningDue) (bool, error) {
	err := s.Table.Transact(ctx, []table.Op{{Verb: table.Delete, Item: table.Item{Key: d.key}, If: table.IfExists()}})
	if _, gone := errors.AsType[*table.ConditionFailed](err); gone {
		return false, nil
	}
	return err == nil, translate(err)
}

// Screening returns what is known of a stakeholder's comparison with the list: one
// without matches when none was ever found.
func (s *Store) Screening(ctx context.Context, stakeholder string) (*directory.Screening, error) {
	e, err := get(ctx, s, screenings, screeningKey(stakeholder))
	if errors.Is(err, ErrNotFound) {
		return &directory.Screening{Stakeholder: stakeholder}, nil
	}
	return e, err
}

// ScreeningsIn returns one page of the screenings that have, or have not, matches
// that nobody looked at, the oldest first.
func (s *Store) ScreeningsIn(ctx context.Context, open bool, cursor string, limit int) ([]*directory.Screening, string, error) {
	return page(ctx, s, screenings, table.Query{Index: table.G1, PK: screeningStateKey(open, s.Now(), "").PK, Cursor: cursor, Limit: limit})
}

// KeepScreening takes over what a comparison of the stakeholder found. Where
// nothing was found before and nothing is now, nothing is written.
func (s *Store) KeepScreening(ctx context.Context, stakeholder, edition string, found []directory.Match) error {
	_, err := s.UpdateScreening(ctx, stakeholder, func(e *directory.Screening) error { e.Found(edition, found, s.Now()); return nil })
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	if len(found) == 0 {
		return nil
	}
	e := &directory.Screening{Stakeholder: stakeholder}
	e.Found(edition, found, s.Now())
	if err := s.mentionAll(ctx, []string{stakeholder}, mention{typeScreening, stakeholder}); err != nil {
		return err
	}
	return create(ctx, s, screenings, e) // when another was faster, what is due is done again
}

// UpdateScreening changes what is known of a stakeholder's comparison.
func (s *Store) UpdateScreening(ctx context.Context, stakeholder string, change func(*directory.Screening) error) (*directory.Screening, error) {
	return update(ctx, s, screenings, screeningKey(stakeholder), change)
}

// eraseScreening forgets what was found of the stakeholder, or of one of its
// contacts, and what moderators wrote about it.
func (s *Store) eraseScreening(ctx context.Context, e *directory.Erasure, stakeholder string) error {
	if err := s.redactTrail(ctx, typeScreening, stakeholder, all); err != nil {
		return err
	}
	_, err := s.UpdateScreening(ctx, stakeholder, func(k *directory.Screening) error { k.Forget(e.Contact); return nil })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
