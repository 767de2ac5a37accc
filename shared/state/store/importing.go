package store

import (
	"context"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

// HolderOf returns, for each of the identifiers that a listed stakeholder holds,
// the stakeholder's id.
func (s *Store) HolderOf(ctx context.Context, ids []directory.Identifier) (map[directory.Identifier]string, error) {
	keys := make([]table.Key, 0, len(ids))
	byKey := map[table.Key]directory.Identifier{}
	for _, id := range ids {
		k := identifierHolder(id)
		if _, twice := byKey[k]; !twice {
			keys = append(keys, k)
			byKey[k] = id
		}
	}
	held := make(map[directory.Identifier]string, len(ids))
	for len(keys) > 0 {
		n := min(len(keys), table.MaxPage)
		items, err := s.Table.GetMany(ctx, keys[:n])
		if err != nil {
			return nil, translate(err)
		}
		for _, it := range items {
			holder, err := claimant(it)
			if err != nil {
				return nil, err
			}
			held[byKey[it.Key]] = holder
		}
		keys = keys[n:]
	}
	return held, nil
}

// namesakes bounds how many of one name and country a look-up returns. Registers
// know a few of one name; who lays claim to a name again and again gains nothing.
const namesakes = 200

// BearersOf returns the ids of those that bear or lay claim to a main name in
// one country (directory.Profile.NameKey), whatever their status.
func (s *Store) BearersOf(ctx context.Context, nameKey string) ([]string, error) {
	p, err := s.Table.Query(ctx, table.Query{PK: nameHolder(nameKey).PK, SKPrefix: claimPrefix, Limit: namesakes})
	if err != nil {
		return nil, translate(err)
	}
	ids := make([]string, len(p.Items))
	for i, it := range p.Items {
		ids[i] = strings.TrimPrefix(it.SK, claimPrefix)
	}
	return ids, nil
}

// Stakeholders returns those of the stakeholders that exist, at most
// table.MaxPage of them.
func (s *Store) Stakeholders(ctx context.Context, ids []string) ([]*directory.Stakeholder, error) {
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = stakeholderKey(id)
	}
	items, err := s.Table.GetMany(ctx, keys)
	if err != nil {
		return nil, translate(err)
	}
	list := make([]*directory.Stakeholder, len(items))
	for i, it := range items {
		if list[i], err = stakeholders.decode(it); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Import writes new stakeholders, as many in one transaction as fit. What is
// refused because another holds its identifier is returned by its id. An import
// makes no outbox items: nobody is written to because of it, and the search is
// fed from the stakeholders themselves.
func (s *Store) Import(ctx context.Context, list []*directory.Stakeholder) (refused map[string]error, err error) {
	refused = map[string]error{}
	var batch []*directory.Stakeholder
	size := 0
	for _, e := range list {
		need := 2 + len(importedClaims(e))
		if size+need > table.MaxOps {
			if err := s.importBatch(ctx, batch, refused); err != nil {
				return refused, err
			}
			batch, size = nil, 0
		}
		batch, size = append(batch, e), size+need
	}
	return refused, s.importBatch(ctx, batch, refused)
}

// importBatch writes a batch in one transaction. When that is refused it writes
// one stakeholder at a time, to learn which one it is.
func (s *Store) importBatch(ctx context.Context, batch []*directory.Stakeholder, refused map[string]error) error {
	if len(batch) == 0 {
		return nil
	}
	ops, err := s.importOps(ctx, batch)
	if err != nil {
		return err
	}
	if err := s.Table.Transact(ctx, ops); !raced(err) {
		return translate(err)
	}
	for _, e := range batch {
		if len(batch) == 1 {
			refused[e.ID] = ErrHeld
			return nil
		}
		if err := s.importBatch(ctx, []*directory.Stakeholder{e}, refused); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) importOps(ctx context.Context, batch []*directory.Stakeholder) ([]table.Op, error) {
	imported := []journal.Entry{{Type: "stakeholder.imported"}}
	var ops []table.Op
	for _, e := range batch {
		e.Version = 1
		it, trace, err := seal(ctx, s, stakeholders, nil, e, imported)
		if err != nil {
			return nil, err
		}
		ops = append(ops,
			table.Op{Verb: table.Put, Item: it, If: table.IfAbsent()},
			table.Op{Verb: table.Put, Item: trace, If: table.IfAbsent()})
		for _, c := range importedClaims(e) {
			ops = append(ops, c.put())
		}
	}
	return ops, nil
}
