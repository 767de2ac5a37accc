package smtp

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// plainServer takes one message from a client that must wait for every reply: it
// offers no PIPELINING. It returns its address and what it was told.
func plainServer(t *testing.T) (string, <-chan []string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	told := make(chan []string, 1)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		told <- converse(conn)
	}()
	return listener.Addr().String(), told
}

func converse(conn net.Conn) (commands []string) {
	in := bufio.NewReader(conn)
	reply := func(line string) { fmt.Fprint(conn, line+"\r\n") }
	reply("220 plain.example.org")
	for text := false; ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return commands
		}
		line = strings.TrimSuffix(line, "\r\n")
		if text {
			if text = line != "."; !text {
				reply("250 taken")
			}
			continue
		}
		if in.Buffered() > 0 {
			return append(commands, line, "and more before the reply")
		}
		verb, _, _ := strings.Cut(line, " ")
		commands = append(commands, verb)
		switch verb {
		case "DATA":
			text = true
			reply("354 go on")
		case "QUIT":
			reply("221 bye")
			return commands
		default:
			reply("250 plain.example.org")
		}
	}
}

// A server that offers no PIPELINING is told one thing at a time.
func TestWaitsForEachReply(t *testing.T) {
	addr, told := plainServer(t)
	s := &Sender{Addr: addr, TLS: TLSNever, Now: time.Now}
	if _, err := s.Send(t.Context(), message("m1")); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"EHLO", "MAIL", "RCPT", "DATA", "QUIT"}, <-told); diff != "" {
		t.Error(diff)
	}
}
