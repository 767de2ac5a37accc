package search

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/state/blob"
)

const (
	// grace is how long a segment out of force stays: readers that have just read
	// the former manifest are opening it.
	grace = time.Minute
	// orphanAge is how old a segment that no manifest names must be before it is
	// removed: a younger one may be of a writer that has not finished.
	orphanAge = time.Hour
	// maxRaces is how often a writer tries again when others were faster.
	maxRaces = 100
)

// Writer changes the index in a store. Any number of writers, in any number of
// processes, may work at the same time.
type Writer struct {
	Store blob.Store
	Now   func() time.Time
}

// Summary describes the index as its manifest does.
type Summary struct {
	Generation int64 // grows with every change
	Documents  int   // in the base and in deltas, replaced ones included
	Deltas     int   // segments beside the base; Compact brings them back to none
	Bytes      int64 // of all segments
}

// Describe reads the manifest alone.
func (w *Writer) Describe(ctx context.Context) (Summary, error) {
	m, err := readManifest(ctx, w.Store)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{Generation: m.Generation, Deltas: len(m.Deltas)}
	for _, ref := range m.segments() {
		s.Documents += ref.Documents
		s.Bytes += ref.Bytes
	}
	return s, nil
}

// Apply makes changes to the index: readers see them after their next look at
// the manifest. A change that is older than what the index holds has no effect,
// so changes may be repeated and may arrive in any order. When it fails, nothing
// or everything was applied; apply the same changes again. Batches are cheaper
// than single changes. Errors: ErrInvalid, ErrBusy, *CorruptError, those of the
// store.
func (w *Writer) Apply(ctx context.Context, changes []Change) error {
	changes = newestOf(changes)
	for range maxRaces {
		m, err := readManifest(ctx, w.Store)
		if err != nil {
			return err
		}
		next, err := w.withChanges(ctx, m, changes)
		if err != nil || next == nil {
			return err
		}
		if err := m.replace(ctx, w.Store, next); !errors.Is(err, blob.ErrChanged) {
			return err
		}
	}
	return fmt.Errorf("apply %d changes: %w", len(changes), ErrBusy)
}

// newestOf keeps the change of the highest version for each ID, the last of equals.
func newestOf(changes []Change) []Change {
	at := map[string]int{}
	var out []Change
	for _, c := range changes {
		i, ok := at[c.ID]
		switch {
		case !ok:
			at[c.ID] = len(out)
			out = append(out, c)
		case c.Version >= out[i].Version:
			out[i] = c
		}
	}
	return out
}

// withChanges writes the deltas for the changes and returns the manifest that
// names them, nil when there is nothing to change. Few changes go into one delta
// with those of the last one, so that deltas stay few.
func (w *Writer) withChanges(ctx context.Context, m *manifest, changes []Change) (*manifest, error) {
	next := *m
	next.Deltas = slices.Clone(m.Deltas)
	next.Retired = w.notExpired(m.Retired)
	b := newBuilder()
	if last := len(m.Deltas) - 1; last >= 0 && m.Deltas[last].entries()+len(changes) <= MaxDelta {
		s, err := openSegment(ctx, w.Store, m.Deltas[last])
		if err == nil {
			err = s.verify()
		}
		if err != nil {
			return nil, fmt.Errorf("open search index: %w", err)
		}
		changes = b.mergeUnder(s, changes)
		next.Deltas = next.Deltas[:last]
		next.retire(m.Deltas[last].Key, w.Now())
	}
	if len(changes) == 0 {
		return nil, nil
	}
	for chunk := range slices.Chunk(changes, MaxDelta) {
		if err := b.apply(chunk); err != nil {
			return nil, err
		}
		ref, err := w.put(ctx, b, m.Generation+1)
		if err != nil {
			return nil, err
		}
		next.Deltas = append(next.Deltas, ref)
		b = newBuilder()
	}
	return &next, nil
}

func (b *builder) apply(changes []Change) error {
	for i := range changes {
		c := &changes[i]
		if c.Removed {
			if err := c.check(); err != nil {
				return err
			}
			b.removed[c.ID] = c.Version
			continue
		}
		if err := b.add(&c.Document); err != nil {
			return err
		}
	}
	return nil
}

// mergeUnder takes over what s says of IDs that no change says anything newer
// of, and returns the changes that s does not know better.
func (b *builder) mergeUnder(s *segment, changes []Change) []Change {
	live := fullBitset(s.n)
	removed := map[string]int64{}
	for i := range s.removed().n {
		removed[string(s.removed().at(i))] = s.removedVersion(i)
	}
	changes = slices.DeleteFunc(slices.Clone(changes), func(c Change) bool {
		e, ok := s.entry(c.ID)
		if !ok {
			return false
		}
		if e.version > c.Version {
			return true
		}
		if e.doc != gone {
			live.clear(e.doc)
		}
		delete(removed, c.ID)
		return false
	})
	b.merge(s, live)
	b.removed = removed
	return changes
}

// Compact merges base and deltas into a new base and removes the segments that
// are out of force. Removals stay known, so that a late repetition of an older
// change still has no effect. Changes applied meanwhile are kept. Errors:
// *CorruptError, ErrBusy, those of the store.
func (w *Writer) Compact(ctx context.Context) error {
	m, err := readManifest(ctx, w.Store)
	if err != nil {
		return err
	}
	if len(m.Deltas) > 0 {
		snapshot, err := openSnapshot(ctx, w.Store, m, nil)
		if err == nil {
			err = snapshot.verify()
		}
		if err != nil {
			return err
		}
		merged := newCompaction(snapshot)
		file := merged.encode()
		runtime.KeepAlive(snapshot) // its segments may be mapped
		ref, err := w.putFile(ctx, file, m.Generation+1, len(merged.order), len(merged.removed))
		if err != nil {
			return err
		}
		if err := w.rebase(ctx, m, ref); err != nil {
			return err
		}
	}
	return w.sweep(ctx)
}

