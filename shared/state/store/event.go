package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var events = noun[convening.Event]{
	name:    typeEvent,
	id:      func(e *convening.Event) string { return e.ID },
	version: func(e *convening.Event) *int64 { return &e.Version },
	journal: func(e *convening.Event) *journal.Log { return &e.Log },
	item: func(e *convening.Event) table.Item {
		return table.Item{Key: eventKey(e.ID), G1: unitKey(e), G2: dueKey(e.DueAt, e.ID), Type: typeEvent}
	},
	claims: eventClaims,
}

// eventClaims are the lists that an event stands in: of all public events, and of
// its series; and for a draft, the saved search that it rests on.
func eventClaims(e *convening.Event) []claim {
	var list []claim
	add := func(k table.Key, kind string) {
		list = append(list, claim{item: table.Item{Key: k, Type: kind, Version: 1, Attributes: encode(listedEvent{e.ID})}})
	}
	if e.Public() {
		add(publicEventKey(e), typePublicEvent)
	}
	if e.Series != "" {
		add(seriesEventKey(e), typeSeriesEvent)
	}
	if e.Status == convening.Draft {
		list = append(list, searchUse(e.Audience.Search, typeEvent, e.ID)...)
	}
	return list
}

// listedEvent names an event in a list.
type listedEvent struct {
	Event string `json:"event"`
}

// PublicEvents returns one page of public events that start at from or later, the
// soonest first.
func (s *Store) PublicEvents(ctx context.Context, from time.Time, cursor string, limit int) ([]*convening.Event, string, error) {
	return s.listed(ctx, table.Query{PK: publicEvents, SKFrom: instant(from), Cursor: cursor, Limit: limit})
}

// SeriesEvents returns one page of a series' events, the latest start first.
func (s *Store) SeriesEvents(ctx context.Context, series, cursor string, limit int) ([]*convening.Event, string, error) {
	return s.listed(ctx, table.Query{PK: seriesKey(series).PK, SKPrefix: seriesEventPrefix, Cursor: cursor, Limit: limit, Reverse: true})
}

// listed reads a list and then its events, in the list's order.
func (s *Store) listed(ctx context.Context, q table.Query) ([]*convening.Event, string, error) {
	p, err := s.Table.Query(ctx, q)
	if err != nil {
		return nil, "", translate(err)
	}
	ids := make([]string, 0, len(p.Items))
	for _, it := range p.Items {
		var l listedEvent
		if err := json.Unmarshal(it.Attributes, &l); err != nil {
			return nil, "", fmt.Errorf("decode %s: %w", it.Type, err)
		}
		ids = append(ids, l.Event)
	}
	list, err := s.EventsByID(ctx, ids)
	return list, p.Cursor, err
}

// EventsByID returns the events of the ids that there are, in their order.
func (s *Store) EventsByID(ctx context.Context, ids []string) ([]*convening.Event, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]table.Key, len(ids))
	for i, id := range ids {
		keys[i] = eventKey(id)
	}
	return each(ctx, s, events, keys)
}

// CreateEvent keeps a new event.
func (s *Store) CreateEvent(ctx context.Context, e *convening.Event) error {
	if err := s.mentionAll(ctx, convening.OrganisersOf(e.CoOrganisers), mention{typeEvent, e.ID}); err != nil {
		return err
	}
	return create(ctx, s, events, e)
}

// Event returns one event.
func (s *Store) Event(ctx context.Context, id string) (*convening.Event, error) {
	return get(ctx, s, events, eventKey(id))
}

// UpdateEvent changes one event.
func (s *Store) UpdateEvent(ctx context.Context, id string, change func(*convening.Event) error) (*convening.Event, error) {
	return update(ctx, s, events, eventKey(id), func(e *convening.Event) error {
		before := convening.OrganisersOf(e.CoOrganisers)
		if err := change(e); err != nil {
			return err
		}
		return s.mentionAll(ctx, anew(convening.OrganisersOf(e.CoOrganisers), before), mention{typeEvent, id})
	})
}

// Events returns one page of a unit's events, the latest start first.
func (s *Store) Events(ctx context.Context, unit, cursor string, limit int) ([]*convening.Event, string, error) {
	return page(ctx, s, events, table.Query{Index: table.G1, PK: "UNIT#" + unit, Cursor: cursor, Limit: limit, Reverse: true})
}
