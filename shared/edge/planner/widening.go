package planner

import (
	"context"
	"fmt"

	"convoke/shared/domain/convening"
)

// offerPlaces offers the places that an event got to who waits, in order: when it
// has more of them, or an organisation may have more. It may be interrupted and
// repeated; who has an offer does not wait any more.
func (p *Planner) offerPlaces(ctx context.Context, e *convening.Event) (done bool, err error) {
	for cursor, more := "", true; more; more = cursor != "" {
		var line []string
		if line, cursor, err = p.Store.WaitingLine(ctx, e.ID, cursor, dueAtOnce); err != nil {
			return false, fmt.Errorf("read the waiting list: %w", err)
		}
		for _, contact := range line { // one after the other: the order is theirs
			_, err := p.Store.UpdateInvitation(ctx, e.ID, contact, func(i *convening.Invitation) error {
				i.OfferIfFree(p.Store.Now())
				return nil
			})
			if err != nil {
				return false, fmt.Errorf("offer a place: %w", err)
			}
		}
	}
	_, err = p.Store.UpdateEvent(ctx, e.ID, func(now *convening.Event) error {
		done = now.Widened
		now.PlacesOffered(e.Version, p.Store.Now())
		return nil
	})
	return done && err == nil, err
}
