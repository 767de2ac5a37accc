package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// mention is where else a stakeholder is spoken of: an item that is found by the
// stakeholder's id alone, so that an erasure reaches it. Mentions are never taken
// back; one that leads to where the stakeholder is not spoken of any more does no
// harm.
type mention struct {
	noun string // the type of the item that speaks of it
	id   string // of its trail
}

// mentionOp returns the operation that notes a mention. Expires is when what
// mentions goes by itself, 0 when it does not.
func mentionOp(stakeholder string, m mention, expires int64) table.Op {
	return table.Op{Verb: table.Put, Item: table.Item{
		Key: mentionKey(stakeholder, m), Type: typeMention, Version: 1, Expires: expires, Attributes: encode(struct{}{}),
	}}
}

// mentionAll notes that each of the stakeholders is spoken of. It comes before the
// write that does so: what is written is always found.
func (s *Store) mentionAll(ctx context.Context, stakeholders []string, m mention) error {
	for ids := range slices.Chunk(stakeholders, table.MaxOps) {
		ops := make([]table.Op, len(ids))
		for i, id := range ids {
			ops[i] = mentionOp(id, m, 0)
		}
		if err := s.Table.Transact(ctx, ops); err != nil {
			return translate(err)
		}
	}
	return nil
}

// mentions returns one page of where the stakeholder is spoken of.
func (s *Store) mentions(ctx context.Context, stakeholder, cursor string, limit int) ([]mention, string, error) {
	p, err := s.Table.Query(ctx, table.Query{PK: stakeholderKey(stakeholder).PK, SKPrefix: mentionPrefix, Cursor: cursor, Limit: limit})
	if err != nil {
		return nil, "", translate(err)
	}
	list := make([]mention, len(p.Items))
	for i, it := range p.Items {
		list[i].noun, list[i].id, _ = strings.Cut(strings.TrimPrefix(it.SK, mentionPrefix), "#")
	}
	return list, p.Cursor, nil
}

// allMentions returns where the stakeholder is spoken of.
func (s *Store) allMentions(ctx context.Context, stakeholder string) (all []mention, err error) {
	for cursor, more := "", true; more; more = cursor != "" {
		var list []mention
		if list, cursor, err = s.mentions(ctx, stakeholder, cursor, table.MaxPage); err != nil {
			return nil, err
		}
		all = append(all, list...)
	}
	return all, nil
}

// family returns the stakeholder and all that went into it by merges that were not
// undone, itself first.
func (s *Store) family(ctx context.Context, stakeholder string) ([]string, error) {
	ids := []string{stakeholder}
	for i := 0; i < len(ids); i++ {
		list, err := s.allMentions(ctx, ids[i])
		if err != nil {
			return nil, err
		}
		for _, at := range list {
			if at.noun != typeMerge {
				continue
			}
			m, err := s.Merge(ctx, at.id)
			if errors.Is(err, ErrNotFound) { // it was mentioned, and did not come about
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("merge %s: %w", at.id, err)
			}
			if m.Survivor == ids[i] && m.State != directory.MergeUndone && !slices.Contains(ids, m.Merged) {
				ids = append(ids, m.Merged)
			}
		}
	}
	return ids, nil
}
