// Package runtime runs everything that is deployed in one process, on the
// embedded table: the same edges, fed by the table's own change log, by queues
// that lie in the table, and by a clock.
package runtime

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/edge/feedback"
	"convoke/shared/edge/inbound"
	"convoke/shared/edge/indexer"
	"convoke/shared/edge/mailer"
	"convoke/shared/edge/planner"
	"convoke/shared/edge/projector"
	"convoke/shared/edge/web"
	"convoke/shared/local/depot"
	"convoke/shared/local/issuer"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/boot"
	"convoke/shared/platform/mail"
	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

// Options say how a process runs. All fields are required but Limiter.
type Options struct {
	Dir     string // where index, keys and feed lie
	BaseURL string // of links, without a slash at its end
	Stage   string // never prod: the process signs in whoever asks
	From    mail.Address
	Domain  string // of calendar entries
	Table   table.Table
	Sender  mailer.Sender
	Clock   *Clock
	Log     *slog.Logger
	Limiter *auth.Limiter
}

// Process is everything that is deployed, in one process. Who opened the table
// closes it.
type Process struct {
	Store   *store.Store
	Index   *search.Index
	Indexer *indexer.Indexer
	Issuer  *issuer.Issuer
	Depot   *depot.Depot // of uploaded documents
	Clock   *Clock

	// What comes back of mail has no way into a process by itself: who has it hands
	// it to these.
	Feedback *feedback.Feedback
	Inbound  *inbound.Inbound // Read alone: there is no bucket

	web      http.Handler
	pump     *pump
	consumer *consumer
	planner  *planner.Planner
	log      *slog.Logger
	unclean  atomic.Bool // something was erased since the file was scrubbed
	working  sync.Mutex  // held by whoever moves the queues on
}

// Open puts a process together. It starts nothing; see Run and Settle.
func Open(ctx context.Context, o Options) (*Process, error) {
	blobs, err := dir.Open(filepath.Join(o.Dir, "index"))
	if err != nil {
		return nil, fmt.Errorf("open the index folder: %w", err)
	}
	index, err := search.Open(ctx, blobs)
	if err == nil {
		err = index.Verify() // who starts it is to know at once, not who searches first
	}
	if err != nil {
		return nil, err
	}
	links, err := linkKeys(filepath.Join(o.Dir, "link-keys.txt"), rand.Reader)
	if err != nil {
		return nil, err
	}
	documents, err := dir.Open(filepath.Join(o.Dir, "documents"))
	if err != nil {
		return nil, fmt.Errorf("open the documents folder: %w", err)
	}
	s := &store.Store{Table: o.Table, Now: o.Clock.Now, NewID: boot.NewIDs()}
	p := &Process{Store: s, Index: index, Clock: o.Clock, log: o.Log}
	p.Depot = &depot.Depot{Blobs: documents, Links: links, BaseURL: o.BaseURL, Now: o.Clock.Now}
	if err := p.serve(o, links); err != nil {
		return nil, err
	}
	// The writer compares its clock with the times of files: a virtual one would lie.
	writer := &search.Writer{Store: blobs, Now: time.Now}
	p.Indexer = &indexer.Indexer{Store: s, Index: writer, Log: o.Log}
	p.planner = &planner.Planner{Store: s, Index: index, Depot: p.Depot, Log: o.Log}
	if box, ok := o.Sender.(forgetful); ok {
		p.planner.Mails = box.Forget
	}
	p.unclean.Store(true) // an earlier process may have ended before it scrubbed
	p.pump = &pump{store: s, log: o.Log, rebuild: p.rebuild, projector: &projector.Projector{
		Store: s, Queue: localQueue{s}, Bus: newFeed(o.Dir, o.BaseURL), Index: liveIndex{writer, index}, Log: o.Log,
	}}
	letters := &mailer.Mailer{
		Store: s, Sender: o.Sender, Links: links, Random: rand.Reader, Log: o.Log, BaseURL: o.BaseURL, From: o.From, Domain: o.Domain,
	}
	p.consumer = &consumer{store: s, send: letters.Do, log: o.Log}
	p.Feedback = &feedback.Feedback{Store: s, Log: o.Log}
	p.Inbound = &inbound.Inbound{Store: s, Domain: o.Domain, Log: o.Log}
	return p, nil
}

// audience is the client id of tokens of the development issuer.
const audience = "convoke-local"

