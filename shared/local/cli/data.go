package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"convoke/shared/edge/indexer"
	"convoke/shared/platform/boot"
	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

// What lies in the data directory, beside what package runtime keeps there.
const (
	tableFile   = "table.db"
	indexFolder = "index"
	mailFolder  = "mail"
)

// existing opens the table of a directory that must be there.
func (p *program) existing() (*bolt.Table, error) {
	path := filepath.Join(p.data, tableFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not there: name the directory with --data, or make one with `convoke serve` or `convoke import`", path)
	}
	return bolt.Open(path, bolt.Options{})
}

// ready opens the table, and makes directory and table where there is nothing
// yet. A directory that has lost its table is not nothing.
func (p *program) ready() (*bolt.Table, error) {
	if err := os.MkdirAll(p.data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	path, manifest := filepath.Join(p.data, tableFile), filepath.Join(p.data, indexFolder, "search", "manifest")
	_, lost := os.Stat(path)
	if _, err := os.Stat(manifest); err == nil && errors.Is(lost, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing though %s has an index: restore it from a copy, or remove %s to begin anew",
			path, p.data, filepath.Join(p.data, indexFolder))
	}
	return bolt.Open(path, bolt.Options{})
}

// storeOf returns the store on a table, by the machine's clock.
func storeOf(t table.Table) *store.Store {
	return &store.Store{Table: t, Now: func() time.Time { return time.Now().UTC() }, NewID: boot.NewIDs()}
}

// indexer opens the index for writing. It reads nothing of it, so that it can
// mend what is damaged.
func (p *program) indexer(s *store.Store) (*indexer.Indexer, error) {
	blobs, err := dir.Open(filepath.Join(p.data, indexFolder))
	if err != nil {
		return nil, fmt.Errorf("open the index folder: %w", err)
	}
	writer := &search.Writer{Store: blobs, Now: time.Now}
	return &indexer.Indexer{Store: s, Index: writer, Log: slog.New(slog.DiscardHandler)}, nil
}
