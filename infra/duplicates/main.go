// Duplicates measures how well an organisation that is listed already is
// recognised when it comes again under an altered name, and how often one that is
// not listed is taken for another, over a sample of the Research Organization
// Registry. Run it by `make duplicates`; docs/duplicates.md has the results.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"

	"convoke/shared/state/search/searchtest"
)

// The targets.
const (
	leastRecall    = 0.95
	leastPrecision = 0.95
)

type plan struct {
	n, checks, size int
	seed            uint64
	misses          bool
}

func main() {
	path := flag.String("sample", "../shared/data/ror-v2-sample.json.gz", "the `file` with the registry's records, gzipped JSON")
	var p plan
	flag.IntVar(&p.n, "n", 700, "pairs of each kind, and as many that are none, where the records give so many")
	flag.IntVar(&p.checks, "checks", 3000, "checks to time")
	flag.IntVar(&p.size, "size", 100_000, "stakeholders among whom checks are timed; 0 times none")
	flag.Uint64Var(&p.seed, "seed", 7, "where the choice of records begins")
	flag.BoolVar(&p.misses, "misses", false, "print what was not recognised, and what was taken for another")
	flag.Parse()
	records, err := searchtest.Load(*path)
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(os.Stdout, "%s is absent: nothing was measured\n", *path)
		return
	}
	if err == nil {
		err = run(context.Background(), os.Stdout, *path, records, p)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

// run prints the tables, and returns an error when a target is missed.
func run(ctx context.Context, out io.Writer, path string, records []searchtest.Record, p plan) error {
	profiles, err := readProfiles(path)
	if err != nil {
		return err
	}
	listed, absent := split(records, profiles)
	d, err := list(ctx, profilesOf(listed, profiles))
	if err != nil {
		return err
	}
	err = d.judge(ctx, out, listed, absent, profiles, p)
	d.close()
	if p.size == 0 {
		return err
	}
	return errors.Join(err, timeChecks(ctx, out, records, profiles, p))
}
