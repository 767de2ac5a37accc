package planner

import (
	"context"
	"errors"
	"fmt"

	"convoke/shared/domain/convening"
	"convoke/shared/state/audience"
	"convoke/shared/state/store"
)

// open opens the event of a standing rule's next year, publishes it when the rule
// says so, and turns the rule to the year after. It may be interrupted anywhere
// and repeated: the event of a rule and year has one id.
func (p *Planner) open(ctx context.Context, r *convening.StandingRule) (opened bool, err error) {
	e, err := r.Draft(p.Store.Now())
	if err != nil {
		return false, fmt.Errorf("draft of rule %s: %w", r.ID, err)
	}
	if err := p.Store.CreateEvent(ctx, e); err != nil && !errors.Is(err, store.ErrBusy) { // which is: it is there
		return false, fmt.Errorf("keep the event of rule %s: %w", r.ID, err)
	}
	if r.Publish {
		if err := p.publish(ctx, e); err != nil {
			return false, err
		}
	}
	_, err = p.Store.UpdateRule(ctx, r.ID, func(now *convening.StandingRule) error {
		opened = now.Year == r.Year
		now.Opened(r.Year, e.ID, p.Store.Now())
		return nil
	})
	return opened && err == nil, err
}

// publish publishes the event of a rule, once. One whose audience is nobody, by
// the same count that an organiser confirms, stays a draft, of which the unit is
// told.
func (p *Planner) publish(ctx context.Context, e *convening.Event) error {
	people, err := (&audience.Resolver{Store: p.Store, Index: p.Index}).Resolve(ctx, e, p.Store.Now())
	if errors.Is(err, convening.ErrSearchGone) {
		return nil
	}
	if err != nil {
		return err
	}
	if audience.Count(people) == 0 {
		return nil
	}
	_, err = p.Store.UpdateEvent(ctx, e.ID, func(e *convening.Event) error {
		if e.Status != convening.Draft {
			return nil
		}
		if err := e.Publish(p.Store.Now()); err != nil {
			return err
		}
		return p.Store.Seek(ctx, e)
	})
	if err != nil {
		return fmt.Errorf("publish %s: %w", e.ID, err)
	}
	return nil
}
