package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var merges = noun[directory.Merge]{
	name:    typeMerge,
	id:      func(m *directory.Merge) string { return m.ID },
	version: func(m *directory.Merge) *int64 { return &m.Version },
	journal: func(m *directory.Merge) *journal.Log { return &m.Log },
	item: func(m *directory.Merge) table.Item {
		return table.Item{Key: mergeKey(m.ID), G2: dueKey(m.DueAt, m.ID), Type: typeMerge}
	},
}

// mergedAtMost is how many merges an id is followed through.
const mergedAtMost = 16

// Resolve returns the stakeholder that the id leads to now: itself, or the
// survivor of the merges that it went into. What names a stakeholder by an id from
// before a merge is to be read through this.
func (s *Store) Resolve(ctx context.Context, id string) (*directory.Stakeholder, error) {
	for range mergedAtMost {
		e, err := s.Stakeholder(ctx, id)
		if err != nil || e.Status != directory.Merged || e.MergedInto == "" {
			return e, err
		}
		id = e.MergedInto
	}
	return nil, fmt.Errorf("%s was merged more than %d times", id, mergedAtMost)
}

// Merge returns one merge.
func (s *Store) Merge(ctx context.Context, id string) (*directory.Merge, error) {
	return get(ctx, s, merges, mergeKey(id))
}

// BeginMerge changes two stakeholders in one transaction by begin, which makes the
// merge of them. What follows the survivor is for SettleMerge to move.
func (s *Store) BeginMerge(ctx context.Context, survivor, merged string, begin func(survivor, merged *directory.Stakeholder) (*directory.Merge, error)) (*directory.Merge, error) {
	for range attempts {
		var m *directory.Merge
		pair, err := s.readPair(ctx, survivor, merged)
		if err == nil {
			m, err = begin(pair.survivor, pair.merged)
		}
		if err != nil {
			return nil, err
		}
		m.Version = 1
		if err := s.mentionAll(ctx, []string{survivor, merged}, mention{typeMerge, m.ID}); err != nil {
			return nil, err
		}
		if err := s.writeMerge(ctx, nil, m, pair); !errors.Is(err, ErrBusy) {
			return m, err
		}
	}
	return nil, ErrBusy
}

// RevertMerge changes a merge by revert, which asks for it to be undone or takes
// that back.
func (s *Store) RevertMerge(ctx context.Context, id string, revert func(m *directory.Merge, survivor, merged *directory.Stakeholder) error) (*directory.Merge, error) {
	return update(ctx, s, merges, mergeKey(id), func(m *directory.Merge) error {
		pair, err := s.readPair(ctx, m.Survivor, m.Merged)
		if err != nil {
			return err
		}
		return revert(m, pair.survivor, pair.merged)
	})
}

