package likeness

import (
	"context"
	"sync"

	"convoke/shared/state/store"
)

// Watch keeps the present edition of the sanctions list ready. The zero value is
// one; it is safe for concurrent use.
type Watch struct {
	mu   sync.Mutex
	list *Watchlist
}

// Current returns the present edition, nil when there is none. When it has it
// already it asks the table for one item.
func (w *Watch) Current(ctx context.Context, s *store.Store) (*Watchlist, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	l, err := s.SanctionsList(ctx)
	if err != nil || l.Edition == "" {
		return nil, err
	}
	if w.list == nil || w.list.Edition != l.Edition {
		entries, err := s.SanctionsEntries(ctx, l.Edition)
		if err != nil {
			return nil, err
		}
		w.list = NewWatchlist(l.Edition, entries)
	}
	return w.list, nil
}
