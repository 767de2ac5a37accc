// Package planner does what is due: it resolves the audience of a published
// event into invitations, queues them, reminds once, and closes what stayed
// unanswered. It may be interrupted and repeated at will.
package planner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"convoke/shared/domain/convening"
	"convoke/shared/state/audience"
	"convoke/shared/state/likeness"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
)

const (
	dueAtOnce = 250 // things read from each shard at once
	workers   = 16  // invitations moved on at the same time
	maxRounds = 10_000
)

// Planner does what is due. All fields are required but Mails.
type Planner struct {
	Store *store.Store
	Index *search.Index
	Depot Depot
	Log   *slog.Logger
	Mails func(context.Context, []string) error // forgets mails by the provider's ids, where it keeps them

	watch likeness.Watch // the sanctions list
}

// Report says what one tick did.
type Report struct {
	Events      int `json:"events"`      // whose audience was resolved, whose invitations were told, that were held, or that a rule opened
	Planned     int `json:"planned"`     // invitations written
	Invitations int `json:"invitations"` // moved on: queued, reminded or closed
	Verified    int `json:"verified"`    // verifications moved on: warned of their end, or lapsed
	Erasures    int `json:"erasures"`    // parts of erasures that were done
	Merges      int `json:"merges"`      // carried on, or undone
	Swept       int `json:"swept"`       // documents looked at or removed, names on letters and words of applications forgotten
	Claims      int `json:"claims"`      // to entries: settled, expired or forgotten
	Screened    int `json:"screened"`    // stakeholders whose names were compared with the sanctions list
	Alerts      int `json:"alerts"`      // saved searches looked at for who is new in them
	Failed      int `json:"failed"`
}

// Handle is Tick for the schedule of Lambda, whose payload says nothing.
func (p *Planner) Handle(ctx context.Context, _ json.RawMessage) (Report, error) { return p.Tick(ctx) }

// Tick does all that is due now. What fails is left for the next tick and does
// not hold up the rest.
func (p *Planner) Tick(ctx context.Context) (Report, error) {
	ctx = store.As(ctx, store.Actor{ID: "planner", Role: "system"})
	var total Report
	if _, err := p.Store.Retain(ctx); err != nil { // what it begins is due below
		p.Log.ErrorContext(ctx, "retention not looked at", "error", err.Error())
		total.Failed++
	}
	for range maxRounds {
		due, err := p.Store.DueBefore(ctx, p.Store.Now(), dueAtOnce)
		if err != nil {
			return total, fmt.Errorf("read what is due: %w", err)
		}
		if len(due) == 0 {
			return total, nil
		}
		round := p.do(ctx, due)
		total.add(round)
		if round.Idle() || ctx.Err() != nil {
			return total, ctx.Err()
		}
	}
	return total, nil
}

func (r *Report) add(o Report) {
	r.Events, r.Planned, r.Invitations, r.Failed = r.Events+o.Events, r.Planned+o.Planned, r.Invitations+o.Invitations, r.Failed+o.Failed
	r.Verified, r.Erasures, r.Merges, r.Swept = r.Verified+o.Verified, r.Erasures+o.Erasures, r.Merges+o.Merges, r.Swept+o.Swept
	r.Alerts += o.Alerts
	r.Claims, r.Screened = r.Claims+o.Claims, r.Screened+o.Screened
}

// Idle reports whether nothing was moved on.
func (r Report) Idle() bool {
	return r.Events+r.Invitations+r.Verified+r.Erasures+r.Merges+r.Swept+r.Alerts+r.Claims+r.Screened == 0
}

func (p *Planner) do(ctx context.Context, due []store.Due) Report {
	var r Report
	var n tally
	var failed atomic.Int64
	var group errgroup.Group
	group.SetLimit(workers)
	for _, d := range due {
		t := p.task(d, &n)
		if t.do == nil {
			p.inTurn(ctx, d, &r, &failed)
			continue
		}
		group.Go(func() error {
			done, err := t.do(ctx)
			p.note(ctx, t.what, t.id, err, &failed)
			if done {
				t.count.Add(1)
			}
			return nil
		})
	}
	_ = group.Wait() // the functions return nil: each failure is its own
	r.Invitations, r.Verified, r.Failed = int(n.moved.Load()), int(n.verified.Load()), int(failed.Load())
	r.Swept, r.Claims, r.Screened = int(n.swept.Load()), int(n.claims.Load()), int(n.screened.Load())
	return r
}

// tally counts what was done beside others, by kind.
type tally struct{ moved, verified, swept, claims, screened atomic.Int64 }

// task is what can be done beside others: each concerns one item.
type task struct {
	what, id string
	do       func(context.Context) (bool, error)
	count    *atomic.Int64 // of those that had something to do
}

