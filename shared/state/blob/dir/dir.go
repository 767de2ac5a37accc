// Package dir keeps blobs as files below one directory. Writes are atomic and
// durable (a temporary file, fsync, rename, fsync of the directory) and
// compare-and-swap holds among goroutines and among processes, by a lock on the
// file .lock in the root.
package dir

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"convoke/shared/state/blob"
)

const (
	lockName  = ".lock"
	temporary = ".tmp-"
)

// Store is a directory of blobs. It implements blob.Store.
type Store struct {
	root string
	mu   sync.Mutex // held before the lock file, so that waiting goroutines hold no thread
}

// Open returns the store below root, which is made when absent. Temporary files
// that a killed process left behind are removed.
func Open(root string) (*Store, error) {
	if err := os.MkdirAll(root, 0o750); err != nil {
		return nil, fmt.Errorf("open blob directory: %w", err)
	}
	s := &Store{root: root}
	if err := s.locked(context.Background(), s.sweep); err != nil {
		return nil, fmt.Errorf("open blob directory %s: %w", root, err)
	}
	return s, nil
}

// Path returns the file of a blob, for reading and mapping alone; a blob that is
// replaced keeps its old bytes for whoever has the old file open.
func (s *Store) Path(key string) (string, error) {
	if err := blob.CheckKey(key); err != nil {
		return "", err
	}
	return filepath.Join(s.root, filepath.FromSlash(key)), nil
}

// Get implements blob.Store.
func (s *Store) Get(ctx context.Context, key string) ([]byte, string, error) {
	path, err := s.Path(key)
	if err != nil {
		return nil, "", err
	}
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	data, err := os.ReadFile(path)
	if absent(err) {
		return nil, "", fmt.Errorf("get blob %s: %w", key, blob.ErrAbsent)
	}
	if err != nil {
		return nil, "", fmt.Errorf("get blob %s: %w", key, err)
	}
	return data, etagOf(data), nil
}

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key string, data []byte) error {
	path, err := s.Path(key)
	if err != nil {
		return err
	}
	err = s.locked(ctx, func() error { return s.write(path, data) })
	if err != nil {
		return fmt.Errorf("put blob %s: %w", key, err)
	}
	return nil
}

// PutIf implements blob.Store.
func (s *Store) PutIf(ctx context.Context, key string, data []byte, etag string) (string, error) {
	path, err := s.Path(key)
	if err != nil {
		return "", err
	}
	err = s.locked(ctx, func() error {
		if err := holds(path, etag); err != nil {
			return err
		}
		return s.write(path, data)
	})
	if err != nil {
		return "", fmt.Errorf("put blob %s: %w", key, err)
	}
	return etagOf(data), nil
}

// List implements blob.Store.
func (s *Store) List(ctx context.Context, prefix string) ([]blob.Entry, error) {
	var entries []blob.Entry
	err := filepath.WalkDir(s.root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == s.root {
			return cmp.Or(err, ctx.Err())
		}
		rel, err := filepath.Rel(s.root, path)
		if err != nil {
			return err
		}
		key := filepath.ToSlash(rel)
		switch {
		case d.IsDir() && !strings.HasPrefix(key+"/", prefix) && !strings.HasPrefix(prefix, key+"/"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasPrefix(key, prefix) || blob.CheckKey(key) != nil:
			return nil
		}
		entries, err = appendEntry(entries, key, d)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list blobs %s: %w", prefix, err)
	}
	slices.SortFunc(entries, func(a, b blob.Entry) int { return strings.Compare(a.Key, b.Key) })
	return entries, nil
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	path, err := s.Path(key)
	if err != nil {
		return err
	}
	err = s.locked(ctx, func() error { return os.Remove(path) })
	if err != nil && !absent(err) {
		return fmt.Errorf("delete blob %s: %w", key, err)
	}
	return nil
}

// appendEntry leaves out a file that was removed while the directory was read.
func appendEntry(entries []blob.Entry, key string, d fs.DirEntry) ([]blob.Entry, error) {
	info, err := d.Info()
	if absent(err) {
		return entries, nil
	}
	if err != nil {
		return nil, err
	}
	return append(entries, blob.Entry{Key: key, Size: info.Size(), Modified: info.ModTime()}), nil
}

// locked runs fn while no other goroutine or process writes.
func (s *Store) locked(ctx context.Context, fn func() error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(s.root, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }() // closing gives the lock up
	if err := lock(f); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	return fn()
}

// write replaces path. The caller holds the lock, so that no sweep takes the
// temporary file away.
func (s *Store) write(path string, data []byte) error {
	f, err := os.CreateTemp(s.root, temporary+"*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := cmp.Or(err, f.Sync(), f.Close(), os.MkdirAll(filepath.Dir(path), 0o750)); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return s.syncUp(filepath.Dir(path))
}

// syncUp makes the names in folder and in the folders above it durable.
func (s *Store) syncUp(folder string) error {
	for {
		if err := syncFolder(folder); err != nil {
			return err
		}
		if folder == filepath.Clean(s.root) || len(folder) <= len(filepath.Clean(s.root)) {
			return nil
		}
		folder = filepath.Dir(folder)
	}
}

// sweep removes temporary files; nobody is writing while it holds the lock.
func (s *Store) sweep() error {
	left, err := filepath.Glob(filepath.Join(s.root, temporary+"*"))
	if err != nil {
		return err
	}
	for _, path := range left {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

func holds(path, etag string) error {
	data, err := os.ReadFile(path)
	switch {
	case absent(err) && etag == "":
		return nil
	case absent(err):
		return blob.ErrChanged
	case err != nil:
		return err
	case etagOf(data) != etag:
		return blob.ErrChanged
	}
	return nil
}

func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// etagOf is a hash of the bytes: the same in every process, and kept nowhere.
func etagOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}
