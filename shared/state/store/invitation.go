package store

import (
	"context"
	"slices"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var invitations = noun[convening.Invitation]{
	name:    typeInvitation,
	id:      invitationID,
	version: func(i *convening.Invitation) *int64 { return &i.Version },
	journal: func(i *convening.Invitation) *journal.Log { return &i.Log },
	item: func(i *convening.Invitation) table.Item {
		return table.Item{
			Key: invitationKey(i.EventID, i.Contact), G1: invitedKey(i), G2: dueKey(i.DueAt, invitationID(i)), Type: typeInvitation,
		}
	},
	claims: waitingClaims,
}

// waitingClaims is the place on the waiting list of who is on it.
func waitingClaims(i *convening.Invitation) []claim {
	if i.Status != convening.Waiting || i.WaitingFrom == nil {
		return nil
	}
	return []claim{{item: table.Item{Key: waitingKey(i), Type: typeWaiting, Version: 1, Attributes: encode(map[string]string{"contact": i.Contact})}}}
}

func invitationID(i *convening.Invitation) string { return i.EventID + "." + i.Contact }

// Invitation returns the invitation of a contact to an event.
func (s *Store) Invitation(ctx context.Context, event, contact string) (*convening.Invitation, error) {
	return get(ctx, s, invitations, invitationKey(event, contact))
}

// Invitations returns one page of an event's invitations.
func (s *Store) Invitations(ctx context.Context, event, cursor string, limit int) ([]*convening.Invitation, string, error) {
	return page(ctx, s, invitations, table.Query{PK: eventKey(event).PK, SKPrefix: invitationPrefix, Cursor: cursor, Limit: limit})
}

// invitationsPerWrite is how many new invitations fit in one transaction: each
// is an item and an audit item. Nothing outside acts on a planned invitation, so
// planning makes no outbox items; queueing does.
const invitationsPerWrite = table.MaxOps / 2

// PlanInvitations keeps those of the invitations that are new and returns how
// many were. Recipients that are invited already are passed over, so that a plan
// can be interrupted and repeated without a double.
func (s *Store) PlanInvitations(ctx context.Context, list []*convening.Invitation) (int, error) {
	added := 0
	for batch := range slices.Chunk(list, invitationsPerWrite) {
		n, err := s.planBatch(ctx, batch)
		added += n
		if err != nil {
			return added, err
		}
	}
	return added, nil
}

func (s *Store) planBatch(ctx context.Context, batch []*convening.Invitation) (int, error) {
	for range attempts {
		fresh, err := s.uninvited(ctx, batch)
		if err != nil || len(fresh) == 0 {
			return 0, err
		}
		ops, err := s.planOps(ctx, fresh)
		if err != nil {
			return 0, err
		}
		err = s.Table.Transact(ctx, ops)
		if err == nil {
			return len(fresh), nil
		}
		if !raced(err) {
			return 0, translate(err)
		}
	}
	return 0, ErrBusy
}

// uninvited returns those of the invitations whose recipient has none yet, each
// recipient once.
func (s *Store) uninvited(ctx context.Context, batch []*convening.Invitation) ([]*convening.Invitation, error) {
	keys := make([]table.Key, 0, len(batch))
	taken := map[table.Key]bool{}
	for _, i := range batch {
		if k := invitationKey(i.EventID, i.Contact); !taken[k] {
			taken[k] = true
			keys = append(keys, k)
		}
	}
	there, err := s.Table.GetMany(ctx, keys)
	if err != nil {
		return nil, translate(err)
	}
	clear(taken)
	for _, it := range there {
		taken[it.Key] = true
	}
	var fresh []*convening.Invitation
	for _, i := range batch {
		if k := invitationKey(i.EventID, i.Contact); !taken[k] {
			taken[k] = true
			fresh = append(fresh, i)
		}
	}
	return fresh, nil
}

func (s *Store) planOps(ctx context.Context, fresh []*convening.Invitation) ([]table.Op, error) {
	var ops []table.Op
	planned := []journal.Entry{{Type: "invitation.planned"}}
	for _, i := range fresh {
		i.Take() // it is the same for each, and stands in planned
		i.Version = 1
		it, trace, err := seal(ctx, s, invitations, nil, i, planned)
		if err != nil {
			return nil, err
		}
		ops = append(ops,
			table.Op{Verb: table.Put, Item: it, If: table.IfAbsent()},
			table.Op{Verb: table.Put, Item: trace, If: table.IfAbsent()})
	}
	return ops, nil
}
