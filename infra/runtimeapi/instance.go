package runtimeapi

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

// Instance is one execution environment: one process and the API it talks to.
// Its methods may be called from several goroutines; invocations take turns.
type Instance struct {
	Init time.Duration // from the start of the process to its first call for an event

	fn     Function
	api    *server
	cmd    *exec.Cmd
	output *log
	exited chan struct{} // closed when the process has ended

	turn sync.Mutex // held by the running invocation; guards idle
	idle poll       // the process's open call for an event; nil when it has none
}

// Start runs the function until it calls for its first event. ctx governs the
// start alone. The caller closes the instance. The error is a *FunctionError
// when the function reported why it could not start, ErrExited or ErrTimedOut
// when it just ended or hung; its output is in the message.
func Start(ctx context.Context, fn Function) (*Instance, error) {
	fn = fn.withDefaults()
	api, err := serve()
	if err != nil {
		return nil, fmt.Errorf("serve the runtime API: %w", err)
	}
	in := &Instance{fn: fn, api: api, output: &log{also: fn.Output}, exited: make(chan struct{})}
	in.cmd = exec.Command(fn.Bootstrap)
	in.cmd.Env = fn.environment(api.address)
	in.cmd.Stdout, in.cmd.Stderr = in.output, in.output
	started := time.Now()
	if err := in.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", fn.Name, err), api.close())
	}
	go func() {
		_ = in.cmd.Wait() // how it ended is told by its output
		close(in.exited)
	}()
	if err := in.awaitInit(ctx, started); err != nil {
		err = fmt.Errorf("start %s: %w", fn.Name, err)
		if closeErr := in.Close(); closeErr != nil {
			err = errors.Join(err, closeErr)
		}
		return nil, fmt.Errorf("%w\n%s", err, in.Output())
	}
	return in, nil
}

func (in *Instance) awaitInit(ctx context.Context, started time.Time) error {
	timer := time.NewTimer(in.fn.InitTimeout)
	defer timer.Stop()
	select {
	case in.idle = <-in.api.polls:
		in.Init = in.idle.at.Sub(started)
		return nil
	case o := <-in.api.outcomes:
		close(o.taken)
		return o.failure
	case <-in.exited:
		return ErrExited
	case <-timer.C:
		return ErrTimedOut
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Invoke hands over one event and returns the function's answer, once the
// function has called for the next event or ended, as Lambda counts it. The
// error is a *FunctionError, or one of this package's, or that of ctx, upon
// which the process is ended, for it may still be at work. After the process
// has ended every Invoke fails with ErrExited: start another instance.
func (in *Instance) Invoke(ctx context.Context, event Event) ([]byte, error) {
	in.turn.Lock()
	defer in.turn.Unlock()
	if event.ID == "" {
		event.ID = newID()
	}
	if event.Timeout == 0 {
		event.Timeout = in.fn.Timeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, event.Timeout, ErrTimedOut)
	defer cancel()
	answer, err := in.deliver(ctx, event)
	if err != nil {
		return nil, fmt.Errorf("invoke %s: %w", in.fn.Name, err)
	}
	return answer, nil
}

func (in *Instance) deliver(ctx context.Context, event Event) ([]byte, error) {
	if in.ended() {
		return nil, ErrExited
	}
	deadline, _ := ctx.Deadline()
	d := delivery{event: event, deadline: deadline, arn: in.fn.arn(), written: make(chan struct{})}
	select {
	case in.idle.deliveries <- d:
	case <-in.exited:
		return nil, ErrExited
	}
	if event.End == OnDelivery {
		select {
		case <-d.written:
		case <-in.exited:
		}
		in.Kill()
	}
	return in.await(ctx, event)
}

// await returns the outcome of the event that was delivered.
func (in *Instance) await(ctx context.Context, event Event) ([]byte, error) {
	for {
		select {
		case o := <-in.api.outcomes:
			if event.End == OnResponse {
				in.Kill()
				return nil, ErrExited
			}
			if o.id != event.ID {
				o.refuse <- struct{}{}
				continue
			}
			close(o.taken)
			in.awaitIdle(ctx)
			return o.answer, o.failure
		case <-in.exited:
			return nil, ErrExited
		case <-ctx.Done():
			in.Kill()
			return nil, context.Cause(ctx)
		}
	}
}

// awaitIdle waits until the function calls for the next event. One that does
// not in time is ended; its answer stands.
func (in *Instance) awaitIdle(ctx context.Context) {
	select {
	case in.idle = <-in.api.polls:
	case <-in.exited:
	case <-ctx.Done():
		in.Kill()
	}
}

func (in *Instance) ended() bool {
	select {
	case <-in.exited:
		return true
	default:
		return false
	}
}

// Kill ends the process at once, as a crash of the machine would, and returns
// when it is gone. An invocation that runs fails with ErrExited.
func (in *Instance) Kill() {
	_ = in.cmd.Process.Kill() // fails only when it has ended already
	<-in.exited
}

// Close ends the process and the API. It may be called again.
func (in *Instance) Close() error {
	in.Kill()
	if err := in.api.close(); err != nil {
		return fmt.Errorf("close the runtime API of %s: %w", in.fn.Name, err)
	}
	return nil
}

// Output returns what the function has written so far to standard output and
// standard error.
func (in *Instance) Output() string {
	in.output.mu.Lock()
	defer in.output.mu.Unlock()
	return in.output.buf.String()
}

// log keeps what a process writes.
type log struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	also io.Writer
}

// Write implements io.Writer.
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf.Write(p)
	if l.also == nil {
		return len(p), nil
	}
	return l.also.Write(p)
}

// newID returns a request id of Lambda's form, a UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
