package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"convoke/shared/state/table"
)

// Open opens the table in the file at path, and makes it when there is none;
// the folder must exist. A file that is cut short, damaged or no table gives
// ErrCorrupt and is left as it is; one in use by another process ErrLocked.
func Open(path string, o Options) (*Table, error) {
	if o.LockTimeout == 0 {
		o.LockTimeout = time.Second
	}
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("open table: %w", err)
	}
	if err := inspect(path, o.LockTimeout); err != nil {
		return nil, fmt.Errorf("open table: %w", err)
	}
	db, file, err := openFile(path, options(o.LockTimeout))
	if err != nil {
		return nil, fmt.Errorf("open table: %w", err)
	}
	return newTable(db, file, o), nil
}

// options keep the free list in the file. Leaving it out would save a page or
// two in each commit, but bbolt would then walk the whole file at every open,
// in a goroutine of its own where a damaged page ends the process.
func options(timeout time.Duration) bbolt.Options {
	return bbolt.Options{Timeout: timeout, FreelistType: bbolt.FreelistMapType, NoStatistics: true}
}

// openFile opens with bbolt, and lets go of the file when bbolt panics. The
// file is bbolt's own.
func openFile(path string, o bbolt.Options) (db *bbolt.DB, file *os.File, err error) {
	o.OpenFile = func(name string, flag int, mode os.FileMode) (_ *os.File, err error) {
		file, err = os.OpenFile(name, flag&^os.O_CREATE, mode)
		return file, err
	}
	var errno syscall.Errno // the system's refusal, which says nothing of the file
	err = guard(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &o)
		return err
	})
	switch {
	case err == nil:
		return db, file, nil
	case errors.Is(err, bbolterrors.ErrTimeout):
		return nil, nil, fmt.Errorf("%s: %w", path, ErrLocked)
	case errors.As(err, &errno):
		return nil, nil, err
	case !errors.Is(err, table.ErrCorrupt):
		return nil, nil, damaged(path, fmt.Errorf("%w: %w", table.ErrCorrupt, err))
	default:
		_ = file.Close() // bbolt panicked and forgot it
		return nil, nil, damaged(path, err)
	}
}

// create makes an empty table beside path and moves it there whole, so that a
// crash leaves no half-made file under that name.
func create(path string) error {
	beside, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(beside.Name())
	if err := errors.Join(beside.Close(), fill(beside.Name())); err != nil {
		return err
	}
	// A link never replaces the file of a process that was quicker.
	if err := os.Link(beside.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		if err := os.Rename(beside.Name(), path); err != nil {
			return err
		}
	}
	return syncFolder(filepath.Dir(path))
}

func fill(path string) error {
	o := options(time.Second)
	db, err := bbolt.Open(path, 0o600, &o)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{itemsBucket, g1Bucket, g2Bucket, expiresBucket, logBucket} {
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
		}
		meta, err := tx.CreateBucket([]byte(metaBucket))
		if err != nil {
			return err
		}
		return meta.Put([]byte(formatKey), []byte(formatValue))
	})
	return errors.Join(err, db.Close())
}

// syncFolder makes a new name in a folder durable where the system can.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, os.ErrInvalid) {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// inspect looks at a file without changing it: bbolt itself would make a new
// database of an empty file, fall back to an older state when the newer meta
// page is damaged, and fault on pages that are missing.
func inspect(path string, timeout time.Duration) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() == 0 {
		return damaged(path, fmt.Errorf("%w: it is empty", table.ErrCorrupt))
	}
	o := options(timeout)
	o.ReadOnly = true
	db, _, err := openFile(path, o)
	if err != nil {
		return err
	}
	err = inspectPages(path)
	if err == nil {
		err = guard(func() error { return db.View(inspectFormat) })
	}
	if err != nil {
		err = damaged(path, err)
	}
	return errors.Join(err, db.Close())
}

