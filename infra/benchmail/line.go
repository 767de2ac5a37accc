package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"time"

	"convoke/shared/platform/mail/smtp"
)

// dial opens a connection to the server.
type dial func(ctx context.Context, addr string) (line, error)

// line brings messages to the server, one after another.
type line interface {
	io.Closer
	hand(ctx context.Context, i int) error
}

// sending composes messages of the kind and sends them as the product does.
func (p *post) sending(k kind) dial {
	return func(_ context.Context, addr string) (line, error) {
		return sender{&smtp.Sender{Addr: addr, TLS: smtp.TLSNever, Now: time.Now}, p, k}, nil
	}
}

type sender struct {
	*smtp.Sender

	post *post
	kind kind
}

func (s sender) hand(ctx context.Context, i int) error {
	m, err := s.post.write(s.kind, i)
	if err != nil {
		return err
	}
	_, err = s.Send(ctx, m)
	return err
}

// flooding hands over what was composed before and does nothing else.
func (p *post) flooding(k kind, n int) (dial, error) {
	ready := make([][]byte, n)
	for i := range ready {
		m, err := p.write(k, i)
		if err != nil {
			return nil, err
		}
		b, err := m.Bytes(p.now)
		if err != nil {
			return nil, err
		}
		ready[i] = append(bytes.ReplaceAll(b, []byte("\r\n."), []byte("\r\n..")), ".\r\n"...)
	}
	return func(ctx context.Context, addr string) (line, error) { return openFlood(ctx, addr, ready) }, nil
}

type flood struct {
	*textproto.Conn

	ready [][]byte
}

func openFlood(ctx context.Context, addr string, ready [][]byte) (line, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	f := flood{textproto.NewConn(conn), ready}
	if _, _, err := f.ReadResponse(220); err != nil {
		return nil, err
	}
	return f, f.ask([]byte("EHLO client.example.org\r\n"), 250)
}

func (f flood) hand(_ context.Context, i int) error {
	envelope := fmt.Appendf(nil, "MAIL FROM:<convoke@example.org>\r\nRCPT TO:<focal%d@example.org>\r\nDATA\r\n", i)
	if err := f.ask(envelope, 250, 250, 354); err != nil {
		return err
	}
	return f.ask(f.ready[i], 250)
}

// ask sends what is given and reads the replies to it.
func (f flood) ask(what []byte, replies ...int) error {
	if _, err := f.W.Write(what); err != nil {
		return err
	}
	if err := f.W.Flush(); err != nil {
		return err
	}
	for _, code := range replies {
		if _, _, err := f.ReadResponse(code); err != nil {
			return err
		}
	}
	return nil
}
