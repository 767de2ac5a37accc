package store

import (
	"context"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/state/table"
)

// EventsToCome returns one page of a unit's events that start at from or later, the
// soonest first.
func (s *Store) EventsToCome(ctx context.Context, unit string, from time.Time, cursor string, limit int) ([]*convening.Event, string, error) {
	return page(ctx, s, events, table.Query{Index: table.G1, PK: "UNIT#" + unit, SKFrom: instant(from), Cursor: cursor, Limit: limit})
}

// EventsBefore returns one page of a unit's events that started before a time, the
// latest first.
func (s *Store) EventsBefore(ctx context.Context, unit string, before time.Time, cursor string, limit int) ([]*convening.Event, string, error) {
	return page(ctx, s, events, table.Query{Index: table.G1, PK: "UNIT#" + unit, SKTo: instant(before), Cursor: cursor, Limit: limit, Reverse: true})
}

// InvitationsAfter returns at most limit of an event's invitations, from the first
// whose contact comes after the one named; "" is before all of them. Fewer are not
// the last.
func (s *Store) InvitationsAfter(ctx context.Context, event, contact string, limit int) (list []*convening.Invitation, more bool, err error) {
	q := table.Query{PK: eventKey(event).PK, SKPrefix: invitationPrefix, Limit: limit}
	if contact != "" {
		q.SKPrefix, q.SKFrom, q.SKTo = "", invitationPrefix+contact+" ", pastInvitations
	}
	list, cursor, err := page(ctx, s, invitations, q)
	return list, cursor != "", err
}

// pastInvitations comes after the key of every invitation of an event, as a space
// after a contact's does before that of any other: no id has one.
const pastInvitations = "INVITATION$"

// InvitationsByContact returns those invitations of an event that the contacts have, by
// contact, in one request.
func (s *Store) InvitationsByContact(ctx context.Context, event string, contacts []string) (map[string]*convening.Invitation, error) {
	keys := make([]table.Key, len(contacts))
	for i, c := range contacts {
		keys[i] = invitationKey(event, c)
	}
	list, err := each(ctx, s, invitations, keys)
	if err != nil {
		return nil, err
	}
	found := map[string]*convening.Invitation{}
	for _, i := range list {
		found[i.Contact] = i
	}
	return found, nil
}
