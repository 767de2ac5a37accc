package bolt

import (
	"bytes"
	"context"
	"fmt"

	"go.etcd.io/bbolt"

	"convoke/shared/state/table"
)

// Verify reads the whole file and checks every checksum, the order of keys,
// that every key is found where a look-up goes, and that items and indexes
// agree. Damage is ErrCorrupt. It takes about as long as an export.
func (t *Table) Verify(ctx context.Context) error {
	err := t.view(ctx, func(b buckets) error {
		entries, err := b.verifyItems(ctx)
		if err != nil {
			return err
		}
		for i, bucket := range []*bbolt.Bucket{b.g1, b.g2, b.expires} {
			found, err := verifyOrder(ctx, bucket, func(_, _ []byte) error { return nil })
			if err != nil {
				return err
			}
			if found != entries[i] {
				return fmt.Errorf("%w: an index has %d entries for %d items", table.ErrCorrupt, found, entries[i])
			}
		}
		kept, err := verifyOrder(ctx, b.log, func(k, v []byte) error {
			_, err := decodeChange(k, v)
			return err
		})
		if err == nil && uint64(kept) != b.log.Sequence()+1-b.oldest() {
			err = fmt.Errorf("%w: the log has gaps", table.ErrCorrupt)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	return nil
}

// verifyItems returns how many entries g1, g2 and expiry must have.
func (b buckets) verifyItems(ctx context.Context) (count [3]int, err error) {
	indexes := []*bbolt.Bucket{b.g1, b.g2, b.expires}
	_, err = verifyOrder(ctx, b.items, func(k, v []byte) error {
		it, err := decodeItem(k, v)
		if err != nil {
			return err
		}
		for i, entry := range entries(it) {
			if entry == "" {
				continue
			}
			count[i]++
			if found, _ := indexes[i].Cursor().Seek([]byte(entry)); string(found) != entry {
				return fmt.Errorf("%w: an item is missing in an index", table.ErrCorrupt)
			}
		}
		return nil
	})
	return count, err
}

// verifyOrder calls fn with every entry, and checks that keys ascend and that
// each can be looked up.
func verifyOrder(ctx context.Context, bucket *bbolt.Bucket, fn func(k, v []byte) error) (count int, err error) {
	var last []byte
	c := bucket.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		if count++; count%1024 == 0 && ctx.Err() != nil {
			return count, ctx.Err()
		}
		if last != nil && bytes.Compare(last, k) >= 0 {
			return count, fmt.Errorf("%w: keys are out of order", table.ErrCorrupt)
		}
		last = k
		if found, _ := bucket.Cursor().Seek(k); !bytes.Equal(found, k) {
			return count, fmt.Errorf("%w: a key cannot be looked up", table.ErrCorrupt)
		}
		if err := fn(k, v); err != nil {
			return count, err
		}
	}
	return count, nil
}
