package search

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"iter"
	"maps"
	"slices"
)

// A segment file is a header of 32 bytes, a directory, and the sections that the
// directory names, without gaps:
//
//	0  magic            8 bytes
//	8  format version   uint32
//	12 directory length uint32
//	16 file length      uint64
//	24 CRC-32C of the directory
//	28 CRC-32C of the header before this field
//
// An entry of the directory is the name (uint16 length, bytes), the length
// (uint64) and the CRC-32C (uint32) of its section. Everything is little-endian.
// So every bit of the file is under one of the checksums.
const (
	magic         = "CONVOKES"
	formatVersion = 5
	headerBytes   = 32
)

// The table is made once and read only; hash/crc32 itself keeps it.
func checksum(data []byte) uint32 { return crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)) }

// sectionWriter puts a segment file together section by section, so that a large
// one need not be in memory twice. The head has its room before the sections and
// is written last, when it is known how long it is.
type sectionWriter struct {
	file      []byte // room for the head, then the sections
	room      int
	directory []byte
}

// newSectionWriter wants the names that there may be, and about how many bytes
// all sections have.
func newSectionWriter(names []string, size int) *sectionWriter {
	w := &sectionWriter{room: headerBytes}
	for _, name := range names {
		w.room += 2 + len(name) + 12
	}
	w.file = make([]byte, w.room, w.room+size)
	return w
}

// add appends a section.
func (w *sectionWriter) add(name string, section []byte) {
	w.write(name, func(dst []byte) []byte { return append(dst, section...) })
}

// addAll appends sections in the order of their names.
func (w *sectionWriter) addAll(sections map[string][]byte) {
	for _, name := range slices.Sorted(maps.Keys(sections)) {
		w.add(name, sections[name])
	}
}

// write has appendTo append a section to the file itself. An empty one is left
// out: readers take an absent section for it.
func (w *sectionWriter) write(name string, appendTo func(dst []byte) []byte) {
	start := len(w.file)
	w.file = appendTo(w.file)
	section := w.file[start:]
	if len(section) == 0 {
		return
	}
	w.directory = binary.LittleEndian.AppendUint16(w.directory, uint16(len(name)))
	w.directory = append(w.directory, name...)
	w.directory = binary.LittleEndian.AppendUint64(w.directory, uint64(len(section)))
	w.directory = binary.LittleEndian.AppendUint32(w.directory, checksum(section))
}

// finish writes the head right before the sections and returns the file.
func (w *sectionWriter) finish() []byte {
	file := w.file[w.room-headerBytes-len(w.directory):]
	copy(file[headerBytes:], w.directory)
	copy(file, magic)
	binary.LittleEndian.PutUint32(file[8:], formatVersion)
	binary.LittleEndian.PutUint32(file[12:], uint32(len(w.directory)))
	binary.LittleEndian.PutUint64(file[16:], uint64(len(file)))
	binary.LittleEndian.PutUint32(file[24:], checksum(w.directory))
	binary.LittleEndian.PutUint32(file[28:], checksum(file[:28]))
	return file
}

// encodeSections returns the file that holds the sections.
func encodeSections(sections map[string][]byte) []byte {
	size := 0
	for _, section := range sections {
		size += len(section)
	}
	w := newSectionWriter(slices.Collect(maps.Keys(sections)), size)
	w.addAll(sections)
	return w.finish()
}

// section is a part of a segment file that has not been verified yet.
type section struct {
	bytes []byte
	at    int    // in the file
	sum   uint32 // what the directory says its checksum is
}

// decodeSections verifies the head of the file and returns the sections, which
// point into it and are still to be verified. A non-empty reason says what is wrong.
func decodeSections(file []byte) (sections map[string]section, reason string) {
	switch {
	case len(file) < headerBytes:
		return nil, "shorter than its header"
	case string(file[:8]) != magic:
		return nil, "not a segment"
	case binary.LittleEndian.Uint32(file[28:]) != checksum(file[:28]):
		return nil, "header checksum"
	case binary.LittleEndian.Uint32(file[8:]) != formatVersion:
		return nil, "another format version"
	case binary.LittleEndian.Uint64(file[16:]) != uint64(len(file)):
		return nil, "length"
	}
	length := uint64(binary.LittleEndian.Uint32(file[12:]))
	if length > uint64(len(file)-headerBytes) {
		return nil, "directory length"
	}
	directory := file[headerBytes : headerBytes+length]
	if binary.LittleEndian.Uint32(file[24:]) != checksum(directory) {
		return nil, "directory checksum"
	}
	return cutSections(file, directory)
}

func cutSections(file, directory []byte) (sections map[string]section, reason string) {
	sections = map[string]section{}
	at := headerBytes + len(directory)
	for len(directory) > 0 {
		if len(directory) < 2 || len(directory) < 2+int(binary.LittleEndian.Uint16(directory))+12 {
			return nil, "directory entry"
		}
		n := 2 + int(binary.LittleEndian.Uint16(directory))
		name, length := string(directory[2:n]), binary.LittleEndian.Uint64(directory[n:])
		if length > uint64(len(file)-at) {
			return nil, "length of " + name
		}
		end := at + int(length)
		sections[name] = section{bytes: file[at:end:end], at: at, sum: binary.LittleEndian.Uint32(directory[n+8:])}
		at, directory = end, directory[n+12:]
	}
	if at < len(file) {
		return nil, "bytes after the last section"
	}
	return sections, ""
}

// list is an immutable array of byte strings: a count, the offsets of the count
// strings and of their end, the bytes.
type list struct {
	n       int
	offsets []byte
	bytes   []byte
}

func (l list) at(i int) []byte {
	from, to := l.span(i)
	return l.bytes[from:to:to]
}

func (l list) span(i int) (from, to uint32) {
	pair := binary.LittleEndian.Uint64(l.offsets[4*i:])
	return uint32(pair), uint32(pair >> 32)
}

// find looks a string up in a sorted list, and returns where it is or would be.
func (l list) find(s string) (int, bool) {
	var buffer [maxTermBytes]byte
	return l.findBytes(append(buffer[:0], s...))
}

func (l list) findBytes(s []byte) (int, bool) {
	lo, hi := 0, l.n
	for lo < hi {
		if mid := int(uint(lo+hi) / 2); bytes.Compare(l.at(mid), s) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < l.n && bytes.Equal(l.at(lo), s)
}

func encodeList[T string | []byte](n int, items iter.Seq[T]) []byte {
	return appendList(nil, n, items)
}

func appendList[T string | []byte](dst []byte, n int, items iter.Seq[T]) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, 4+4*(n+1))...)
	binary.LittleEndian.PutUint32(dst[start:], uint32(n))
	i, end := 0, 0
	for item := range items {
		dst = append(dst, item...)
		i, end = i+1, end+len(item)
		binary.LittleEndian.PutUint32(dst[start+4+4*i:], uint32(end))
	}
	return dst
}

func decodeList(section []byte) (list, bool) {
	if len(section) < 8 {
		return list{}, false
	}
	n := int(binary.LittleEndian.Uint32(section))
	if n > len(section)/4-2 {
		return list{}, false
	}
	l := list{n: n, offsets: section[4 : 8+4*n], bytes: section[8+4*n:]}
	return l, int(binary.LittleEndian.Uint32(l.offsets[4*n:])) == len(l.bytes)
}

func uint32At(section []byte, i int) uint32 { return binary.LittleEndian.Uint32(section[4*i:]) }

func uint64At(section []byte, i int) uint64 { return binary.LittleEndian.Uint64(section[8*i:]) }
