package store

import (
	"context"
	"encoding/json"
	"errors"

	"convoke/shared/domain/convening"
	"convoke/shared/state/table"
)

// Counts is how many invitations of an event stand where. The projector keeps it
// from the table's changes, so that reading it is one request however many are
// invited; it may lag by a moment.
type Counts struct {
	ByStatus map[convening.InvitationStatus]int `json:"by_status"`
	// Newcomers are those of them who had never accepted an invitation before.
	Newcomers map[convening.InvitationStatus]int `json:"newcomers,omitempty"`
	// Tally is what came of those that went out; Debuts are those of its speakers
	// who had never had the floor before.
	Tally      convening.Tally            `json:"tally"`
	Debuts     int                        `json:"debuts,omitempty"`
	Categories map[string]convening.Tally `json:"categories,omitempty"`
	Regions    map[string]convening.Tally `json:"regions,omitempty"` // M49, each with what is in it
	Applied    string                     `json:"applied"`           // the last change that was counted
}

// Total is the number of invitations.
func (c Counts) Total() int {
	n := 0
	for _, k := range c.ByStatus {
		n += k
	}
	return n
}

// Counts returns an event's counts; zero before the first invitation.
func (s *Store) Counts(ctx context.Context, event string) (Counts, error) {
	c, _, err := s.counts(ctx, event)
	return c, err
}

func (s *Store) counts(ctx context.Context, event string) (Counts, int64, error) {
	c := Counts{ByStatus: map[convening.InvitationStatus]int{}, Newcomers: map[convening.InvitationStatus]int{}}
	it, err := s.Table.Get(ctx, countsKey(event))
	if errors.Is(err, table.ErrAbsent) {
		return c, 0, nil
	}
	if err != nil {
		return c, 0, translate(err)
	}
	return c, it.Version, json.Unmarshal(it.Attributes, &c)
}

// CountsByEvent returns the counts of several events, at most table.MaxPage, in one
// request. Events without an invitation have none.
func (s *Store) CountsByEvent(ctx context.Context, events []string) (map[string]Counts, error) {
	byEvent := make(map[string]Counts, len(events))
	if len(events) == 0 {
		return byEvent, nil
	}
	keys := make([]table.Key, len(events))
	for i, id := range events {
		keys[i] = countsKey(id)
	}
	items, err := s.Table.GetMany(ctx, keys)
	if err != nil {
		return nil, translate(err)
	}
	for _, it := range items {
		var c Counts
		if err := json.Unmarshal(it.Attributes, &c); err != nil {
			return nil, err
		}
		byEvent[it.PK[len(eventKey("").PK):]] = c
	}
	return byEvent, nil
}

// CountChanges counts the changes of one event's invitations, oldest first.
// Changes that were counted before are passed over: they share a partition key,
// so their order is certain.
func (s *Store) CountChanges(ctx context.Context, event string, changes []table.Change) error {
	for range attempts {
		c, version, err := s.counts(ctx, event)
		if err != nil {
			return err
		}
		if err := c.apply(changes); err != nil {
			return err
		}
		op := table.Op{Verb: table.Put, If: table.IfAbsent(), Item: table.Item{Key: countsKey(event), Type: typeCounts, Version: version + 1, Attributes: encode(c)}}
		if version > 0 {
			op.If = table.IfVersion(version)
		}
		if err := s.Table.Transact(ctx, []table.Op{op}); !raced(err) {
			return translate(err)
		}
	}
	return ErrBusy
}

func (c *Counts) apply(changes []table.Change) error {
	for _, ch := range changes {
		if !after(ch.Seq, c.Applied) {
			continue
		}
		if err := c.count(ch.Old, -1); err != nil {
			return err
		}
		if err := c.count(ch.New, +1); err != nil {
			return err
		}
		c.Applied = ch.Seq
	}
	return nil
}

func (c *Counts) count(it *table.Item, by int) error {
	if it == nil {
		return nil
	}
	i, err := invitations.decode(*it)
	if err != nil {
		return err
	}
	tell(c.ByStatus, i.Status, by)
	if i.Newcomer {
		tell(c.Newcomers, i.Status, by)
	}
	c.sum(i, by)
	return nil
}

// sum adds what an invitation says, or takes it away again.
func (c *Counts) sum(i *convening.Invitation, by int) {
	one := i.Tally()
	if one == (convening.Tally{}) {
		return
	}
	if i.Debut {
		c.Debuts += by
	}
	c.Tally = summed(c.Tally, one, by)
	if i.Category != "" { // else it was invited before this was noted
		c.Categories = summedAt(c.Categories, i.Category, one, by)
	}
	for _, region := range i.Regions {
		c.Regions = summedAt(c.Regions, region, one, by)
	}
}

func summed(t, one convening.Tally, by int) convening.Tally {
	if by < 0 {
		return t.Less(one)
	}
	return t.Add(one)
}

func summedAt(m map[string]convening.Tally, key string, one convening.Tally, by int) map[string]convening.Tally {
	if m == nil {
		m = map[string]convening.Tally{}
	}
	if m[key] = summed(m[key], one, by); m[key] == (convening.Tally{}) {
		delete(m, key)
	}
	return m
}

func tell(m map[convening.InvitationStatus]int, status convening.InvitationStatus, by int) {
	if m[status] += by; m[status] == 0 {
		delete(m, status)
	}
}

// after compares positions in the change log, which are decimal numbers too
// large for an integer type.
func after(a, b string) bool { return len(a) > len(b) || len(a) == len(b) && a > b }

// InvitationEvent returns the event whose invitation the item is, false when it
// is none.
func InvitationEvent(ch table.Change) (string, bool) {
	it := ch.New
	if it == nil {
		it = ch.Old
	}
	if it == nil || it.Type != typeInvitation {
		return "", false
	}
	return it.PK[len(eventKey("").PK):], true
}
