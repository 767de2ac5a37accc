package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var relaySenders = noun[directory.RelaySender]{
	name:    typeRelaySender,
	id:      func(r *directory.RelaySender) string { return r.ID },
	version: func(r *directory.RelaySender) *int64 { return &r.Version },
	journal: func(r *directory.RelaySender) *journal.Log { return &r.Log },
	item: func(r *directory.RelaySender) table.Item {
		return table.Item{Key: relaySenderKey(r.ID), Type: typeRelaySender}
	},
}

// Relay keeps a letter until it is sent and for some time after, and counts it
// for its sender and its recipient. It fails with directory.ErrRelayLimited. What
// it costs, and what it answers, is the same whether or not there is such a
// contact.
func (s *Store) Relay(ctx context.Context, m *directory.Relayed) error {
	for range attempts {
		if err := s.relay(ctx, m); !errors.Is(err, ErrBusy) {
			return err
		}
	}
	return ErrBusy
}

func (s *Store) relay(ctx context.Context, m *directory.Relayed) error {
	sender, read, when, err := s.relaySender(ctx, m.Sender)
	if err != nil {
		return err
	}
	if err := sender.Send(m, s.Now()); err != nil {
		return err
	}
	received, err := s.countReceived(ctx, m)
	if err != nil {
		return err
	}
	entries := sender.Take()
	sender.Version++
	it, trace, err := seal(ctx, s, relaySenders, read, sender, entries)
	if err != nil {
		return err
	}
	w := s.write(ctx, table.Op{Verb: table.Put, Item: it, If: when}, trace, entries)
	w.add(received)
	expires := s.Now().Add(directory.RelayKept).Unix()
	w.add(mentionOp(m.Stakeholder, mention{typeRelayed, m.ID}, expires))
	if m.For != "" && m.For != m.Stakeholder {
		w.add(mentionOp(m.For, mention{typeRelayed, m.ID}, expires))
	}
	w.add(table.Op{Verb: table.Put, If: table.IfAbsent(), Item: table.Item{
		Key: relayedKey(m.ID), Type: typeRelayed, Version: 1, Expires: expires, Attributes: encode(m),
	}})
	return w.commit(ctx)
}

func (s *Store) relaySender(ctx context.Context, id string) (*directory.RelaySender, *table.Item, table.Condition, error) {
	read, err := s.Table.Get(ctx, relaySenderKey(id))
	if errors.Is(err, table.ErrAbsent) {
		return &directory.RelaySender{ID: id}, nil, table.IfAbsent(), nil
	}
	if err != nil {
		return nil, nil, table.Condition{}, translate(err)
	}
	sender, err := relaySenders.decode(read)
	return sender, &read, table.IfVersion(read.Version), err
}

// countReceived returns the operation that counts a letter for its recipient.
func (s *Store) countReceived(ctx context.Context, m *directory.Relayed) (table.Op, error) {
	key := relayCountKey(m.Stakeholder, m.Contact, s.Now())
	op := table.Op{Verb: table.Put, If: table.IfAbsent()}
	var kept struct {
		Received int `json:"received"`
	}
	it, err := s.Table.Get(ctx, key)
	if err != nil && !errors.Is(err, table.ErrAbsent) {
		return op, translate(err)
	}
	if err == nil {
		if err := json.Unmarshal(it.Attributes, &kept); err != nil {
			return op, err
		}
		op.If = table.IfVersion(it.Version)
	}
	if kept.Received >= directory.RelayedToADay {
		return op, directory.ErrRelayLimited
	}
	kept.Received++
	op.Item = table.Item{Key: key, Type: typeRelayCount, Version: it.Version + 1, Expires: s.Now().Add(48 * time.Hour).Unix(), Attributes: encode(kept)}
	return op, nil
}

// Relayed returns a letter while it is kept.
func (s *Store) Relayed(ctx context.Context, id string) (*directory.Relayed, error) {
	it, err := s.Table.Get(ctx, relayedKey(id))
	if err != nil {
		return nil, translate(err)
	}
	return s.decodeRelayed(it)
}

func (s *Store) decodeRelayed(it table.Item) (*directory.Relayed, error) {
	if it.Expires <= s.Now().Unix() { // the table removes expired items late
		return nil, ErrNotFound
	}
	m := new(directory.Relayed)
	return m, json.Unmarshal(it.Attributes, m)
}
