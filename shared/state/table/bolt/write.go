package bolt

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"syscall"

	"go.etcd.io/bbolt"

	"convoke/shared/state/table"
)

// job is one writer's part of a commit. check reads, and refuses the job alone;
// apply writes, and may not fail for reasons of the job's own.
type job struct {
	check   func(buckets) error
	apply   func(buckets) error
	refused error
	done    chan error
}

// maxGroup bounds the jobs that share a commit.
const maxGroup = 256

// submit hands a job to the writer and waits for its commit. A context that
// ends before the writer takes the job ends it with nothing written; later the
// job is committed, and its outcome known, within a commit or two.
func (t *Table) submit(ctx context.Context, j *job) error {
	j.done = make(chan error, 1)
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-t.quit: // a closed table takes no job that races with its closing
		return table.ErrClosed
	default:
	}
	select {
	case t.jobs <- j:
		return <-j.done
	case <-ctx.Done():
		return ctx.Err()
	case <-t.quit:
		return table.ErrClosed
	}
}

// write is the one writer: it takes a job and whatever jobs wait beside it,
// and commits them together.
func (t *Table) write() {
	defer close(t.stopped)
	for {
		select {
		case <-t.quit:
			return
		case first := <-t.jobs:
			t.commit(first)
		case done := <-t.scrubs:
			done <- t.explain(guard(t.scrub))
		}
	}
}

func (t *Table) commit(first *job) {
	var group []*job
	err := t.broken
	if err != nil {
		group = append(group, first)
	} else {
		err = guard(func() error { return t.group(first, &group) })
		err = t.explain(full(err))
	}
	if err != nil && !errors.Is(err, table.ErrFull) {
		// After a failed sync nobody knows what the disk holds, and after damage
		// nothing may be built on it.
		t.broken = err
	}
	for _, j := range group {
		if err != nil {
			j.done <- err
			continue
		}
		j.done <- j.refused
	}
}

// full maps a want of space, which bbolt meets before it writes the meta page
// that would make the commit valid, to ErrFull. bbolt does not always wrap the
// cause, hence the look at the text.
func full(err error) error {
	if err == nil {
		return nil
	}
	for _, cause := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if errors.Is(err, cause) || strings.Contains(err.Error(), cause.Error()) {
			return fmt.Errorf("%w: %w", table.ErrFull, err)
		}
	}
	return err
}

// group runs the jobs in one transaction of bbolt; every job taken is in group,
// whatever happens.
func (t *Table) group(first *job, group *[]*job) error {
	*group = append(*group, first)
	tx, err := t.db.Begin(true)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	b := bucketsOf(tx)
	b.log.FillPercent = 0.95 // written in order
	dirty := false
	for j := first; j != nil; j = t.another(group) {
		if j.refused = j.check(b); j.refused != nil {
			if errors.Is(j.refused, table.ErrCorrupt) {
				j.refused = damaged(t.path, j.refused)
			}
			continue
		}
		dirty = true
		if err := j.apply(b); err != nil {
			return err
		}
	}
	if !dirty {
		return nil
	}
	if err := t.bound(b); err != nil {
		return err
	}
	t.reserve(tx.Size())
	return tx.Commit()
}

// reserve writes zeros beyond the pages in use, whose end is used. bbolt grows
// its file by setting its size, which leaves a hole; filling it in the sync of
// each commit costs several times the sync of blocks that are there. A failure
// is left to the commit to meet: nothing depends on this.
func (t *Table) reserve(used int64) {
	const least, most = 1 << 20, 16 << 20
	ahead := max(least, min(used, most))
	if used+ahead/4 < t.reserved {
		return
	}
	from := max(used, t.reserved)
	t.reserved = used + ahead
	_, _ = t.file.WriteAt(make([]byte, t.reserved-from), from)
}

// another takes a job that waits, after letting writers run that the last
// commit has just set free.
func (t *Table) another(group *[]*job) *job {
	if len(*group) == maxGroup {
		return nil
	}
	for range 2 {
		select {
		case j := <-t.jobs:
			*group = append(*group, j)
			return j
		default:
			runtime.Gosched()
		}
	}
	return nil
}

// Transact implements table.Table. It is durable when it returns.
func (t *Table) Transact(ctx context.Context, ops []table.Op) error {
	if err := table.ValidateOps(ops); err != nil {
		return fmt.Errorf("transact: %w", err)
	}
	before := make([]*table.Item, len(ops))
	err := t.submit(ctx, &job{
		check: func(b buckets) error { return checkOps(b, ops, before) },
		apply: func(b buckets) error { return applyOps(b, ops, before) },
	})
	if err != nil {
		return fmt.Errorf("transact: %w", err)
	}
	return nil
}

// checkOps reads what is stored under each op's key into before, and names the
// ops whose condition does not hold.
func checkOps(b buckets, ops []table.Op, before []*table.Item) (err error) {
	var failed []int
	for i, op := range ops {
		if before[i], err = b.stored(op.Item.Key); err != nil {
			return err
		}
		if !op.If.Holds(before[i]) {
			failed = append(failed, i)
		}
	}
	if failed != nil {
		return &table.ConditionFailed{Ops: failed}
	}
	return nil
}

func applyOps(b buckets, ops []table.Op, before []*table.Item) error {
	for i, op := range ops {
		var after *table.Item
		switch op.Verb {
		case table.Check:
			continue
		case table.Put:
			after = &op.Item
		}
		if err := b.replace(op.Item.Key, before[i], after); err != nil {
			return err
		}
	}
	return nil
}

// replace writes after where before is, in items, indexes and log; nil is none.
func (b buckets) replace(key table.Key, before, after *table.Item) error {
	if before == after || before != nil && after != nil && table.Same(*before, *after) {
		return nil // only nil and nil are the same pointer
	}
	if err := b.reindex(before, after); err != nil {
		return err
	}
	k := itemKey(key)
	if after == nil {
		if err := b.items.Delete(k); err != nil {
			return err
		}
	} else if err := b.items.Put(k, encodeItem(k, after)); err != nil {
		return err
	}
	return b.record(key, before, after)
}

// reindex moves the item's entries in the secondary indexes and by expiry.
func (b buckets) reindex(before, after *table.Item) error {
	was, is := entries(before), entries(after)
	for i, bucket := range []*bbolt.Bucket{b.g1, b.g2, b.expires} {
		if was[i] == is[i] {
			continue
		}
		if was[i] != "" {
			if err := bucket.Delete([]byte(was[i])); err != nil {
				return err
			}
		}
		if is[i] != "" {
			if err := bucket.Put([]byte(is[i]), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// entries returns an item's keys in g1, g2 and expiry, empty where it has none.
func entries(it *table.Item) (keys [3]string) {
	if it == nil {
		return keys
	}
	if it.G1 != (table.Key{}) {
		keys[0] = string(indexKey(it.G1, it.Key))
	}
	if it.G2 != (table.Key{}) {
		keys[1] = string(indexKey(it.G2, it.Key))
	}
	if it.Expires != 0 {
		keys[2] = string(expiryKey(it.Expires, it.Key))
	}
	return keys
}
