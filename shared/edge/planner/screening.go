package planner

import (
	"context"
	"errors"

	"convoke/shared/state/store"
)

// screen compares the names of a stakeholder with the sanctions list, for a person
// to look at what is alike, and reports whether that was still to be done. Without a list there is nothing to compare with; the
// import of one compares everybody.
func (p *Planner) screen(ctx context.Context, due *store.ScreeningDue) (bool, error) {
	list, err := p.watch.Current(ctx, p.Store)
	if err != nil {
		return false, err
	}
	e, err := p.Store.Stakeholder(ctx, due.Stakeholder)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	if err == nil && list != nil && e.Screened() {
		if err := p.Store.KeepScreening(ctx, e.ID, list.Edition, list.Find(e)); err != nil {
			return false, err
		}
	}
	return p.Store.SettleScreening(ctx, due)
}
