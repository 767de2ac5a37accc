package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// moveRelations gives the relations of the merged one to the survivor, or back,
// each in a transaction of its own with the ties of its ends.
func (s *Store) moveRelations(ctx context.Context, m *directory.Merge) error {
	from, _, _ := m.Moves()
	list, err := s.Relations(ctx, from)
	if err != nil {
		return err
	}
	change := func(r *directory.Relation) error { return s.follow(ctx, r, m) }
	if from == m.Survivor {
		theirs, err := s.Relations(ctx, m.Merged) // a relation that was set aside may have stayed
		if err != nil {
			return err
		}
		list = append(list, theirs...)
		change = func(r *directory.Relation) error { r.Return(m.ID); return nil }
	}
	for _, r := range list {
		if err := s.moveRelation(ctx, r.ID, change); err != nil && !errors.Is(err, ErrNotFound) {
			return fmt.Errorf("relation %s: %w", r.ID, err)
		}
	}
	return nil
}

// follow gives a relation to the survivor, and sets it aside when it cannot hold
// there.
func (s *Store) follow(ctx context.Context, r *directory.Relation, m *directory.Merge) error {
	if !r.Follow(m.ID, m.Merged, m.Survivor) {
		return nil
	}
	fits, err := s.fits(ctx, r)
	if err == nil && !fits {
		r.SetAside(m.ID)
	}
	return err
}

// fits reports whether a relation can hold between its ends beside what holds
// between them already.
func (s *Store) fits(ctx context.Context, r *directory.Relation) (bool, error) {
	if r.From == r.To || r.State == directory.RelationEnded {
		return r.From != r.To, nil
	}
	same, err := s.sameAs(ctx, r)
	if err != nil || same != nil && r.YieldsTo(same) {
		return false, err
	}
	_, err = s.lineage(ctx, r, presentParents)
	if errors.Is(err, directory.CyclicParent()) {
		return false, nil
	}
	return err == nil, err
}

// moveRelation changes which stakeholders a relation names, and in the same
// transaction the records that tell of it.
func (s *Store) moveRelation(ctx context.Context, id string, change func(*directory.Relation) error) error {
	for range attempts {
		read, err := s.Table.Get(ctx, relationKey(id))
		if err != nil {
			return translate(err)
		}
		was, err := relations.decode(read)
		if err != nil {
			return err
		}
		is := *was
		if err := change(&is); err != nil {
			return err
		}
		if err := s.writeMoved(ctx, &read, was, &is); !errors.Is(err, ErrBusy) {
			return err
		}
	}
	return ErrBusy
}

func (s *Store) writeMoved(ctx context.Context, read *table.Item, was, is *directory.Relation) error {
	entries := is.Take()
	if len(entries) == 0 {
		return nil
	}
	is.Version = read.Version + 1
	it, trace, err := seal(ctx, s, relations, read, is, entries)
	if err != nil {
		return err
	}
	w := s.write(ctx, table.Op{Verb: table.Put, Item: it, If: table.IfVersion(read.Version)}, trace, entries)
	w.claim(relationClaims(was), relationClaims(is))
	ends := []string{was.From, is.From}
	slices.Sort(ends)
	for _, end := range slices.Compact(ends) {
		if err := s.addTied(ctx, w, end, func(e *directory.Stakeholder) bool { return e.Retie(was, is, s.Now()) }); err != nil {
			return err
		}
	}
	return w.commit(ctx)
}

// RelationsOf is Relations for who reads them: also while those of one that was
// merged into the stakeholder are still on their way, and without what was set
// aside. Who survived no merge costs no more.
func (s *Store) RelationsOf(ctx context.Context, e *directory.Stakeholder) ([]*directory.Relation, error) {
	return s.relationsOf(ctx, e, math.MaxInt)
}

// SomeRelationsOf is RelationsOf for a page that everybody may ask for: of those
// that others keep it reads the first thousand.
func (s *Store) SomeRelationsOf(ctx context.Context, e *directory.Stakeholder) ([]*directory.Relation, error) {
	return s.relationsOf(ctx, e, 1)
}

func (s *Store) relationsOf(ctx context.Context, e *directory.Stakeholder, pages int) ([]*directory.Relation, error) {
	all, err := s.relations(ctx, e.ID, pages)
	if err != nil || len(e.Merges) == 0 {
		return inUse(all), err
	}
	unsettled, err := s.unsettled(ctx, e.Merges)
	if err != nil {
		return nil, err
	}
	for _, m := range unsettled {
		theirs, err := s.Relations(ctx, m.Merged)
		if err != nil {
			return nil, err
		}
		for _, r := range theirs {
			known := func(o *directory.Relation) bool { return o.ID == r.ID || r.Same(o) && r.YieldsTo(o) }
			if r.Follow(m.ID, m.Merged, m.Survivor) && r.From != r.To && !slices.ContainsFunc(all, known) {
				all = append(all, r)
			}
		}
	}
	return inUse(all), nil
}

// unsettled returns those of the merges that are being carried out or undone.
func (s *Store) unsettled(ctx context.Context, ids []string) (list []*directory.Merge, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]table.Key, 0, len(ids))
	for _, id := range ids[max(0, len(ids)-table.MaxPage):] {
		keys = append(keys, mergeKey(id))
	}
	items, err := s.Table.GetMany(ctx, keys)
	if err != nil {
		return nil, translate(err)
	}
	for _, it := range items {
		m, err := merges.decode(it)
		if err != nil {
			return nil, err
		}
		if m.State == directory.MergeMoving || m.State == directory.MergeReverting {
			list = append(list, m)
		}
	}
	return list, nil
}

func inUse(list []*directory.Relation) []*directory.Relation {
	return slices.DeleteFunc(list, func(r *directory.Relation) bool { return len(r.Aside) > 0 })
}

// Leading returns, by each id, the stakeholder that it leads to now, as Resolve
// does; who is not there is not among them. It is one request where none of them
// was merged.
func (s *Store) Leading(ctx context.Context, ids []string) (map[string]*directory.Stakeholder, error) {
	found := map[string]*directory.Stakeholder{}
	wanted := ids
	for range mergedAtMost {
		for some := range slices.Chunk(wanted, table.MaxPage) {
			list, err := s.Stakeholders(ctx, some)
			if err != nil {
				return nil, err
			}
			for _, e := range list {
				found[e.ID] = e
			}
		}
		wanted = beyond(found)
		if len(wanted) == 0 {
			break
		}
	}
	leading := make(map[string]*directory.Stakeholder, len(ids))
	for _, id := range ids {
		e := found[id]
		for range mergedAtMost {
			if e == nil || e.Status != directory.Merged {
				break
			}
			e = found[e.MergedInto]
		}
		if e != nil {
			leading[id] = e
		}
	}
	return leading, nil
}

// beyond returns the survivors that were not read yet.
func beyond(found map[string]*directory.Stakeholder) []string {
	var ids []string
	for _, e := range found {
		if e.Status == directory.Merged && found[e.MergedInto] == nil && !slices.Contains(ids, e.MergedInto) {
			ids = append(ids, e.MergedInto)
		}
	}
	slices.Sort(ids)
	return ids
}
