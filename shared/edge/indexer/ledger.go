package indexer

import (
	"context"
	"fmt"

	"convoke/shared/domain/directory"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
)

// ledgersAtOnce is how many ledgers are read in one request.
const ledgersAtOnce = 500

// ledgerBatch gathers stakeholders until their ledgers are worth a request, and
// yields their documents.
type ledgerBatch struct {
	store   *store.Store
	pending []*directory.Stakeholder
	yield   func(search.Document) bool
}

func (b *ledgerBatch) add(ctx context.Context, e *directory.Stakeholder) error {
	if b.pending = append(b.pending, e); len(b.pending) < ledgersAtOnce {
		return nil
	}
	return b.flush(ctx)
}

func (b *ledgerBatch) flush(ctx context.Context) error {
	ids := make([]string, len(b.pending))
	for i, e := range b.pending {
		ids[i] = e.ID
	}
	ledgers, err := b.store.Ledgers(ctx, ids)
	if err != nil {
		return fmt.Errorf("read ledgers: %w", err)
	}
	for _, e := range b.pending {
		if !b.yield(listing.WithLedger(listing.Change(e), ledgers[e.ID]).Document) {
			return errStopped
		}
	}
	b.pending = b.pending[:0]
	return nil
}
