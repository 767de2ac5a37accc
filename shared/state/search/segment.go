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

	"convoke/shared/state/blob"
)

// segment is an open, verified segment. It is immutable; what it hands out
// points into its bytes, which may be mapped, so a caller copies what it keeps
// and holds the segment while it reads.
type segment struct {
	key      string
	n        int      // documents
	bytes    int      // of the file
	sections []string // their names
	ids      list
	byID     []byte // uint32: documents in the order of their IDs
	versions []byte // uint64
	keys     keyList
	scripts  []byte // of the names they are ordered by
	lengths  []byte
	groups   [groups]dictionary
	forward  list
	facets   map[string]*facet
	numbers  map[string]number
	stored   storedList

	removed         list   // IDs, sorted
	removedVersions []byte // uint64

	cached setCache
}

// openSegment reads, verifies and opens a segment. Files of mapFrom bytes and
// more are mapped where the store has files.
func openSegment(ctx context.Context, store blob.Store, ref segmentRef) (*segment, error) {
	data, mapped, err := fetch(ctx, store, ref)
	if err != nil {
		return nil, err
	}
	s, reason := readSegment(data, ref)
	if reason != "" {
		unmap(mapped)
		return nil, &CorruptError{Key: ref.Key, Reason: reason}
	}
	if mapped != nil {
		release(mapped)
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

// readSegment verifies data and finds its way in it.
func readSegment(data []byte, ref segmentRef) (s *segment, reason string) {
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
	r := sectionReader{sections: sections}
	s = &segment{key: ref.Key, bytes: len(data), sections: slices.Collect(maps.Keys(sections)), ids: r.list("id")}
	s.n = s.ids.n
	s.stored, s.forward = storedList{r.list("stored/symbols"), r.listOf("stored", s.n)}, r.listOf("forward", s.n)
	s.keys, s.scripts = r.keys("key", s.n), r.column("script", s.n)
	s.versions, s.byID, s.lengths = r.column("version", 8*s.n), r.column("by-id", 4*s.n), r.column("length", s.n)
	s.removed = r.list("removed")
	s.removedVersions = r.column("removed-version", 8*s.removed.n)
	for g := range s.groups {
		name := groupName(g)
		terms := r.list(name + "/terms")
		s.groups[g] = dictionary{
			group: g, terms: terms, shared: r.column(name+"/shared", terms.n), postings: r.listOf(name+"/postings", terms.n+1),
			before: r.column(name+"/before", 4*(terms.n+1)),
		}
	}
	s.facets, s.numbers = r.facets(s.n), r.numbers(s.n)
	return s, r.reason
}

// headChecksum tells segments apart: the directory it covers holds the checksums
// of all the rest. The file has been verified.
func headChecksum(file []byte) uint32 {
	return checksum(file[:headerBytes+binary.LittleEndian.Uint32(file[12:])])
}

// sectionReader finds sections and keeps the first reason why one is not as it
// should be.
type sectionReader struct {
	sections map[string][]byte
	reason   string
}

func (r *sectionReader) fail(name string) {
	if r.reason == "" {
		r.reason = "section " + name
	}
}

func (r *sectionReader) column(name string, size int) []byte {
	if len(r.sections[name]) != size {
		r.fail(name)
	}
	return r.sections[name]
}

func (r *sectionReader) list(name string) list {
	l, ok := decodeList(r.sections[name])
	if !ok {
		r.fail(name)
	}
	return l
}

func (r *sectionReader) listOf(name string, n int) list {
	l := r.list(name)
	if l.n != n {
		r.fail(name)
	}
	return l
}

func (r *sectionReader) keys(name string, n int) keyList {
	l, ok := decodeKeys(r.sections[name], n)
	if !ok {
		r.fail(name)
	}
	return l
}

func (r *sectionReader) facets(n int) map[string]*facet {
	facets := map[string]*facet{}
	for name := range r.sections {
		field, isFacet := strings.CutPrefix(name, "facet/")
		field, isColumn := strings.CutSuffix(field, "/column")
		if !isFacet || !isColumn {
			continue
		}
		values := r.list("facet/" + field + "/values")
		f := &facet{
			values: values, column: r.sections[name], sets: r.listOf("facet/"+field+"/sets", values.n),
			totals: r.column("facet/"+field+"/totals", 4*values.n), docs: n,
		}
		if len(f.column) < 2+n {
			r.fail(name)
		}
		facets[field] = f
	}
	return facets
}

func (r *sectionReader) numbers(n int) map[string]number {
	numbers := map[string]number{}
	for name, column := range r.sections {
		field, ok := strings.CutPrefix(name, "number/")
		if !ok {
			continue
		}
		if len(column) < 9 || len(column) != 9+n*int(column[0]) {
			r.fail(name)
		}
		numbers[field] = column
	}
	return numbers
}

// find returns the number of the document with the ID.
func (s *segment) find(id string) (doc uint32, ok bool) {
	lo, hi := 0, s.n
	for lo < hi {
		mid := (lo + hi) / 2
		doc = uint32At(s.byID, mid)
		switch strings.Compare(string(s.ids.at(int(doc))), id) {
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

func (s *segment) version(doc int) int64 { return int64(uint64At(s.versions, doc)) }

func (s *segment) removedVersion(i int) int64 { return int64(uint64At(s.removedVersions, i)) }
