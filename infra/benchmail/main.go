// Command benchmail measures how fast invitations are composed and handed over:
// ten thousand different messages, each with text, HTML, a signed link and, as
// asked for, a calendar, to an SMTP server on this machine. It prints messages a
// second and processor time a message, of composing alone and of both together.
// Run it by `make bench-mail`.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"text/tabwriter"
	"time"
)

// row is one line of the table.
type row struct {
	name     string
	count    int
	bytes    int64
	took     time.Duration
	cpu      time.Duration
	sinkBusy time.Duration // processor time of the server, which shares the machine
}

func main() {
	n := flag.Int("n", 10_000, "messages to compose and hand over")
	rounds := flag.Int("rounds", 5, "rounds, of which the median is printed")
	connections := flag.Int("connections", 4, "connections to the server")
	sink := flag.Bool("sink", false, "be the server; for the program itself")
	flag.Parse()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	run := func() error { return measure(ctx, os.Stdout, *rounds, *n, *connections) }
	if *sink {
		run = func() error { return serve(os.Stdin, os.Stdout) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "benchmail:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, w io.Writer, rounds, n, connections int) error {
	letters, err := newPost()
	if err != nil {
		return err
	}
	var rows [][]row // of each round
	for range rounds {
		var round []row
		for _, k := range []kind{short, plain, invitation} {
			composed, err := compose(letters, k, n)
			if err != nil {
				return err
			}
			handed, err := hand(ctx, k.name+", composed and handed over", n, connections, letters.sending(k))
			if err != nil {
				return err
			}
			flood, err := letters.flooding(k, n)
			if err != nil {
				return err
			}
			flooded, err := hand(ctx, k.name+", handed over ready-made", n, connections, flood)
			if err != nil {
				return err
			}
			round = append(round, composed, handed, flooded)
		}
		rows = append(rows, round)
	}
	return show(w, medians(rows))
}

// medians makes one row of those of all rounds.
func medians(rounds [][]row) []row {
	all := rounds[0]
	for i := range all {
		all[i].took = median(rounds, func(round []row) time.Duration { return round[i].took })
		all[i].cpu = median(rounds, func(round []row) time.Duration { return round[i].cpu })
		all[i].sinkBusy = median(rounds, func(round []row) time.Duration { return round[i].sinkBusy })
	}
	return all
}

func median(rounds [][]row, of func([]row) time.Duration) time.Duration {
	var list []time.Duration
	for _, round := range rounds {
		list = append(list, of(round))
	}
	slices.Sort(list)
	return list[len(list)/2]
}

// compose writes every message and sends none.
func compose(p *post, k kind, n int) (row, error) {
	r := row{name: k.name + ", composed", count: n}
	began, busy := time.Now(), processor()
	for i := range n {
		m, err := p.write(k, i)
		if err != nil {
			return r, err
		}
		b, err := m.Bytes(p.now)
		if err != nil {
			return r, err
		}
		r.bytes += int64(len(b))
	}
	r.took, r.cpu = time.Since(began), processor()-busy
	return r, nil
}

// hand brings every message to a server in a process of its own.
func hand(ctx context.Context, name string, n, connections int, by dial) (row, error) {
	r := row{name: fmt.Sprintf("%s (%d connections)", name, connections), count: n}
	server, err := startSink(ctx)
	if err != nil {
		return r, err
	}
	began, busy := time.Now(), processor()
	if err := spread(ctx, n, connections, server.addr, by); err != nil {
		return r, err
	}
	r.took, r.cpu = time.Since(began), processor()-busy
	received, err := server.stop()
	if err == nil && received.Messages != n {
		err = fmt.Errorf("%d messages were handed over, %d arrived", n, received.Messages)
	}
	r.bytes, r.sinkBusy = received.Bytes, server.cpu
	return r, err
}

// spread shares the messages out among the connections.
func spread(ctx context.Context, n, connections int, addr string, by dial) error {
	var next atomic.Int64
	var group sync.WaitGroup
	failed := make([]error, connections)
	for c := range connections {
		group.Go(func() {
			line, err := by(ctx, addr)
			if err != nil {
				failed[c] = err
				return
			}
			defer func() { _ = line.Close() }() // the server is stopped next
			for i := int(next.Add(1)) - 1; i < n && failed[c] == nil; i = int(next.Add(1)) - 1 {
				failed[c] = line.hand(ctx, i)
			}
		})
	}
	group.Wait()
	return errors.Join(failed...)
}

// processor returns the processor time that the process has used.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func show(w io.Writer, rows []row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "what\tmessages\tbytes each\tper second\tprocessor each\tprocessor of the server each")
	for _, r := range rows {
		n := float64(r.count)
		fmt.Fprintf(t, "%s\t%d\t%.0f\t%.0f\t%.3f ms\t%.3f ms\n", r.name, r.count, float64(r.bytes)/n, n/r.took.Seconds(),
			r.cpu.Seconds()*1000/n, r.sinkBusy.Seconds()*1000/n)
	}
	return t.Flush()
}
