// Package smtp sends messages to one SMTP server, such as a relay or a server for
// development.
package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"convoke/shared/platform/mail"
)

// TLS says when the connection is encrypted by STARTTLS.
type TLS uint8

// The choices. A server that offers STARTTLS and then fails it is an error under
// both of the first.
const (
	TLSRequired      TLS = iota // the zero value
	TLSOpportunistic            // where the server offers it
	TLSNever
)

const (
	dialTimeout = 10 * time.Second
	// attempt bounds one message, so that a silent server does not hold the queue.
	attempt = time.Minute
	// idle is how long an unused connection is taken up again; servers close theirs
	// after five minutes (RFC 5321 section 4.5.3.2.7).
	idle = 30 * time.Second
	// warm is how long it is taken to be good without asking. Should it not be, the
	// message was not taken either, and is tried again.
	warm = time.Second
)

// Sender keeps one connection and sends one message at a time over it. It is safe
// for concurrent use.
type Sender struct {
	Addr      string // host:port
	TLS       TLS
	TLSConfig *tls.Config // nil for the system's roots; the server name is set from Addr when empty
	Auth      smtp.Auth   // nil for none; used over TLS or to the machine itself only
	Now       func() time.Time

	mu     sync.Mutex
	conn   net.Conn
	client *smtp.Client // nil when there is no connection
	used   time.Time
	room   []byte // for the text of one message on the wire
}

// Send hands the message to the server. The id it returns is the Message-ID,
// since SMTP has no other that every server tells. Errors are *mail.SendError or
// *mail.Unsendable.
func (s *Sender) Send(ctx context.Context, m *mail.Message) (string, error) {
	raw, err := m.Bytes(s.Now())
	if err != nil {
		return "", fmt.Errorf("compose for smtp: %w", err)
	}
	id, err := m.MessageID()
	if err != nil {
		return "", fmt.Errorf("compose for smtp: %w", err)
	}
	from, err := m.From.Checked("from")
	if err != nil {
		return "", fmt.Errorf("compose for smtp: %w", err)
	}
	to, err := m.To.Checked("to")
	if err != nil {
		return "", fmt.Errorf("compose for smtp: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.deliver(ctx, from.Addr, to.Addr, raw); err != nil {
		s.drop()
		return "", err
	}
	s.used = s.Now()
	return id, nil
}

// Close says good-bye to the server.
func (s *Sender) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.client == nil {
		return nil
	}
	err := s.client.Quit()
	s.drop()
	if err != nil {
		return fmt.Errorf("quit: %w", err)
	}
	return nil
}

// deliver is one transaction. Until the last dot nothing is sent; a reply that is
// lost after it leaves the outcome open.
func (s *Sender) deliver(ctx context.Context, from, to string, raw []byte) error {
	if err := s.connect(ctx); err != nil {
		return classify(err, mail.ErrTransient)
	}
	stop := s.bind(ctx)
	defer stop()
	w, err := s.open(from, to)
	if err != nil {
		return classify(err, mail.ErrTransient)
	}
	if _, err := w.Write(raw); err != nil {
		return classify(err, mail.ErrTransient)
	}
	if err := w.Close(); err != nil {
		return classify(err, mail.ErrUncertain)
	}
	return nil
}

// open brings the server to where it takes the text.
func (s *Sender) open(from, to string) (io.WriteCloser, error) {
	if ok, _ := s.client.Extension("PIPELINING"); ok {
		return openAtOnce(s.client.Text, from, to, &s.room)
	}
	if err := s.client.Mail(from); err != nil {
		return nil, err
	}
	if err := s.client.Rcpt(to); err != nil {
		return nil, err
	}
	return s.client.Data()
}

// bind ends the transaction with the context or after its time.
func (s *Sender) bind(ctx context.Context) (stop func() bool) {
	conn := s.conn
	_ = conn.SetDeadline(deadline(ctx)) // a connection that cannot be set fails at its next use
	return context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
}

func deadline(ctx context.Context) time.Time {
	limit := time.Now().Add(attempt)
	if d, ok := ctx.Deadline(); ok && d.Before(limit) {
		return d
	}
	return limit
}

// connect takes up the connection when it is still good, else opens one.
func (s *Sender) connect(ctx context.Context) error {
	if s.client != nil && s.Now().Sub(s.used) < idle {
		if s.Now().Sub(s.used) < warm {
			return nil
		}
		stop := s.bind(ctx)
		err := s.client.Reset()
		stop()
		if err == nil {
			return nil
		}
	}
	s.drop()
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	s.conn = conn
	stop := s.bind(ctx)
	defer stop()
	return s.greet()
}

// greet brings a new connection to where mail can be sent.
func (s *Sender) greet() error {
	host, _, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return fmt.Errorf("server address: %w", err)
	}
	if s.client, err = smtp.NewClient(s.conn, host); err != nil {
		return fmt.Errorf("greet: %w", err)
	}
	if err := s.encrypt(host); err != nil {
		return err
	}
	if s.Auth == nil {
		return nil
	}
	if err := s.client.Auth(s.Auth); err != nil {
		return fmt.Errorf("authenticate: %w", err)
	}
	return nil
}

// errNoTLS: the server does not offer what the configuration requires.
var errNoTLS = errors.New("server offers no STARTTLS")

func (s *Sender) encrypt(host string) error {
	if s.TLS == TLSNever {
		return nil
	}
	if ok, _ := s.client.Extension("STARTTLS"); !ok {
		if s.TLS == TLSRequired {
			return errNoTLS
		}
		return nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.TLSConfig != nil {
		config = s.TLSConfig.Clone()
	}
	if config.ServerName == "" {
		config.ServerName = host
	}
	if err := s.client.StartTLS(config); err != nil {
		return fmt.Errorf("start TLS: %w", err)
	}
	return nil
}

// drop closes the connection, if there is one, without ceremony.
func (s *Sender) drop() {
	if s.conn != nil {
		_ = s.conn.Close()
	}
	s.conn, s.client = nil, nil
}

// enhanced is the status code of RFC 3463 at the beginning of a reply.
var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}\b`)

// classify tells what a failure means for the message: a reply says it by its
// code; without one it is as otherwise says. 421 and the policy codes 4.7.x are
// how servers slow senders down.
func classify(err, otherwise error) error {
	reply, ok := errors.AsType[*textproto.Error](err)
	if !ok {
		return &mail.SendError{Kind: otherwise, Reason: "no reply", Cause: err}
	}
	reason := strconv.Itoa(reply.Code)
	code := enhanced.FindString(reply.Msg)
	failure := &mail.SendError{Kind: mail.ErrTransient, Reason: strings.TrimSpace(reason + " " + code), Cause: err}
	switch {
	case reply.Code >= 500 && reply.Code != 530 && reply.Code != 535: // those two are our credentials, not the message
		failure.Kind = mail.ErrPermanent
	case reply.Code == 421, strings.HasPrefix(code, "4.7."):
		failure.Kind = mail.ErrThrottled
	}
	return failure
}
