package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

// Mandates go by themselves and have no trail, which would outlive them: what
// comes of one is in the trail of its stakeholder.

// AskMandate keeps a new mandate, and has the person asked to prove the address.
func (s *Store) AskMandate(ctx context.Context, m *directory.Mandate) error {
	m.Version = 1
	w := &write{store: s, exclusive: map[int]bool{}, once: -1}
	w.add(table.Op{Verb: table.Put, Item: mandateItem(m), If: table.IfAbsent()})
	w.announce(ctx, mandateEntry("contact.mandate_asked", m))
	w.happenOnce(ctx, table.Key{})
	return w.insist(ctx)
}

func mandateItem(m *directory.Mandate) table.Item {
	return table.Item{
		Key: mandateKey(m.Stakeholder, m.ID), Type: typeMandate, Version: m.Version, Expires: m.Expires().Unix(), Attributes: encode(m),
	}
}

func mandateEntry(kind string, m *directory.Mandate) journal.Entry {
	return journal.Entry{Type: kind, Data: map[string]string{"stakeholder": m.Stakeholder, "contact": m.ID}}
}

func (s *Store) decodeMandate(it table.Item) (*directory.Mandate, error) {
	m := new(directory.Mandate)
	if err := json.Unmarshal(it.Attributes, m); err != nil {
		return nil, err
	}
	m.Version = it.Version
	if !m.Expires().After(s.Now()) { // the table removes expired items late
		return nil, ErrNotFound
	}
	return m, nil
}

// Mandate returns one mandate while it is kept.
func (s *Store) Mandate(ctx context.Context, stakeholder, id string) (*directory.Mandate, error) {
	it, err := s.Table.Get(ctx, mandateKey(stakeholder, id))
	if err != nil {
		return nil, translate(err)
	}
	return s.decodeMandate(it)
}

// MandatesOf returns the mandates that wait for the focal point of the
// stakeholder, and for that of those that went into it by merges.
func (s *Store) MandatesOf(ctx context.Context, e *directory.Stakeholder) ([]*directory.Mandate, error) {
	ids := []string{e.ID}
	if len(e.Merges) > 0 {
		var err error
		if ids, err = s.family(ctx, e.ID); err != nil {
			return nil, err
		}
	}
	list := []*directory.Mandate{}
	for _, id := range ids {
		p, err := s.Table.Query(ctx, table.Query{PK: stakeholderKey(id).PK, SKPrefix: mandatePrefix, Limit: table.MaxPage})
		if err != nil {
			return nil, translate(err)
		}
		for _, it := range p.Items {
			m, err := s.decodeMandate(it)
			if errors.Is(err, ErrNotFound) || err == nil && m.State != directory.MandateWaiting {
				continue
			}
			if err != nil {
				return nil, err
			}
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b *directory.Mandate) int { return a.AskedAt.Compare(b.AskedAt) })
	return list, nil
}

// UpdateMandate changes a mandate. What change names is announced, such as
// "contact.mandate_proved"; when it names nothing, nothing is written.
func (s *Store) UpdateMandate(ctx context.Context, stakeholder, id string, change func(*directory.Mandate) (news string, err error)) (*directory.Mandate, error) {
	for range attempts {
		m, err := s.Mandate(ctx, stakeholder, id)
		if err != nil {
			return nil, err
		}
		read := m.Version
		news, err := change(m)
		if err != nil || news == "" {
			return m, err
		}
		m.Version++
		w := &write{store: s, exclusive: map[int]bool{}, once: -1}
		w.add(table.Op{Verb: table.Put, Item: mandateItem(m), If: table.IfVersion(read)})
		w.announce(ctx, mandateEntry(news, m))
		w.happenOnce(ctx, auditKey(typeStakeholder, stakeholder, 0)) // its answer shows a person, and goes with the stakeholder
		if err := w.commit(ctx); !errors.Is(err, ErrBusy) {
			return m, err
		}
	}
	return nil, ErrBusy
}

// mandateMails returns the partitions of the mails to who asked to act for the
// stakeholder, which name it.
func (s *Store) mandateMails(ctx context.Context, stakeholder string) ([]string, error) {
	var partitions []string
	for cursor, more := "", true; more; more = cursor != "" {
		p, err := s.Table.Query(ctx, table.Query{PK: stakeholderKey(stakeholder).PK, SKPrefix: mandatePrefix, Cursor: cursor, Limit: table.MaxPage})
		if err != nil {
			return nil, translate(err)
		}
		cursor = p.Cursor
		for _, it := range p.Items {
			partitions = append(partitions, mailedPartition(it.SK[len(mandatePrefix):]))
		}
	}
	return partitions, nil
}

// eraseMandates deletes what persons asked of who is erased, or what the contact
// that is erased once asked.
func (s *Store) eraseMandates(ctx context.Context, e *directory.Erasure) error {
	ids, err := s.erasedIDs(ctx, e)
	if err != nil {
		return err
	}
	for _, id := range ids {
		for cursor, more := "", true; more; more = cursor != "" {
			p, err := s.Table.Query(ctx, table.Query{PK: stakeholderKey(id).PK, SKPrefix: mandatePrefix + e.Contact, Cursor: cursor, Limit: table.MaxOps})
			if err != nil {
				return translate(err)
			}
			cursor = p.Cursor
			ops := make([]table.Op, len(p.Items))
			for i, it := range p.Items {
				ops[i] = table.Op{Verb: table.Delete, Item: table.Item{Key: it.Key}}
			}
			if len(ops) == 0 {
				continue
			}
			if err := s.Table.Transact(ctx, ops); err != nil {
				return translate(err)
			}
		}
	}
	return nil
}
