package planner

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"convoke/shared/domain/convening"
)

// tend does what is due of an event: it invites the audience, tells who was
// invited what became of it, or notes that it was held. It also reports whether
// there was anything to do; see advance.
func (p *Planner) tend(ctx context.Context, e *convening.Event) (planned int, done bool, err error) {
	switch {
	case e.Status == convening.Published && e.PlannedAt == nil:
		return p.plan(ctx, e)
	case e.Widened:
		done, err = p.offerPlaces(ctx, e)
		return 0, done, err
	case e.Pending:
		done, err = p.tell(ctx, e)
		return 0, done, err
	case e.ForgetsNames(p.Store.Now()):
		done, err = p.forgetNames(ctx, e)
		return 0, done, err
	case e.Status == convening.Held:
		done, err = p.thank(ctx, e)
		return 0, done, err
	default:
		done, err = p.hold(ctx, e)
		return 0, done, err
	}
}

// tell walks over the invitations of an event, lets each follow what became of
// it, then notes that it is done. Until then it begins again from the start, and
// passes over who was told.
func (p *Planner) tell(ctx context.Context, e *convening.Event) (done bool, err error) {
	if err := p.eachInvitation(ctx, e.ID, func(i *convening.Invitation) { i.Hear(e) }); err != nil {
		return false, err
	}
	_, err = p.Store.UpdateEvent(ctx, e.ID, func(now *convening.Event) error {
		done = now.Pending
		now.Told(e.Version, p.Store.Now())
		return nil
	})
	return done && err == nil, err
}

// forgetNames forgets who was named for an event and is no contact, in the same way.
func (p *Planner) forgetNames(ctx context.Context, e *convening.Event) (done bool, err error) {
	if err := p.eachInvitation(ctx, e.ID, (*convening.Invitation).Unname); err != nil {
		return false, err
	}
	_, err = p.Store.UpdateEvent(ctx, e.ID, func(e *convening.Event) error {
		done = e.NamesForgottenAt == nil
		e.NamesForgotten(p.Store.Now())
		return nil
	})
	return done && err == nil, err
}

// eachInvitation changes every invitation of an event, several at a time.
func (p *Planner) eachInvitation(ctx context.Context, event string, change func(*convening.Invitation)) error {
	for cursor, more := "", true; more; more = cursor != "" {
		list, next, err := p.Store.Invitations(ctx, event, cursor, dueAtOnce)
		if err != nil {
			return fmt.Errorf("read invitations: %w", err)
		}
		if err := p.changeEach(ctx, list, change); err != nil {
			return err
		}
		cursor = next
	}
	return nil
}

func (p *Planner) changeEach(ctx context.Context, list []*convening.Invitation, change func(*convening.Invitation)) error {
	var group errgroup.Group
	group.SetLimit(workers)
	for _, i := range list {
		group.Go(func() error {
			_, err := p.Store.UpdateInvitation(ctx, i.EventID, i.Contact, func(i *convening.Invitation) error {
				change(i)
				return nil
			})
			if err != nil {
				return fmt.Errorf("tell an invitation: %w", err)
			}
			return nil
		})
	}
	return group.Wait()
}

func (p *Planner) hold(ctx context.Context, e *convening.Event) (done bool, err error) {
	_, err = p.Store.UpdateEvent(ctx, e.ID, func(e *convening.Event) error {
		before := e.Status
		e.Hold(p.Store.Now())
		done = e.Status != before
		return nil
	})
	return done && err == nil, err
}
