package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var accreditations = noun[convening.Accreditation]{
	name:    typeAccredited,
	id:      accreditationID,
	version: func(a *convening.Accreditation) *int64 { return &a.Version },
	journal: func(a *convening.Accreditation) *journal.Log { return &a.Log },
	item: func(a *convening.Accreditation) table.Item {
		return table.Item{Key: accreditationKey(a.EventID, a.Stakeholder), G2: dueKey(a.DueAt, accreditationID(a)), Type: typeAccredited}
	},
}

func accreditationID(a *convening.Accreditation) string { return a.EventID + "." + a.Stakeholder }

// CreateAccreditation keeps an application; ErrBusy says that the stakeholder has
// one already.
func (s *Store) CreateAccreditation(ctx context.Context, a *convening.Accreditation) error {
	if err := s.mentionAll(ctx, []string{a.Stakeholder}, mention{typeAccredited, accreditationID(a)}); err != nil {
		return err
	}
	return create(ctx, s, accreditations, a)
}

// Accreditation returns the application of a stakeholder to an event.
func (s *Store) Accreditation(ctx context.Context, event, stakeholder string) (*convening.Accreditation, error) {
	return get(ctx, s, accreditations, accreditationKey(event, stakeholder))
}

// AccreditationOf returns the application of a stakeholder to an event, or else that
// of one that was merged with it: an application stays where it was made, so that it
// is found again when the merge is undone. Of several it is the oldest.
func (s *Store) AccreditationOf(ctx context.Context, event, stakeholder string) (*convening.Accreditation, error) {
	a, err := s.Accreditation(ctx, event, stakeholder)
	if !errors.Is(err, ErrNotFound) {
		return a, err
	}
	of, err := s.Resolve(ctx, stakeholder)
	if err != nil {
		return nil, err
	}
	ids, err := s.Family(ctx, of)
	if err != nil || len(ids) == 1 {
		return nil, cmp.Or(err, error(ErrNotFound))
	}
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = accreditationKey(event, id)
	}
	list, err := each(ctx, s, accreditations, keys)
	if err != nil || len(list) == 0 {
		return nil, cmp.Or(err, error(ErrNotFound))
	}
	return slices.MinFunc(list, func(a, b *convening.Accreditation) int { return a.AppliedAt.Compare(b.AppliedAt) }), nil
}

// ExpireAccreditation lets the planner forget what an application said when its
// event is long over, and reports whether there was anything to do. The values of
// the trail go first: one that is forgotten is done with.
func (s *Store) ExpireAccreditation(ctx context.Context, a *convening.Accreditation) (done bool, err error) {
	var ended time.Time
	switch e, err := s.Event(ctx, a.EventID); {
	case err == nil:
		ended = e.Ends
	case !errors.Is(err, ErrNotFound):
		return false, err
	}
	if a.Outlived(ended, s.Now()) {
		if err := s.redactTrail(ctx, typeAccredited, accreditationID(a), all); err != nil {
			return false, err
		}
	}
	_, err = update(ctx, s, accreditations, accreditationKey(a.EventID, a.Stakeholder), func(a *convening.Accreditation) error {
		due := a.DueAt
		a.Expire(ended, s.Now())
		done = a.DueAt != due
		return nil
	})
	return done && err == nil, err
}

// UpdateAccreditation changes one application. Who objects to it is mentioned
// first, so that an erasure finds the objection.
func (s *Store) UpdateAccreditation(ctx context.Context, event, stakeholder string, change func(*convening.Accreditation) error) (*convening.Accreditation, error) {
	return update(ctx, s, accreditations, accreditationKey(event, stakeholder), func(a *convening.Accreditation) error {
		before := objectors(a)
		if err := change(a); err != nil {
			return err
		}
		return s.mentionAll(ctx, anew(objectors(a), before), mention{typeAccredited, accreditationID(a)})
	})
}

func objectors(a *convening.Accreditation) []string {
	ids := make([]string, len(a.Objections))
	for i, o := range a.Objections {
		ids[i] = o.Stakeholder
	}
	return ids
}

// Accreditations returns one page of the applications to an event.
func (s *Store) Accreditations(ctx context.Context, event, cursor string, limit int) ([]*convening.Accreditation, string, error) {
	return page(ctx, s, accreditations, table.Query{PK: eventKey(event).PK, SKPrefix: accreditationPrefix, Cursor: cursor, Limit: limit})
}

// eraseAccreditation takes who is erased out of an application.
func (s *Store) eraseAccreditation(ctx context.Context, e *directory.Erasure, stakeholder, id string) error {
	event, applicant, _ := strings.Cut(id, ".")
	_, err := update(ctx, s, accreditations, accreditationKey(event, applicant), func(a *convening.Accreditation) error {
		a.Forget(stakeholder, e.Contact)
		return nil
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return s.redactTrail(ctx, typeAccredited, id, all)
}
