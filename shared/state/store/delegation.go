package store

import (
	"context"
	"errors"

	"convoke/shared/domain/convening"
	"convoke/shared/state/table"
)

// handing hands an invitation on and returns that of who was named.
type handing func(*convening.Invitation) (*convening.Invitation, error)

// HandOn hands one invitation on to a colleague: both invitations are written in
// one transaction, so that the seat is one at every moment. It fails with
// convening.ErrAlreadyInvited when the colleague has an invitation. Like the
// change of UpdateInvitation, hand may be called more than once.
func (s *Store) HandOn(ctx context.Context, event, contact string, hand func(*convening.Invitation) (*convening.Invitation, error)) (*convening.Invitation, error) {
	return s.amendInvitation(ctx, amendment{store: s, key: invitationKey(event, contact), hand: hand})
}

// holds reports whether a place is taken by the invitation or by the one that
// shares its seat.
func (a *amendment) holds() bool {
	return a.i.HoldsSeat() || a.second != nil && a.second.HoldsSeat() || a.first != nil && a.first.i.HoldsSeat()
}

// passBack gives an invitation that came to nothing back to who handed it on.
func (a *amendment) passBack(ctx context.Context) error {
	if !a.i.GoesBack() {
		return nil
	}
	a.i.GiveBack()
	first, err := a.store.other(ctx, a.i.EventID, a.i.DelegatedBy)
	if err == nil && first != nil && first.i.TakeBack(a.i, a.held, a.store.Now()) {
		a.first = first
	}
	return err
}

// pair adds the invitation that shares the seat to the transaction.
func (a *amendment) pair(ctx context.Context) error {
	if a.first != nil {
		return a.join(ctx, a.first)
	}
	if a.second == nil {
		return nil
	}
	switch there, err := a.store.other(ctx, a.second.EventID, a.second.Contact); {
	case err != nil:
		return err
	case there != nil:
		return convening.ErrAlreadyInvited
	}
	entries := a.second.Take()
	a.second.Version = 1
	it, trace, err := seal(ctx, a.store, invitations, nil, a.second, entries)
	if err != nil {
		return err
	}
	a.w.add(table.Op{Verb: table.Put, Item: it, If: table.IfAbsent()})
	a.w.add(table.Op{Verb: table.Put, Item: trace, If: table.IfAbsent()})
	for _, e := range entries {
		a.w.announce(ctx, e)
	}
	return nil
}

// Colleagues returns the invitations of a stakeholder whose recipients are no
// contacts of it: they were named by one.
func (s *Store) Colleagues(ctx context.Context, stakeholder string) (named []*convening.Invitation, err error) {
	for cursor, more := "", true; more; more = cursor != "" {
		var list []*convening.Invitation
		if list, cursor, err = s.InvitationsOf(ctx, stakeholder, cursor, table.MaxPage); err != nil {
			return nil, err
		}
		for _, i := range list {
			if i.Colleague != nil {
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
		if contact == "" || i.Contact == contact {
			contacts, addresses = append(contacts, i.Contact), append(addresses, AddressHash(i.Colleague.Email))
		}
	}
	return contacts, addresses, err
}
