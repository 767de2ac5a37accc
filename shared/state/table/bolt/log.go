package bolt

import (
	"context"
	"encoding/binary"
	"fmt"
	"strconv"

	"go.etcd.io/bbolt"

	"convoke/shared/state/table"
)

func decimal(n uint64) string { return strconv.FormatUint(n, 10) }

// record appends a change to the log.
func (b buckets) record(key table.Key, before, after *table.Item) error {
	n, err := b.log.NextSequence()
	if err != nil {
		return err
	}
	seq := sequence(n)
	return b.log.Put(seq, encodeChange(seq, key, before, after))
}

// Changes implements table.Table. The order is that of the commits, across the
// whole table.
func (t *Table) Changes(ctx context.Context, cursor string, limit int) ([]table.Change, string, error) {
	if err := table.ValidateLimit(limit); err != nil {
		return nil, "", fmt.Errorf("changes: %w", err)
	}
	var changes []table.Change
	err := t.view(ctx, func(b buckets) error {
		after, err := b.resume(cursor)
		if err != nil {
			return err
		}
		changes, err = b.changes(after, limit)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("changes: %w", err)
	}
	if len(changes) > 0 {
		cursor = changes[len(changes)-1].Seq
	}
	return changes, cursor, nil
}

func (b buckets) changes(after uint64, limit int) ([]table.Change, error) {
	var changes []table.Change
	c, size := b.log.Cursor(), 0
	for k, v := c.Seek(sequence(after + 1)); k != nil; k, v = c.Next() {
		if len(changes) == limit || size > 4*table.MaxPageBytes {
			break
		}
		change, err := decodeChange(k, v)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
		size += len(v)
	}
	return changes, nil
}

// resume returns the sequence that a cursor stands for, 0 for the oldest kept.
func (b buckets) resume(cursor string) (uint64, error) {
	if cursor == "" {
		return 0, nil
	}
	n, err := strconv.ParseUint(cursor, 10, 64)
	if err != nil || decimal(n) != cursor || n > b.log.Sequence() {
		return 0, fmt.Errorf("%w: not a cursor of this log", table.ErrBadQuery)
	}
	if n+1 < b.oldest() {
		return 0, table.ErrTrimmed
	}
	return n, nil
}

// oldest is the first sequence kept, or the next to come when none is.
func (b buckets) oldest() uint64 {
	if k, _ := b.log.Cursor().First(); k != nil {
		return binary.BigEndian.Uint64(k)
	}
	return b.log.Sequence() + 1
}

// trimStep bounds what one commit removes, so that writers beside it do not
// wait long.
const trimStep = 10_000

// Trim drops the changes up to and with a cursor that Changes returned. Whoever
// still reads before it will get ErrTrimmed.
func (t *Table) Trim(ctx context.Context, upTo string) error {
	if upTo == "" {
		return nil
	}
	for more := true; more; {
		var last uint64
		err := t.submit(ctx, &job{
			check: func(b buckets) error {
				n, err := strconv.ParseUint(upTo, 10, 64)
				if err != nil || n > b.log.Sequence() {
					return fmt.Errorf("%w: not a cursor of this log", table.ErrBadQuery)
				}
				last = n
				return nil
			},
			apply: func(b buckets) (err error) {
				more, err = b.drop(last)
				return err
			},
		})
		if err != nil {
			return fmt.Errorf("trim: %w", err)
		}
	}
	return nil
}

// drop removes changes up to a sequence, trimStep at most, and says whether
// more of them are left.
func (b buckets) drop(upTo uint64) (more bool, err error) {
	c := b.log.Cursor()
	first, _ := c.First()
	if first == nil {
		return false, nil
	}
	from := binary.BigEndian.Uint64(first)
	to := min(upTo, from+trimStep-1)
	return to < upTo, remove(b.log, from, to)
}

func remove(log *bbolt.Bucket, from, to uint64) error {
	for n := from; n <= to; n++ {
		if err := log.Delete(sequence(n)); err != nil {
			return err
		}
	}
	return nil
}

// bound keeps the log within Options.KeepChanges, with a tenth of slack so that
// most commits leave its head alone.
func (t *Table) bound(b buckets) error {
	newest, oldest := b.log.Sequence(), b.oldest()
	if t.keep == 0 || newest-oldest+1 <= t.keep+t.keep/10 {
		return nil
	}
	_, err := b.drop(newest - t.keep)
	return err
}
