//go:build unix

package search

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps a file for reading. Blobs are replaced by renaming, never cut
// short in place, so the mapping stays whole.
func mapFile(path string) (data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return nil, err
	}
	return unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
}

// unmap gives a mapping back. It fails only for what is not a mapping.
func unmap(data []byte) {
	if data != nil {
		_ = unix.Munmap(data)
	}
}

// maxKept is up to which size a file whose sections are read through stays in this
// process's memory. Of a larger one, the pages that queries touch come back from
// the system's cache.
const maxKept = 128 << 20

// release lets the whole pages between two places of a mapping go. It fails only
// for what is not one.
func release(mapped []byte, from, to int) {
	page := os.Getpagesize()
	from, to = (from+page-1)/page*page, to/page*page
	if len(mapped) > maxKept && from < to {
		_ = unix.Madvise(mapped[from:to], unix.MADV_DONTNEED)
	}
}
