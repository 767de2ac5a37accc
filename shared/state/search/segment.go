package search

import (
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"convoke/shared/state/blob"
)

// segment is an open segment. It is immutable; what it hands out points into its
// bytes, which may be mapped, so a caller copies what it keeps and holds the segment
// while it reads.
//
// Its parts are verified against their checksums when they are first asked for, each
// once, and cannot be reached otherwise. One that is damaged panics with the
// *CorruptError, then and ever after; whoever reads a segment that has not been
// verified whole defers caught.
type segment struct {
	key      string
	n        int      // documents
	bytes    int      // of the file
	sections []string // their names

	ids      func() list
	byID     func() []byte // uint32: documents in the order of their IDs
	versions func() []byte // uint64
	keys     func() keyList
	scripts  func() []byte // of the names they are ordered by
	lengths  func() []byte
	groups   [groups]func() *dictionary
	forward  func() list
	facets   map[string]func() *facet
	numbers  map[string]func() number
	stored   func() storedList

	removed         func() list   // IDs, sorted
	removedVersions func() []byte // uint64

	cached cache[keptSet] // of filters
}

// caught puts the damage that a reader of segments came upon into err.
func caught(err *error) {
	switch p := recover().(type) {
	case nil:
	case *CorruptError:
		*err = p
	default:
		panic(p)
	}
}

// verify verifies all parts that have not been yet.
func (s *segment) verify() (err error) {
	defer caught(&err)
	s.ids()
	s.byID()
	s.versions()
	s.keys()
	s.scripts()
	s.lengths()
	s.forward()
	s.stored()
	s.removed()
	s.removedVersions()
	for _, d := range s.groups {
		d()
	}
	for _, f := range s.facets {
		f()
	}
	for _, c := range s.numbers {
		c()
	}
	return nil
}

// facet returns the facet of a field, nil when there is none.
func (s *segment) facet(field string) *facet {
	if open := s.facets[field]; open != nil {
		return open()
	}
	return nil
}

// weighed returns how many documents there are but for those that are Unweighed.
func (s *segment) weighed() int {
	if f := s.facet(unweighed); f != nil && f.values.n > 0 {
		return s.n - int(uint32At(f.totals, 0))
	}
	return s.n
}

// number returns the column of numbers of a field, nil when there is none.
func (s *segment) number(field string) number {
	if open := s.numbers[field]; open != nil {
		return open()
	}
	return nil
}

// openSegment opens a segment, of which it verifies the head alone. Files of
// mapFrom bytes and more are mapped where the store has files.
func openSegment(ctx context.Context, store blob.Store, ref segmentRef) (*segment, error) {
	data, mapped, err := fetch(ctx, store, ref)
	if err != nil {
		return nil, err
	}
	s, reason := readSegment(data, mapped, ref)
	if reason != "" {
		unmap(mapped)
		return nil, &CorruptError{Key: ref.Key, Reason: reason}
	}
	if mapped != nil {
		runtime.AddCleanup(s, unmap, mapped)
	}
	return s, nil
}

const mapFrom = 256 << 10

// files is what a store offers whose blobs are files, to be mapped.
type files interface {
	Path(key string) (string, error)
}

// fetch returns the bytes of a segment, and the same again when they are mapped.
func fetch(ctx context.Context, store blob.Store, ref segmentRef) (data, mapped []byte, err error) {
	f, ok := store.(files)
	if !ok || ref.Bytes < mapFrom {
		data, _, err = store.Get(ctx, ref.Key)
		return data, nil, err
	}
	path, err := f.Path(ref.Key)
	if err != nil {
		return nil, nil, err
	}
	data, err = mapFile(path)
	if os.IsNotExist(err) {
		return nil, nil, fmt.Errorf("map %s: %w", ref.Key, blob.ErrAbsent)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("map %s: %w", ref.Key, err)
	}
	return data, data, nil
}

// readSegment verifies the head of data, which may be mapped, and finds its way in
// it.
func readSegment(data, mapped []byte, ref segmentRef) (s *segment, reason string) {
	if int64(len(data)) != ref.Bytes {
		return nil, "length"
	}
	sections, reason := decodeSections(data)
	if reason != "" {
		return nil, reason
	}
	if headChecksum(data) != ref.Sum {
		return nil, "not the segment the manifest names"
	}
	r := &sectionReader{key: ref.Key, sections: sections, mapped: mapped}
	n := len(sections["script"].bytes) // a byte for each document
	removed := sync.OnceValue(func() list { return r.anyList("removed") })
	s = &segment{
		key: ref.Key, n: n, bytes: len(data), sections: slices.Collect(maps.Keys(sections)),
		ids: r.list("id", n), forward: r.list("forward", n), removed: removed,
		scripts: r.column("script", n), versions: r.column("version", 8*n), byID: r.column("by-id", 4*n), lengths: r.column("length", n),
		keys:            sync.OnceValue(func() keyList { return r.keys("key", n) }),
		stored:          sync.OnceValue(func() storedList { return storedList{r.anyList("stored/symbols"), r.listOf("stored", n)} }),
		removedVersions: sync.OnceValue(func() []byte { return r.sized("removed-version", 8*removed().n) }),
		facets:          r.facets(n), numbers: r.numbers(n),
	}
	for g := range s.groups {
		s.groups[g] = sync.OnceValue(func() *dictionary { return r.dictionary(g) })
	}
	return s, ""
}

