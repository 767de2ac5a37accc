package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"convoke/shared/state/table"
)

// ContactRef names a contact of a stakeholder.
type ContactRef struct{ Stakeholder, Contact string }

// claimant returns the stakeholder that a claim or holder item names.
func claimant(it table.Item) (string, error) {
	var c struct {
		Stakeholder string `json:"stakeholder"`
	}
	if err := json.Unmarshal(it.Attributes, &c); err != nil {
		return "", fmt.Errorf("decode claim: %w", err)
	}
	return c.Stakeholder, nil
}

// ContactsByAddress returns the contacts that proved the address.
func (s *Store) ContactsByAddress(ctx context.Context, addressHash string) ([]ContactRef, error) {
	p, err := s.Table.Query(ctx, table.Query{PK: addressKey(addressHash, "", "").PK, SKPrefix: contactPrefix, Limit: 50})
	if err != nil {
		return nil, translate(err)
	}
	var refs []ContactRef
	for _, it := range p.Items {
		stakeholder, contact, ok := strings.Cut(strings.TrimPrefix(it.SK, contactPrefix), "#")
		if ok {
			refs = append(refs, ContactRef{stakeholder, contact})
		}
	}
	return refs, nil
}
