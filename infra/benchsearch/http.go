package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"convoke/infra/load"
	"convoke/infra/searchsite"
	"convoke/shared/state/search/searchtest"
)

// served is what the HTTP interface did with one kind of query.
type served struct {
	Name             string
	PerSecond, CPUMS float64
}

// overHTTP asks a server in a process of its own from 16 clients.
func overHTTP(ctx context.Context, p plan) ([]served, error) {
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
		asks, err := readAsks(p, w)
		if err != nil {
			return nil, err
		}
		var urls []string
		for _, a := range asks {
			urls = append(urls, searchsite.URL(strings.TrimSpace(base), &a))
		}
		r, err := load.Run(ctx, urls, 3*time.Second, func() []int { return []int{cmd.Process.Pid} }, nil)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.Name, err)
		}
		all = append(all, served{w.Name, r.PerSecond, ms(r.CPU)})
	}
	return all, nil
}

// serve answers over HTTP from the index in the plan's directory, prints its
// address, and ends when it is killed.
func serve(ctx context.Context, p plan) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	handler, err := searchsite.Handler(ctx, p.Dir, base)
	if err != nil {
		return err
	}
	fmt.Println(base)
	return (&http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}).Serve(listener)
}
