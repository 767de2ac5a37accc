package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"convoke/shared/state/table"
)

// QueueMessage is one message of a local queue. The local process keeps its
// queues in the table, so that what was accepted outlives it; in the cloud they
// are SQS.
type QueueMessage struct {
	ID       string          `json:"id"`
	Body     json.RawMessage `json:"body"`
	Attempts int             `json:"attempts"`
	Due      time.Time       `json:"due"`              // not to be received before
	Reason   string          `json:"reason,omitempty"` // why the last attempt failed
	key      table.Key
}

// DeadLetters is the queue that holds what a queue gave up on.
func DeadLetters(queue string) string { return queue + "-dead" }

// Enqueue adds messages to a queue, all or none of each hundred. A message whose
// id and due time are already there is replaced by itself.
func (s *Store) Enqueue(ctx context.Context, queue string, messages []QueueMessage) error {
	for len(messages) > 0 {
		n := min(len(messages), table.MaxOps)
		ops := make([]table.Op, n)
		for i, m := range messages[:n] {
			ops[i] = table.Op{Verb: table.Put, Item: queueItem(queue, m)}
		}
		if err := s.Table.Transact(ctx, ops); err != nil {
			return translate(err)
		}
		messages = messages[n:]
	}
	return nil
}

func queueItem(queue string, m QueueMessage) table.Item {
	return table.Item{Key: queueKey(queue, m.Due, m.ID), Type: typeQueue, Version: 1, Attributes: encode(m)}
}

// Receive returns up to limit messages that are due, oldest first. They stay in
// the queue until they are settled; one reader serves a queue.
func (s *Store) Receive(ctx context.Context, queue string, limit int) ([]QueueMessage, error) {
	p, err := s.Table.Query(ctx, table.Query{PK: queuePartition(queue), SKTo: instant(s.Now().Add(time.Millisecond)), Limit: limit})
	if err != nil {
		return nil, translate(err)
	}
	list := make([]QueueMessage, len(p.Items))
	for i, it := range p.Items {
		if err := json.Unmarshal(it.Attributes, &list[i]); err != nil {
			return nil, err
		}
		list[i].key = it.Key
	}
	return list, nil
}

// Settle removes messages that were dealt with.
func (s *Store) Settle(ctx context.Context, done []QueueMessage) error {
	for len(done) > 0 {
		n := min(len(done), table.MaxOps)
		ops := make([]table.Op, n)
		for i, m := range done[:n] {
			ops[i] = table.Op{Verb: table.Delete, Item: table.Item{Key: m.key}}
		}
		if err := s.Table.Transact(ctx, ops); err != nil {
			return translate(err)
		}
		done = done[n:]
	}
	return nil
}

// Move puts a received message elsewhere in one step: back for a later attempt,
// to the dead letters, or from them to where it came from.
func (s *Store) Move(ctx context.Context, m QueueMessage, to string) error {
	put := queueItem(to, m)
	ops := []table.Op{{Verb: table.Put, Item: put}}
	if put.Key != m.key {
		ops = append(ops, table.Op{Verb: table.Delete, Item: table.Item{Key: m.key}, If: table.IfExists()})
	}
	err := s.Table.Transact(ctx, ops)
	if _, gone := errors.AsType[*table.ConditionFailed](err); gone {
		return nil // another process moved or settled it
	}
	return translate(err)
}
