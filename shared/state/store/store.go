// Package store keeps the nouns of the domain in the one table. An update is
// read, changed by a closure, and written in one transaction with its outbox and
// audit items; the domain never sees the table and an edge never sees a
// transaction.
package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

// Store reads and writes nouns. Now and NewID are its clock and its source of
// ids: sortable, opaque, unique.
type Store struct {
	Table table.Table
	Now   func() time.Time
	NewID func() string
}

// Faults of the store.
var (
	ErrNotFound   = fault.New(fault.NotFound, "not_found")
	ErrBusy       = fault.New(fault.Conflict, "busy")
	ErrCursor     = fault.New(fault.Malformed, "cursor.invalid")
	ErrOverloaded = fault.New(fault.Unavailable, "unavailable")
	ErrHeld       = fault.New(fault.Conflict, "stakeholder.already_listed")
	ErrAnswered   = fault.New(fault.Conflict, "idempotency.answered") // another request with this key was answered meanwhile; see Answer
)

// attempts is how often an update that lost against another is tried.
const attempts = 12

// Actor is who does something, for the audit trail.
type Actor struct {
	ID   string // opaque: the subject of a token, the id of a contact, or the name of a function
	Role string
	For  string // on whose behalf: the id of a stakeholder or the name of a unit, empty when it is its own
}

type actorKey struct{}

// As returns a context in which writes are done by the actor.
func As(ctx context.Context, a Actor) context.Context { return context.WithValue(ctx, actorKey{}, a) }

// systemRole is the role of what the system does by itself.
const systemRole = "system"

func actorOf(ctx context.Context) Actor {
	if a, ok := ctx.Value(actorKey{}).(Actor); ok {
		return a
	}
	return Actor{ID: systemRole, Role: systemRole}
}

// noun says how one aggregate is kept.
type noun[T any] struct {
	name    string // in audit keys: the type of its item
	item    func(*T) table.Item
	id      func(*T) string
	version func(*T) *int64
	journal func(*T) *journal.Log
	claims  func(*T) []claim // nil when it makes none
}

// claim is an item that stands beside an aggregate for as long as the aggregate
// is what it is: a marker that several may have, or a guard that one may hold.
type claim struct {
	item      table.Item
	exclusive bool
}

// put returns the operation that makes the claim.
func (c claim) put() table.Op {
	if c.exclusive {
		return table.Op{Verb: table.Put, Item: c.item, If: table.IfAbsent()}
	}
	return table.Op{Verb: table.Put, Item: c.item}
}

func (n noun[T]) decode(it table.Item) (*T, error) {
	e := new(T)
	if err := json.Unmarshal(it.Attributes, e); err != nil {
		return nil, fmt.Errorf("decode %s: %w", it.Type, err)
	}
	*n.version(e) = it.Version
	return e, nil
}

func (n noun[T]) encode(e *T) (table.Item, error) {
	it := n.item(e)
	attributes, err := json.Marshal(e)
	if err != nil {
		return it, fmt.Errorf("encode %s: %w", it.Type, err)
	}
	it.Attributes, it.Version = attributes, *n.version(e)
	return it, nil
}

func (n noun[T]) claimsOf(e *T) []claim {
	if n.claims == nil {
		return nil
	}
	return n.claims(e)
}

func get[T any](ctx context.Context, s *Store, n noun[T], key table.Key) (*T, error) {
	it, err := s.Table.Get(ctx, key)
	if err != nil {
		return nil, translate(err)
	}
	return n.decode(it)
}

// create writes a new aggregate, which fails with ErrBusy when its key is taken.
func create[T any](ctx context.Context, s *Store, n noun[T], e *T) error {
	*n.version(e) = 1
	entries := n.journal(e).Take()
	it, trace, err := seal(ctx, s, n, nil, e, entries)
	if err != nil {
		return err
	}
	w := s.write(ctx, table.Op{Verb: table.Put, Item: it, If: table.IfAbsent()}, trace, entries)
	w.claim(nil, n.claimsOf(e))
	return w.insist(ctx)
}

// update reads the aggregate, lets change alter it, and writes it with what it
// recorded. A change that records nothing writes nothing. When another writer
// was faster it begins again, a bounded number of times.
func update[T any](ctx context.Context, s *Store, n noun[T], key table.Key, change func(*T) error) (*T, error) {
	for range attempts {
		read, err := s.Table.Get(ctx, key)
		if err != nil {
			return nil, translate(err)
		}
		e, err := n.decode(read)
		if err != nil {
			return nil, err
		}
		before := n.claimsOf(e)
		if err := change(e); err != nil {
			return nil, err
		}
		entries := n.journal(e).Take()
		if len(entries) == 0 {
			return e, nil
		}
		if err := replace(ctx, s, n, &read, e, before, entries); !errors.Is(err, ErrBusy) {
			return e, err
		}
	}
	return nil, ErrBusy
}

// replace writes e where read was.
func replace[T any](ctx context.Context, s *Store, n noun[T], read *table.Item, e *T, before []claim, entries []journal.Entry) error {
	*n.version(e) = read.Version + 1
	it, trace, err := seal(ctx, s, n, read, e, entries)
	if err != nil {
		return err
	}
	w := s.write(ctx, table.Op{Verb: table.Put, Item: it, If: table.IfVersion(read.Version)}, trace, entries)
	w.claim(before, n.claimsOf(e))
	return w.commit(ctx)
}

// translate turns the table's errors into faults that an edge can answer.
func translate(err error) error {
	switch {
	case errors.Is(err, table.ErrAbsent), errors.Is(err, table.ErrBadKey): // nothing can be kept under such a name
		return ErrNotFound
	case errors.Is(err, table.ErrConflict):
		return ErrBusy
	case errors.Is(err, table.ErrThrottled):
		return ErrOverloaded.Because(err)
	case errors.Is(err, table.ErrBadQuery):
		return ErrCursor.Because(err)
	}
	return err
}

// raced reports whether a transaction failed because of another writer, so that
// reading again and trying again may succeed.
func raced(err error) bool {
	_, failed := errors.AsType[*table.ConditionFailed](err)
	return failed || errors.Is(err, table.ErrConflict)
}

// page reads one page of aggregates.
func page[T any](ctx context.Context, s *Store, n noun[T], q table.Query) ([]*T, string, error) {
	p, err := s.Table.Query(ctx, q)
	if err != nil {
		return nil, "", translate(err)
	}
	list := make([]*T, 0, len(p.Items))
	for _, it := range p.Items {
		e, err := n.decode(it)
		if err != nil {
			return nil, "", err
		}
		list = append(list, e)
	}
	return list, p.Cursor, nil
}

// each reads the aggregates of the keys that there are, in the order of the keys.
func each[T any](ctx context.Context, s *Store, n noun[T], keys []table.Key) ([]*T, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	items, err := s.Table.GetMany(ctx, keys)
	if err != nil {
		return nil, translate(err)
	}
	found := map[table.Key]table.Item{}
	for _, it := range items {
		found[it.Key] = it
	}
	list := make([]*T, 0, len(items))
	for _, k := range keys {
		it, there := found[k]
		if !there {
			continue
		}
		e, err := n.decode(it)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("store: a record of the store's own does not encode: %v", err)) // a fault of the program, not of input
	}
	return b
}
