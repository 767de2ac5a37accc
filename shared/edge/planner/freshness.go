package planner

import (
	"context"

	"convoke/shared/domain/directory"
)

// freshen moves the verification of a stakeholder on: its notices, its lapse. It
// reports whether there was anything to do; see advance.
func (p *Planner) freshen(ctx context.Context, id string) (moved bool, err error) {
	_, err = p.Store.UpdateStakeholder(ctx, id, func(s *directory.Stakeholder) error {
		due := s.DueAt
		s.Advance(p.Store.Now())
		moved = s.DueAt != due
		return nil
	})
	return moved && err == nil, err
}
