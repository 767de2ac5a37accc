package main

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"convoke/infra/load"
	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// seed makes the same directory and the same queries every time.
const seed = 11

// engine is what is measured.
type engine interface {
	build(ctx context.Context, documents iter.Seq2[search.Document, error]) error
	open(ctx context.Context) error
	// ask returns the IDs of the hits, the best first.
	ask(ctx context.Context, a *searchtest.Ask) ([]string, error)
	megabytes(ctx context.Context) (float64, error)
}

func engineOf(p plan) engine {
	if p.Engine == "bleve" {
		return &bleveEngine{dir: p.Dir}
	}
	return &own{dir: p.Dir}
}

// documents of the plan, and how many.
func documents(p plan) (iter.Seq2[search.Document, error], int, error) {
	if p.Source == "generated" {
		return searchtest.Generate(p.N, seed), p.N, nil
	}
	records, err := searchtest.Load(p.Source)
	return searchtest.Documents(records), len(records), err
}

// built is what building showed.
type built struct {
	Documents                                      int
	Seconds, MostMB, MB, CompactSeconds, CompactMB float64
}

func build(ctx context.Context, p plan) (built, error) {
	docs, n, err := documents(p)
	if err != nil {
		return built{}, err
	}
	e := engineOf(p)
	start := time.Now()
	if err := e.build(ctx, docs); err != nil {
		return built{}, err
	}
	b := built{Documents: n, Seconds: time.Since(start).Seconds()}
	_, b.MostMB = load.Resident(os.Getpid())
	if b.MB, err = e.megabytes(ctx); err != nil {
		return built{}, err
	}
	return b, writeAsks(p, searchtest.Known(docs, n, 3000))
}

// writeAsks leaves the queries for the steps that ask them: they are to have
// nothing in memory but the index, and of the queries one kind at a time.
func writeAsks(p plan, known []search.Document) error {
	for _, w := range searchtest.Workloads() {
		text, err := json.Marshal(w.Asks(known, p.Asks, seed))
		if err != nil {
			return err
		}
		if err := os.WriteFile(asksOf(p, w), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func readAsks(p plan, w searchtest.Workload) (asks []searchtest.Ask, err error) {
	text, err := os.ReadFile(asksOf(p, w))
	if err != nil {
		return nil, err
	}
	return asks, json.Unmarshal(text, &asks)
}

func asksOf(p plan, w searchtest.Workload) string {
	return filepath.Join(p.Dir, strings.ReplaceAll(w.Name, " ", "-")+".json")
}

// asked is what asking showed.
type asked struct {
	OpenMS     float64
	VerifyMS   float64 // all of what is open
	ResidentMB float64 // of the process as it stands in the end
	IndexMB    float64 // of it, what came with the index: memory in use, and what is mapped
	Kinds      []kind
}

type kind struct {
	Name          string
	P50, P99, Hit float64 // milliseconds; the share of those meant that are among the first 20
}

func ask(ctx context.Context, p plan) (a asked, err error) {
	e := engineOf(p)
	if a.OpenMS, err = medianOpen(ctx, p); err != nil {
		return a, err
	}
	before := inUse()
	if err := e.open(ctx); err != nil {
		return a, err
	}
	if v, ok := e.(interface{ verify() error }); ok {
		start := threadTime()
		if err := v.verify(); err != nil {
			return a, err
		}
		a.VerifyMS = ms(threadTime() - start)
	}
	for _, w := range searchtest.Workloads() {
		asks, err := readAsks(p, w)
		if err != nil {
			return a, err
		}
		k, err := askAll(ctx, e, w.Name, asks)
		if err != nil {
			return a, err
		}
		a.Kinds = append(a.Kinds, k)
	}
	a.ResidentMB, _ = load.Resident(os.Getpid())
	a.IndexMB = inUse() - before
	runtime.KeepAlive(e)
	return a, nil
}

// inUse returns the memory in MB that the process has in the machine's, without
// what is garbage.
func inUse() float64 {
	debug.FreeOSMemory()
	now, _ := load.Resident(os.Getpid())
	return now
}

// medianOpen opens nine times and takes the middle one: what opening takes when
// the file is in the system's cache.
func medianOpen(ctx context.Context, p plan) (float64, error) {
	var took []time.Duration
	for range 9 {
		e := engineOf(p)
		start := time.Now()
		if err := e.open(ctx); err != nil {
			return 0, err
		}
		took = append(took, time.Since(start))
		if c, ok := e.(interface{ close() error }); ok {
			if err := c.close(); err != nil {
				return 0, err
			}
		}
	}
	slices.Sort(took)
	return ms(took[len(took)/2]), nil
}

// askAll asks each query once and says how long one took, by the processor time
// of this thread, which other work on the machine does not change much.
func askAll(ctx context.Context, e engine, name string, asks []searchtest.Ask) (kind, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	took := make([]time.Duration, len(asks))
	meant, found := 0, 0
	for i := range asks {
		start := threadTime()
		ids, err := e.ask(ctx, &asks[i])
		took[i] = threadTime() - start
		if err != nil {
			return kind{}, fmt.Errorf("%s: %q: %w", name, asks[i].Text, err)
		}
		if asks[i].Want != "" {
			meant++
			if slices.Contains(ids, asks[i].Want) {
				found++
			}
		}
	}
	slices.Sort(took)
	k := kind{Name: name, P50: ms(took[len(took)/2]), P99: ms(took[len(took)*99/100])}
	if meant > 0 {
		k.Hit = float64(found) / float64(meant)
	}
	return k, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1e3 }
