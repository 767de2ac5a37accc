package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"convoke/infra/load"
	"convoke/shared/local/runtime"
	"convoke/shared/platform/mail"
	maildir "convoke/shared/platform/mail/dir"
	"convoke/shared/state/search/searchtest"
	"convoke/shared/state/table/bolt"
)

// served is what the HTTP interface did with one kind of query.
type served struct {
	Name             string
	PerSecond, CPUMS float64
}

// overHTTP asks a server in a process of its own from 16 clients.
func overHTTP(ctx context.Context, p plan) ([]served, error) {
	asks, err := readAsks(p)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	cmd, err := command(ctx, "serve", p)
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() { stop(); _ = cmd.Wait() }() // it is killed
	base, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("the server did not start: %w", err)
	}
	var all []served
	for _, w := range searchtest.Workloads() {
		var urls []string
		for _, a := range asks[w.Name] {
			urls = append(urls, strings.TrimSpace(base)+"/v1/stakeholders?"+values(&a).Encode())
		}
		r, err := load.Run(ctx, urls, 3*time.Second, func() []int { return []int{cmd.Process.Pid} }, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Name, err)
		}
		all = append(all, served{w.Name, r.PerSecond, ms(r.CPU)})
	}
	return all, nil
}

func values(a *searchtest.Ask) url.Values {
	v := url.Values{"limit": {strconv.Itoa(a.Limit)}}
	if a.Text != "" {
		v.Set("q", a.Text)
	}
	for field, wanted := range a.Where {
		v[field] = wanted
	}
	if len(a.Facets) > 0 {
		v["facet"] = a.Facets
	}
	return v
}

// serve answers over HTTP from the index in the plan's directory, prints its
// address, and ends when it is killed.
func serve(ctx context.Context, p plan) error {
	table, err := bolt.Open(filepath.Join(p.Dir, "convoke.db"), bolt.Options{})
	if err != nil {
		return err
	}
	mailbox := filepath.Join(p.Dir, "mail")
	if err := os.Mkdir(mailbox, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	process, err := runtime.Open(ctx, runtime.Options{
		Dir: p.Dir, BaseURL: base, Stage: "bench", From: mail.Address{Addr: "convoke@example.org"}, Domain: "example.org", Table: table,
		Sender: &maildir.Sender{Path: mailbox, Now: time.Now}, Clock: &runtime.Clock{}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	fmt.Println(base)
	return (&http.Server{Handler: process.Handler(), ReadHeaderTimeout: time.Minute}).Serve(listener)
}
