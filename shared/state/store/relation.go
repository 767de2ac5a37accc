package store

import (
	"context"
	"errors"
	"math"
	"slices"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var relations = noun[directory.Relation]{
	name:    typeRelation,
	id:      func(r *directory.Relation) string { return r.ID },
	version: func(r *directory.Relation) *int64 { return &r.Version },
	journal: func(r *directory.Relation) *journal.Log { return &r.Log },
	item: func(r *directory.Relation) table.Item {
		return table.Item{Key: relationKey(r.ID), G1: relatedKey(r.To, r.ID), G2: dueKey(r.DueAt, r.ID), Type: typeRelation}
	},
	claims: relationClaims,
}

// relationClaims is what leads from its From end to a relation that went along
// with a merge: it is kept where it was made, so that its id and its trail stay.
func relationClaims(r *directory.Relation) []claim {
	k := table.Key{PK: stakeholderKey(r.From).PK, SK: relationPrefix + r.ID}
	if k == relationKey(r.ID) {
		return nil
	}
	return []claim{{item: table.Item{Key: k, Type: typeMoved, Version: 1, Attributes: encode(struct{}{})}}}
}

// CreateRelation keeps a new relation. It fails with ErrRelationExists when its
// ends have the same already, and refuses a parent that is a child.
func (s *Store) CreateRelation(ctx context.Context, r *directory.Relation) error {
	others, err := s.asserted(ctx, r.From)
	if err != nil {
		return err
	}
	if r.Kind == directory.RelationPartnerOf {
		theirs, err := s.asserted(ctx, r.To)
		if err != nil {
			return err
		}
		others = append(others, theirs...)
	}
	if slices.ContainsFunc(others, r.Same) {
		return directory.ErrRelationExists
	}
	if len(others) >= directory.MaxRelations {
		return directory.ErrRelationsTooMany
	}
	entries := r.Take()
	for range attempts {
		above, err := s.lineage(ctx, r, s.datedParents)
		if err != nil {
			return err
		}
		if err := s.writeRelation(ctx, nil, r, entries, above); !errors.Is(err, ErrBusy) {
			return err
		}
	}
	return ErrBusy
}

// asserted returns the relations that a stakeholder is the From end of and that
// hold or may come to hold.
func (s *Store) asserted(ctx context.Context, from string) ([]*directory.Relation, error) {
	list, err := s.keptWith(ctx, from)
	return slices.DeleteFunc(list, func(r *directory.Relation) bool {
		return r.State == directory.RelationEnded || r.From != from || len(r.Aside) > 0
	}), err
}

// keptWith returns the relations that are found in the partition of a stakeholder:
// those that it was the From end of when they were made, and those of which a merge
// made it the From end.
func (s *Store) keptWith(ctx context.Context, stakeholder string) (list []*directory.Relation, err error) {
	var moved []table.Key
	for cursor, more := "", true; more; more = cursor != "" {
		p, err := s.Table.Query(ctx, table.Query{PK: stakeholderKey(stakeholder).PK, SKPrefix: relationPrefix, Cursor: cursor, Limit: table.MaxPage})
		if err != nil {
			return nil, translate(err)
		}
		for _, it := range p.Items {
			if it.Type == typeMoved {
				moved = append(moved, relationKey(it.SK[len(relationPrefix):]))
				continue
			}
			r, err := relations.decode(it)
			if err != nil {
				return nil, err
			}
			list = append(list, r)
		}
		cursor = p.Cursor
	}
	for keys := range slices.Chunk(moved, table.MaxPage) {
		items, err := s.Table.GetMany(ctx, keys)
		if err != nil {
			return nil, translate(err)
		}
		for _, it := range items {
			r, err := relations.decode(it)
			if err != nil {
				return nil, err
			}
			list = append(list, r)
		}
	}
	return list, nil
}

// Relation returns one relation.
func (s *Store) Relation(ctx context.Context, id string) (*directory.Relation, error) {
	return get(ctx, s, relations, relationKey(id))
}

// Relations returns the relations of a stakeholder, of whichever end it is, in
// two requests; in one more when some came by a merge. Those that ended, and those
// that were set aside, come too.
func (s *Store) Relations(ctx context.Context, stakeholder string) ([]*directory.Relation, error) {
	return s.relations(ctx, stakeholder, math.MaxInt)
}

// relations reads as many pages of those that others keep, who can be any number.
func (s *Store) relations(ctx context.Context, stakeholder string, pages int) ([]*directory.Relation, error) {
	all, err := s.keptWith(ctx, stakeholder)
	if err != nil {
		return nil, err
	}
	for cursor, more := "", true; more; more = cursor != "" && pages > 0 {
		pages--
		var list []*directory.Relation
		q := table.Query{Index: table.G1, PK: relatedKey(stakeholder, "").PK, Cursor: cursor, Limit: table.MaxPage}
		if list, cursor, err = page(ctx, s, relations, q); err != nil {
			return nil, err
		}
		for _, r := range list {
			if !slices.ContainsFunc(all, func(o *directory.Relation) bool { return o.ID == r.ID }) { // with both its ends it came already
				all = append(all, r)
			}
		}
	}
	return all, nil
}

// UpdateRelation changes one relation, and in the same transaction what its From
// end's own record holds of it.
func (s *Store) UpdateRelation(ctx context.Context, id string, change func(*directory.Relation) error) (*directory.Relation, error) {
	for range attempts {
		read, err := s.Table.Get(ctx, relationKey(id))
		if err != nil {
			return nil, translate(err)
		}
		r, err := relations.decode(read)
		if err != nil {
			return nil, err
		}
		was := r.State
		if err := change(r); err != nil {
			return nil, err
		}
		above, err := s.mayHold(ctx, r, was)
		if err != nil {
			return nil, err
		}
		entries := r.Take()
		if len(entries) == 0 {
			return r, nil
		}
		if err := s.writeRelation(ctx, &read, r, entries, above); !errors.Is(err, ErrBusy) {
			return r, err
		}
	}
	return nil, ErrBusy
}

// mayHold refuses to confirm what cannot be, and ends a parent that was agreed on for
// today and has become a child meanwhile. It returns what must not change until the
// relation is written.
func (s *Store) mayHold(ctx context.Context, r *directory.Relation, was directory.RelationState) (above []table.Op, err error) {
	switch {
	case r.State != directory.RelationConfirmed:
		return nil, nil
	case was != r.State:
		return s.canConfirm(ctx, r)
	case !r.Current(s.Now()):
		return nil, nil
	}
	above, err = s.lineage(ctx, r, presentParents)
	if errors.Is(err, directory.CyclicParent()) {
		return nil, r.End("", s.Now())
	}
	return above, err
}

// canConfirm refuses a parent that is a child, and what is confirmed already by
// another relation, which a merge can bring together with this one.
func (s *Store) canConfirm(ctx context.Context, r *directory.Relation) ([]table.Op, error) {
	o, err := s.sameAs(ctx, r)
	if err != nil {
		return nil, err
	}
	if o != nil && o.State == directory.RelationConfirmed {
		return nil, directory.ErrRelationExists
	}
	return s.lineage(ctx, r, s.datedParents)
}

// sameAs returns another relation that says the same, a confirmed one if there is
// one, nil when none does.
func (s *Store) sameAs(ctx context.Context, r *directory.Relation) (same *directory.Relation, err error) {
	ends := []string{r.From}
	if r.Kind == directory.RelationPartnerOf {
		ends = append(ends, r.To)
	}
	for _, end := range ends {
		list, err := s.asserted(ctx, end)
		if err != nil {
			return nil, err
		}
		for _, o := range list {
			if o.ID != r.ID && r.Same(o) && (same == nil || o.State == directory.RelationConfirmed) {
				same = o
			}
		}
	}
	return same, nil
}

// writeRelation writes the relation where read was, nil when it is new, and the
// ties of its From end when they differ, unless what is above it changed.
func (s *Store) writeRelation(ctx context.Context, read *table.Item, r *directory.Relation, entries []journal.Entry, above []table.Op) error {
	when := table.IfAbsent()
	r.Version = 1
	if read != nil {
		when, r.Version = table.IfVersion(read.Version), read.Version+1
	}
	it, trace, err := seal(ctx, s, relations, read, r, entries)
	if err != nil {
		return err
	}
	w := s.write(ctx, table.Op{Verb: table.Put, Item: it, If: when}, trace, entries)
	if err := s.addTied(ctx, w, r.From, func(e *directory.Stakeholder) bool {
		tied := e.Tie(r, s.Now())
		if tied && r.Forgotten {
			e.Conceal()
		}
		return tied
	}); err != nil {
		return err
	}
	for _, op := range above {
		w.add(op)
	}
	return w.commit(ctx)
}

// addTied adds the stakeholder to a transaction when tie changes it. One that is
// gone has nothing to change.
func (s *Store) addTied(ctx context.Context, w *write, id string, tie func(*directory.Stakeholder) bool) error {
	read, err := s.Table.Get(ctx, stakeholderKey(id))
	if errors.Is(err, table.ErrAbsent) {
		return nil
	}
	if err != nil {
		return translate(err)
	}
	e, err := stakeholders.decode(read)
	if err != nil || !tie(e) {
		return err
	}
	entries := e.Take()
	e.Version = read.Version + 1
	it, trace, err := seal(ctx, s, stakeholders, &read, e, entries)
	if err != nil {
		return err
	}
	w.add(table.Op{Verb: table.Put, Item: it, If: table.IfVersion(read.Version)})
	w.add(table.Op{Verb: table.Put, Item: trace, If: table.IfAbsent()})
	for _, entry := range entries {
		w.announce(ctx, entry)
	}
	return nil
}

// nowhere is a country that no stakeholder is in.
const nowhere = "-"

// ResolveFilters returns filters as the index takes them: in the place of
// processes their member or observer States now. May says which stakeholders the
// reader may see; of others, and of those that are no process, nothing is found.
// In the
// place of who was merged come the survivors, of whom members and observers are
// asked for. Filters that name none are returned as they are, without a read.
func (s *Store) ResolveFilters(ctx context.Context, filters map[string][]string, may func(*directory.Stakeholder) bool) (map[string][]string, error) {
	resolved := filters
	for field, states := range map[string]func(*directory.Process) []string{
		convening.MemberStatesOf:   func(p *directory.Process) []string { return p.MemberStates(s.Now()) },
		convening.ObserverStatesOf: func(p *directory.Process) []string { return p.ObserverStates(s.Now()) },
	} {
		if len(filters[field]) == 0 {
			continue
		}
		found, err := s.Stakeholders(ctx, distinct(filters[field]))
		if err != nil {
			return nil, err
		}
		countries := []string{nowhere}
		for _, e := range found {
			if may(e) {
				countries = append(countries, states(e.Process)...)
			}
		}
		slices.Sort(countries)
		resolved = withValue(resolved, field, slices.Compact(countries))
	}
	return s.resolveTied(ctx, resolved)
}

// resolveTied puts the survivors in the place of those that were merged since
// somebody asked for who is tied to them. Whose merge is under way is asked for by
// both ids: the ties follow one by one.
func (s *Store) resolveTied(ctx context.Context, filters map[string][]string) (map[string][]string, error) {
	for _, field := range []string{directory.RelationMemberOf, directory.RelationObserverOf} {
		if len(filters[field]) == 0 {
			continue
		}
		leading, err := s.Leading(ctx, distinct(filters[field]))
		if err != nil {
			return nil, err
		}
		var ids []string
		for _, id := range filters[field] {
			e := leading[id]
			if e == nil {
				ids = append(ids, id)
				continue
			}
			ids = append(ids, e.ID)
			unsettled, err := s.unsettled(ctx, e.Merges)
			if err != nil {
				return nil, err
			}
			for _, m := range unsettled {
				ids = append(ids, m.Merged)
			}
		}
		slices.Sort(ids)
		filters = withValue(filters, field, slices.Compact(ids))
	}
	return filters, nil
}

// ResolveAudience is ResolveFilters for those whom an organiser invites; a saved
// search is taken for what it looks for (see Sought).
func (s *Store) ResolveAudience(ctx context.Context, a convening.Audience) (convening.Audience, error) {
	listed := func(e *directory.Stakeholder) bool { return e.Status == directory.Listed }
	a, err := s.Sought(ctx, a)
	if err != nil {
		return a, err
	}
	if a.Filters, err = s.ResolveFilters(ctx, a.Filters, listed); err != nil {
		return a, err
	}
	a.Without, err = s.ResolveFilters(ctx, a.Without, listed)
	return a, err
}

func withValue(filters map[string][]string, field string, values []string) map[string][]string {
	c := make(map[string][]string, len(filters))
	for name, v := range filters {
		c[name] = v
	}
	c[field] = values
	return c
}

// distinct returns the first of the ids, each once, that one request can read.
func distinct(ids []string) []string {
	var list []string
	for _, id := range ids {
		if id != "" && len(id) <= 512 && !slices.Contains(list, id) && len(list) < 100 {
			list = append(list, id)
		}
	}
	return list
}
