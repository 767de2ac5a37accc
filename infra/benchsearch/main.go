// Command benchsearch measures the search on a generated directory and on the
// sample of the Research Organization Registry, in process and over HTTP, with
// Bleve beside it on the same documents and queries. Every step runs in a process
// of its own, so that memory is what the step needs. Run it by `make bench-search`.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
)

// plan is what to measure.
type plan struct {
	N      int
	Source string // "generated" or the sample's file
	Engine string
	Dir    string
	Asks   int // of each kind, in process
}

func main() {
	n := flag.Int("n", 100_000, "generated documents")
	sample := flag.String("sample", "../shared/data/ror-v2-sample.json.gz", "the registry's records, gzipped JSON; passed over when absent")
	asks := flag.Int("asks", 2000, "queries of each kind")
	bleve := flag.Bool("bleve", true, "measure Bleve too")
	step := flag.String("step", "", "for the command's own use: build, compact, ask or serve")
	what := flag.String("plan", "", "for the command's own use")
	flag.Parse()
	ctx := context.Background()
	var err error
	if *step != "" {
		err = runStep(ctx, *step, *what)
	} else {
		err = run(ctx, *n, *asks, *sample, *bleve)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchsearch:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, n, asks int, sample string, bleve bool) error {
	home, err := os.MkdirTemp("", "bench-search-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	sources := []string{"generated"}
	if _, err := os.Stat(sample); err == nil {
		sources = append(sources, sample)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	engines := []string{"convoke"}
	if bleve {
		engines = append(engines, "bleve")
	}
	var columns []column
	for i, source := range sources {
		for _, engine := range engines {
			c, err := measure(ctx, plan{N: n, Source: source, Engine: engine, Asks: asks, Dir: filepath.Join(home, fmt.Sprint(engine, i))})
			if err != nil {
				return fmt.Errorf("%s, %s: %w", source, engine, err)
			}
			columns = append(columns, c)
		}
	}
	return show(columns)
}

// column is one engine on one corpus.
type column struct {
	title string
	build built
	asked asked
	http  []served

	compact built // of Convoke alone
}

func measure(ctx context.Context, p plan) (c column, err error) {
	c.title = p.Engine + ", ROR sample"
	if p.Source == "generated" {
		c.title = fmt.Sprintf("%s, %d generated", p.Engine, p.N)
	}
	if p.Engine == "bleve" {
		p.Asks = min(p.Asks, 300) // it takes its time
	}
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return c, err
	}
	if err := child(ctx, "build", p, &c.build); err != nil {
		return c, err
	}
	if err := child(ctx, "ask", p, &c.asked); err != nil || p.Engine != "convoke" {
		return c, err
	}
	if c.http, err = overHTTP(ctx, p); err != nil {
		return c, err
	}
	return c, child(ctx, "compact", p, &c.compact)
}

// child runs a step in a process of its own and reads what it prints.
func child(ctx context.Context, step string, p plan, into any) error {
	cmd, err := command(ctx, step, p)
	if err != nil {
		return err
	}
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", step, err)
	}
	return json.Unmarshal(out, into)
}

func command(ctx context.Context, step string, p plan) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-step", step, "-plan", string(text))
	cmd.Stderr = os.Stderr
	if step == "ask" {
		cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	}
	return cmd, nil
}

func runStep(ctx context.Context, step, text string) error {
	var p plan
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return err
	}
	var result any
	var err error
	switch step {
	case "build":
		result, err = build(ctx, p)
	case "compact":
		result, err = compact(ctx, p)
	case "ask":
		result, err = ask(ctx, p)
	case "serve":
		return serve(ctx, p)
	default:
		return fmt.Errorf("no step %q", step)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// show prints one table, a column for each engine and corpus.
func show(columns []column) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	row := func(title string, cell func(c *column) string) {
		fmt.Fprint(w, title)
		for i := range columns {
			fmt.Fprint(w, "\t", cell(&columns[i]))
		}
		fmt.Fprintln(w)
	}
	row("", func(c *column) string { return c.title })
	row("documents", func(c *column) string { return fmt.Sprint(c.build.Documents) })
	row("build, s", func(c *column) string { return fmt.Sprintf("%.1f", c.build.Seconds) })
	row("most memory while building, MB", func(c *column) string { return fmt.Sprintf("%.0f", c.build.MostMB) })
	row("most memory while compacting, MB", func(c *column) string { return orDash(c.compact.CompactMB, "%.0f") })
	row("compaction, s", func(c *column) string { return orDash(c.compact.CompactSeconds, "%.1f") })
	row("files, MB", func(c *column) string { return fmt.Sprintf("%.1f", c.build.MB) })
	row("open, ms", func(c *column) string { return fmt.Sprintf("%.2f", c.asked.OpenMS) })
	row("verifying all of it, CPU ms", func(c *column) string { return orDash(c.asked.VerifyMS, "%.2f") })
	row("resident after all queries, MB (by the index)", func(c *column) string { return fmt.Sprintf("%.0f (%.0f)", c.asked.ResidentMB, c.asked.IndexMB) })
	for i := range columns[0].asked.Kinds {
		row(columns[0].asked.Kinds[i].Name+", p50 / p99 ms", func(c *column) string {
			return fmt.Sprintf("%.3f / %.2f", c.asked.Kinds[i].P50, c.asked.Kinds[i].P99)
		})
	}
	for i := range columns[0].asked.Kinds {
		row(columns[0].asked.Kinds[i].Name+", hit@20", func(c *column) string { return orDash(c.asked.Kinds[i].Hit, "%.3f") })
	}
	for i := range columns[0].http {
		row("HTTP, "+columns[0].http[i].Name+", requests/s (server CPU ms each)", func(c *column) string {
			if i >= len(c.http) {
				return "-"
			}
			return fmt.Sprintf("%.0f (%.2f)", c.http[i].PerSecond, c.http[i].CPUMS)
		})
	}
	return w.Flush()
}

func orDash(v float64, format string) string {
	if v == 0 {
		return "-"
	}
	return fmt.Sprintf(format, v)
}
