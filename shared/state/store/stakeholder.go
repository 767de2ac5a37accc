package store

import (
	"context"
	"slices"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var stakeholders = noun[directory.Stakeholder]{
	name:    typeStakeholder,
	id:      func(s *directory.Stakeholder) string { return s.ID },
	version: func(s *directory.Stakeholder) *int64 { return &s.Version },
	journal: func(s *directory.Stakeholder) *journal.Log { return &s.Log },
	item: func(s *directory.Stakeholder) table.Item {
		return table.Item{
			Key: stakeholderKey(s.ID), G1: statusKey(s.Status, s.SubmittedAt, s.ID), G2: dueKey(stakeholderDue(s), s.ID), Type: typeStakeholder,
		}
	},
	claims: stakeholderClaims,
}

// stakeholderDue is when the planner looks at a stakeholder: at one that was
// merged not before it is parted again.
func stakeholderDue(s *directory.Stakeholder) *time.Time {
	if s.Status == directory.Merged {
		return nil
	}
	return s.DueAt
}

// stakeholderClaims are the items that stand beside a stakeholder. Who registers
// lays claim to a name and to identifiers and is told nothing of others who do:
// the answer and its cost are the same whether or not they are known. Who is
// listed holds them, and no two are listed with the same. What is imported lays
// claim to its name too, by which a later import and a moderator find it, but
// does not hold it: registers know many of one name. Proved addresses lead to the
// contact that signs in with them.
func stakeholderClaims(s *directory.Stakeholder) []claim {
	if s.Status == directory.Erased {
		return nil
	}
	var list []claim
	add := func(k table.Key, kind string, exclusive bool) {
		list = append(list, claim{table.Item{Key: k, Type: kind, Version: 1, Attributes: encode(map[string]string{"stakeholder": s.ID})}, exclusive})
	}
	add(nameClaim(s.NameKey(), s.ID), typeClaim, false)
	if s.Source == registered {
		for _, id := range s.Identifiers {
			add(identifierClaim(id, s.ID), typeClaim, false)
		}
		if s.HoldsName() {
			add(nameHolder(s.NameKey()), typeHolder, true)
		}
	}
	for _, id := range s.Identifiers {
		if s.HoldsIdentifier(id) {
			add(identifierHolder(id), typeHolder, true)
		}
	}
	for _, c := range s.Contacts {
		if c.ConfirmedAt != nil {
			add(addressKey(AddressHash(c.Email), s.ID, c.ID), typeAddress, false)
		}
	}
	return slices.Concat(list, sponsorshipClaims(s), amendmentClaims(s), screeningClaims(s))
}

// registered is the source of a stakeholder that entered by registration.
const registered = "registration"

// Register keeps a new registration, in one transaction.
func (s *Store) Register(ctx context.Context, e *directory.Stakeholder) error {
	return create(ctx, s, stakeholders, e)
}

// Stakeholder returns one stakeholder whatever its status; the caller decides
// who may see it.
func (s *Store) Stakeholder(ctx context.Context, id string) (*directory.Stakeholder, error) {
	return get(ctx, s, stakeholders, stakeholderKey(id))
}

// UpdateStakeholder changes one stakeholder. It fails with ErrHeld when the
// change would list a name or identifier that another listed stakeholder holds.
func (s *Store) UpdateStakeholder(ctx context.Context, id string, change func(*directory.Stakeholder) error) (*directory.Stakeholder, error) {
	return update(ctx, s, stakeholders, stakeholderKey(id), s.remembering(ctx, change))
}

// Registrations returns one page of the stakeholders in a status, oldest first.
func (s *Store) Registrations(ctx context.Context, status directory.Status, cursor string, limit int) ([]*directory.Stakeholder, string, error) {
	return s.registrations(ctx, status, false, cursor, limit)
}

// RegistrationsReversed is Registrations, newest first.
func (s *Store) RegistrationsReversed(ctx context.Context, status directory.Status, cursor string, limit int) ([]*directory.Stakeholder, string, error) {
	return s.registrations(ctx, status, true, cursor, limit)
}

func (s *Store) registrations(ctx context.Context, status directory.Status, reverse bool, cursor string, limit int) ([]*directory.Stakeholder, string, error) {
	return page(ctx, s, stakeholders, table.Query{Index: table.G1, PK: statusKey(status, s.Now(), "").PK, Reverse: reverse, Cursor: cursor, Limit: limit})
}

// Claimants returns the ids of the others that lay claim to the main name or an
// identifier of e, for a moderator to compare.
func (s *Store) Claimants(ctx context.Context, e *directory.Stakeholder) ([]string, error) {
	partitions := []string{nameClaim(e.NameKey(), "").PK}
	for _, id := range e.Identifiers {
		partitions = append(partitions, identifierPartition(id))
	}
	var ids []string
	seen := map[string]bool{e.ID: true}
	for _, pk := range partitions {
		p, err := s.Table.Query(ctx, table.Query{PK: pk, Limit: 50})
		if err != nil {
			return nil, translate(err)
		}
		for _, it := range p.Items {
			id, err := claimant(it)
			if err != nil {
				return nil, err
			}
			if !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// DecodeStakeholder returns the stakeholder of an item, false when the item is
// no stakeholder.
func DecodeStakeholder(it *table.Item) (*directory.Stakeholder, bool, error) {
	if it == nil || it.Type != typeStakeholder {
		return nil, false, nil
	}
	e, err := stakeholders.decode(*it)
	return e, err == nil, err
}

// WalkStakeholders calls fn with every stakeholder. It reads the whole table:
// for export and reindex only.
func (s *Store) WalkStakeholders(ctx context.Context, fn func(*directory.Stakeholder) error) error {
	return s.Table.Walk(ctx, func(it table.Item) error {
		e, ok, err := DecodeStakeholder(&it)
		if err != nil || !ok {
			return err
		}
		return fn(e)
	})
}