// task returns what is due of one item, the zero task for what is done in turn.
func (p *Planner) task(d store.Due, n *tally) task {
	switch {
	case d.Err != nil:
		return task{}
	case d.Invitation != nil:
		return task{"invitation", d.Invitation.EventID, func(ctx context.Context) (bool, error) { return p.advance(ctx, d.Invitation) }, &n.moved}
	case d.Relation != nil:
		return task{"relation", d.Relation.ID, func(ctx context.Context) (bool, error) { return p.relate(ctx, d.Relation.ID) }, &n.moved}
	case d.Stakeholder != nil:
		return task{"stakeholder", d.Stakeholder.ID, func(ctx context.Context) (bool, error) { return p.freshen(ctx, d.Stakeholder.ID) }, &n.verified}
	case d.Claim != nil:
		return task{"claim", d.Claim.ID, func(ctx context.Context) (bool, error) { return p.Store.SettleClaim(ctx, d.Claim.ID) }, &n.claims}
	case d.Screening != nil:
		return task{"screening", d.Screening.Stakeholder, func(ctx context.Context) (bool, error) { return p.screen(ctx, d.Screening) }, &n.screened}
	case d.Letter != nil:
		return task{"letter", d.Letter.EventID, func(ctx context.Context) (bool, error) { return p.Store.ExpireLetter(ctx, d.Letter.Code) }, &n.swept}
	case d.Accredited != nil:
		return task{"accreditation", d.Accredited.EventID, func(ctx context.Context) (bool, error) { return p.Store.ExpireAccreditation(ctx, d.Accredited) }, &n.swept}
	case d.Upload != nil:
		return task{"upload", d.Upload.ID, func(ctx context.Context) (bool, error) { return p.sweep(ctx, d.Upload) }, &n.swept}
	}
	return task{}
}

// inTurn does what writes many items, one after the other.
func (p *Planner) inTurn(ctx context.Context, d store.Due, r *Report, failed *atomic.Int64) {
	switch {
	case d.Err != nil:
		p.note(ctx, "unreadable", "", d.Err, failed)
	case d.Event != nil:
		n, done, err := p.tend(ctx, d.Event)
		r.Planned += n
		r.Events += p.settled(ctx, "event", d.Event.ID, done, err, failed)
	case d.Announcement != nil:
		done, err := p.announce(ctx, d.Announcement)
		r.Events += p.settled(ctx, "announcement", d.Announcement.ID, done, err, failed)
	case d.Rule != nil:
		done, err := p.open(ctx, d.Rule)
		r.Events += p.settled(ctx, "rule", d.Rule.ID, done, err, failed)
	case d.Merge != nil:
		done, err := p.carryOn(ctx, d.Merge)
		r.Merges += p.settled(ctx, "merge", d.Merge.ID, done, err, failed)
	case d.Alert != nil:
		done, err := p.alert(ctx, d.Alert.Search)
		r.Alerts += p.settled(ctx, "alert", d.Alert.Search, done, err, failed)
	case d.Erasure != nil:
		err := p.Store.AdvanceErasure(ctx, d.Erasure.ID, p.Mails)
		r.Erasures += p.settled(ctx, "erasure", d.Erasure.ID, err == nil, err, failed)
	}
}

// settled notes a failure, and returns 1 for what was done.
func (p *Planner) settled(ctx context.Context, what, id string, done bool, err error, failed *atomic.Int64) int {
	p.note(ctx, what, id, err, failed)
	if done {
		return 1
	}
	return 0
}

func (p *Planner) note(ctx context.Context, what, event string, err error, failed *atomic.Int64) {
	if err != nil {
		failed.Add(1)
		p.Log.ErrorContext(ctx, "not planned", "what", what, "event", event, "error", err.Error())
	}
}

// advance reports whether there was anything to do: the index of what is due may
// lag behind the table, and a round that only finds what is done already must be
// the last.
func (p *Planner) advance(ctx context.Context, i *convening.Invitation) (advanced bool, err error) {
	if i.LeavesSeat() {
		return p.passSeat(ctx, i)
	}
	_, err = p.Store.UpdateInvitation(ctx, i.EventID, i.Contact, func(i *convening.Invitation) error {
		due := i.DueAt
		i.Advance(p.Store.Now())
		advanced = i.DueAt != due
		return nil
	})
	return advanced && err == nil, err
}

// Plan writes the invitations of an event, then notes that it is done. Until
// then it begins again from the start, and passes over who is invited. It returns
// how many invitations it wrote.
func (p *Planner) Plan(ctx context.Context, e *convening.Event) (int, error) {
	planned, _, err := p.plan(ctx, e)
	return planned, err
}

// plan also reports whether the event was not planned before; see advance.
func (p *Planner) plan(ctx context.Context, e *convening.Event) (planned int, done bool, err error) {
	now := p.Store.Now()
	people, err := (&audience.Resolver{Store: p.Store, Index: p.Index}).Resolve(ctx, e, now)
	if err != nil {
		return 0, false, err
	}
	if planned, err = p.invite(ctx, e, people, now); err != nil {
		return planned, false, err
	}
	if err := p.seatInvited(ctx, e, people); err != nil {
		return planned, false, err
	}
	_, err = p.Store.UpdateEvent(ctx, e.ID, func(e *convening.Event) error {
		done = e.PlannedAt == nil
		e.Planned(p.Store.Now())
		return nil
	})
	return planned, done && err == nil, err
}

// invite writes the invitations of who is invited, each in its wave; who has one
// is passed over.
func (p *Planner) invite(ctx context.Context, e *convening.Event, people []audience.Person, now time.Time) (int, error) {
	list := make([]*convening.Invitation, 0, len(people))
	for _, who := range people {
		if who.LeftOut == "" {
			list = append(list, convening.InvitationOf(e, who.Guest, now))
		}
	}
	n, err := p.Store.PlanInvitations(ctx, list)
	if err != nil && !errors.Is(err, context.Canceled) {
		return n, fmt.Errorf("write invitations: %w", err)
	}
	return n, err
}
