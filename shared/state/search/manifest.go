package search

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"convoke/shared/state/blob"
)

// Where the index lives in the store.
const (
	manifestKey   = "search/manifest"
	segmentPrefix = "search/segment/"
)

// segmentRef names a segment.
type segmentRef struct {
	Key       string `json:"key"`
	Bytes     int64  `json:"bytes"`
	Sum       uint32 `json:"sum"` // headChecksum
	Documents int    `json:"documents"`
	Removed   int    `json:"removed,omitempty"`
}

func (r segmentRef) entries() int { return r.Documents + r.Removed }

// retired is a segment no longer in force, that a reader may just be opening.
type retired struct {
	Key string    `json:"key"`
	At  time.Time `json:"at"`
}

// manifest names the segments in force. In the store a line with the format and
// the CRC-32C of the rest comes before its JSON.
type manifest struct {
	Generation int64        `json:"generation"` // grows with every replacement
	Base       *segmentRef  `json:"base,omitempty"`
	Deltas     []segmentRef `json:"deltas,omitempty"` // the newest last
	Retired    []retired    `json:"retired,omitempty"`

	etag string
}

// segments returns the references, the oldest first.
func (m *manifest) segments() []segmentRef {
	if m.Base == nil {
		return m.Deltas
	}
	return append([]segmentRef{*m.Base}, m.Deltas...)
}

const manifestHead = "convoke search manifest 1 %08x\n"

// readManifest returns the manifest, an empty one when there is none.
func readManifest(ctx context.Context, store blob.Store) (*manifest, error) {
	data, etag, err := store.Get(ctx, manifestKey)
	if errors.Is(err, blob.ErrAbsent) {
		return &manifest{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read search manifest: %w", err)
	}
	m := &manifest{etag: etag}
	head, body, ok := bytes.Cut(data, []byte("\n"))
	if !ok || string(head)+"\n" != fmt.Sprintf(manifestHead, checksum(body)) {
		return m, &CorruptError{Key: manifestKey, Reason: "checksum"}
	}
	if err := json.Unmarshal(body, m); err != nil {
		return m, &CorruptError{Key: manifestKey, Reason: err.Error()}
	}
	return m, nil
}

// replace writes next in the place of m, or returns blob.ErrChanged when another
// writer was faster.
func (m *manifest) replace(ctx context.Context, store blob.Store, next *manifest) error {
	next.Generation = m.Generation + 1
	body, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("write search manifest: %w", err)
	}
	data := append(fmt.Appendf(nil, manifestHead, checksum(body)), body...)
	if _, err = store.PutIf(ctx, manifestKey, data, m.etag); err != nil {
		return fmt.Errorf("write search manifest: %w", err)
	}
	return nil
}
