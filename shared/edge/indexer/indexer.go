// Package indexer keeps the search quick: on a schedule it merges the base and
// the deltas of the index into a new base.
package indexer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"convoke/shared/domain/directory"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
)

var errStopped = errors.New("the builder stopped reading")

// Indexer compacts and rebuilds the index. All fields are required.
type Indexer struct {
	Store *store.Store
	Index *search.Writer
	Log   *slog.Logger
}

// Handle takes the schedule's payload: {"rebuild":true} makes the index anew
// from the table, anything else compacts it.
func (x *Indexer) Handle(ctx context.Context, payload json.RawMessage) error {
	var asked struct {
		Rebuild bool `json:"rebuild"`
	}
	if len(payload) > 0 {
		if err := json.Unmarshal(payload, &asked); err != nil {
			return fmt.Errorf("read payload: %w", err)
		}
	}
	if asked.Rebuild {
		n, err := x.Rebuild(ctx, nil)
		x.Log.InfoContext(ctx, "index rebuilt", "stakeholders", n)
		return err
	}
	return x.Compact(ctx)
}

// Compact merges the deltas into the base; with nothing to merge it reads the
// manifest and no more.
func (x *Indexer) Compact(ctx context.Context) error {
	if err := x.Index.Compact(ctx); err != nil {
		return fmt.Errorf("compact the index: %w", err)
	}
	return nil
}

// tidyFrom is how many deltas are worth a compaction out of turn: a search reads
// each of them.
const tidyFrom = 16

// Tidy compacts once there are enough deltas; until then it reads the manifest
// and no more.
func (x *Indexer) Tidy(ctx context.Context) error {
	now, err := x.Index.Describe(ctx)
	if err != nil {
		return fmt.Errorf("describe the index: %w", err)
	}
	if now.Deltas < tidyFrom {
		return nil
	}
	return x.Compact(ctx)
}

// Rebuild makes the index anew from every stakeholder of the table that is listed or
// has lapsed, and returns their number. Progress, when given, is told the number so far.
func (x *Indexer) Rebuild(ctx context.Context, progress func(int)) (int, error) {
	n := 0
	documents := func(yield func(search.Document, error) bool) {
		batch := ledgerBatch{store: x.Store, yield: func(d search.Document) bool {
			if n++; progress != nil {
				progress(n)
			}
			return yield(d, nil)
		}}
		err := x.Store.WalkStakeholders(ctx, func(e *directory.Stakeholder) error {
			if e.Status != directory.Listed && e.Status != directory.Lapsed {
				return nil // see listing.Change
			}
			return batch.add(ctx, e)
		})
		if err == nil {
			err = batch.flush(ctx)
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(search.Document{}, err)
		}
	}
	if err := x.Index.Build(ctx, documents); err != nil {
		return n, fmt.Errorf("build the index: %w", err)
	}
	return n, nil
}
