package store

import (
	"context"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var rules = noun[convening.StandingRule]{
	name:    typeRule,
	id:      func(r *convening.StandingRule) string { return r.ID },
	version: func(r *convening.StandingRule) *int64 { return &r.Version },
	journal: func(r *convening.StandingRule) *journal.Log { return &r.Log },
	item: func(r *convening.StandingRule) table.Item {
		return table.Item{Key: ruleKey(r.ID), G1: table.Key{PK: rulesOf(r.Unit), SK: r.ID}, G2: dueKey(r.DueAt, r.ID), Type: typeRule}
	},
	claims: func(r *convening.StandingRule) []claim {
		return searchUse(r.Template.Audience.Search, typeRule, r.ID)
	},
}

// CreateRule keeps a new standing rule.
func (s *Store) CreateRule(ctx context.Context, r *convening.StandingRule) error {
	return create(ctx, s, rules, r)
}

// Rule returns one standing rule.
func (s *Store) Rule(ctx context.Context, id string) (*convening.StandingRule, error) {
	return get(ctx, s, rules, ruleKey(id))
}

// UpdateRule changes one standing rule.
func (s *Store) UpdateRule(ctx context.Context, id string, change func(*convening.StandingRule) error) (*convening.StandingRule, error) {
	return update(ctx, s, rules, ruleKey(id), change)
}

// Rules returns one page of a unit's standing rules.
func (s *Store) Rules(ctx context.Context, unit, cursor string, limit int) ([]*convening.StandingRule, string, error) {
	return page(ctx, s, rules, table.Query{Index: table.G1, PK: rulesOf(unit), Cursor: cursor, Limit: limit})
}
