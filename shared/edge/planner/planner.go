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
}

// Report says what one tick did.
type Report struct {
	Events      int `json:"events"`      // whose audience was resolved, whose invitations were told, that were held, or that a rule opened
	Planned     int `json:"planned"`     // invitations written
	Invitations int `json:"invitations"` // moved on: queued, reminded or closed
	Verified    int `json:"verified"`    // verifications moved on: warned of their end, or lapsed
	Erasures    int `json:"erasures"`    // parts of erasures that were done
	Merges      int `json:"merges"`      // carried on, or undone
	Swept       int `json:"swept"`       // documents looked at, or removed
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
}

// Idle reports whether nothing was moved on.
func (r Report) Idle() bool {
	return r.Events+r.Invitations+r.Verified+r.Erasures+r.Merges+r.Swept == 0
}

func (p *Planner) do(ctx context.Context, due []store.Due) Report {
	var r Report
	var moved, verified, swept, failed atomic.Int64
	var group errgroup.Group
	group.SetLimit(workers)
	for _, d := range due {
		switch {
		case d.Err != nil:
			p.note(ctx, "unreadable", "", d.Err, &failed)
		case d.Event != nil:
			n, done, err := p.tend(ctx, d.Event)
			r.Planned += n
			p.note(ctx, "event", d.Event.ID, err, &failed)
			if done {
				r.Events++
			}
		case d.Merge != nil:
			carried, err := p.carryOn(ctx, d.Merge)
			p.note(ctx, "merge", d.Merge.ID, err, &failed)
			if carried {
				r.Merges++
			}
		case d.Rule != nil:
			done, err := p.open(ctx, d.Rule)
			p.note(ctx, "rule", d.Rule.ID, err, &failed)
			if done {
				r.Events++
			}
		case d.Invitation != nil:
			group.Go(func() error {
				advanced, err := p.advance(ctx, d.Invitation)
				p.note(ctx, "invitation", d.Invitation.EventID, err, &failed)
				if advanced {
					moved.Add(1)
				}
				return nil
			})
		case d.Erasure != nil:
			err := p.Store.AdvanceErasure(ctx, d.Erasure.ID, p.Mails)
			p.note(ctx, "erasure", d.Erasure.ID, err, &failed)
			if err == nil {
				r.Erasures++
			}
		case d.Relation != nil:
			group.Go(func() error {
				advanced, err := p.relate(ctx, d.Relation.ID)
				p.note(ctx, "relation", d.Relation.ID, err, &failed)
				if advanced {
					moved.Add(1)
				}
				return nil
			})
		case d.Stakeholder != nil:
			group.Go(func() error {
				advanced, err := p.freshen(ctx, d.Stakeholder.ID)
				p.note(ctx, "stakeholder", d.Stakeholder.ID, err, &failed)
				if advanced {
					verified.Add(1)
				}
				return nil
			})
		case d.Upload != nil:
			group.Go(func() error {
				done, err := p.sweep(ctx, d.Upload)
				p.note(ctx, "upload", d.Upload.ID, err, &failed)
				if done {
					swept.Add(1)
				}
				return nil
			})
		}
	}
	_ = group.Wait() // the functions return nil: each failure is its own
	r.Invitations, r.Verified, r.Failed = int(moved.Load()), int(verified.Load()), int(failed.Load())
	r.Swept = int(swept.Load())
	return r
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
