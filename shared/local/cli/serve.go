package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	netmail "net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/edge/mailer"
	"convoke/shared/local/issuer"
	"convoke/shared/local/mailbox"
	"convoke/shared/local/runtime"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/mail"
	maildir "convoke/shared/platform/mail/dir"
	"convoke/shared/platform/mail/smtp"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

type serveCommand struct {
	Listen   string    `help:"Address to listen on. Whoever reaches it can sign in as anybody." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	BaseURL  string    `name:"base-url" help:"Scheme and host that links begin with, when it is not the address listened on." placeholder:"URL"`
	SMTP     string    `name:"smtp" help:"Send mail through this server instead of writing it to DIR/mail." placeholder:"HOST:PORT"`
	From     string    `help:"Address that mail comes from." default:"Convoke <convoke@example.org>" placeholder:"ADDRESS"`
	Seed     bool      `help:"Import the seed first, when nobody is in the directory."`
	Clock    time.Time `help:"Let the time stand at this instant (RFC 3339) and move by POST /dev/clock alone." placeholder:"TIME"`
	Log      string    `help:"How to log to standard error: text, json or off." enum:"text,json,off" default:"text"`
	DynamoDB string    `name:"dynamodb" help:"Keep the table in the DynamoDB Local at this endpoint, not in DIR." placeholder:"URL"`
	Table    string    `help:"Its name there; it is made when it is not there." default:"convoke" placeholder:"NAME"`
}

const (
	stage    = "local"
	stopping = 10 * time.Second // for requests under way
)

// Run serves until it is interrupted.
func (c *serveCommand) Run(p *program) error {
	from, err := c.check()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	base, err := c.base(listener.Addr())
	if err != nil {
		return err
	}
	t, err := c.open(p)
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	o := runtime.Options{
		Dir: p.data, BaseURL: base, Stage: stage, From: mail.Address{Name: from.Name, Addr: from.Address}, Table: t,
		Domain: from.Address[strings.LastIndexByte(from.Address, '@')+1:], Clock: c.clock(), Log: c.logger(p.err),
	}
	if o.Sender, err = c.sender(p, o.Clock.Now); err != nil {
		return err
	}
	process, err := runtime.Open(p.ctx, o)
	if err != nil {
		return err
	}
	if c.Seed {
		if err := seed(p.ctx, process); err != nil {
			return fmt.Errorf("import the seed: %w", err)
		}
	}
	c.banner(p, base)
	return c.serve(p.ctx, listener, process, c.handler(p, process, base), o.Log)
}

// check judges the flags, and returns the parsed --from.
func (c *serveCommand) check() (*netmail.Address, error) {
	from, err := netmail.ParseAddress(c.From)
	if err != nil {
		return nil, usageError{fmt.Errorf("--from %q is no mail address", c.From)}
	}
	if c.SMTP != "" {
		if _, _, err := net.SplitHostPort(c.SMTP); err != nil {
			return nil, usageError{fmt.Errorf("--smtp %q: want host:port", c.SMTP)}
		}
	}
	if c.BaseURL != "" {
		u, err := url.Parse(c.BaseURL)
		if err != nil || u.Host == "" || u.Scheme+"://"+u.Host != c.BaseURL || u.Scheme != "http" && u.Scheme != "https" {
			return nil, usageError{fmt.Errorf("--base-url %q: want http or https, and a host alone", c.BaseURL)}
		}
	}
	return from, nil
}

// errPlain refuses what no letter could link to: the links of mail act for whoever
// has them, and do not cross a network in clear.
var errPlain = errors.New("links in mail to another machine must begin with https: name a --base-url that does, or listen on 127.0.0.1 or on every address")

// base returns what links begin with. Nobody can follow a link to an address
// that stands for all of a machine's.
func (c *serveCommand) base(listening net.Addr) (string, error) {
	base, err := c.reached(listening)
	if err == nil && !mail.WebAddress(base) {
		err = usageError{fmt.Errorf("%s: %w", base, errPlain)}
	}
	return base, err
}

func (c *serveCommand) reached(listening net.Addr) (string, error) {
	if c.BaseURL != "" {
		return c.BaseURL, nil
	}
	host, port, err := net.SplitHostPort(listening.String())
	if err != nil {
		return "", err
	}
	if net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port), nil
}

func (c *serveCommand) open(p *program) (table.Table, error) {
	if c.DynamoDB == "" {
		return p.ready()
	}
	if _, deployed := regionOf(c.DynamoDB); deployed {
		return nil, errors.New("convoke serve lets anybody in, and serves no deployed table")
	}
	if err := os.MkdirAll(p.data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	return openDynamoDB(p.ctx, c.DynamoDB, c.Table)
}

func (c *serveCommand) clock() *runtime.Clock {
	if c.Clock.IsZero() {
		return &runtime.Clock{}
	}
	return runtime.ClockAt(c.Clock)
}

func (c *serveCommand) logger(w io.Writer) *slog.Logger {
	switch c.Log {
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil))
	case "off":
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

func (c *serveCommand) sender(p *program, now func() time.Time) (mailer.Sender, error) {
	if c.SMTP != "" {
		return &smtp.Sender{Addr: c.SMTP, TLS: smtp.TLSOpportunistic, Now: now}, nil
	}
	folder := filepath.Join(p.data, mailFolder)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the mail directory: %w", err)
	}
	return &maildir.Sender{Path: folder, Now: now}, nil
}

// seed lists the seed when the directory is empty, and makes it visible.
func seed(ctx context.Context, process *runtime.Process) error {
	empty, err := nobody(ctx, process.Store)
	if err != nil || !empty {
		return err
	}
	if _, err := importSeedInto(ctx, process.Store); err != nil {
		return err
	}
	if _, err := process.Indexer.Rebuild(ctx, nil); err != nil {
		return err
	}
	if err := runtime.PassIndexed(ctx, process.Store); err != nil {
		return err
	}
	return process.Index.Refresh(ctx)
}

func nobody(ctx context.Context, s *store.Store) (bool, error) {
	for _, status := range []directory.Status{
		directory.Listed, directory.AwaitingEmail, directory.AwaitingReview, directory.Returned, directory.Declined, directory.Suspended, directory.Lapsed,
	} {
		list, _, err := s.Registrations(ctx, status, "", 1)
		if err != nil || len(list) > 0 {
			return false, err
		}
	}
	return true, nil
}

// handler puts the pages for development beside everything else.
func (c *serveCommand) handler(p *program, process *runtime.Process, base string) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", process.Handler())
	d := development{process: process, box: mailbox.Open(filepath.Join(p.data, mailFolder)), base: base, movable: !c.Clock.IsZero()}
	d.mount(mux)
	return mux
}

// serve answers and works until the context ends; then it finishes what is under
// way: requests first, for they make work.
func (c *serveCommand) serve(ctx context.Context, listener net.Listener, process *runtime.Process, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	work.Go(func() { process.Run(working) })
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopping)
		defer cancel()
		if err = server.Shutdown(last); errors.Is(err, context.DeadlineExceeded) {
			err = server.Close()
		}
	}
	stop()
	work.Wait()
	return err
}

func (c *serveCommand) banner(p *program, base string) {
	post := "mail written to " + filepath.Join(p.data, mailFolder)
	if c.SMTP != "" {
		post = "mail goes out through " + c.SMTP + ", not here"
	}
	kept := p.data
	if full, err := filepath.Abs(p.data); err == nil {
		kept = full
	}
	if c.DynamoDB != "" {
		kept += ", and table " + c.Table + " at " + c.DynamoDB
	}
	_, _ = fmt.Fprintf(p.out, `Convoke %s

  Open      %s
  Sign in   %s%s  (as any role: for development alone)
  Mail      %s%s  (%s)
  More      %s/dev
  Data      %s

Stop it with Ctrl-C.
`, boot.Release, base, base, issuer.SignInPath, base, mailbox.Path, post, base, kept)
}
