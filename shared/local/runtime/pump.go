package runtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"convoke/shared/edge/projector"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

const (
	readerName  = "projector"
	changeBatch = 500
	// patience is how often a batch that fails is tried before the changes in it
	// are tried one by one and those that fail alone are set aside: with the pauses
	// of Run about a minute, in which what was full or busy may have passed.
	patience = 12
)

// unprojected is the queue of changes that could not be projected. They are kept
// for an operator, and do not hold up those behind them.
const unprojected = "changes"

// pump reads the table's change log and hands it to the projector, as the stream
// does in the cloud. It keeps its place after the work is done, so that a crash
// repeats and never skips.
type pump struct {
	store     *store.Store
	projector *projector.Projector
	rebuild   func(context.Context) error // of the index, from the table
	log       *slog.Logger
	cursor    string
	loaded    bool
	failures  int
}

// step handles one batch and reports whether there was one.
func (p *pump) step(ctx context.Context) (bool, error) {
	if !p.loaded {
		cursor, err := p.store.Cursor(ctx, readerName)
		if err != nil {
			return false, fmt.Errorf("read the place in the change log: %w", err)
		}
		p.cursor, p.loaded = cursor, true
	}
	changes, next, err := p.store.Table.Changes(ctx, p.cursor, changeBatch)
	if errors.Is(err, table.ErrTrimmed) {
		return true, p.beginAgain(ctx)
	}
	if err != nil {
		return false, fmt.Errorf("read the change log: %w", err)
	}
	if len(changes) == 0 {
		p.cursor = next
		return false, nil
	}
	work := withoutHousekeeping(changes)
	if err := p.project(ctx, work); err != nil {
		return false, err
	}
	p.failures, p.cursor = 0, next
	if len(work) == 0 {
		return true, nil
	}
	return true, p.store.KeepCursor(ctx, readerName, next)
}

// beginAgain goes on from the oldest change that is kept, after a pause so long
// that others were dropped, as DynamoDB does after a day. The index is made up to
// date from the table; what the dropped changes would have mailed is not.
func (p *pump) beginAgain(ctx context.Context) error {
	p.log.ErrorContext(ctx, "changes were dropped before they were read; mail for them will not be sent")
	if err := p.rebuild(ctx); err != nil {
		return fmt.Errorf("rebuild the index: %w", err)
	}
	p.cursor = ""
	return nil
}

func (p *pump) project(ctx context.Context, work []table.Change) error {
	if len(work) == 0 {
		return nil
	}
	err := p.projector.Project(ctx, work)
	if err == nil {
		return nil
	}
	if p.failures++; p.failures < patience || ctx.Err() != nil {
		return err
	}
	for _, ch := range work {
		if err := p.projector.Project(ctx, []table.Change{ch}); err != nil {
			if err := p.setAside(ctx, ch, err); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *pump) setAside(ctx context.Context, ch table.Change, why error) error {
	p.log.ErrorContext(ctx, "change set aside", "sequence", ch.Seq, "error", why.Error())
	body, err := json.Marshal(ch.Key)
	if err != nil {
		return err
	}
	m := store.QueueMessage{ID: "change-" + ch.Seq, Body: body, Attempts: patience, Due: p.store.Now(), Reason: why.Error()}
	return p.store.Enqueue(ctx, store.DeadLetters(unprojected), []store.QueueMessage{m})
}

func withoutHousekeeping(changes []table.Change) []table.Change {
	var work []table.Change
	for _, ch := range changes {
		if !store.Housekeeping(ch) {
			work = append(work, ch)
		}
	}
	return work
}
