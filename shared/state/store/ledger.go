package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// Ledgers returns the engagement ledgers of the stakeholders by their ids, at
// most table.MaxPage of them in one request; in one more where some survived a
// merge, with whose other ends' ledgers theirs are joined. Who was never asked has
// an empty one, of version 0.
func (s *Store) Ledgers(ctx context.Context, ids []string) (map[string]*convening.Ledger, error) {
	kept, err := s.ledgers(ctx, ids)
	if err != nil {
		return nil, err
	}
	for wanted := with(kept); len(wanted) > 0; wanted = with(kept) {
		for some := range slices.Chunk(wanted, table.MaxPage) {
			theirs, err := s.ledgers(ctx, some)
			if err != nil {
				return nil, err
			}
			maps.Copy(kept, theirs)
		}
	}
	ledgers := make(map[string]*convening.Ledger, len(ids))
	for _, id := range ids {
		ledgers[id] = joined(kept, id)
	}
	return ledgers, nil
}

// with returns whose ledgers are to be read with those that were read.
func with(kept map[string]*convening.Ledger) (ids []string) {
	for _, l := range kept {
		for _, id := range l.With {
			if kept[id] == nil && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

func joined(kept map[string]*convening.Ledger, id string) *convening.Ledger {
	l := kept[id]
	for _, other := range kept[id].With {
		l = l.Joined(joined(kept, other))
	}
	return l
}

// ledgers returns ledgers as they are kept, each by itself.
func (s *Store) ledgers(ctx context.Context, ids []string) (map[string]*convening.Ledger, error) {
	ledgers := make(map[string]*convening.Ledger, len(ids))
	keys := make([]table.Key, 0, len(ids))
	for _, id := range ids {
		if ledgers[id] == nil {
			ledgers[id] = &convening.Ledger{Stakeholder: id}
			keys = append(keys, ledgerKey(id))
		}
	}
	if len(keys) == 0 {
		return ledgers, nil
	}
	items, err := s.Table.GetMany(ctx, keys)
	if err != nil {
		return nil, translate(err)
	}
	for _, it := range items {
		l := &convening.Ledger{}
		if err := json.Unmarshal(it.Attributes, l); err != nil {
			return nil, fmt.Errorf("decode ledger: %w", err)
		}
		l.Version = it.Version
		ledgers[l.Stakeholder] = l
	}
	return ledgers, nil
}

// Ledger returns the engagement ledger of one stakeholder.
func (s *Store) Ledger(ctx context.Context, stakeholder string) (*convening.Ledger, error) {
	ledgers, err := s.Ledgers(ctx, []string{stakeholder})
	return ledgers[stakeholder], err
}

// KeepLedgers notes in the ledgers what changes of invitations say. A row is as
// old as the version of its invitation, so that changes may be repeated and may
// arrive in any order, also those of different events. What a ledger does not
// tell of, such as that a mail was handed over, writes nothing. An invitation that
// went from one stakeholder to another, because the two were merged or parted,
// takes its row with it.
func (s *Store) KeepLedgers(ctx context.Context, changes []table.Change) error {
	rows := map[string][]convening.LedgerRow{}
	for _, ch := range changes {
		stakeholder, row, news, err := ledgerNews(ch)
		if err != nil {
			return err
		}
		if news {
			rows[stakeholder] = append(rows[stakeholder], row)
		}
		if from := parted(ch); from != "" && news {
			row.Parted = true
			rows[from] = append(rows[from], row)
		}
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(rows)), table.MaxOps) {
		if err := s.keepLedgers(ctx, ids, rows); err != nil {
			return err
		}
	}
	return nil
}

// ledgerNews returns the row of a change of an invitation, and whether it says
// anything that the one before did not.
func ledgerNews(ch table.Change) (stakeholder string, row convening.LedgerRow, news bool, err error) {
	if ch.New == nil || ch.New.Type != typeInvitation {
		return "", row, false, nil
	}
	i, err := invitations.decode(*ch.New)
	if err != nil {
		return "", row, false, err
	}
	row, asked := convening.LedgerRowOf(i)
	if !asked || ch.Old == nil {
		return i.Stakeholder, row, asked, nil
	}
	old, err := invitations.decode(*ch.Old)
	if err != nil {
		return "", row, false, err
	}
	before, _ := convening.LedgerRowOf(old)
	return i.Stakeholder, row, !row.Says(before) || old.Stakeholder != i.Stakeholder, nil
}

// parted returns the stakeholder that a change takes an invitation from, "" when
// it stays where it is.
func parted(ch table.Change) string {
	if ch.Old == nil || ch.New == nil || ch.Old.G1.PK == ch.New.G1.PK {
		return ""
	}
	return strings.TrimPrefix(ch.Old.G1.PK, invitedPartition(""))
}

// keepLedgers writes the ledgers of up to table.MaxOps stakeholders in one
// transaction, those that change.
func (s *Store) keepLedgers(ctx context.Context, ids []string, rows map[string][]convening.LedgerRow) error {
	for range attempts {
		ledgers, err := s.ledgers(ctx, ids)
		if err != nil {
			return err
		}
		var ops []table.Op
		for _, id := range ids {
			if op, changed := noteRows(ledgers[id], rows[id]); changed {
				ops = append(ops, op)
			}
		}
		if len(ops) == 0 {
			return nil
		}
		if err := s.Table.Transact(ctx, ops); !raced(err) {
			return translate(err)
		}
	}
	return ErrBusy
}

func noteRows(l *convening.Ledger, rows []convening.LedgerRow) (op table.Op, changed bool) {
	for _, row := range rows {
		changed = l.Note(row) || changed
	}
	if !changed {
		return op, false
	}
	return ledgerPut(l), true
}

func ledgerPut(l *convening.Ledger) table.Op {
	op := table.Op{Verb: table.Put, If: table.IfAbsent(), Item: table.Item{
		Key: ledgerKey(l.Stakeholder), Type: typeLedger, Version: l.Version + 1, Attributes: encode(l),
	}}
	if l.Version > 0 {
		op.If = table.IfVersion(l.Version)
	}
	return op
}

// joinLedgers adds to the transaction of a merge that the ledger of the merged one is
// read with that of the survivor, and to that of its undoing that each has its own
// again: so what was asked is moved in one step, though the invitations follow one by
// one.
func (w *write) joinLedgers(ctx context.Context, m *directory.Merge) error {
	read, err := w.store.ledgers(ctx, []string{m.Survivor, m.Merged})
	if err != nil {
		return err
	}
	one, other := read[m.Survivor], read[m.Merged]
	one.With = slices.DeleteFunc(slices.Clone(one.With), func(id string) bool { return id == m.Merged })
	if m.State == directory.MergeMoving {
		one.With = append(one.With, m.Merged)
	} else if _, _, theirs := m.Moves(); one.Part(other, theirs) {
		w.add(ledgerPut(other))
	}
	w.add(ledgerPut(one))
	return nil
}

// EmptyLedger takes from a ledger all that it says, as an erasure asks. Its item
// stays, because its version is part of that of the stakeholder's entry in the
// search, which must not fall back.
func (s *Store) EmptyLedger(ctx context.Context, stakeholder string) error {
	for range attempts {
		read, err := s.ledgers(ctx, []string{stakeholder})
		if err != nil || read[stakeholder].Version == 0 {
			return err
		}
		err = s.Table.Transact(ctx, []table.Op{ledgerPut(&convening.Ledger{Stakeholder: stakeholder, Version: read[stakeholder].Version})})
		if !raced(err) {
			return translate(err)
		}
	}
	return ErrBusy
}

// LedgerOf returns the stakeholder whose ledger a change is of, false when it is
// of something else.
func LedgerOf(ch table.Change) (string, bool) {
	if ch.New == nil || ch.New.Type != typeLedger {
		return "", false
	}
	return ch.New.PK[len(ledgerKey("").PK):], true
}
