package store

import (
	"context"

	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// amendmentClaims is the item by which moderators find who waits for the decision
// on an amendment.
func amendmentClaims(s *directory.Stakeholder) []claim {
	if !s.Amendable() {
		return nil
	}
	return []claim{{item: table.Item{
		Key: amendmentKey(s.Amendment.At, s.ID), Type: typeAmendment, Version: 1, Attributes: encode(map[string]string{"stakeholder": s.ID}),
	}}}
}

// AmendmentsAsked returns one page of the stakeholders whose amendments wait for a
// moderator, who waited longest first.
func (s *Store) AmendmentsAsked(ctx context.Context, cursor string, limit int) ([]*directory.Stakeholder, string, error) {
	p, err := s.Table.Query(ctx, table.Query{PK: amendmentsPartition, Limit: limit, Cursor: cursor})
	if err != nil {
		return nil, "", translate(err)
	}
	list, err := s.claimants(ctx, p.Items)
	return list, p.Cursor, err
}
