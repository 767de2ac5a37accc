// Command benchpeers asks Convoke, PocketBase, PostgreSQL and Groonga the same
// queries over HTTP, on the same generated directory, in one run: how many a second
// each answers, what processor time one takes its server, and how often it finds
// what was meant. Each is started in a temporary directory on a free port, asked,
// and stopped. Run it by `make bench-peers`, which installs what is missing.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// seed makes the same directory and the same queries every time.
const seed = 11

// kinds of query are the first of searchtest's: the others ask for beginnings,
// which the peers have no way of their own for.
const kinds = 4

// peer is a search that is asked over HTTP.
type peer interface {
	name() string
	// start fills the peer in a directory of its own and returns the processes
	// that answer; their descendants are counted too.
	start(ctx context.Context, dir string, documents iter.Seq2[search.Document, error]) (pids []int, err error)
	// url asks a; the answer has the IDs of the hits, 20 at most.
	url(a *searchtest.Ask) string
	stop() error
}

func main() {
	n := flag.Int("n", 100_000, "generated documents")
	each := flag.Duration("each", 4*time.Second, "how long each kind is asked of each")
	step := flag.String("step", "", "for the command's own use: convoke, pocketbase or postgres")
	dir := flag.String("dir", "", "for the command's own use")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch *step {
	case "":
		err = run(ctx, *n, *each)
	case "convoke":
		err = serveConvoke(ctx, *dir)
	case "pocketbase":
		err = servePocketBase(*dir)
	case "postgres":
		err = servePostgres(ctx, *dir)
	default:
		err = fmt.Errorf("no step %q", *step)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchpeers:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, n int, each time.Duration) (err error) {
	home, err := os.MkdirTemp("", "bench-peers-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(home)
	if err := os.Chmod(home, 0o711); err != nil { // PostgreSQL has a user of its own
		return err
	}
	asks := asksOf(n)
	var columns []column
	for _, p := range []peer{&convoke{}, &groonga{}, &postgres{}, &pocketBase{}} {
		c, err := measure(ctx, p, filepath.Join(home, p.name()), n, asks, each)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name(), err)
		}
		columns = append(columns, c)
	}
	return show(os.Stdout, columns, n)
}

// asksOf makes the queries of every kind, about documents that are public.
func asksOf(n int) (asks [kinds][]searchtest.Ask) {
	known := searchtest.Known(searchtest.Generate(n, seed), n, 3000)
	for i, w := range searchtest.Workloads()[:kinds] {
		asks[i] = w.Asks(known, 2000, seed)
	}
	return asks
}

// column is what one peer did.
type column struct {
	name  string
	build time.Duration // filling and starting
	kinds [kinds]asked
}

func measure(ctx context.Context, p peer, dir string, n int, asks [kinds][]searchtest.Ask, each time.Duration) (c column, err error) {
	if err := os.Mkdir(dir, 0o755); err != nil { //nolint:gosec // PostgreSQL looks in from another user
		return c, err
	}
	fmt.Fprintln(os.Stderr, "filling and asking", p.name())
	c.name = p.name()
	begun := time.Now()
	defer func() { err = errors.Join(err, p.stop()) }()
	pids, err := p.start(ctx, dir, searchtest.Generate(n, seed))
	if err != nil {
		return c, err
	}
	c.build = time.Since(begun)
	for i := range asks {
		if c.kinds[i], err = askAll(ctx, p, asks[i], pids, each); err != nil {
			return c, fmt.Errorf("%s: %w", searchtest.Workloads()[i].Name, err)
		}
	}
	return c, nil
}
