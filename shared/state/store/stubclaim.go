package store

import (
	"context"
	"errors"
	"slices"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

// A claim to an entry that others made is kept as STUBCLAIM: CLAIM items are those
// to names and identifiers.
var stubClaims = noun[directory.Claim]{
	name:    typeStubClaim,
	id:      func(c *directory.Claim) string { return c.ID },
	version: func(c *directory.Claim) *int64 { return &c.Version },
	journal: func(c *directory.Claim) *journal.Log { return &c.Log },
	item: func(c *directory.Claim) table.Item {
		return table.Item{Key: stubClaimKey(c.ID), G1: stubClaimStateKey(c.State, c.AskedAt, c.ID), G2: dueKey(c.DueAt, c.ID), Type: typeStubClaim}
	},
	claims: vouchingClaims,
}

// vouchingClaims is the item by which an organising unit finds a claim that names
// it, for as long as it has not answered.
func vouchingClaims(c *directory.Claim) []claim {
	if c.State != directory.ClaimAwaitingReview || c.Sponsor == "" || c.Word != nil {
		return nil
	}
	it := table.Item{Key: vouchingKey(c.Sponsor, c.ID), Type: typeVouching, Version: 1, Attributes: encode(map[string]string{"claim": c.ID})}
	return []claim{{item: it}}
}

// CreateClaim keeps a new claim, in one transaction with what leads an erasure of
// the stakeholder to it.
func (s *Store) CreateClaim(ctx context.Context, c *directory.Claim) error {
	c.Version = 1
	entries := c.Take()
	it, trace, err := seal(ctx, s, stubClaims, nil, c, entries)
	if err != nil {
		return err
	}
	w := s.write(ctx, table.Op{Verb: table.Put, Item: it, If: table.IfAbsent()}, trace, entries)
	w.add(mentionOp(c.Stakeholder, mention{typeStubClaim, c.ID}, 0))
	return w.insist(ctx)
}

// Claim returns one claim to an entry.
func (s *Store) Claim(ctx context.Context, id string) (*directory.Claim, error) {
	return get(ctx, s, stubClaims, stubClaimKey(id))
}

// ClaimsIn returns one page of the claims in a state, the oldest first.
func (s *Store) ClaimsIn(ctx context.Context, state directory.ClaimState, cursor string, limit int) ([]*directory.Claim, string, error) {
	return page(ctx, s, stubClaims, table.Query{Index: table.G1, PK: stubClaimStateKey(state, s.Now(), "").PK, Cursor: cursor, Limit: limit})
}

// ClaimsSponsored returns one page of the claims that name the unit and wait for
// its word.
func (s *Store) ClaimsSponsored(ctx context.Context, unit, cursor string, limit int) ([]*directory.Claim, string, error) {
	p, err := s.Table.Query(ctx, table.Query{PK: vouchingKey(unit, "").PK, Cursor: cursor, Limit: limit})
	if err != nil || len(p.Items) == 0 {
		return nil, "", translate(err)
	}
	keys := make([]table.Key, len(p.Items))
	for i, it := range p.Items {
		keys[i] = stubClaimKey(it.SK)
	}
	items, err := s.Table.GetMany(ctx, keys)
	if err != nil {
		return nil, "", translate(err)
	}
	list := make([]*directory.Claim, len(items))
	for i, it := range items {
		if list[i], err = stubClaims.decode(it); err != nil {
			return nil, "", err
		}
	}
	return list, p.Cursor, nil
}

// ClaimsOf returns one page of the claims to a stakeholder's entry, the oldest
// first.
func (s *Store) ClaimsOf(ctx context.Context, stakeholder, cursor string, limit int) ([]*directory.Claim, string, error) {
	return page(ctx, s, stubClaims, table.Query{PK: stakeholderKey(stakeholder).PK, SKPrefix: stubClaimPrefix, Cursor: cursor, Limit: limit})
}

// Rivals returns the other claims to the entry whose claimants proved their
// address and that are not decided.
func (s *Store) Rivals(ctx context.Context, c *directory.Claim) (rivals []*directory.Claim, err error) {
	for cursor, more := "", true; more; more = cursor != "" {
		var list []*directory.Claim
		if list, cursor, err = s.ClaimsOf(ctx, c.Stakeholder, cursor, table.MaxPage); err != nil {
			return nil, err
		}
		rivals = append(rivals, slices.DeleteFunc(list, func(o *directory.Claim) bool {
			return o.ID == c.ID || o.State != directory.ClaimAwaitingReview
		})...)
	}
	return rivals, nil
}

// UpdateClaim changes a claim, and in the same transaction the stakeholder when
// the change grants it.
func (s *Store) UpdateClaim(ctx context.Context, id string, change func(*directory.Claim, *directory.Stakeholder) error) (*directory.Claim, *directory.Stakeholder, error) {
	for range attempts {
		c, e, err := s.updateClaim(ctx, id, change)
		if !errors.Is(err, ErrBusy) {
			return c, e, err
		}
	}
	return nil, nil, ErrBusy
}

func (s *Store) updateClaim(ctx context.Context, id string, change func(*directory.Claim, *directory.Stakeholder) error) (*directory.Claim, *directory.Stakeholder, error) {
	read, err := s.Table.Get(ctx, stubClaimKey(id))
	if err != nil {
		return nil, nil, translate(err)
	}
	c, err := stubClaims.decode(read)
	if err != nil {
		return nil, nil, err
	}
	entry, err := s.Table.Get(ctx, stakeholderKey(c.Stakeholder))
	if err != nil {
		return nil, nil, translate(err)
	}
	e, err := stakeholders.decode(entry)
	if err != nil {
		return nil, nil, err
	}
	was, before, held := c.State, stubClaims.claimsOf(c), stakeholders.claimsOf(e)
	if err := change(c, e); err != nil {
		return nil, nil, err
	}
	entries := c.Take()
	if len(entries) == 0 {
		return c, e, nil
	}
	c.Version = read.Version + 1
	it, trace, err := seal(ctx, s, stubClaims, &read, c, entries)
	if err != nil {
		return nil, nil, err
	}
	w := s.write(ctx, table.Op{Verb: table.Put, Item: it, If: table.IfVersion(read.Version)}, trace, entries)
	w.claim(before, stubClaims.claimsOf(c))
	if c.State == directory.ClaimGranted && was != c.State {
		if err := w.and(ctx, &entry, e); err != nil {
			return nil, nil, err
		}
		w.claim(held, stakeholders.claimsOf(e))
	}
	return c, e, w.commit(ctx)
}

// SettleClaim does what is due of a claim, and reports whether there was anything
// to do: it ends the rivals of one that was granted, and forgets what was kept long
// enough. It may be repeated.
func (s *Store) SettleClaim(ctx context.Context, id string) (moved bool, err error) {
	c, err := s.Claim(ctx, id)
	if err != nil {
		return false, err
	}
	if c.Settles() {
		return s.endRivals(ctx, c)
	}
	if c.State != directory.ClaimAwaitingReview { // what is due of all others is that they are forgotten
		if err := s.redactTrail(ctx, typeStubClaim, id, all); err != nil {
			return false, err
		}
	}
	_, _, err = s.UpdateClaim(ctx, id, func(c *directory.Claim, e *directory.Stakeholder) error {
		due := c.DueAt
		c.Advance(e, s.Now())
		moved = c.DueAt != due
		return nil
	})
	return moved && err == nil, err
}

func (s *Store) endRivals(ctx context.Context, c *directory.Claim) (bool, error) {
	for cursor, more := "", true; more; more = cursor != "" {
		var list []*directory.Claim
		var err error
		if list, cursor, err = s.ClaimsOf(ctx, c.Stakeholder, cursor, table.MaxPage); err != nil {
			return false, err
		}
		for _, o := range list {
			if !o.Open() || o.ID == c.ID {
				continue
			}
			_, _, err := s.UpdateClaim(ctx, o.ID, func(o *directory.Claim, _ *directory.Stakeholder) error { o.End(s.Now()); return nil })
			if err != nil {
				return false, err
			}
		}
	}
	_, _, err := s.UpdateClaim(ctx, c.ID, func(c *directory.Claim, _ *directory.Stakeholder) error {
		if c.Settles() {
			c.Settled(s.Now())
		}
		return nil
	})
	return err == nil, err
}

// WithdrawClaim takes a claim back for its claimant and forgets what it said.
func (s *Store) WithdrawClaim(ctx context.Context, id string) error {
	c, err := s.Claim(ctx, id)
	if err != nil {
		return err
	}
	if c.State == directory.ClaimGranted {
		return directory.ErrClaimNotOpen
	}
	return s.forgetClaim(ctx, id, func(c *directory.Claim) error { return c.Withdraw(s.Now()) })
}

// forgetClaim forgets a claim by do, and the values of its trail before: a claim
// that is forgotten is done with.
func (s *Store) forgetClaim(ctx context.Context, id string, do func(*directory.Claim) error) error {
	if err := s.redactTrail(ctx, typeStubClaim, id, all); err != nil {
		return err
	}
	_, _, err := s.UpdateClaim(ctx, id, func(c *directory.Claim, _ *directory.Stakeholder) error { return do(c) })
	return err
}

// eraseClaim forgets a claim to the entry that is erased, or the one by which the
// contact came that is.
func (s *Store) eraseClaim(ctx context.Context, e *directory.Erasure, id string) error {
	c, err := s.Claim(ctx, id)
	if err != nil || e.Contact != "" && c.Contact != e.Contact {
		return err
	}
	return s.forgetClaim(ctx, id, func(c *directory.Claim) error {
		c.End(s.Now())
		c.Forget()
		return nil
	})
}
