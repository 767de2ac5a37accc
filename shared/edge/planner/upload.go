package planner

import (
	"context"
	"errors"
	"fmt"

	"convoke/shared/domain/directory"
	"convoke/shared/state/store"
)

// Depot holds uploaded documents.
type Depot interface {
	Delete(ctx context.Context, key string) error
}

// sweep removes a document that nobody completed, or that no evidence rests on
// any more; what is needed is asked about again later. The bytes go before what
// is known of them, so that a failure between leaves nothing behind unknown.
func (p *Planner) sweep(ctx context.Context, u *directory.Upload) (bool, error) {
	s, err := p.Store.Stakeholder(ctx, u.Stakeholder)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	if err == nil && u.Kept && s.Needs(u.ID) {
		_, err := p.Store.UpdateUpload(ctx, u.Stakeholder, u.ID, func(u *directory.Upload) error {
			u.Keep(p.Store.Now())
			return nil
		})
		return err == nil, err
	}
	if err := p.Depot.Delete(ctx, u.Key()); err != nil {
		return false, fmt.Errorf("remove document: %w", err)
	}
	return true, p.Store.DropUpload(ctx, u)
}
