// Package bolt keeps the table in one file, on bbolt: serialisable writes,
// durable when Transact returns, and snapshots for readers. Concurrent writers
// share commits, so that throughput grows with them. One process at a time
// opens a file.
package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"convoke/shared/state/table"
)

// ErrLocked says that another process has the file open.
var ErrLocked = errors.New("the table file is in use by another process")

// Options of Open; the zero value is ready to use.
type Options struct {
	// LockTimeout is how long to wait for another process to let go of the
	// file; 0 is one second.
	LockTimeout time.Duration
	// KeepChanges bounds the change log: when it has grown a tenth beyond, the
	// oldest changes are dropped. 0 keeps all until Trim.
	KeepChanges int
}

// Table is a table.Table in a file.
type Table struct {
	db   *bbolt.DB
	file *os.File // the database's own, see reserve
	path string
	keep uint64

	jobs    chan *job
	scrubs  chan chan error
	reading sync.RWMutex // held by readers, and whole by who overwrites free pages
	quit    chan struct{}
	stopped chan struct{}
	once    sync.Once
	closed  error // of db.Close

	broken   error // why nothing can be written any more; of the writer goroutine alone
	reserved int64 // how far the file has been written ahead; likewise
}

var _ table.Table = (*Table)(nil)

func newTable(db *bbolt.DB, file *os.File, o Options) *Table {
	t := &Table{
		db: db, file: file, path: db.Path(), keep: uint64(max(o.KeepChanges, 0)),
		jobs: make(chan *job), scrubs: make(chan chan error), quit: make(chan struct{}), stopped: make(chan struct{}),
	}
	go t.write()
	return t
}

// Close waits for the commit under way and for readers, and lets go of the
// file. It may be called more than once.
func (t *Table) Close() error {
	t.once.Do(func() {
		close(t.quit)
		<-t.stopped
		t.closed = t.db.Close()
	})
	return t.closed
}

// The buckets of the file, and what they hold.
const (
	itemsBucket   = "items"  // pk NUL sk -> item
	g1Bucket      = "g1"     // g1pk NUL g1sk NUL pk NUL sk -> nothing
	g2Bucket      = "g2"     // likewise
	expiresBucket = "expiry" // Expires as 8 bytes, then pk NUL sk -> nothing
	logBucket     = "log"    // sequence as 8 bytes -> change
	metaBucket    = "table"  // formatKey -> formatValue
)

// formatKey and formatValue mark a file as one of ours, and of this format.
const (
	formatKey   = "format"
	formatValue = "convoke table 1"
)

// buckets are the buckets as one transaction sees them.
type buckets struct{ items, g1, g2, expires, log *bbolt.Bucket }

func bucketsOf(tx *bbolt.Tx) buckets {
	return buckets{
		items: tx.Bucket([]byte(itemsBucket)), g1: tx.Bucket([]byte(g1Bucket)), g2: tx.Bucket([]byte(g2Bucket)),
		expires: tx.Bucket([]byte(expiresBucket)), log: tx.Bucket([]byte(logBucket)),
	}
}

func (b buckets) of(index table.Index) *bbolt.Bucket {
	switch index {
	case table.G1:
		return b.g1
	case table.G2:
		return b.g2
	default:
		return b.items
	}
}

// view runs fn on a snapshot.
func (t *Table) view(ctx context.Context, fn func(buckets) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t.reading.RLock()
	defer t.reading.RUnlock()
	err := guard(func() error {
		return t.db.View(func(tx *bbolt.Tx) error { return fn(bucketsOf(tx)) })
	})
	return t.explain(err)
}

// guard runs fn and turns what bbolt does on damaged pages, a panic or a fault
// in the mapped file, into ErrCorrupt.
func guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %v", table.ErrCorrupt, cause)
		}
	}()
	return fn()
}

// explain maps bbolt's errors to the contract's, and says of damage what to do.
func (t *Table) explain(err error) error {
	switch {
	case errors.Is(err, bbolterrors.ErrDatabaseNotOpen):
		return table.ErrClosed
	case errors.Is(err, table.ErrCorrupt):
		return damaged(t.path, err)
	default:
		return err
	}
}

func damaged(path string, cause error) error {
	return fmt.Errorf("%s: %w; it was left as it is: restore it from a copy, or import an export into a new file", path, cause)
}