// headChecksum tells segments apart: the directory it covers holds the checksums
// of all the rest. The head of the file has been verified.
func headChecksum(file []byte) uint32 {
	return checksum(file[:headerBytes+binary.LittleEndian.Uint32(file[12:])])
}

// sectionReader verifies sections and reads what is in them. It panics with a
// *CorruptError when one is not as it should be.
type sectionReader struct {
	key      string // of the segment
	sections map[string]section
	mapped   []byte // the file, when it is mapped
}

func (r *sectionReader) fail(reason string) {
	panic(&CorruptError{Key: r.key, Reason: reason})
}

// verified returns the bytes of a section; an absent one has none.
func (r *sectionReader) verified(name string) []byte {
	s := r.sections[name]
	if checksum(s.bytes) != s.sum {
		r.fail("checksum of " + name)
	}
	release(r.mapped, s.at, s.at+len(s.bytes))
	return s.bytes
}

func (r *sectionReader) sized(name string, size int) []byte {
	section := r.verified(name)
	if len(section) != size {
		r.fail("section " + name)
	}
	return section
}

func (r *sectionReader) column(name string, size int) func() []byte {
	return sync.OnceValue(func() []byte { return r.sized(name, size) })
}

func (r *sectionReader) anyList(name string) list {
	l, ok := decodeList(r.verified(name))
	if !ok {
		r.fail("section " + name)
	}
	return l
}

func (r *sectionReader) listOf(name string, n int) list {
	l := r.anyList(name)
	if l.n != n {
		r.fail("section " + name)
	}
	return l
}

func (r *sectionReader) list(name string, n int) func() list {
	return sync.OnceValue(func() list { return r.listOf(name, n) })
}

func (r *sectionReader) keys(name string, n int) keyList {
	l, ok := decodeKeys(r.verified(name), n)
	if !ok {
		r.fail("section " + name)
	}
	return l
}

func (r *sectionReader) dictionary(group int) *dictionary {
	name := groupName(group)
	terms := r.anyList(name + "/terms")
	return &dictionary{
		group: group, terms: terms, shared: r.sized(name+"/shared", terms.n), postings: r.listOf(name+"/postings", terms.n+1),
		before: r.sized(name+"/before", 4*(terms.n+1)),
	}
}

func (r *sectionReader) facets(n int) map[string]func() *facet {
	facets := map[string]func() *facet{}
	for name := range r.sections {
		field, isFacet := strings.CutPrefix(name, "facet/")
		field, isColumn := strings.CutSuffix(field, "/column")
		if isFacet && isColumn {
			facets[field] = sync.OnceValue(func() *facet { return r.facet("facet/"+field, n) })
		}
	}
	return facets
}

func (r *sectionReader) facet(name string, n int) *facet {
	values := r.anyList(name + "/values")
	f := &facet{
		values: values, column: r.verified(name + "/column"), sets: r.listOf(name+"/sets", values.n), totals: r.sized(name+"/totals", 4*values.n), docs: n,
	}
	if len(f.column) < 2+n {
		r.fail("section " + name)
	}
	return f
}

func (r *sectionReader) numbers(n int) map[string]func() number {
	numbers := map[string]func() number{}
	for name := range r.sections {
		if field, ok := strings.CutPrefix(name, "number/"); ok {
			numbers[field] = sync.OnceValue(func() number {
				column := r.verified(name)
				if len(column) < 9 || len(column) != 9+n*int(column[0]) {
					r.fail("section " + name)
				}
				return column
			})
		}
	}
	return numbers
}

// find returns the number of the document with the ID.
func (s *segment) find(id string) (doc uint32, ok bool) {
	lo, hi := 0, s.n
	for lo < hi {
		mid := (lo + hi) / 2
		doc = uint32At(s.byID(), mid)
		switch strings.Compare(string(s.ids().at(int(doc))), id) {
		case 0:
			return doc, true
		case -1:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return 0, false
}

func (s *segment) version(doc int) int64 { return int64(uint64At(s.versions(), doc)) }

func (s *segment) removedVersion(i int) int64 { return int64(uint64At(s.removedVersions(), i)) }
