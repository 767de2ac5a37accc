package bolt

import (
	"encoding/binary"
	"fmt"
	"slices"

	"convoke/shared/state/table"
)

// Scrub overwrites the pages that are free with zeros: bbolt leaves in them what
// they held, so that deleted items could be read in the file long after. Nothing
// is written or read meanwhile; it takes about as long as writing the free pages
// once. A crash leaves the table whole, because neither of the two states that
// bbolt could begin from uses a page that is free in both.
//
// It does not reach copies: of the file, of the blocks of a disk that moves what
// is written, or of a file system that keeps snapshots.
func (t *Table) Scrub() error {
	t.reading.Lock()
	defer t.reading.Unlock()
	done := make(chan error, 1)
	select {
	case t.scrubs <- done:
		return <-done
	case <-t.quit:
		return table.ErrClosed
	}
}

// scrub runs in the writer, and while nobody reads.
func (t *Table) scrub() error {
	for range 2 { // what the last commits freed is free in both states after two more
		tx, err := t.db.Begin(true)
		if err != nil {
			return err
		}
		if err := tx.Commit(); err != nil {
			return fmt.Errorf("scrub: %w", err)
		}
	}
	metas, err := t.metas()
	if err != nil {
		return err
	}
	free, err := readFreelist(t.file, metas[0])
	if err != nil {
		return err
	}
	older, err := readFreelist(t.file, metas[1])
	if err != nil {
		return err
	}
	zeros := make([]byte, metas[0].PageSize)
	for _, page := range free {
		if _, both := slices.BinarySearch(older, page); !both {
			continue
		}
		if _, err := t.file.WriteAt(zeros, int64(page)*int64(len(zeros))); err != nil {
			return fmt.Errorf("scrub: %w", err)
		}
	}
	return t.file.Sync()
}

// metas returns both meta pages, the newer first.
func (t *Table) metas() (two [2]metaPage, err error) {
	if two[0], err = readMeta(t.file, 0); err != nil {
		return two, err
	}
	if two[1], err = readMeta(t.file, int64(two[0].PageSize)); err != nil {
		return two, err
	}
	if two[1].Tx > two[0].Tx {
		two[0], two[1] = two[1], two[0]
	}
	return two, nil
}

// readFreelist returns the pages that are free in the state of m, in order, and
// its own list's; see inspectFreelist.
func readFreelist(file interface {
	ReadAt([]byte, int64) (int, error)
}, m metaPage,
) ([]uint64, error) {
	head := make([]byte, pageHeader+8)
	offset := int64(m.Freelist) * int64(m.PageSize)
	if _, err := file.ReadAt(head, offset); err != nil {
		return nil, err
	}
	count := uint64(binary.NativeEndian.Uint16(head[10:]))
	offset += pageHeader
	if count == 0xFFFF {
		count = binary.NativeEndian.Uint64(head[pageHeader:])
		offset += 8
	}
	raw := make([]byte, 8*count)
	if _, err := file.ReadAt(raw, offset); err != nil {
		return nil, err
	}
	ids := make([]uint64, count)
	for i := range ids {
		ids[i] = binary.NativeEndian.Uint64(raw[8*i:])
	}
	return ids, nil
}
