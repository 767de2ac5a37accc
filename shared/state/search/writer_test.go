package search

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/state/blob"
)

func doc(id string, version int64, name string) Document {
	return Document{
		ID: id, Version: version, Names: []Name{{Text: name, Kind: KindDisplay}},
		Facets: map[string][]string{"seen_by": {"public"}},
		Stored: fmt.Appendf(nil, `{"id":%q,"name":%q}`, id, name),
	}
}

func put(docs ...Document) []Change {
	var changes []Change
	for _, d := range docs {
		changes = append(changes, Change{Document: d})
	}
	return changes
}

func total(t *testing.T, ix *Index, text string) int {
	t.Helper()
	r, err := ix.Search(t.Context(), Query{Text: text})
	fatal(t, err)
	return r.Total
}

func TestAnAbsentIndexIsEmpty(t *testing.T) {
	ix, err := Open(ctx, openWriter(t, t.TempDir()).Store)
	fatal(t, err)
	r, err := ix.Search(ctx, Query{Text: "anything", Facets: []string{"country"}})
	if err != nil || r.Total != 0 || len(r.Facets["country"]) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestTwoWritersLoseNothing lets two writers, as two processes would, and a
// compactor work on one index.
func TestTwoWritersLoseNothing(t *testing.T) {
	root := t.TempDir()
	var wg sync.WaitGroup
	for writer := range 2 {
		w := openWriter(t, root)
		wg.Go(func() {
			for i := range 40 {
				err := w.Apply(ctx, put(doc(fmt.Sprintf("%d-%d", writer, i), 1, fmt.Sprintf("writer%d number%d", writer, i))))
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	compactor := openWriter(t, root)
	wg.Go(func() {
		for range 10 {
			if err := compactor.Compact(ctx); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	ix, err := Open(ctx, compactor.Store)
	fatal(t, err)
	for _, text := range []string{"writer0 ", "writer1 "} {
		if n := total(t, ix, text); n != 40 {
			t.Errorf("%s has %d documents, want 40", text, n)
		}
	}
}

// TestReadersSwitchWithoutAPause searches while documents are added and the base
// is replaced: no search fails and none sees less than one before it.
func TestReadersSwitchWithoutAPause(t *testing.T) {
	w := openWriter(t, t.TempDir())
	ix, err := Open(ctx, w.Store)
	fatal(t, err)
	ix.Report = func(err error) { t.Error(err) }
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for before := 0; ; {
				r, err := ix.Search(ctx, Query{Text: "common ", Limit: 1})
				if err != nil || r.Total < before {
					t.Errorf("%d found after %d, %v", r.Total, before, err)
				}
				before = r.Total
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for i := range 60 {
		fatal(t, w.Apply(ctx, put(doc(fmt.Sprint(i), 1, fmt.Sprintf("common %d", i)))))
		if i%20 == 19 {
			fatal(t, w.Compact(ctx))
		}
		fatal(t, ix.Refresh(ctx))
	}
	close(done)
	wg.Wait()
	if n := total(t, ix, "common "); n != 60 {
		t.Errorf("%d found, want 60", n)
	}
}

func TestReadersLookOnceASecond(t *testing.T) {
	w := openWriter(t, t.TempDir())
	ix, err := Open(ctx, w.Store)
	fatal(t, err)
	now := time.Unix(1_000_000, 0)
	ix.Now = func() time.Time { return now }
	total(t, ix, "bank ") // looks, for the clock has changed
	fatal(t, w.Apply(ctx, put(doc("a", 1, "World Bank"))))
	now = now.Add(lookEvery - 1)
	if n := total(t, ix, "bank "); n != 0 {
		t.Errorf("%d found before the next look, want none", n)
	}
	now = now.Add(1)
	if n := total(t, ix, "bank "); n != 1 {
		t.Errorf("%d found after it, want 1", n)
	}
	fatal(t, w.Apply(ctx, put(doc("b", 1, "Asian Bank"))))
	fatal(t, ix.Refresh(ctx))
	if n := total(t, ix, "bank "); n != 2 {
		t.Errorf("%d found after Refresh, want 2", n)
	}
}

func TestDeltasStaySmallAndFew(t *testing.T) {
	w := openWriter(t, t.TempDir())
	for i := range 40 {
		fatal(t, w.Apply(ctx, put(doc(fmt.Sprint(i), 1, "one"))))
	}
	s, err := w.Describe(ctx)
	if err != nil || s.Deltas != 1 || s.Documents != 40 || s.Generation != 40 {
		t.Errorf("after 40 single changes: %+v, %v; want one delta", s, err)
	}
	var many []Document
	for i := range 1000 {
		many = append(many, doc(fmt.Sprint(i), 2, "many"))
	}
	fatal(t, w.Apply(ctx, put(many...)))
	m, err := readManifest(ctx, w.Store)
	fatal(t, err)
	for _, ref := range m.Deltas {
		if ref.entries() > MaxDelta {
			t.Errorf("a delta of %d", ref.entries())
		}
	}
	fatal(t, w.Compact(ctx))
	if s, err := w.Describe(ctx); err != nil || s.Deltas != 0 || s.Documents != 1000 {
		t.Errorf("after compaction: %+v, %v", s, err)
	}
}

func TestRemovalsOutliveCompaction(t *testing.T) {
	w := openWriter(t, t.TempDir())
	fatal(t, w.Apply(ctx, put(doc("a", 1, "World Bank"))))
	fatal(t, w.Apply(ctx, []Change{{Document: Document{ID: "a", Version: 2}, Removed: true}}))
	fatal(t, w.Compact(ctx))
	fatal(t, w.Apply(ctx, put(doc("a", 1, "World Bank"))))
	ix, err := Open(ctx, w.Store)
	fatal(t, err)
	if n := total(t, ix, "bank "); n != 0 {
		t.Errorf("a removed document came back with an older change: %d", n)
	}
	fatal(t, w.Apply(ctx, put(doc("a", 3, "World Bank"))))
	fatal(t, ix.Refresh(ctx))
	if n := total(t, ix, "bank "); n != 1 {
		t.Errorf("a newer change did not bring it back: %d", n)
	}
}

func TestCompactSweepsWhatIsOutOfForce(t *testing.T) {
	w := openWriter(t, t.TempDir())
	for i := range 5 {
		fatal(t, w.Apply(ctx, put(doc(fmt.Sprint(i), 1, "one"))))
		fatal(t, w.Compact(ctx))
	}
	count := func() int {
		entries, err := w.Store.List(ctx, segmentPrefix)
		fatal(t, err)
		return len(entries)
	}
	if n := count(); n != 10 {
		t.Errorf("%d segments within the grace, want all 10", n)
	}
	w.Now = func() time.Time { return time.Now().Add(2 * orphanAge) }
	fatal(t, w.Compact(ctx))
	if n := count(); n != 1 {
		t.Errorf("%d segments after it, want the base alone", n)
	}
}

func TestBuildKeepsWhatIsAppliedMeanwhile(t *testing.T) {
	w := openWriter(t, t.TempDir())
	fatal(t, w.Apply(ctx, put(doc("stale", 1, "stale"))))
	var meanwhile iter.Seq2[Document, error] = func(yield func(Document, error) bool) {
		fatal(t, w.Apply(ctx, put(doc("b", 2, "new"))))
		_ = yield(doc("a", 1, "old"), nil) && yield(doc("b", 1, "old"), nil)
	}
	fatal(t, w.Build(ctx, meanwhile))
	ix, err := Open(ctx, w.Store)
	fatal(t, err)
	if o, n := total(t, ix, "old "), total(t, ix, "new "); o != 1 || n != 1 {
		t.Errorf("%d old, %d new; want one each", o, n)
	}
	broken := errors.New("broken")
	err = w.Build(ctx, func(yield func(Document, error) bool) { yield(Document{}, broken) })
	if !errors.Is(err, broken) {
		t.Errorf("Build with a failing source: %v", err)
	}
}

func TestApplyRefusesWhatCannotBeIndexed(t *testing.T) {
	w := openWriter(t, t.TempDir())
	for name, d := range map[string]Document{
		"no id":        {},
		"long id":      {ID: strings.Repeat("i", MaxIDBytes+1)},
		"many names":   {ID: "a", Names: make([]Name, MaxNames+1)},
		"long text":    {ID: "a", Text: []string{strings.Repeat("t", MaxTextBytes+1)}},
		"large stored": {ID: "a", Stored: make([]byte, MaxStoredBytes+1)},
		"long field":   {ID: "a", Facets: map[string][]string{strings.Repeat("f", MaxFieldBytes+1): nil}},
		"long value":   {ID: "a", Facets: map[string][]string{"f": {strings.Repeat("v", MaxValueBytes+1)}}},
		"large number": {ID: "a", Numbers: map[string]int64{"n": MaxNumber + 1}},
	} {
		if err := w.Apply(ctx, put(d)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v, want ErrInvalid", name, err)
		}
	}
	if s, err := w.Describe(ctx); err != nil || s.Generation != 0 {
		t.Errorf("refused changes left %+v, %v", s, err)
	}
}

// sampleSegment returns a segment with some of everything in it.
func sampleSegment(t *testing.T) ([]byte, segmentRef) {
	t.Helper()
	b := newBuilder()
	for i := range 300 {
		d := doc(fmt.Sprintf("id%d", i), int64(i), vocabulary[i%len(vocabulary)]+" "+vocabulary[i%7])
		d.Text = vocabulary[i%5 : 12]
		d.Facets["country"] = []string{vocabulary[i%9], vocabulary[i%11]}
		d.Numbers = map[string]int64{"verified": int64(i * i)}
		fatal(t, b.add(&d))
	}
	b.removed["gone"] = 7
	file := b.encode()
	return file, segmentRef{Key: "k", Bytes: int64(len(file)), Sum: headChecksum(file), Documents: 300, Removed: 1}
}

// readWhole opens a segment and verifies all of it.
func readWhole(file []byte, ref segmentRef) error {
	s, reason := readSegment(file, nil, ref)
	if reason != "" {
		return &CorruptError{Key: ref.Key, Reason: reason}
	}
	return s.verify()
}

func TestEveryDamageToASegmentIsSeen(t *testing.T) {
	file, ref := sampleSegment(t)
	fatal(t, readWhole(file, ref))
	r := rand.New(rand.NewPCG(3, 4))
	for i := range 200 {
		n := len(file) * i / 200
		shorter := ref
		shorter.Bytes = int64(n) // even if the manifest were deceived
		for _, ref := range []segmentRef{ref, shorter} {
			if err := readWhole(file[:n:n], ref); !isCorrupt(err) {
				t.Fatalf("cut at %d of %d bytes and not seen", n, len(file))
			}
		}
	}
	for range 1000 {
		at, bit := r.IntN(len(file)), byte(1)<<r.IntN(8)
		file[at] ^= bit
		if err := readWhole(file, ref); !isCorrupt(err) {
			t.Fatalf("bit %#x of byte %d flipped and not seen", bit, at)
		}
		file[at] ^= bit
	}
	for range 2000 { // whatever comes, no panic, even past the checksums of the head
		garbage := append([]byte(nil), file...)
		for range 1 + r.IntN(8) {
			garbage[r.IntN(400)] = byte(r.IntN(256))
		}
		binary.LittleEndian.PutUint32(garbage[24:], checksum(garbage[headerBytes:min(len(garbage), headerBytes+int(binary.LittleEndian.Uint32(file[12:])))]))
		binary.LittleEndian.PutUint32(garbage[28:], checksum(garbage[:28]))
		_ = readWhole(garbage, ref)
	}
	t.Attr("scorecard", "23 index, a segment truncated at 200 offsets: injected 200, held 200")
	t.Attr("scorecard", "23 index, bits flipped, verified whole: injected 1000, held 1000")
}

// TestNoAnswerFromADamagedPart flips bits under searches that verify only what they
// read: each answers as before or not at all.
func TestNoAnswerFromADamagedPart(t *testing.T) {
	file, ref := sampleSegment(t)
	queries := []Query{
		{Text: vocabulary[3] + " ", Limit: 50},
		{Text: vocabulary[1][:3], Facets: []string{"country"}, Mark: true},
		{Text: vocabulary[2] + "x", Explain: true, Suggest: true},
		{Where: []Filter{{Field: "country", AnyOf: vocabulary[4:5]}}, Facets: []string{"country"}, Want: []string{"country", "verified"}},
		{Sort: Sort{By: "verified"}, Limit: 7},
		{Text: `"` + vocabulary[5] + `" -` + vocabulary[6]},
		{Ranges: []Range{{Field: "verified", From: 9, To: 900}}},
		{Sort: Sort{By: SortByName, Lang: "ru"}},
		{Text: vocabulary[4] + " ", Boost: []Boost{{Field: "country", AnyOf: vocabulary[:1], Factor: 2}}},
	}
	ask := func(q Query) (Result, error) {
		ix, now := Await(nil), time.Unix(1_000, 0)
		ix.Now = func() time.Time { return now }
		ix.looked.Store(now.UnixNano())
		s, reason := readSegment(file, nil, ref)
		if reason != "" {
			return Result{}, &CorruptError{Reason: reason}
		}
		ix.current.Store(&snapshot{layers: stack([]*segment{s})})
		return ix.Search(ctx, q)
	}
	wants := make([]Result, len(queries))
	for i, q := range queries {
		var err error
		wants[i], err = ask(q)
		fatal(t, err)
	}
	r := rand.New(rand.NewPCG(5, 6))
	refused, answered := 0, 0
	for flip := range 1000 {
		at, bit := r.IntN(len(file)), byte(1)<<r.IntN(8)
		file[at] ^= bit
		for j := range 3 { // in turn
			i := (3*flip + j) % len(queries)
			got, err := ask(queries[i])
			switch {
			case isCorrupt(err):
				refused++
			case err != nil:
				t.Fatal(err)
			default:
				answered++
				if d := cmp.Diff(wants[i], got, cmp.AllowUnexported(Hit{})); d != "" {
					t.Fatalf("bit %#x of byte %d flipped, query %d (-want +got):\n%s", bit, at, i, d)
				}
			}
		}
		file[at] ^= bit
	}
	if refused == 0 || answered == 0 {
		t.Errorf("%d refused, %d answered: the test tests nothing", refused, answered)
	}
	t.Attr("scorecard", fmt.Sprintf("23 index, searches of 1000 segments with a bit flipped: injected %d, held %d", refused+answered, refused+answered))
}

// A damage that a search comes upon is told of, and nothing of the index is served
// until it is whole again.
func TestDamageUnderAReaderIsRefused(t *testing.T) {
	w := openWriter(t, t.TempDir())
	fatal(t, w.Build(ctx, withoutErrors([]Document{doc("x", 1, "Exile"), doc("y", 1, "Eastern")})))
	m, err := readManifest(ctx, w.Store)
	fatal(t, err)
	good, _, err := w.Store.Get(ctx, m.Base.Key)
	fatal(t, err)
	bad := slices.Clone(good)
	bad[bytes.LastIndex(bad, []byte("exile"))] ^= 1 // of the dictionary of names
	fatal(t, w.Store.Put(ctx, m.Base.Key, bad))
	now, reported := time.Unix(1_000, 0), 0
	ix := Await(w.Store)
	ix.Now, ix.Report = func() time.Time { return now }, func(error) { reported++ }
	for range 2 {
		if _, err := ix.Search(ctx, Query{Text: "eastern"}); !errors.Is(err, ErrUnavailable) || reported == 0 {
			t.Fatalf("a damaged part: %v, reported %d times", err, reported)
		}
		now = now.Add(2 * lookEvery)
	}
	if _, err := ix.Search(ctx, Query{}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a part that is whole, of a segment known to be damaged: %v", err)
	}
	fatal(t, w.Store.Put(ctx, m.Base.Key, good))
	now = now.Add(2 * lookEvery)
	if n := total(t, ix, "eastern"); n != 1 {
		t.Errorf("mended: %d found, want 1", n)
	}
}

// TestDamageIsRefusedAndTheLastGoodStateServes damages each file of an index
// under a running reader.
func TestDamageIsRefusedAndTheLastGoodStateServes(t *testing.T) {
	for name, wrap := range map[string]func(blob.Store) blob.Store{
		"mapped": func(s blob.Store) blob.Store { return s },
		"read":   func(s blob.Store) blob.Store { return onlyBlobs{s} },
	} {
		t.Run(name, func(t *testing.T) {
			w := openWriter(t, t.TempDir())
			w.Store = wrap(w.Store)
			var docs []Document
			for i := range 3000 { // enough to be mapped
				docs = append(docs, doc(fmt.Sprint(i), 1, fmt.Sprintf("common name of number %d", i)))
			}
			fatal(t, w.Build(ctx, withoutErrors(docs)))
			ix, err := Open(ctx, w.Store)
			fatal(t, err)
			fatal(t, w.Apply(ctx, put(doc("new", 1, "common delta"))))
			fatal(t, w.Apply(ctx, put(doc("newer", 1, "common delta"))))
			m, err := readManifest(ctx, w.Store)
			fatal(t, err)
			damage(t, w, ix, manifestKey, "common ", 3000)
			damage(t, w, ix, m.Deltas[0].Key, "common ", 3000)
			fatal(t, ix.Refresh(ctx))
			if n := total(t, ix, "common "); n != 3002 {
				t.Fatalf("after repair: %d found, want 3002", n)
			}
			damage(t, w, nil, m.Base.Key, "", 0)
			fatal(t, w.Store.Put(ctx, m.Base.Key, []byte("lost")))
			fatal(t, w.Store.Put(ctx, manifestKey, []byte("lost")))
			if err := w.Apply(ctx, put(doc("x", 1, "x"))); !isCorrupt(err) {
				t.Errorf("Apply to a damaged index: %v", err)
			}
			fatal(t, w.Build(ctx, withoutErrors(docs[:10])))
			fatal(t, ix.Refresh(ctx))
			if n := total(t, ix, "common "); n != 10 {
				t.Errorf("after Build: %d found, want 10", n)
			}
		})
	}
}

// damage spoils a blob in several ways, each of which must be refused, and
// restores it.
func damage(t *testing.T, w *Writer, ix *Index, key, text string, want int) {
	t.Helper()
	good, _, err := w.Store.Get(ctx, key)
	fatal(t, err)
	flipped := append([]byte(nil), good...)
	flipped[len(flipped)/2] ^= 4
	for name, bad := range map[string][]byte{"empty": {}, "cut": good[:len(good)/2], "flipped": flipped} {
		fatal(t, w.Store.Put(ctx, key, bad))
		opened, err := Open(ctx, w.Store)
		if err == nil {
			err = opened.Verify()
		}
		if !isCorrupt(err) || !strings.Contains(err.Error(), "convoke reindex") {
			t.Errorf("%s %s: Open gives %v", name, key, err)
		}
		if ix == nil {
			continue
		}
		if err := ix.Refresh(ctx); !isCorrupt(err) {
			t.Errorf("%s %s: Refresh gives %v", name, key, err)
		}
		if n := total(t, ix, text); n != want {
			t.Errorf("%s %s: %d found, want %d as before", name, key, n, want)
		}
	}
	fatal(t, w.Store.Delete(ctx, key))
	if ix != nil {
		if err := ix.Refresh(ctx); !isCorrupt(err) {
			t.Errorf("%s removed: Refresh gives %v", key, err)
		}
	}
	fatal(t, w.Store.Put(ctx, key, good))
}

func isCorrupt(err error) bool {
	_, ok := errors.AsType[*CorruptError](err)
	return ok
}

// A process that awaits the index answers that it cannot search while the index
// is damaged, and searches once that is mended.
func TestAnAwaitedIndexServesWhenItCan(t *testing.T) {
	w := openWriter(t, t.TempDir())
	fatal(t, w.Apply(ctx, put(doc("x", 1, "Exile"))))
	manifest, _, err := w.Store.Get(ctx, manifestKey)
	fatal(t, err)
	fatal(t, w.Store.Put(ctx, manifestKey, []byte("{")))
	now, reported := time.Unix(1_000, 0), 0
	ix := Await(w.Store)
	ix.Now, ix.Report = func() time.Time { return now }, func(error) { reported++ }
	if _, err := ix.Search(ctx, Query{}); !errors.Is(err, ErrUnavailable) || reported != 1 {
		t.Errorf("a damaged index: %v, reported %d times", err, reported)
	}
	fatal(t, w.Store.Put(ctx, manifestKey, manifest))
	now = now.Add(2 * lookEvery)
	if found, err := ix.Search(ctx, Query{Text: "exile"}); err != nil || found.Total != 1 {
		t.Errorf("the mended index: %+v, %v", found, err)
	}
}
