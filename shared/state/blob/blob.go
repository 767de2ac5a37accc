// Package blob is the contract of the store that holds whole files: search
// segments, their manifest, uploads. blob/dir keeps them in a directory, blob/s3
// in an S3 bucket; blobtest is the suite that holds both to this contract. The
// package knows nothing of the domain.
package blob

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// MaxKeyBytes is the longest key.
const MaxKeyBytes = 512

// Errors that every Store returns, wrapped with what was being done.
var (
	ErrAbsent  = errors.New("no such blob")
	ErrChanged = errors.New("the blob has changed since it was read")
	ErrBadKey  = errors.New("key is empty, too long, or not made of plain path segments")
)

// Entry describes one stored blob.
type Entry struct {
	Key      string
	Size     int64     // bytes
	Modified time.Time // when it was last written, by the clock of the store
}

// Store keeps blobs by key. Every method is safe for concurrent use, and a
// write is seen whole or not at all, by every reader, as soon as it returned. A
// key that CheckKey refuses gives ErrBadKey. No key may continue another by a
// slash ("a" beside "a/b"): a directory cannot hold both.
type Store interface {
	// Get returns the bytes, which belong to the caller, and their ETag: an
	// opaque, never empty string that differs when the bytes differ. ErrAbsent
	// when there is none.
	Get(ctx context.Context, key string) (data []byte, etag string, err error)
	// Put writes whatever is there.
	Put(ctx context.Context, key string, data []byte) error
	// PutIf writes only if the stored blob still has the ETag, or, when etag is
	// empty, if there is none. It returns the new ETag, or ErrChanged.
	PutIf(ctx context.Context, key string, data []byte, etag string) (string, error)
	// List returns the blobs whose keys start with prefix, in order of key bytes.
	List(ctx context.Context, prefix string) ([]Entry, error)
	// Delete removes a blob. Removing what is absent is no error.
	Delete(ctx context.Context, key string) error
}

// CheckKey refuses keys that some store could read as anything but a name:
// a key is segments of ASCII letters, digits, '.', '_' and '-', joined by single
// slashes, none starting with a dot.
func CheckKey(key string) error {
	if key == "" || len(key) > MaxKeyBytes {
		return fmt.Errorf("blob key of %d bytes: %w", len(key), ErrBadKey)
	}
	for segment := range strings.SplitSeq(key, "/") {
		if segment == "" || segment[0] == '.' || strings.ContainsFunc(segment, notPlain) {
			return fmt.Errorf("blob key %q: %w", key, ErrBadKey)
		}
	}
	return nil
}

func notPlain(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return false
	}
	return r != '.' && r != '_' && r != '-'
}
