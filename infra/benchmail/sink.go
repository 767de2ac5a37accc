package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"sync/atomic"
	"time"

	gosmtp "github.com/emersion/go-smtp"
)

// received is what the server took.
type received struct {
	Messages int
	Bytes    int64
}

// sink takes every message and keeps none.
type sink struct{ messages, bytes atomic.Int64 }

// NewSession implements gosmtp.Backend.
func (s *sink) NewSession(*gosmtp.Conn) (gosmtp.Session, error) { return &session{s}, nil }

type session struct{ sink *sink }

// Mail implements gosmtp.Session.
func (*session) Mail(string, *gosmtp.MailOptions) error { return nil }

// Rcpt implements gosmtp.Session.
func (*session) Rcpt(string, *gosmtp.RcptOptions) error { return nil }

// Reset implements gosmtp.Session.
func (*session) Reset() {}

// Logout implements gosmtp.Session.
func (*session) Logout() error { return nil }

// Data implements gosmtp.Session.
func (s *session) Data(r io.Reader) error {
	n, err := io.Copy(io.Discard, r)
	s.sink.messages.Add(1)
	s.sink.bytes.Add(n)
	return err
}

// serve is the server's process: it writes its address, serves until its input
// ends, and writes what it took.
func serve(in io.Reader, out io.Writer) error {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := &sink{}
	server := gosmtp.NewServer(s)
	server.Domain = "sink.example.org"
	go func() { _ = server.Serve(listener) }()
	if _, err := fmt.Fprintln(out, listener.Addr()); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		return err
	}
	_ = server.Close()
	return json.NewEncoder(out).Encode(received{int(s.messages.Load()), s.bytes.Load()})
}

// started is the server in a process of its own.
type started struct {
	addr string
	cmd  *exec.Cmd
	in   io.Closer
	out  io.Reader
	cpu  time.Duration // once it was stopped
}

func startSink(ctx context.Context) (*started, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &started{cmd: exec.CommandContext(ctx, self, "-sink")}
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if s.out, err = s.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if _, err := fmt.Fscanln(s.out, &s.addr); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	return s, nil
}

func (s *started) stop() (received, error) {
	var r received
	if err := s.in.Close(); err != nil {
		return r, err
	}
	if err := json.NewDecoder(s.out).Decode(&r); err != nil {
		return r, fmt.Errorf("server: %w", err)
	}
	if err := s.cmd.Wait(); err != nil {
		return r, err
	}
	s.cpu = s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime()
	return r, nil
}
