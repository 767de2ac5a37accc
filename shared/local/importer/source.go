package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// maxRecordBytes bounds what one record may take of memory. The longest known
// record of the Research Organization Registry has 40 KB.
const maxRecordBytes = 4 << 20

var errRecordTooLarge = errors.New("the record is larger than 4 MiB")

// Meter counts the bytes that pass through it, for a progress bar: put it
// around the file, under the reader that decompresses.
type Meter struct {
	r io.Reader
	n atomic.Int64
}

// NewMeter returns a Meter over r.
func NewMeter(r io.Reader) *Meter { return &Meter{r: r} }

// Read reads from the underlying reader.
func (m *Meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.n.Add(int64(n))
	return n, err
}

// Bytes returns the bytes read so far. It is safe to call while another
// goroutine reads.
func (m *Meter) Bytes() int64 { return m.n.Load() }

// plainText returns what r holds, decompressed if it is gzip, without a byte
// order mark.
func plainText(r io.Reader) (io.Reader, error) {
	b := bufio.NewReader(r)
	head, err := b.Peek(4)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("read the first bytes: %w", err)
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("open the gzip file: %w", err)
		}
		b = bufio.NewReader(z)
		head, _ = b.Peek(3)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, errors.New("this is a zip archive: unpack it first and give the file inside")
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return nil, errors.New("this is UTF-16: save it as UTF-8 first")
	}
	if bytes.HasPrefix(head, []byte("\ufeff")) {
		_, _ = b.Discard(3)
	}
	return b, nil
}

// allowance fails once more is read than was granted, so that one endless
// record cannot fill the memory.
type allowance struct {
	r    io.Reader
	left int
}

func (a *allowance) grant() { a.left = maxRecordBytes }

// Read implements io.Reader.
func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errRecordTooLarge
	}
	n, err := a.r.Read(p[:min(len(p), a.left)])
	a.left -= n
	return n, err
}
