package smtp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/textproto"
)

// openAtOnce sends the envelope and DATA together and reads the three replies
// (RFC 2920), so that a message takes two turns with the server and not five. Both
// addresses were checked: neither has a line end.
func openAtOnce(text *textproto.Conn, from, to string, room *[]byte) (io.WriteCloser, error) {
	id := text.Next()
	text.StartRequest(id)
	_, err := fmt.Fprintf(text.W, "MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n", from, to)
	if err == nil {
		err = text.W.Flush()
	}
	text.EndRequest(id)
	if err != nil {
		return nil, err
	}
	text.StartResponse(id)
	defer text.EndResponse(id)
	_, _, mail := text.ReadResponse(250)
	_, _, rcpt := text.ReadResponse(25)
	_, _, data := text.ReadResponse(354)
	refused := errors.Join(mail, rcpt)
	switch {
	case refused != nil && data == nil:
		return nil, errors.Join(refused, withdraw(text))
	case refused != nil:
		return nil, refused
	case data != nil:
		return nil, data
	}
	return body{text, room}, nil
}

// withdraw ends a text that the server asked for though it refused the envelope:
// an empty one, which it then refuses too (RFC 2920 section 3.1). Should it take
// it, that is no message of ours: nothing was in it.
func withdraw(text *textproto.Conn) error {
	if err := text.PrintfLine("."); err != nil {
		return err
	}
	_, _, err := text.ReadResponse(0)
	return err
}

// body takes the text of a message, whose lines end in CRLF, in one Write, which
// sends it together with its end: had that not gone out, nothing was taken. Close
// reads the reply.
type body struct {
	text *textproto.Conn
	room *[]byte // used again for each message
}

// Write implements io.Writer. A dot that begins a line is doubled (RFC 5321 section
// 4.5.2); what lies between goes out as it is.
func (b body) Write(p []byte) (int, error) {
	whole := (*b.room)[:0]
	for line := range bytes.Lines(p) {
		if line[0] == '.' {
			whole = append(whole, '.')
		}
		whole = append(whole, line...)
	}
	*b.room = append(whole, end...)
	if _, err := b.text.W.Write(*b.room); err != nil {
		return 0, err
	}
	return len(p), b.text.W.Flush()
}

// end is the line that ends a text.
const end = ".\r\n"

// Close implements io.Closer.
func (b body) Close() error {
	_, _, err := b.text.ReadResponse(250)
	return err
}