// inspectFormat looks for the mark of our format.
func inspectFormat(tx *bbolt.Tx) error {
	meta := tx.Bucket([]byte(metaBucket))
	if meta == nil {
		return fmt.Errorf("%w: it is a bbolt file, but no table", table.ErrCorrupt)
	}
	if got := meta.Get([]byte(formatKey)); string(got) != formatValue {
		return fmt.Errorf("%w: its format is %.40q, not %q", table.ErrCorrupt, got, formatValue)
	}
	b := bucketsOf(tx)
	if b.items == nil || b.g1 == nil || b.g2 == nil || b.expires == nil || b.log == nil {
		return fmt.Errorf("%w: a bucket is missing", table.ErrCorrupt)
	}
	return nil
}

// metaPage is the start of bbolt's first two pages: page header, then meta.
type metaPage struct {
	ID                      uint64
	Kind, Count             uint16
	Overflow                uint32
	Magic, Version          uint32
	PageSize, Flags         uint32
	Root, RootSequence      uint64
	Freelist, HighWater, Tx uint64
	Sum                     uint64
}

const (
	pageHeader = 16 // bytes before the meta
	metaSize   = 64 // the last 8 are the checksum over the others
	metaMagic  = 0xED0CDAED
)

// inspectPages checks both meta pages, the free list, and that the file holds
// every page in use.
func inspectPages(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	first, err := readMeta(file, 0)
	if err != nil {
		return err
	}
	second, err := readMeta(file, int64(first.PageSize))
	if err != nil {
		return err
	}
	newest := first
	if second.Tx > first.Tx {
		newest = second
	}
	if need := newest.HighWater * uint64(newest.PageSize); need > uint64(info.Size()) {
		return fmt.Errorf("%w: it is cut short, %d bytes of %d", table.ErrCorrupt, info.Size(), need)
	}
	return inspectFreelist(file, newest)
}

func readMeta(file io.ReaderAt, offset int64) (metaPage, error) {
	var raw [pageHeader + metaSize]byte
	if _, err := file.ReadAt(raw[:], offset); err != nil {
		return metaPage{}, fmt.Errorf("%w: no meta page at %d", table.ErrCorrupt, offset)
	}
	var m metaPage
	if _, err := binary.Decode(raw[:], binary.NativeEndian, &m); err != nil {
		return metaPage{}, err
	}
	sum := fnv.New64a()
	sum.Write(raw[pageHeader : pageHeader+metaSize-8])
	if m.Magic != metaMagic || m.Sum != sum.Sum64() || m.PageSize < 512 || m.HighWater > 1<<48 {
		return metaPage{}, fmt.Errorf("%w: the meta page at %d is not sound", table.ErrCorrupt, offset)
	}
	return m, nil
}

// inspectFreelist checks that free pages are in order, in the file, and named
// once: a page wrongly called free would be written over.
func inspectFreelist(file io.ReaderAt, m metaPage) error {
	unsound := fmt.Errorf("%w: its list of free pages is not sound", table.ErrCorrupt)
	if m.Freelist < 2 || m.Freelist >= m.HighWater {
		return unsound
	}
	head := make([]byte, pageHeader+8)
	if _, err := file.ReadAt(head, int64(m.Freelist)*int64(m.PageSize)); err != nil {
		return unsound
	}
	id, count := binary.NativeEndian.Uint64(head), uint64(binary.NativeEndian.Uint16(head[10:]))
	offset := int64(m.Freelist)*int64(m.PageSize) + pageHeader
	if count == 0xFFFF { // then the first entry is the count
		count = binary.NativeEndian.Uint64(head[pageHeader:])
		offset += 8
	}
	if id != m.Freelist || count >= m.HighWater {
		return unsound
	}
	ids := make([]byte, 8*count)
	if _, err := file.ReadAt(ids, offset); err != nil {
		return unsound
	}
	for last := uint64(1); len(ids) > 0; ids = ids[8:] {
		page := binary.NativeEndian.Uint64(ids)
		if page <= last || page >= m.HighWater {
			return unsound
		}
		last = page
	}
	return nil
}
