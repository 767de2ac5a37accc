package store

import (
	"context"
	"errors"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var cases = noun[directory.Case]{
	name:    typeCase,
	id:      func(c *directory.Case) string { return c.Stakeholder },
	version: func(c *directory.Case) *int64 { return &c.Version },
	journal: func(c *directory.Case) *journal.Log { return &c.Log },
	item: func(c *directory.Case) table.Item {
		it := table.Item{Key: caseKey(c.Stakeholder), Type: typeCase}
		if c.Assignee != "" {
			it.G1 = assignedKey(c.Assignee, *c.AssignedAt, c.Stakeholder)
		}
		return it
	},
}

// Case returns how moderators work on a registration; an empty one, of version 0,
// while nobody has begun.
func (s *Store) Case(ctx context.Context, stakeholder string) (*directory.Case, error) {
	c, err := get(ctx, s, cases, caseKey(stakeholder))
	if errors.Is(err, ErrNotFound) {
		return &directory.Case{Stakeholder: stakeholder}, nil
	}
	return c, err
}

// Cases returns, by stakeholder, the cases of those that have one, in one request.
func (s *Store) Cases(ctx context.Context, stakeholders []string) (map[string]*directory.Case, error) {
	found := map[string]*directory.Case{}
	if len(stakeholders) == 0 {
		return found, nil
	}
	keys := make([]table.Key, len(stakeholders))
	for i, id := range stakeholders {
		keys[i] = caseKey(id)
	}
	items, err := s.Table.GetMany(ctx, keys)
	if err != nil {
		return nil, translate(err)
	}
	for _, it := range items {
		c, err := cases.decode(it)
		if err != nil {
			return nil, err
		}
		found[c.Stakeholder] = c
	}
	return found, nil
}

// CasesOf returns one page of the cases that a moderator has, those taken first
// before the others.
func (s *Store) CasesOf(ctx context.Context, moderator, cursor string, limit int) ([]*directory.Case, string, error) {
	return page(ctx, s, cases, table.Query{Index: table.G1, PK: assignedPartition(moderator), Cursor: cursor, Limit: limit})
}

// ChangeCase changes a case, which begins with the first change. Change sees
// version 0 then.
func (s *Store) ChangeCase(ctx context.Context, stakeholder string, change func(*directory.Case) error) (*directory.Case, error) {
	for range attempts {
		c, err := update(ctx, s, cases, caseKey(stakeholder), change)
		if !errors.Is(err, ErrNotFound) {
			return c, err
		}
		c = &directory.Case{Stakeholder: stakeholder}
		if err := change(c); err != nil {
			return nil, err
		}
		if err := s.mentionAll(ctx, []string{stakeholder}, mention{typeCase, stakeholder}); err != nil {
			return nil, err
		}
		if err := create(ctx, s, cases, c); !errors.Is(err, ErrBusy) {
			return c, err
		}
	}
	return nil, ErrBusy
}

// eraseCase forgets what moderators wrote, of the stakeholder or of one of its
// contacts.
func (s *Store) eraseCase(ctx context.Context, stakeholder string) error {
	if err := s.redactTrail(ctx, typeCase, stakeholder, all); err != nil {
		return err
	}
	_, err := update(ctx, s, cases, caseKey(stakeholder), func(c *directory.Case) error { c.Forget(); return nil })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// Backlog is how many wait in one state.
type Backlog struct {
	Count  int                    // counted up to countedAtMost
	More   bool                   // there are more than were counted
	Oldest *directory.Stakeholder // nil when there is none
}

// countedAtMost is how far a backlog is counted. A queue that is longer needs no
// exact number.
const countedAtMost = table.MaxPage

// Backlog counts the registrations in a status, the oldest first.
func (s *Store) Backlog(ctx context.Context, status directory.Status) (b Backlog, err error) {
	for cursor, more := "", true; more; more = cursor != "" {
		var list []*directory.Stakeholder
		if list, cursor, err = s.Registrations(ctx, status, cursor, table.MaxPage); err != nil {
			return b, err
		}
		if b.Oldest == nil && len(list) > 0 {
			b.Oldest = list[0]
		}
		if b.Count += len(list); b.Count >= countedAtMost {
			b.More = cursor != ""
			return b, nil
		}
	}
	return b, nil
}
