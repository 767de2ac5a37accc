package planner

import (
	"context"

	"convoke/shared/domain/directory"
)

// carryOn brings a merge, or its undoing, on from where it was left, and reports
// whether anything was left to do.
func (p *Planner) carryOn(ctx context.Context, m *directory.Merge) (bool, error) {
	now, err := p.Store.SettleMerge(ctx, m.ID)
	return err == nil && now.Version != m.Version, err
}