// Build replaces the whole index by the documents given, each ID once. It needs
// nothing of the old index and so mends a damaged one. Changes applied while it
// runs are kept. An error that the sequence yields ends it and changes nothing.
// Errors: ErrInvalid, ErrBusy, those of the store.
func (w *Writer) Build(ctx context.Context, documents iter.Seq2[Document, error]) error {
	m, err := readManifest(ctx, w.Store)
	if damaged := new(CorruptError); err != nil && !errors.As(err, &damaged) {
		return err
	}
	if err != nil {
		if m, err = w.afterDamage(ctx, m.etag); err != nil {
			return err
		}
	}
	b := newBuilder()
	for d, err := range documents {
		if err := errors.Join(err, ctx.Err()); err != nil {
			return fmt.Errorf("build search index: %w", err)
		}
		if err := b.add(&d); err != nil {
			return fmt.Errorf("build search index: %w", err)
		}
	}
	ref, err := w.put(ctx, b, m.Generation+1)
	if err != nil {
		return err
	}
	if err := w.rebase(ctx, m, ref); err != nil {
		return err
	}
	return w.sweep(ctx)
}

// afterDamage returns an empty manifest to replace a damaged one by. Its
// generation is above that of every segment there is, so that keys never repeat.
func (w *Writer) afterDamage(ctx context.Context, etag string) (*manifest, error) {
	entries, err := w.Store.List(ctx, segmentPrefix)
	if err != nil {
		return nil, err
	}
	m := &manifest{etag: etag}
	for _, e := range entries {
		if g, ok := generationOf(e.Key); ok {
			m.Generation = max(m.Generation, g)
		}
	}
	return m, nil
}

// rebase puts base in the place of all that m names. Deltas that other writers
// have added since stay on top; a base that they have replaced means that this
// one is out of date.
func (w *Writer) rebase(ctx context.Context, m *manifest, base segmentRef) error {
	current := m
	for range maxRaces {
		next := &manifest{Base: &base, Retired: w.notExpired(current.Retired)}
		for _, ref := range current.segments() {
			isOld := slices.ContainsFunc(m.segments(), func(r segmentRef) bool { return r.Key == ref.Key })
			if isOld {
				next.retire(ref.Key, w.Now())
			} else {
				next.Deltas = append(next.Deltas, ref)
			}
		}
		err := current.replace(ctx, w.Store, next)
		if !errors.Is(err, blob.ErrChanged) {
			return err
		}
		if current, err = readManifest(ctx, w.Store); err != nil {
			return err
		}
		if sameBase(current.Base, &base) {
			return nil // it was written, and the answer was lost
		}
		if !sameBase(current.Base, m.Base) {
			return fmt.Errorf("another base was written meanwhile: %w", ErrBusy)
		}
	}
	return fmt.Errorf("replace the base: %w", ErrBusy)
}

func sameBase(a, b *segmentRef) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Key == b.Key
}

func (m *manifest) retire(key string, now time.Time) {
	m.Retired = append(m.Retired, retired{Key: key, At: now.UTC()})
}

func (w *Writer) notExpired(all []retired) []retired {
	limit := w.Now().Add(-grace)
	return slices.DeleteFunc(slices.Clone(all), func(r retired) bool { return r.At.Before(limit) })
}

// put writes a segment under a key that no other content ever has.
func (w *Writer) put(ctx context.Context, b *builder, generation int64) (segmentRef, error) {
	documents, removed := len(b.docs), len(b.removed)
	file := b.encode()
	runtime.KeepAlive(b) // its sources may be mapped
	return w.putFile(ctx, file, generation, documents, removed)
}

func (w *Writer) putFile(ctx context.Context, file []byte, generation int64, documents, removed int) (segmentRef, error) {
	sum := sha256.Sum256(file)
	ref := segmentRef{
		Key:       fmt.Sprintf("%s%016x-%x", segmentPrefix, generation, sum[:8]),
		Bytes:     int64(len(file)),
		Sum:       headChecksum(file),
		Documents: documents,
		Removed:   removed,
	}
	if err := w.Store.Put(ctx, ref.Key, file); err != nil {
		return segmentRef{}, fmt.Errorf("write search segment: %w", err)
	}
	return ref, nil
}

// sweep removes the segments that no manifest will name again: they are out of
// force longer than the grace, or the writer that made them lost its race.
func (w *Writer) sweep(ctx context.Context) error {
	m, err := readManifest(ctx, w.Store)
	if err != nil {
		return err
	}
	entries, err := w.Store.List(ctx, segmentPrefix)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, ref := range m.segments() {
		keep[ref.Key] = true
	}
	for _, r := range w.notExpired(m.Retired) {
		keep[r.Key] = true
	}
	limit := w.Now().Add(-orphanAge)
	for _, e := range entries {
		if keep[e.Key] || !e.Modified.Before(limit) {
			continue
		}
		if err := w.Store.Delete(ctx, e.Key); err != nil {
			return err
		}
	}
	return nil
}

func generationOf(key string) (int64, bool) {
	digits, _, ok := strings.Cut(strings.TrimPrefix(key, segmentPrefix), "-")
	g, err := strconv.ParseInt(digits, 16, 64)
	return g, ok && err == nil
}
