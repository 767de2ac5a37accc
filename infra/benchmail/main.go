// Command benchmail measures how fast invitations are composed and handed over:
// ten thousand different messages, each with text, HTML, a signed link and, as
// asked for, a calendar, to an SMTP server on this machine. It prints messages a
// second and processor time a message, of composing alone and of both together.
// Run it by `make bench-mail`.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"text/tabwriter"
	"time"

	"convoke/shared/platform/mail/smtp"
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
	connections := flag.Int("connections", 4, "connections to the server")
	sink := flag.Bool("sink", false, "be the server; for the program itself")
	flag.Parse()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	run := func() error { return measure(ctx, os.Stdout, *n, *connections) }
	if *sink {
		run = func() error { return serve(os.Stdin, os.Stdout) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "benchmail:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, w io.Writer, n, connections int) error {
	letters, err := newPost()
	if err != nil {
		return err
	}
	var rows []row
	for _, k := range []kind{short, plain, invitation} {
		composed, err := compose(letters, k, n)
		if err != nil {
			return err
		}
		handed, err := hand(ctx, letters, k, n, connections)
		if err != nil {
			return err
		}
		rows = append(rows, composed, handed)
	}
	return show(w, rows)
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

// hand composes every message and hands it to a server in a process of its own.
func hand(ctx context.Context, p *post, k kind, n, connections int) (row, error) {
	r := row{name: fmt.Sprintf("%s, composed and handed over (%d connections)", k.name, connections), count: n}
	server, err := startSink(ctx)
	if err != nil {
		return r, err
	}
	began, busy := time.Now(), processor()
	if err := spread(ctx, p, k, n, connections, server.addr); err != nil {
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

func spread(ctx context.Context, p *post, k kind, n, connections int, addr string) error {
	var next atomic.Int64
	var group sync.WaitGroup
	failed := make([]error, connections)
	for c := range connections {
		group.Go(func() {
			sender := &smtp.Sender{Addr: addr, TLS: smtp.TLSNever, Now: time.Now}
			defer func() { _ = sender.Close() }() // the server is stopped next
			for i := int(next.Add(1)) - 1; i < n && failed[c] == nil; i = int(next.Add(1)) - 1 {
				failed[c] = p.send(ctx, sender, k, i)
			}
		})
	}
	group.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *post) send(ctx context.Context, sender *smtp.Sender, k kind, i int) error {
	m, err := p.write(k, i)
	if err != nil {
		return err
	}
	_, err = sender.Send(ctx, m)
	return err
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
