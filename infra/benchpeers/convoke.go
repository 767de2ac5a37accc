package main

import (
	"context"
	"errors"
	"iter"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"convoke/infra/searchsite"
	blobdir "convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// convoke is this software: its whole HTTP interface over an index on disk.
type convoke struct {
	address string
	server  *process
}

func (*convoke) name() string { return "Convoke" }

func (c *convoke) start(ctx context.Context, dir string, documents iter.Seq2[search.Document, error]) ([]int, error) {
	store, err := blobdir.Open(filepath.Join(dir, "index"))
	if err != nil {
		return nil, err
	}
	if err := (&search.Writer{Store: store, Now: time.Now}).Build(ctx, documents); err != nil {
		return nil, err
	}
	if c.address, err = freeAddress(ctx); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "address"), []byte(c.address), 0o600); err != nil {
		return nil, err
	}
	if c.server, err = self(ctx, "convoke", dir); err != nil {
		return nil, err
	}
	return []int{c.server.cmd.Process.Pid}, listening(ctx, "tcp", c.address)
}

func (c *convoke) url(a *searchtest.Ask) string { return searchsite.URL("http://"+c.address, a) }

func (c *convoke) stop() error { return c.server.stop(syscall.SIGTERM) }

// serveConvoke answers from the directory's index until it is stopped.
func serveConvoke(ctx context.Context, dir string) error {
	address, err := os.ReadFile(filepath.Join(dir, "address"))
	if err != nil {
		return err
	}
	handler, err := searchsite.Handler(ctx, dir, "http://"+string(address))
	if err != nil {
		return err
	}
	return serveHTTP(ctx, string(address), handler)
}

// serveHTTP answers at the address until the context ends.
func serveHTTP(ctx context.Context, address string, handler http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
