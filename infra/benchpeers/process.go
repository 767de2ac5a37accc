package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// process is a server that was started.
type process struct{ cmd *exec.Cmd }

func startProcess(cmd *exec.Cmd) (*process, error) {
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGTERM // even if this one is killed
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &process{cmd}, nil
}

// stop asks the server to end, and waits until it has.
func (p *process) stop(with syscall.Signal) error {
	if p == nil {
		return nil
	}
	if err := p.cmd.Process.Signal(with); err != nil {
		return err
	}
	late := time.AfterFunc(10*time.Second, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	_ = p.cmd.Wait() // ended by a signal is an error there
	return nil
}

// self runs a step of this command in a process of its own.
func self(ctx context.Context, step, dir string) (*process, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return startProcess(exec.CommandContext(ctx, path, "-step", step, "-dir", dir))
}

// freeAddress returns one of this machine that nothing listened on just now.
func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// listening waits until something listens at the address.
func listening(ctx context.Context, network, address string) error {
	for range 600 {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err == nil {
			return c.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return fmt.Errorf("nothing listens at %s after 30 s", address)
}

// lines joins the texts of a document, for engines that take them as one.
func lines(texts []string) string { return strings.Join(texts, "\n") }