func (p *Process) serve(o Options, links *auth.Keyring) error {
	var err error
	p.Issuer, err = issuer.Open(issuer.Config{Stage: o.Stage, BaseURL: o.BaseURL, Audience: audience, Dir: o.Dir, Now: o.Clock.Now})
	if err != nil {
		return fmt.Errorf("development issuer: %w", err)
	}
	tokens, err := auth.NewVerifier(auth.Config{
		Issuer: p.Issuer.URL, Audience: []string{audience}, PlainHTTP: true, Transport: inProcess{p.Issuer}, Now: o.Clock.Now,
	})
	if err != nil {
		return fmt.Errorf("token verifier: %w", err)
	}
	edge := &web.Server{
		Store: p.Store, Index: p.Index, Depot: p.Depot, Links: links, Tokens: tokens, Log: o.Log, Random: rand.Reader,
		BaseURL: o.BaseURL, Domain: o.Domain, Release: boot.Release, Plain: !strings.HasPrefix(o.BaseURL, "https://"), Limiter: o.Limiter,
	}
	p.web = edge.Handler()
	return nil
}

// Handler serves the API and the pages.
func (p *Process) Handler() http.Handler { return p.web }

// How often the loops of Run look.
const (
	pumpEvery    = 20 * time.Millisecond
	planEvery    = time.Second
	tidyEvery    = 10 * time.Second
	compactEvery = 5 * time.Minute
	upkeepEvery  = time.Minute
)

// finishing is how long work under way may take to end once Run is to stop.
const finishing = 10 * time.Second

// Run moves everything on until the context ends, and returns when the work
// that was under way then is done.
func (p *Process) Run(ctx context.Context) {
	var loops sync.WaitGroup
	loops.Go(func() { p.every(ctx, pumpEvery, p.work) })
	loops.Go(func() { p.every(ctx, planEvery, p.plan) })
	loops.Go(func() { p.every(ctx, tidyEvery, p.Indexer.Tidy) })
	loops.Go(func() { p.every(ctx, compactEvery, p.Indexer.Compact) })
	loops.Go(func() { p.every(ctx, upkeepEvery, p.upkeep) })
	loops.Wait()
}

// every calls do again and again; an error is logged and makes the next wait
// longer, so that a fault that lasts does not fill the disk with its log. What
// do has begun when the context ends it may finish.
func (p *Process) every(ctx context.Context, wait time.Duration, do func(context.Context) error) {
	work, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(finishing, end) })()
	failures := 0
	for {
		pause := wait << min(failures, 10)
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(pause, max(wait, 30*time.Second))):
		}
		if err := do(work); err != nil && work.Err() == nil {
			failures++
			p.log.ErrorContext(ctx, "background work failed", "error", err.Error())
			continue
		}
		failures = 0
	}
}

// work projects what changed and sends what is due.
func (p *Process) work(ctx context.Context) error {
	_, err := p.advance(ctx)
	return err
}

func (p *Process) advance(ctx context.Context) (bool, error) {
	p.working.Lock()
	defer p.working.Unlock()
	moved, projectErr := p.pump.step(ctx)
	sent, sendErr := p.consumer.step(ctx)
	return moved || sent > 0, errors.Join(projectErr, sendErr)
}

// rebuild makes the index anew and visible.
func (p *Process) rebuild(ctx context.Context) error {
	if _, err := p.Indexer.Rebuild(ctx, nil); err != nil {
		return err
	}
	return p.Index.Refresh(ctx)
}

// forgetful is a sender that keeps mails and can forget them.
type forgetful interface {
	Forget(ctx context.Context, ids []string) error
}

func (p *Process) plan(ctx context.Context) error {
	report, err := p.planner.Tick(ctx)
	p.erased(report)
	return err
}

// erased notes that the table's file holds what was erased, in pages that are
// free now.
func (p *Process) erased(r planner.Report) {
	if r.Erasures > 0 {
		p.unclean.Store(true)
	}
}

// Plan resolves the audience of one published event now; see planner.Plan.
func (p *Process) Plan(ctx context.Context, e *convening.Event) (int, error) {
	return p.planner.Plan(ctx, e)
}

// Settle does everything that is due at the clock's present time and returns when
// nothing is left. Stories and tests use it in place of Run.
func (p *Process) Settle(ctx context.Context) error {
	for {
		report, err := p.planner.Tick(ctx)
		if err != nil {
			return err
		}
		p.erased(report)
		moved, err := p.advance(ctx)
		if err != nil {
			return err
		}
		// What failed is due still: it is for a later call, not for another round.
		if !moved && report.Idle() {
			return nil
		}
	}
}
