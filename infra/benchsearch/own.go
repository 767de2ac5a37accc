package main

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"convoke/infra/load"
	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// own is Convoke's index.
type own struct {
	dir string
	ix  *search.Index
}

func (o *own) store() (*dir.Store, error) { return dir.Open(filepath.Join(o.dir, "index")) }

func (o *own) build(ctx context.Context, documents iter.Seq2[search.Document, error]) error {
	store, err := o.store()
	if err != nil {
		return err
	}
	w := search.Writer{Store: store, Now: time.Now}
	return w.Build(ctx, documents)
}

func (o *own) open(ctx context.Context) error {
	store, err := o.store()
	if err != nil {
		return err
	}
	if o.ix, err = search.Open(ctx, store); err != nil {
		return err
	}
	opened := time.Now()
	o.ix.Now = func() time.Time { return opened } // never looks again: that is not what is measured
	return nil
}

func (o *own) verify() error { return o.ix.Verify() }

// close lets the index go, and waits until its files are mapped no more: what was
// opened to be measured is not to be counted with what is asked.
func (o *own) close() error {
	o.ix = nil
	for range 2 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond) // mappings are given back beside
	}
	return nil
}

func (o *own) ask(ctx context.Context, a *searchtest.Ask) ([]string, error) {
	q := a.Query()
	if a.Limit < 20 { // the kind that has its own way in
		r, err := o.ix.Typeahead(ctx, q.Text, q.Where, a.Limit)
		return idsOf(r), err
	}
	r, err := o.ix.Search(ctx, q)
	return idsOf(r), err
}

func idsOf(r search.Result) []string {
	ids := make([]string, len(r.Hits))
	for i, h := range r.Hits {
		ids[i] = h.ID
	}
	return ids
}

func (o *own) megabytes(ctx context.Context) (float64, error) {
	store, err := o.store()
	if err != nil {
		return 0, err
	}
	s, err := (&search.Writer{Store: store, Now: time.Now}).Describe(ctx)
	return float64(s.Bytes) / 1e6, err
}

// compact changes one document in 400 and merges the deltas with the base.
func compact(ctx context.Context, p plan) (b built, err error) {
	store, err := (&own{dir: p.Dir}).store()
	if err != nil {
		return b, err
	}
	w := search.Writer{Store: store, Now: time.Now}
	docs, n, err := documents(p)
	if err != nil {
		return b, err
	}
	var changes []search.Change
	i := 0
	for d := range docs {
		if i++; i%400 == 0 {
			d.Version = 2
			changes = append(changes, search.Change{Document: d})
		}
	}
	if err := w.Apply(ctx, changes); err != nil {
		return b, err
	}
	changes = nil
	start := time.Now()
	err = w.Compact(ctx)
	b = built{Documents: n, CompactSeconds: time.Since(start).Seconds()}
	_, b.CompactMB = load.Resident(os.Getpid())
	return b, err
}

func threadTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) // exists on every Linux
	return time.Duration(t.Nano())
}
