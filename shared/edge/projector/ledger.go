package projector

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/table"
)

// keepLedgers notes what the invitations of a batch say in the ledgers of their
// stakeholders: a read and a write for each hundred of them.
func (p *Projector) keepLedgers(ctx context.Context, invitations map[string][]table.Change) error {
	if len(invitations) == 0 {
		return nil
	}
	all := slices.Concat(slices.Collect(maps.Values(invitations))...)
	if err := p.Store.KeepLedgers(ctx, all); err != nil {
		return fmt.Errorf("keep ledgers: %w", err)
	}
	return nil
}

// index tells the search of the stakeholders that changed, and of those whose
// ledger did. A ledger is written once when its stakeholder is asked and once when
// it answers, and its change comes with as many others as a batch holds: ten
// thousand invitations are as many deltas as there are batches, not ten thousand.
//
// A document's version is that of the stakeholder and that of the ledger, added:
// it grows with either, and of two projectors at work at the same time the one
// that read last has read both.
func (p *Projector) index(ctx context.Context, work *batch) error {
	if len(work.entries) == 0 && len(work.asked) == 0 {
		return nil
	}
	changes, err := p.entries(ctx, work)
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if err := p.Index.Apply(ctx, changes); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	return nil
}

func (p *Projector) entries(ctx context.Context, work *batch) ([]search.Change, error) {
	if err := p.addAsked(ctx, work); err != nil {
		return nil, err
	}
	var changes []search.Change
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(work.entries)), table.MaxPage) {
		ledgers, err := p.Store.Ledgers(ctx, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			changes = append(changes, listing.WithLedger(work.entries[id], ledgers[id]))
		}
	}
	return changes, nil
}

// addAsked adds the entries of those whose ledger alone changed, as they are now.
func (p *Projector) addAsked(ctx context.Context, work *batch) error {
	if work.entries == nil {
		work.entries = map[string]search.Change{}
	}
	for id := range work.entries {
		delete(work.asked, id)
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(work.asked)), table.MaxPage) {
		found, err := p.Store.Stakeholders(ctx, ids)
		if err != nil {
			return err
		}
		for _, e := range found {
			work.entries[e.ID] = listing.Change(e)
		}
	}
	return nil
}
