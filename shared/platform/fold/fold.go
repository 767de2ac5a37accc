// Package fold breaks the content lines of calendars and cards, which share one
// grammar: a line of more than 75 octets goes on in the next, after a space (RFC
// 5545 section 3.1, RFC 6350 section 3.2).
package fold

import (
	"bytes"
	"fmt"
	"io"
)

// Writer folds between characters. It relies on being given whole lines, each
// with its CRLF, in one Write.
type Writer struct{ W io.Writer }

// Write writes one line over as many lines as it needs.
func (f Writer) Write(line []byte) (int, error) {
	n := len(line)
	var b bytes.Buffer
	for limit := 75; len(line) > limit+len("\r\n"); limit = 74 {
		cut := limit
		for cut > 1 && line[cut]&0xC0 == 0x80 { // within a character of UTF-8
			cut--
		}
		b.Write(line[:cut])
		b.WriteString("\r\n ")
		line = line[cut:]
	}
	b.Write(line)
	if _, err := f.W.Write(b.Bytes()); err != nil {
		return 0, fmt.Errorf("write folded line: %w", err)
	}
	return n, nil
}
