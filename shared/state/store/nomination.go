package store

import (
	"cmp"
	"context"
	"slices"

	"convoke/shared/domain/convening"
	"convoke/shared/state/table"
)

// Nominees returns the invitations of those whose names stand, in the order in which
// they were put.
func (s *Store) Nominees(ctx context.Context, first *convening.Invitation) ([]*convening.Invitation, error) {
	if len(first.Nominees) == 0 {
		return nil, nil
	}
	keys := make([]table.Key, len(first.Nominees))
	for k, contact := range first.Nominees {
		keys[k] = invitationKey(first.EventID, contact)
	}
	items, err := s.Table.GetMany(ctx, keys)
	if err != nil {
		return nil, translate(err)
	}
	list := make([]*convening.Invitation, len(items))
	for k, it := range items {
		if list[k], err = invitations.decode(it); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(list, func(a, b *convening.Invitation) int {
		return cmp.Compare(slices.Index(first.Nominees, a.Contact), slices.Index(first.Nominees, b.Contact))
	})
	return list, nil
}

// Nominate invites those whose names somebody puts for the places of an
// organisation, all of them in one transaction with the list of who put them. It
// fails with convening.ErrAlreadyInvited when one of them has an invitation. Like
// the change of UpdateInvitation, name may be called more than once.
func (s *Store) Nominate(ctx context.Context, event, contact string, name func(*convening.Invitation) ([]*convening.Invitation, error)) (*convening.Invitation, error) {
	return s.amendInvitation(ctx, amendment{store: s, key: invitationKey(event, contact), name: name})
}

// Swap puts another name in the place of a nominee, whose contact it is given. What
// the nominee held is never free in between.
func (s *Store) Swap(ctx context.Context, event, nominee string, swap func(*convening.Invitation) (*convening.Invitation, error)) (*convening.Invitation, error) {
	return s.amendInvitation(ctx, amendment{store: s, key: invitationKey(event, nominee), name: one(swap)})
}

// vacate takes the name off the list of who put it, or puts the new one there.
func (a *amendment) vacate(first *other) error {
	var came *convening.Invitation
	if len(a.named) > 0 {
		came = a.named[0]
	}
	changed, err := first.i.Vacate(a.i, came)
	if changed {
		a.nominator = first
	}
	return err
}
