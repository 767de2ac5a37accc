package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
)

var now = time.Date(2025, 11, 3, 8, 30, 0, 0, time.UTC)

func message(id string) *mail.Message {
	return &mail.Message{
		ID:     id,
		From:   mail.Address{Name: "Convoke", Addr: "events@example.org"},
		To:     mail.Address{Name: "Amina", Addr: "amina@bücher.example"},
		Letter: mail.SignIn{URL: "https://convoke.example.org/s?t=1", ExpiresAt: now}.Letter(i18n.Chinese),
		Kind:   mail.KindSignIn,
	}
}

// sink is a server that keeps what it is given, or refuses it.
type sink struct {
	mu       sync.Mutex
	sessions int
	tls      bool
	received []received
	refuse   map[string]*gosmtp.SMTPError // by command
	hangUp   bool                         // close the connection in place of the last reply
}

type received struct{ from, to, data string }

type session struct {
	sink *sink
	conn *gosmtp.Conn
	mail received
}

func (s *sink) NewSession(c *gosmtp.Conn) (gosmtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions++
	return &session{sink: s, conn: c}, nil
}

func (s *session) refusal(command string) error {
	if refusal := s.sink.refuse[command]; refusal != nil {
		return refusal
	}
	return nil
}

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	s.mail = received{from: from}
	return s.refusal("MAIL")
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.mail.to = to
	return s.refusal("RCPT")
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.sink.hangUp {
		return s.conn.Conn().Close()
	}
	if err := s.refusal("DATA"); err != nil {
		return err
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	_, s.sink.tls = s.conn.TLSConnectionState()
	s.mail.data = string(raw)
	s.sink.received = append(s.sink.received, s.mail)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

// serve starts the sink and returns its address.
func serve(t *testing.T, s *sink, config *tls.Config) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := gosmtp.NewServer(s)
	server.Domain = "sink.example.org"
	server.TLSConfig = config
	server.ErrorLog = quiet{}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return listener.Addr().String()
}

// quiet drops what the sink logs.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// certificate is one for 127.0.0.1 that httptest makes, and what trusts it.
func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	transport, ok := s.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatal("httptest has another transport")
	}
	return &tls.Config{Certificates: s.TLS.Certificates}, &tls.Config{RootCAs: transport.TLSClientConfig.RootCAs}
}

