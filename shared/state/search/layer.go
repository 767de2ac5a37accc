package search

import (
	"context"
	"errors"
	"fmt"

	"convoke/shared/state/blob"
)

// snapshot is the index as one manifest describes it. It does not change.
type snapshot struct {
	manifest *manifest
	layers   []layer // the oldest first
}

// layer is a segment and which of its documents no newer layer has replaced.
type layer struct {
	*segment
	live    bitset
	counted *cache[[]Count] // of facets, among live documents
}

// openSnapshot opens what the manifest names, taking over the segments that a
// former snapshot (or nil) has open. Their parts are verified when they are first
// read; verify does so at once.
func openSnapshot(ctx context.Context, store blob.Store, m *manifest, former *snapshot) (_ *snapshot, err error) {
	defer caught(&err)
	open := map[string]*segment{}
	if former != nil {
		for _, l := range former.layers {
			open[l.key] = l.segment
		}
	}
	var segments []*segment
	for _, ref := range m.segments() {
		s := open[ref.Key]
		if s == nil {
			var err error
			if s, err = openSegment(ctx, store, ref); err != nil {
				return nil, fmt.Errorf("open search index: %w", err)
			}
		}
		segments = append(segments, s)
	}
	return &snapshot{manifest: m, layers: stack(segments)}, nil
}

// verify verifies all that has not been yet.
func (s *snapshot) verify() error {
	for i := range s.layers {
		if err := s.layers[i].verify(); err != nil {
			return fmt.Errorf("open search index: %w", err)
		}
	}
	return nil
}

// loadSnapshot reads the manifest and opens what it names. A segment that is
// missing may just have been retired: then the manifest has changed meanwhile.
func loadSnapshot(ctx context.Context, store blob.Store, former *snapshot) (*snapshot, error) {
	var missing error
	for etag := "-"; ; {
		m, err := readManifest(ctx, store)
		switch {
		case err != nil:
			return nil, err
		case former != nil && m.etag == former.manifest.etag:
			return former, nil
		case former != nil && m.etag == "":
			return nil, &CorruptError{Key: manifestKey, Reason: "it was removed"}
		case m.etag == etag:
			return nil, &CorruptError{Key: segmentPrefix, Reason: missing.Error()}
		}
		s, err := openSnapshot(ctx, store, m, former)
		if !errors.Is(err, blob.ErrAbsent) {
			return s, err
		}
		etag, missing = m.etag, err
	}
}

// entry is what a layer says of an ID; doc is gone when it says that the
// document was removed.
type entry struct {
	version int64
	layer   int
	doc     uint32
}

// stack finds, for segments in the order they were written, which documents are
// live: the highest version of an ID wins, and of equals the later segment.
func stack(segments []*segment) []layer {
	layers, _ := resolve(segments)
	return layers
}

// resolve does the work of stack and also returns the IDs that newer segments
// than the first speak of, with the entry that won.
func resolve(segments []*segment) ([]layer, map[string]entry) {
	layers := make([]layer, len(segments))
	for i, s := range segments {
		layers[i] = layer{segment: s, live: fullBitset(s.n), counted: new(cache[[]Count])}
	}
	won := map[string]entry{}
	for i := 1; i < len(segments); i++ {
		for doc := range segments[i].n {
			contend(layers, won, string(segments[i].ids().at(doc)), entry{segments[i].version(doc), i, uint32(doc)})
		}
		for j := range segments[i].removed().n {
			contend(layers, won, string(segments[i].removed().at(j)), entry{segments[i].removedVersion(j), i, gone})
		}
	}
	return layers, won
}

// contend lets e win over what is known of the ID, or lose.
func contend(layers []layer, won map[string]entry, id string, e entry) {
	former, ok := won[id]
	if !ok {
		former, ok = layers[0].entry(id)
	}
	loser := former
	if ok && former.version > e.version {
		e, loser = former, e
	}
	if ok && loser.doc != gone {
		layers[loser.layer].live.clear(loser.doc)
	}
	won[id] = e
}

// entry returns what the segment, the first of its stack, says of an ID.
func (s *segment) entry(id string) (entry, bool) {
	if doc, ok := s.find(id); ok {
		return entry{s.version(int(doc)), 0, doc}, true
	}
	if i, ok := s.removed().find(id); ok {
		return entry{s.removedVersion(i), 0, gone}, true
	}
	return entry{}, false
}
