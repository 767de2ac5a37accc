package runtime

import (
	"context"
	"fmt"

	"convoke/shared/state/table/bolt"
)

const sweepAtOnce = 1000

// upkeep does for the table in a file what DynamoDB does by itself: it removes
// what expired, and the changes that were projected. What was erased it takes out
// of the file's free pages too.
func (p *Process) upkeep(ctx context.Context) error {
	file, ok := p.Store.Table.(*bolt.Table)
	if !ok {
		return nil
	}
	for swept := sweepAtOnce; swept == sweepAtOnce; {
		var err error
		if swept, err = file.Sweep(ctx, p.Clock.Now().Unix(), sweepAtOnce); err != nil {
			return fmt.Errorf("remove what expired: %w", err)
		}
	}
	place, err := p.Store.Cursor(ctx, readerName)
	if err != nil {
		return fmt.Errorf("read the place in the change log: %w", err)
	}
	if err := file.Trim(ctx, place); err != nil {
		return err
	}
	if p.unclean.Swap(false) {
		if err := file.Scrub(); err != nil {
			p.unclean.Store(true)
			return err
		}
	}
	return nil
}
