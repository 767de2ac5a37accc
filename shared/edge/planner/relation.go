package planner

import (
	"context"

	"convoke/shared/domain/directory"
)

// relate begins or ends a relation whose day has come, and reports whether there
// was anything to do; see advance.
func (p *Planner) relate(ctx context.Context, id string) (moved bool, err error) {
	_, err = p.Store.UpdateRelation(ctx, id, func(r *directory.Relation) error {
		due := r.DueAt
		r.Advance(p.Store.Now())
		moved = r.DueAt != due
		return nil
	})
	return moved && err == nil, err
}
