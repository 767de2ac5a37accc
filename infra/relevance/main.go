// Relevance measures how well the index finds organisations by other spellings
// of their names, over a sample of the Research Organization Registry.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"time"

	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

func main() {
	path := flag.String("sample", "../shared/data/ror-v2-sample.json.gz", "the `file` with the registry's records, gzipped JSON")
	n := flag.Int("n", 1500, "queries of each kind, where the records give so many")
	seed := flag.Uint64("seed", 7, "where the choice of records begins")
	misses := flag.Bool("misses", false, "print the queries that do not find their record among the first ten")
	flag.Parse()
	records, err := searchtest.Load(*path)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(os.Stdout, "%s is absent: nothing was measured\n", *path)
		return
	}
	if err == nil {
		err = run(os.Stdout, records, plan{*n, *seed, *misses})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

type plan struct {
	n      int
	seed   uint64
	misses bool
}

// run prints the table, and returns an error when a kind falls short.
func run(out io.Writer, records []searchtest.Record, p plan) error {
	ctx := context.Background()
	ix, err := build(ctx, records)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d records\n%-26s %-12s %6s %7s %7s %7s\n", len(records), "kind", "script", "asked", "hit@1", "hit@10", "MRR")
	var short []error
	for _, kind := range searchtest.Kinds() {
		all, byScript, err := ask(ctx, ix, kind.Items(records, p.n, p.seed), p.misses)
		if err != nil {
			return err
		}
		printKind(out, kind.Name, all, byScript)
		if got := all.share(all.ten); got < kind.Least {
			short = append(short, fmt.Errorf("%s: hit@10 %.4f, want %v", kind.Name, got, kind.Least))
		}
	}
	return errors.Join(short...)
}

// build indexes the records in a directory that is gone when it returns: the
// index stays mapped.
func build(ctx context.Context, records []searchtest.Record) (*search.Index, error) {
	root, err := os.MkdirTemp("", "relevance-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(root)
	store, err := dir.Open(root)
	if err != nil {
		return nil, err
	}
	w := search.Writer{Store: store, Now: time.Now}
	if err := w.Build(ctx, searchtest.Documents(records)); err != nil {
		return nil, err
	}
	ix, err := search.Open(ctx, store)
	if err == nil {
		opened := time.Now()
		ix.Now = func() time.Time { return opened } // never looks again
	}
	return ix, err
}

// tally counts where the records asked for were found.
type tally struct {
	asked, first, ten int
	reciprocal        float64
}

// add counts an answer with the record in a place from 0, or -1 for none.
func (t *tally) add(place int) {
	t.asked++
	if place < 0 {
		return
	}
	t.ten++
	t.reciprocal += 1 / float64(place+1)
	if place == 0 {
		t.first++
	}
}

func (t *tally) share(n int) float64 { return float64(n) / float64(max(1, t.asked)) }

// ask returns the tally of all items and those by script.
func ask(ctx context.Context, ix *search.Index, items []searchtest.Item, misses bool) (all tally, byScript map[string]*tally, err error) {
	byScript = map[string]*tally{}
	for _, item := range items {
		result, err := ix.Search(ctx, search.Query{Text: item.Query, Limit: 10})
		if err != nil {
			return all, nil, fmt.Errorf("ask for %q: %w", item.Query, err)
		}
		place := slices.IndexFunc(result.Hits, func(h search.Hit) bool { return h.ID == item.Record.ID })
		if place < 0 && misses {
			fmt.Fprintf(os.Stderr, "missed: %q for %q\n", item.Query, item.Record.Display())
		}
		if byScript[item.Script] == nil {
			byScript[item.Script] = &tally{}
		}
		all.add(place)
		byScript[item.Script].add(place)
	}
	return all, byScript, nil
}

// printKind prints the line of a kind and, when it has several scripts, theirs,
// the most frequent first.
func printKind(out io.Writer, kind string, all tally, byScript map[string]*tally) {
	line := func(kind, script string, t tally) {
		fmt.Fprintf(out, "%-26s %-12s %6d %7.4f %7.4f %7.4f\n",
			kind, script, t.asked, t.share(t.first), t.share(t.ten), t.reciprocal/float64(max(1, t.asked)))
	}
	scripts := slices.SortedFunc(maps.Keys(byScript), func(a, b string) int {
		return cmp.Or(byScript[b].asked-byScript[a].asked, cmp.Compare(a, b))
	})
	if len(scripts) == 1 {
		line(kind, scripts[0], all)
		return
	}
	line(kind, "all", all)
	for _, s := range scripts {
		line("", s, *byScript[s])
	}
}
