package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"convoke/shared/state/table"
)

// Sweep removes up to limit items that expired before now (Unix seconds), the
// longest expired first, and returns how many. Their removal is in the log, as
// DynamoDB's own is in its stream. Each call is one commit: limit keeps it
// short, and a return equal to limit says that more may be waiting.
func (t *Table) Sweep(ctx context.Context, now int64, limit int) (int, error) {
	if err := table.ValidateLimit(limit); err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	var expired []*table.Item
	err := t.submit(ctx, &job{
		check: func(b buckets) (err error) {
			expired, err = b.expired(now, limit)
			return err
		},
		apply: func(b buckets) error {
			for _, it := range expired {
				if err := b.replace(it.Key, it, nil); err != nil {
					return err
				}
			}
			return nil
		},
	})
	if err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	return len(expired), nil
}

func (b buckets) expired(now int64, limit int) ([]*table.Item, error) {
	var items []*table.Item
	c := b.expires.Cursor()
	end := sequence(uint64(max(now, 0)))
	for k, _ := c.First(); k != nil && len(items) < limit && bytes.Compare(k[:min(8, len(k))], end) < 0; k, _ = c.Next() {
		it, err := b.stored(splitKey(k[8:]))
		if err != nil {
			return nil, err
		}
		if it == nil || uint64(it.Expires) != binary.BigEndian.Uint64(k) {
			return nil, fmt.Errorf("%w: the expiry index names what is not there", table.ErrCorrupt)
		}
		items = append(items, it)
	}
	return items, nil
}
