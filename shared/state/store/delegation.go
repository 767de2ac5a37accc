package store

import (
	"context"
	"errors"
	"slices"

	"convoke/shared/domain/convening"
	"convoke/shared/state/table"
)

// naming names others by an invitation, and returns theirs.
type naming func(*convening.Invitation) ([]*convening.Invitation, error)

// HandOn hands one invitation on to a colleague: both invitations are written in
// one transaction, so that the seat is one at every moment. It fails with
// convening.ErrAlreadyInvited when the colleague has an invitation. Like the
// change of UpdateInvitation, hand may be called more than once.
func (s *Store) HandOn(ctx context.Context, event, contact string, hand func(*convening.Invitation) (*convening.Invitation, error)) (*convening.Invitation, error) {
	return s.amendInvitation(ctx, amendment{store: s, key: invitationKey(event, contact), name: one(hand)})
}

// one is the naming of one person.
func one(name func(*convening.Invitation) (*convening.Invitation, error)) naming {
	return func(i *convening.Invitation) ([]*convening.Invitation, error) {
		named, err := name(i)
		if err != nil {
			return nil, err
		}
		return []*convening.Invitation{named}, nil
	}
}

// holds reports whether a place is taken by the invitation or by the one that
// shares its seat.
func (a *amendment) holds() bool {
	return a.i.HoldsSeat() || a.first != nil && a.first.i.HoldsSeat() || slices.ContainsFunc(a.named, (*convening.Invitation).HoldsSeat)
}

// passBack gives an invitation that came to nothing back to who named its recipient.
func (a *amendment) passBack(ctx context.Context) error {
	if !a.i.GoesBack() {
		return nil
	}
	a.i.GiveBack()
	first, err := a.store.other(ctx, a.i.EventID, a.i.NamedBy())
	if err != nil || first == nil {
		return err
	}
	if a.i.NominatedBy != "" {
		return a.vacate(first)
	}
	if first.i.TakeBack(a.i, a.held, a.store.Now()) {
		a.first = first
	}
	return nil
}

// pair adds the invitation that shares the seat, and those of who was named, to the
// transaction.
func (a *amendment) pair(ctx context.Context) error {
	if a.first != nil {
		if err := a.join(ctx, a.first); err != nil {
			return err
		}
	}
	for _, named := range a.named {
		if err := a.invite(ctx, named); err != nil {
			return err
		}
	}
	return nil
}

// invite adds the invitation of somebody who was named. Who was named before, and
// from whom it was taken back, is invited again.
func (a *amendment) invite(ctx context.Context, named *convening.Invitation) error {
	there, err := a.store.other(ctx, named.EventID, named.Contact)
	if err != nil {
		return err
	}
	condition, before := table.IfAbsent(), (*table.Item)(nil)
	named.Version = 1
	if there != nil {
		if !named.Again(there.i) {
			return convening.ErrAlreadyInvited
		}
		condition, before, named.Version = table.IfVersion(there.read.Version), &there.read, there.read.Version+1
	}
	entries := named.Take()
	it, trace, err := seal(ctx, a.store, invitations, before, named, entries)
	if err != nil {
		return err
	}
	a.put(ctx, it, trace, condition, entries)
	return nil
}

// Colleagues returns the invitations of a stakeholder whose recipients were named by
// one of its contacts. Of who declined, or was told that it is withdrawn, the name is
// gone.
func (s *Store) Colleagues(ctx context.Context, stakeholder string) (named []*convening.Invitation, err error) {
	for cursor, more := "", true; more; more = cursor != "" {
		var list []*convening.Invitation
		if list, cursor, err = s.InvitationsOf(ctx, stakeholder, cursor, table.MaxPage); err != nil {
			return nil, err
		}
		for _, i := range list {
			if i.NamedBy() != "" {
				named = append(named, i)
			}
		}
	}
	return named, nil
}

// erasedColleagues returns those whom an erasure is about: of a stakeholder all
// of them.
func (s *Store) erasedColleagues(ctx context.Context, stakeholder, contact string) (contacts, addresses []string, err error) {
	named, err := s.Colleagues(ctx, stakeholder)
	if errors.Is(err, ErrNotFound) {
		return nil, nil, nil
	}
	for _, i := range named {
		if contact != "" && i.Contact != contact {
			continue
		}
		contacts = append(contacts, i.Contact)
		if i.Colleague != nil {
			addresses = append(addresses, AddressHash(i.Colleague.Email))
		}
	}
	return contacts, addresses, err
}