func TestSendReusesTheConnection(t *testing.T) {
	sunk := &sink{}
	s := &Sender{Addr: serve(t, sunk, nil), TLS: TLSOpportunistic, Now: func() time.Time { return now }}
	for _, id := range []string{"1", "2", "3"} {
		got, err := s.Send(t.Context(), message(id))
		if err != nil || got != id+"@example.org" {
			t.Fatal(got, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if sunk.sessions != 1 || len(sunk.received) != 3 || sunk.tls {
		t.Fatalf("%d sessions, %d messages, tls %v", sunk.sessions, len(sunk.received), sunk.tls)
	}
	want, err := message("3").Bytes(now)
	if err != nil {
		t.Fatal(err)
	}
	last := sunk.received[2]
	if last.from != "events@example.org" || last.to != "amina@xn--bcher-kva.example" || last.data != string(want) {
		t.Errorf("from %q to %q, %d bytes for %d", last.from, last.to, len(last.data), len(want))
	}
}

// TestDots sends lines that begin with a dot, one of them alone, which would end
// the message.
func TestDots(t *testing.T) {
	sunk := &sink{}
	s := &Sender{Addr: serve(t, sunk, nil), TLS: TLSOpportunistic, Now: func() time.Time { return now }}
	m := message("1")
	m.Letter = mail.SignIn{URL: "https://convoke.example.org/s?t=1", ExpiresAt: now}.Letter(i18n.English)
	m.Letter.Paragraphs = []string{".", "..", ".example", "MAIL FROM:<evil@example.org>"}
	if _, err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	want, err := m.Bytes(now)
	if err != nil || !strings.Contains(string(want), "\r\n.\r\n") {
		t.Fatalf("no line of a dot alone: %v\n%s", err, want)
	}
	if len(sunk.received) != 1 || sunk.received[0].data != string(want) {
		t.Errorf("%d messages: %q", len(sunk.received), sunk.received)
	}
}

func TestIdleConnectionIsLeft(t *testing.T) {
	sunk := &sink{}
	at := now
	s := &Sender{Addr: serve(t, sunk, nil), TLS: TLSNever, Now: func() time.Time { return at }}
	for range 2 {
		if _, err := s.Send(t.Context(), message("1")); err != nil {
			t.Fatal(err)
		}
		at = at.Add(time.Hour)
	}
	if sunk.sessions != 2 {
		t.Errorf("%d sessions", sunk.sessions)
	}
}

func TestSendFails(t *testing.T) {
	for name, c := range map[string]struct {
		sink   *sink
		want   error
		reason string
	}{
		"unknown":  {&sink{refuse: refuse("RCPT", 550, 5, 1, 1)}, mail.ErrPermanent, "550 5.1.1"},
		"greylist": {&sink{refuse: refuse("RCPT", 451, 4, 3, 0)}, mail.ErrTransient, "451 4.3.0"},
		"too fast": {&sink{refuse: refuse("MAIL", 450, 4, 7, 1)}, mail.ErrThrottled, "450 4.7.1"},
		"busy":     {&sink{refuse: refuse("MAIL", 421, 4, 3, 2)}, mail.ErrThrottled, "421 4.3.2"},
		"spam":     {&sink{refuse: refuse("DATA", 554, 5, 7, 1)}, mail.ErrPermanent, "554 5.7.1"},
		"lost":     {&sink{hangUp: true}, mail.ErrUncertain, "no reply"},
	} {
		s := &Sender{Addr: serve(t, c.sink, nil), TLS: TLSNever, Now: func() time.Time { return now }}
		_, err := s.Send(t.Context(), message("1"))
		if !errors.Is(err, c.want) || !strings.HasSuffix(err.Error(), ": "+c.reason) || strings.Contains(err.Error(), "amina") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func refuse(command string, code, class, subject, detail int) map[string]*gosmtp.SMTPError {
	return map[string]*gosmtp.SMTPError{command: {
		Code: code, EnhancedCode: gosmtp.EnhancedCode{class, subject, detail}, Message: "<amina@example.org> refused",
	}}
}

func TestNoServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	s := &Sender{Addr: listener.Addr().String(), Now: func() time.Time { return now }}
	if _, err := s.Send(t.Context(), message("1")); !errors.Is(err, mail.ErrTransient) {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestSilentServer holds that a server that says nothing does not outlast the
// context.
func TestSilentServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		cancel()
		_, _ = io.Copy(io.Discard, conn) // ends when the sender hangs up
	}()
	s := &Sender{Addr: listener.Addr().String(), Now: func() time.Time { return now }}
	if _, err := s.Send(ctx, message("1")); !errors.Is(err, mail.ErrTransient) {
		t.Error(err)
	}
}

func TestUnsendable(t *testing.T) {
	s := &Sender{Addr: "127.0.0.1:1", Now: func() time.Time { return now }}
	m := message("1")
	m.To.Addr = "a@example.org>\r\nRCPT TO:<b@example.org"
	if _, err := s.Send(t.Context(), m); !errors.Is(err, mail.ErrUnsendable) {
		t.Error(err)
	}
}

func TestTLS(t *testing.T) {
	server, client := certificate(t)
	for name, c := range map[string]struct {
		mode    TLS
		offered *tls.Config
		secure  bool
		ok      bool
	}{
		"required, offered":          {TLSRequired, server, true, true},
		"required, not offered":      {TLSRequired, nil, false, false},
		"opportunistic, offered":     {TLSOpportunistic, server, true, true},
		"opportunistic, not offered": {TLSOpportunistic, nil, false, true},
		"never, offered":             {TLSNever, server, false, true},
	} {
		sunk := &sink{}
		s := &Sender{Addr: serve(t, sunk, c.offered), TLS: c.mode, TLSConfig: client, Now: func() time.Time { return now }}
		_, err := s.Send(t.Context(), message("1"))
		if (err == nil) != c.ok || sunk.tls != c.secure {
			t.Errorf("%s: %v, tls %v", name, err, sunk.tls)
		}
		if !c.ok && !errors.Is(err, mail.ErrTransient) {
			t.Errorf("%s: %v", name, err)
		}
	}
	untrusting := &Sender{Addr: serve(t, &sink{}, server), TLS: TLSOpportunistic, Now: func() time.Time { return now }}
	if _, err := untrusting.Send(t.Context(), message("1")); !errors.Is(err, mail.ErrTransient) {
		t.Errorf("an unknown certificate: %v", err)
	}
}
