package planner

import (
	"context"
	"errors"
	"fmt"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
	"convoke/shared/state/search/listing"
)

// alert looks who is new in a saved search since it was looked at last, lets the
// unit be told, and turns to the next day. It asks as an organiser: whom they may
// not find, it does not. It reports whether there was anything to do; see advance.
func (p *Planner) alert(ctx context.Context, id string) (bool, error) {
	return p.Store.AdvanceAlert(ctx, id, func(a *convening.Alert) (*journal.Entry, error) {
		now := p.Store.Now()
		until := a.Until(now)
		sought, err := p.Store.ResolveAudience(ctx, convening.Audience{Search: id})
		if errors.Is(err, convening.ErrSearchGone) {
			return a.Looked(until, now, nil, 0), nil // the alert goes with it in a moment
		}
		if err != nil {
			return nil, err
		}
		if !until.After(a.Since) {
			return a.Looked(a.Since, now, nil, 0), nil
		}
		found, err := p.Index.Search(ctx, listing.ListedSince(listing.Audience(sought, convening.MaxAlerted, ""), a.Since, until))
		if err != nil {
			return nil, fmt.Errorf("look who is new: %w", err)
		}
		ids := make([]string, len(found.Hits))
		for i, h := range found.Hits {
			ids[i] = h.ID
		}
		return a.Looked(until, now, ids, found.Total), nil
	})
}
