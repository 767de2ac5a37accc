package table

import (
	"context"
	"sync/atomic"
)

// Requests counts calls by method.
type Requests struct{ Get, GetMany, Query, Transact, Changes, Walk int64 }

// Total sums the calls.
func (r Requests) Total() int64 {
	return r.Get + r.GetMany + r.Query + r.Transact + r.Changes + r.Walk
}

// Counted is a table that counts the requests made of it, for benchmarks and
// for tests that bound what a use case may cost.
type Counted struct {
	Table
	get, getMany, query, transact, changes, walk atomic.Int64
}

// Count wraps t.
func Count(t Table) *Counted { return &Counted{Table: t} }

// Snapshot returns the counts since the start or the last Reset.
func (c *Counted) Snapshot() Requests {
	return Requests{
		Get: c.get.Load(), GetMany: c.getMany.Load(), Query: c.query.Load(),
		Transact: c.transact.Load(), Changes: c.changes.Load(), Walk: c.walk.Load(),
	}
}

// Reset starts counting anew.
func (c *Counted) Reset() {
	for _, n := range []*atomic.Int64{&c.get, &c.getMany, &c.query, &c.transact, &c.changes, &c.walk} {
		n.Store(0)
	}
}

// Get counts and passes on.
func (c *Counted) Get(ctx context.Context, key Key) (Item, error) {
	c.get.Add(1)
	return c.Table.Get(ctx, key)
}

// GetMany counts and passes on.
func (c *Counted) GetMany(ctx context.Context, keys []Key) ([]Item, error) {
	c.getMany.Add(1)
	return c.Table.GetMany(ctx, keys)
}

// Query counts and passes on.
func (c *Counted) Query(ctx context.Context, q Query) (Page, error) {
	c.query.Add(1)
	return c.Table.Query(ctx, q)
}

// Transact counts and passes on.
func (c *Counted) Transact(ctx context.Context, ops []Op) error {
	c.transact.Add(1)
	return c.Table.Transact(ctx, ops)
}

// Changes counts and passes on.
func (c *Counted) Changes(ctx context.Context, cursor string, limit int) ([]Change, string, error) {
	c.changes.Add(1)
	return c.Table.Changes(ctx, cursor, limit)
}

// Walk counts and passes on.
func (c *Counted) Walk(ctx context.Context, fn func(Item) error) error {
	c.walk.Add(1)
	return c.Table.Walk(ctx, fn)
}
