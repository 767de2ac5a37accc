package store

import (
	"context"
	"errors"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// retainedAtOnce is how many registrations of one rule are looked at in one go.
const retainedAtOnce = 50

// Retain begins the erasure of registrations that outlived their rule, and
// returns how many. What it does not come to, the next call does.
func (s *Store) Retain(ctx context.Context) (int, error) {
	begun := 0
	for _, rule := range directory.Retentions() {
		if rule.Status == "" {
			continue
		}
		n, err := s.retain(ctx, rule)
		begun += n
		if err != nil {
			return begun, err
		}
	}
	return begun, nil
}

// retain reads the oldest of one status: what was submitted later cannot have
// been left alone for longer than the rule says.
func (s *Store) retain(ctx context.Context, rule directory.Retention) (begun int, err error) {
	now := s.Now()
	for cursor, more := "", true; more; more = cursor != "" {
		var list []*directory.Stakeholder
		list, cursor, err = page(ctx, s, stakeholders, table.Query{
			Index: table.G1, PK: statusKey(rule.Status, now, "").PK, SKTo: instant(now.Add(time.Millisecond - rule.Keep)), Cursor: cursor, Limit: retainedAtOnce,
		})
		if err != nil {
			return begun, err
		}
		for _, e := range list {
			if !rule.Outlived(e, now) {
				continue
			}
			// One erasure a registration, however often this looks at it.
			err := create(ctx, s, erasures, directory.NewErasure("retention-"+e.ID, e.ID, "", now))
			if err == nil {
				begun++
			} else if !errors.Is(err, ErrBusy) {
				return begun, err
			}
		}
	}
	return begun, nil
}