// SettleMerge carries a merge, or its undoing, on to where it can come now. Each
// step is one transaction and can be repeated: after a crash the planner goes on.
func (s *Store) SettleMerge(ctx context.Context, id string) (*directory.Merge, error) {
	m, err := s.Merge(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := s.moveAll(ctx, m); err != nil {
		return m, err
	}
	if m.State != directory.MergeReverting {
		return s.settled(ctx, id)
	}
	switch m, err = s.undoMerge(ctx, id); {
	case errors.Is(err, ErrHeld), errors.Is(err, directory.ErrMergeNotLatest):
		return m, errors.Join(err, s.stay(ctx, id))
	case err != nil:
		return m, err
	}
	return s.settled(ctx, id)
}

func (s *Store) settled(ctx context.Context, id string) (*directory.Merge, error) {
	return update(ctx, s, merges, mergeKey(id), func(m *directory.Merge) error {
		if m.State != directory.MergeReverting && m.DueAt != nil {
			m.Settled(s.Now())
		}
		return nil
	})
}

// stay rolls an undoing back that cannot be carried out, and moves what was moved
// back forward again.
func (s *Store) stay(ctx context.Context, id string) error {
	m, err := update(ctx, s, merges, mergeKey(id), func(m *directory.Merge) error {
		if m.State == directory.MergeReverting {
			m.Stay(s.Now())
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.moveAll(ctx, m)
}

// moveAll moves what follows the survivor, or goes back.
func (s *Store) moveAll(ctx context.Context, m *directory.Merge) error {
	if err := s.moveInvitations(ctx, m); err != nil {
		return fmt.Errorf("move invitations: %w", err)
	}
	if err := s.moveRelations(ctx, m); err != nil {
		return fmt.Errorf("move relations: %w", err)
	}
	return nil
}

// undoMerge parts the two in one transaction.
func (s *Store) undoMerge(ctx context.Context, id string) (*directory.Merge, error) {
	for range attempts {
		read, err := s.Table.Get(ctx, mergeKey(id))
		if err != nil {
			return nil, translate(err)
		}
		m, err := merges.decode(read)
		if err != nil || m.State != directory.MergeReverting {
			return m, err
		}
		pair, err := s.readPair(ctx, m.Survivor, m.Merged)
		if err == nil {
			err = m.Undo(pair.survivor, pair.merged, s.Now())
		}
		if err != nil {
			return m, err
		}
		m.Version++
		if err := s.writeMerge(ctx, &read, m, pair); !errors.Is(err, ErrBusy) {
			return m, err
		}
	}
	return nil, ErrBusy
}

// mergePair is the two of a merge as they were read, and as they are changed.
type mergePair struct {
	survivor, merged         *directory.Stakeholder
	survivorItem, mergedItem table.Item
	before                   []claim
}

func (s *Store) readPair(ctx context.Context, survivor, merged string) (p mergePair, err error) {
	read := func(id string) (*directory.Stakeholder, table.Item, error) {
		it, err := s.Table.Get(ctx, stakeholderKey(id))
		if err != nil {
			return nil, it, translate(err)
		}
		e, err := stakeholders.decode(it)
		return e, it, err
	}
	if p.survivor, p.survivorItem, err = read(survivor); err != nil {
		return p, err
	}
	if p.merged, p.mergedItem, err = read(merged); err != nil {
		return p, err
	}
	p.before = append(stakeholderClaims(p.survivor), stakeholderClaims(p.merged)...)
	return p, nil
}

// writeMerge writes the merge and its two in one transaction. Read is the merge
// that is replaced, nil when it is new.
func (s *Store) writeMerge(ctx context.Context, read *table.Item, m *directory.Merge, p mergePair) error {
	entries := m.Take()
	it, trace, err := seal(ctx, s, merges, read, m, entries)
	if err != nil {
		return err
	}
	when := table.IfAbsent()
	if read != nil {
		when = table.IfVersion(read.Version)
	}
	w := s.write(ctx, table.Op{Verb: table.Put, Item: it, If: when}, trace, entries)
	if err := w.and(ctx, &p.survivorItem, p.survivor); err != nil {
		return err
	}
	if err := w.and(ctx, &p.mergedItem, p.merged); err != nil {
		return err
	}
	if err := w.joinLedgers(ctx, m); err != nil {
		return err
	}
	w.reclaim(p.before, append(stakeholderClaims(p.survivor), stakeholderClaims(p.merged)...))
	if len(w.ops) > table.MaxOps {
		return directory.ErrMergeTooLarge
	}
	return w.commit(ctx)
}

// and adds another aggregate to the transaction.
func (w *write) and(ctx context.Context, read *table.Item, e *directory.Stakeholder) error {
	entries := e.Take()
	e.Version = read.Version + 1
	it, trace, err := seal(ctx, w.store, stakeholders, read, e, entries)
	if err != nil {
		return err
	}
	w.add(table.Op{Verb: table.Put, Item: it, If: table.IfVersion(read.Version)})
	for _, entry := range entries {
		w.announce(ctx, entry)
	}
	w.add(table.Op{Verb: table.Put, Item: trace, If: table.IfAbsent()})
	return nil
}

// reclaim adds what turns the claims of two into others. Unlike claim it knows
// that what the one held can pass to the other.
func (w *write) reclaim(before, after []claim) {
	held, kept := map[table.Key]claim{}, map[table.Key]bool{}
	for _, c := range before {
		held[c.item.Key] = c
	}
	for _, c := range after {
		if kept[c.item.Key] {
			continue
		}
		kept[c.item.Key] = true
		was, there := held[c.item.Key]
		switch {
		case !there:
			if c.exclusive {
				w.exclusive[len(w.ops)] = true
			}
			w.add(c.put())
		case !bytes.Equal(was.item.Attributes, c.item.Attributes):
			w.add(table.Op{Verb: table.Put, Item: c.item, If: table.IfExists()})
		}
	}
	for _, c := range before {
		if !kept[c.item.Key] {
			kept[c.item.Key] = true
			w.add(table.Op{Verb: table.Delete, Item: table.Item{Key: c.item.Key}})
		}
	}
}

// movedAtOnce is how many invitations are read at once.
const movedAtOnce = 100

// moveInvitations gives the invitations of one of the two to the other, each in a
// transaction of its own. An invitation is found under its event and contact
// whichever of the two it names.
func (s *Store) moveInvitations(ctx context.Context, m *directory.Merge) error {
	from, to, concerns := m.Moves()
	for cursor, more := "", true; more; more = cursor != "" {
		var list []*convening.Invitation
		var err error
		q := table.Query{Index: table.G1, PK: invitedPartition(from), Cursor: cursor, Limit: movedAtOnce}
		if list, cursor, err = page(ctx, s, invitations, q); err != nil {
			return err
		}
		for _, i := range list {
			if !concerns(i.Contact) && !concerns(i.NamedBy()) { // who was named goes along with who named them
				continue
			}
			_, err := s.UpdateInvitation(ctx, i.EventID, i.Contact, func(i *convening.Invitation) error {
				i.Move(from, to)
				return nil
			})
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
		}
	}
	return nil
}
