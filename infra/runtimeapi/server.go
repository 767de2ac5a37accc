package runtimeapi

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// server is the Runtime API of one instance. It holds no state: every request
// meets the invocation through a channel, and one that nobody waits for any
// more ends with its connection.
type server struct {
	address  string
	http     *http.Server
	polls    chan poll
	outcomes chan outcome
}

// poll is one open call for an event.
type poll struct {
	at         time.Time
	deliveries chan delivery
}

// delivery is an event on its way; written is closed when it has left.
type delivery struct {
	event    Event
	deadline time.Time
	arn      string
	written  chan struct{}
}

// outcome is what the function sent for the event id: an answer, or a failure.
// It is acknowledged by closing taken, refused through refuse.
type outcome struct {
	id      string
	answer  []byte
	failure error
	taken   chan struct{}
	refuse  chan struct{}
}

func serve() (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{address: listener.Addr().String(), polls: make(chan poll), outcomes: make(chan outcome)}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /2018-06-01/runtime/invocation/next", s.next)
	routes.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", s.response)
	routes.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", s.failure)
	routes.HandleFunc("POST /2018-06-01/runtime/init/error", s.failure)
	s.http = &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.http.Serve(listener) }() // ends with close
	return s, nil
}

func (s *server) close() error { return s.http.Close() }

func (s *server) next(w http.ResponseWriter, r *http.Request) {
	p := poll{at: time.Now(), deliveries: make(chan delivery)}
	select {
	case s.polls <- p:
	case <-r.Context().Done():
		return
	}
	select {
	case d := <-p.deliveries:
		d.write(w)
	case <-r.Context().Done():
	}
}

func (d delivery) write(w http.ResponseWriter) {
	defer close(d.written)
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", d.event.ID)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(d.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", d.arn)
	h.Set("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0")
	h.Set("Content-Length", strconv.Itoa(len(d.event.Payload)))
	_, _ = w.Write(d.event.Payload)           // a process that is gone is noticed as such
	_ = http.NewResponseController(w).Flush() // likewise
}

func (s *server) response(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxPayload))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		s.settle(w, r, outcome{id: r.PathValue("id"), failure: ErrTooLarge})
		return
	}
	if err != nil {
		return // the connection broke; so has the process
	}
	s.settle(w, r, outcome{id: r.PathValue("id"), answer: body})
}

func (s *server) failure(w http.ResponseWriter, r *http.Request) {
	failure := &FunctionError{}
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, MaxPayload)).Decode(failure)
	if err != nil {
		failure = &FunctionError{Type: r.Header.Get("Lambda-Runtime-Function-Error-Type"), Message: "unreadable: " + err.Error()}
	}
	s.settle(w, r, outcome{id: r.PathValue("id"), failure: failure})
}

// settle offers the outcome to the invocation and answers the function when it
// has been taken. When nobody takes it the connection hangs, until the process
// or the server ends.
func (s *server) settle(w http.ResponseWriter, r *http.Request, o outcome) {
	o.taken, o.refuse = make(chan struct{}), make(chan struct{})
	select {
	case s.outcomes <- o:
	case <-r.Context().Done():
		return
	}
	select {
	case <-o.taken:
		reply(w, o.failure)
	case <-o.refuse:
		http.Error(w, `{"errorType":"InvalidRequestID","errorMessage":"not the running invocation"}`, http.StatusBadRequest)
	case <-r.Context().Done():
	}
}

func reply(w http.ResponseWriter, failure error) {
	status := http.StatusAccepted
	if errors.Is(failure, ErrTooLarge) {
		status = http.StatusRequestEntityTooLarge
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"status":"OK"}`) // a process that is gone is noticed as such
}
