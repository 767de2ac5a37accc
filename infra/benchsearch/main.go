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
	return show(os.Stdout, n, columns)
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
