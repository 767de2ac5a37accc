package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// patience is how long an answer may take.
const patience = time.Minute

// Conn asks a server over one connection that is kept, and does no more about it than
// HTTP/1.1 wants (RFC 9112): clients share the processors with what is measured. The
// zero Conn is ready.
type Conn struct {
	host string // that c leads to
	c    net.Conn
	in   *bufio.Reader
	out  []byte
	body bytes.Buffer
}

// Close ends the connection; another Get makes one anew.
func (c *Conn) Close() {
	if c.c != nil {
		_ = c.c.Close() // nothing is left to be told
		c.c = nil
	}
}

// Get returns the body of an answer whose status is 200; it holds until the next.
func (c *Conn) Get(ctx context.Context, url string) ([]byte, error) {
	host, path, ok := strings.Cut(strings.TrimPrefix(url, "http://"), "/")
	if !ok {
		return nil, fmt.Errorf("%s: no http address with a path", url)
	}
	if err := c.dial(ctx, host); err != nil {
		return nil, err
	}
	c.out = fmt.Appendf(c.out[:0], "GET /%s HTTP/1.1\r\nHost: %s\r\n\r\n", path, host)
	if _, err := c.c.Write(c.out); err != nil {
		return nil, err
	}
	status, err := c.read()
	if err == nil && status != 200 {
		err = fmt.Errorf("status %d: %.300s", status, c.body.Bytes())
	}
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("%s: %w", url, err)
	}
	return c.body.Bytes(), nil
}

func (c *Conn) dial(ctx context.Context, host string) error {
	if c.c != nil && c.host != host {
		c.Close()
	}
	if c.c == nil {
		made, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
		if err != nil {
			return err
		}
		c.host, c.c, c.in = host, made, bufio.NewReaderSize(made, 32<<10)
	}
	return c.c.SetDeadline(time.Now().Add(patience))
}

// head is what the head of an answer says of its body.
type head struct {
	status         int
	length         int // -1 for none
	chunked, close bool
}

// read reads an answer into the body and returns its status.
func (c *Conn) read() (int, error) {
	h, err := c.readHead()
	if err != nil {
		return 0, err
	}
	c.body.Reset()
	switch {
	case h.chunked:
		err = c.readChunks()
	case h.length >= 0:
		_, err = io.CopyN(&c.body, c.in, int64(h.length))
	default:
		_, err = io.Copy(&c.body, c.in)
		h.close = true
	}
	if h.close {
		c.Close()
	}
	return h.status, err
}

func (c *Conn) readHead() (h head, err error) {
	h.length = -1
	for first := true; ; first = false {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return h, err
		}
		line = bytes.TrimSpace(line)
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case first:
			version, rest, _ := bytes.Cut(line, []byte(" "))
			h.close = string(version) != "HTTP/1.1"
			if h.status, err = strconv.Atoi(string(rest[:min(3, len(rest))])); err != nil {
				return h, errors.New("no status line")
			}
		case len(line) == 0:
			return h, nil
		case bytes.EqualFold(name, []byte("Content-Length")):
			if h.length, err = strconv.Atoi(string(value)); err != nil {
				return h, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			h.chunked = true
		case bytes.EqualFold(name, []byte("Connection")):
			h.close = bytes.EqualFold(value, []byte("close"))
		}
	}
}

func (c *Conn) readChunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if _, err := io.CopyN(&c.body, c.in, n); err != nil {
			return err
		}
		if _, err := c.in.Discard(len("\r\n")); err != nil || n == 0 {
			return err
		}
	}
}
