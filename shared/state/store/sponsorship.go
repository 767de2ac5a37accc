package store

import (
	"context"

	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// sponsorshipClaims are the items by which an organising unit finds whom it was
// named as the sponsor of, for as long as it has not answered.
func sponsorshipClaims(s *directory.Stakeholder) []claim {
	if s.Status == directory.Merged {
		return nil
	}
	var list []claim
	for _, v := range s.Vouchers {
		if v.Kind == directory.EvidenceSponsorship && v.State == directory.EvidenceAsked {
			it := table.Item{Key: sponsorKey(v.From, s.ID), Type: typeSponsorship, Version: 1, Attributes: encode(map[string]string{"stakeholder": s.ID})}
			list = append(list, claim{item: it})
		}
	}
	return list
}

// SponsorshipsAsked returns one page of those that named the unit as their
// sponsor and wait for its answer, oldest first.
func (s *Store) SponsorshipsAsked(ctx context.Context, unit, cursor string, limit int) ([]*directory.Stakeholder, string, error) {
	p, err := s.Table.Query(ctx, table.Query{PK: sponsorKey(unit, "").PK, Limit: limit, Cursor: cursor})
	if err != nil {
		return nil, "", translate(err)
	}
	list, err := s.claimants(ctx, p.Items)
	return list, p.Cursor, err
}

// claimants returns the stakeholders that the items name.
func (s *Store) claimants(ctx context.Context, items []table.Item) (list []*directory.Stakeholder, err error) {
	ids := make([]string, len(items))
	for i, it := range items {
		if ids[i], err = claimant(it); err != nil {
			return nil, err
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return s.Stakeholders(ctx, ids)
}
