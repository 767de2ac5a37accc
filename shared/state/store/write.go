package store

import (
	"context"
	"errors"
	"slices"

	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

// write gathers the items of one transaction.
type write struct {
	store     *Store
	ops       []table.Op
	exclusive map[int]bool // ops whose failure means that another holds the guard
	once      int          // the op of the idempotency record, -1 when there is none
}

// write begins the transaction of an aggregate: the aggregate itself, then its
// outbox, audit and idempotency items. Both items come from seal.
func (s *Store) write(ctx context.Context, entity table.Op, trace table.Item, entries []journal.Entry) *write {
	w := &write{store: s, exclusive: map[int]bool{}, once: -1}
	w.add(entity)
	for _, e := range entries {
		w.announce(ctx, e)
	}
	w.add(table.Op{Verb: table.Put, Item: trace, If: table.IfAbsent()})
	w.happenOnce(ctx, trace.Key)
	return w
}

func (w *write) announce(ctx context.Context, e journal.Entry) {
	w.add(table.Op{Verb: table.Put, Item: w.store.outboxItem(ctx, e), If: table.IfAbsent()})
}

// happenOnce adds the idempotency record of the request, if it has one. Its answer
// may show the aggregate of the trail, by which it is found when that is erased;
// a zero key is of none.
func (w *write) happenOnce(ctx context.Context, trail table.Key) {
	if o := OnceOf(ctx); o != nil {
		w.once = len(w.ops)
		it := o.item(w.store.Now())
		if trail.PK != "" {
			it.G1 = table.Key{PK: answeredPartition(trail), SK: hash(it.PK)}
		}
		w.add(table.Op{Verb: table.Put, Item: it, If: table.IfAbsent()})
	}
}

func (s *Store) outboxItem(ctx context.Context, e journal.Entry) table.Item {
	return Outbox{ID: s.NewID(), Entry: e, At: s.Now().UTC(), Actor: actorOf(ctx).ID}.item()
}

func (w *write) add(op table.Op) { w.ops = append(w.ops, op) }

// claim adds what turns the claims before into the claims after.
func (w *write) claim(before, after []claim) {
	has := func(list []claim, k table.Key) bool {
		return slices.ContainsFunc(list, func(c claim) bool { return c.item.Key == k })
	}
	for _, c := range before {
		if !has(after, c.item.Key) {
			w.add(table.Op{Verb: table.Delete, Item: table.Item{Key: c.item.Key}})
		}
	}
	for _, c := range after {
		if has(before, c.item.Key) {
			continue
		}
		if c.exclusive {
			w.exclusive[len(w.ops)] = true
		}
		w.add(c.put())
	}
}

// insist commits a write that depends on nothing that was read. When another
// transaction is under way on one of its items, as that of the same
// Idempotency-Key is, only the next attempt can tell how that one ended.
func (w *write) insist(ctx context.Context) error {
	err := w.commit(ctx)
	for range attempts - 1 {
		if !errors.Is(err, ErrBusy) {
			break
		}
		err = w.commit(ctx)
	}
	return err
}

// commit does the transaction and says in the store's words why it failed.
func (w *write) commit(ctx context.Context) error {
	err := w.store.Table.Transact(ctx, w.ops)
	failed, ok := errors.AsType[*table.ConditionFailed](err)
	if !ok {
		return translate(err)
	}
	for _, i := range failed.Ops {
		if i == w.once {
			return ErrAnswered
		}
	}
	for _, i := range failed.Ops {
		if w.exclusive[i] {
			return ErrHeld
		}
	}
	return ErrBusy
}

// Announce writes one outbox item that belongs to no aggregate, such as the
// request for a sign-in mail.
func (s *Store) Announce(ctx context.Context, e journal.Entry) error {
	w := &write{store: s, once: -1}
	w.announce(ctx, e)
	w.happenOnce(ctx, table.Key{})
	return w.insist(ctx)
}
