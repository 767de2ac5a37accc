package store

import (
	"context"
	"errors"

	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// parents returns under whom a stakeholder stands, and from when to when.
type parents func(context.Context, *directory.Stakeholder) ([]directory.Tie, error)

// presentParents are those that its record tells of: the ones of today.
func presentParents(_ context.Context, e *directory.Stakeholder) (list []directory.Tie, _ error) {
	for _, t := range e.Ties {
		if t.Kind == directory.RelationParent {
			list = append(list, t)
		}
	}
	return list, nil
}

// datedParents are those of today and those that were agreed on for later.
func (s *Store) datedParents(ctx context.Context, e *directory.Stakeholder) (list []directory.Tie, err error) {
	all, err := s.RelationsOf(ctx, e)
	for _, r := range all {
		if r.Kind == directory.RelationParent && r.From == e.ID && r.State == directory.RelationConfirmed {
			list = append(list, directory.Tie{Kind: r.Kind, To: r.To, Since: r.Since, Until: r.Until})
		}
	}
	return list, err
}

// lineage refuses a parent under which its child stands on a day on which both would
// hold, however far above. It walks up a bounded number of records, and returns the
// check that each is as it was: of relations that are confirmed at the same time, and
// would be a circle together, all but one are tried again.
func (s *Store) lineage(ctx context.Context, r *directory.Relation, above parents) (unchanged []table.Op, err error) {
	if r.Kind != directory.RelationParent {
		return nil, nil
	}
	seen := map[directory.Tie]bool{}
	checked := map[string]bool{}
	for next := []directory.Tie{{To: r.To, Since: r.Since, Until: r.Until}}; len(next) > 0; next = next[1:] {
		at := next[0]
		if seen[at] {
			continue
		}
		seen[at] = true
		e, err := s.Resolve(ctx, at.To)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if at.To == r.From || e.ID == r.From || len(seen) > directory.MaxAncestors {
			return nil, directory.CyclicParent() // or deeper than any house of organisations: nobody can tell
		}
		if !checked[e.ID] && r.State == directory.RelationConfirmed {
			checked[e.ID] = true
			unchanged = append(unchanged, table.Op{Verb: table.Check, Item: table.Item{Key: stakeholderKey(e.ID)}, If: table.IfVersion(e.Version)})
		}
		list, err := above(ctx, e)
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			if during, ok := at.During(t); ok {
				next = append(next, during)
			}
		}
	}
	return unchanged, nil
}
