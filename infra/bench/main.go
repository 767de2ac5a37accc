// Command bench measures the main job on the embedded table: registrations over
// HTTP, profile reads, searches, suggested panels, and the planning of invitations. It prints, for
// each, operations a second, the median and the 99th percentile, and how many
// requests to the table one operation makes. Run it by `make bench`.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"convoke/shared/state/table"
)

// result is one row of the table.
type result struct {
	name      string
	count     int
	took      time.Duration
	latencies []time.Duration // empty where the operations are done in batches and none is timed by itself
	requests  table.Requests
}

// percentile is of the sorted latencies, a dash when there are none.
func (r result) percentile(p float64) string {
	if len(r.latencies) == 0 {
		return "-"
	}
	return r.latencies[min(int(p*float64(len(r.latencies))), len(r.latencies)-1)].Round(10 * time.Microsecond).String()
}

func main() {
	registrations := flag.Int("registrations", 20_000, "registrations to make")
	listed := flag.Int("listed", 100_000, "stakeholders to search among, every tenth of which is invited")
	reads := flag.Int("reads", 20_000, "profile reads and searches to make")
	flag.Parse()
	if err := run(context.Background(), *registrations, *listed, *reads); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, registrations, listed, reads int) error {
	dir, err := os.MkdirTemp("", "convoke-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s, err := open(ctx, dir)
	if err != nil {
		return err
	}
	defer s.close()
	var rows []result
	for _, step := range []struct {
		name string
		do   func(context.Context) (result, error)
	}{
		{"registration, HTTP, 16 clients, alone", func(ctx context.Context) (result, error) { return s.register(ctx, registrations) }},
		{"the same with projector and mailer at work", func(ctx context.Context) (result, error) { return s.registerAtWork(ctx, registrations) }},
		{"profile read, HTTP, 16 clients", func(ctx context.Context) (result, error) { return s.readProfiles(ctx, listed, reads) }},
		{"search with facets, HTTP, 16 clients", func(ctx context.Context) (result, error) { return s.search(ctx, reads) }},
		{"panel suggested: 8 seats, 10 targets, 5,000 candidates, HTTP", func(ctx context.Context) (result, error) { return s.suggest(ctx, panels) }},
		{"invitation planned (of one event)", s.plan},
	} {
		r, err := step.do(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		r.name = step.name
		rows = append(rows, r)
	}
	return show(os.Stdout, rows)
}

func show(w io.Writer, rows []result) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "operation\tcount\tper second\tp50\tp99\ttable requests each")
	for _, r := range rows {
		n := float64(r.count)
		slices.Sort(r.latencies)
		fmt.Fprintf(t, "%s\t%d\t%.0f\t%s\t%s\t%.3f\n", r.name, r.count, n/r.took.Seconds(),
			r.percentile(0.5), r.percentile(0.99), float64(r.requests.Total())/n)
	}
	return t.Flush()
}

// panels is how many panels are suggested.
const panels = 100

// clients is how many callers there are at the same time.
const clients = 16

// spread makes n calls from sixteen clients and times each.
func spread(n int, call func(client, i int) error) ([]time.Duration, time.Duration, error) {
	latencies := make([]time.Duration, n)
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	start := time.Now()
	for client := range clients {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && failed.Load() == nil; i = int(next.Add(1)) - 1 {
				began := time.Now()
				if err := call(client, i); err != nil {
					failed.Store(&err)
				}
				latencies[i] = time.Since(began)
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return nil, 0, *err
	}
	return latencies, time.Since(start), nil
}
