package store

import (
	"context"
	"errors"
	"slices"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var allSeries = noun[convening.Series]{
	name:    typeSeries,
	id:      func(s *convening.Series) string { return s.ID },
	version: func(s *convening.Series) *int64 { return &s.Version },
	journal: func(s *convening.Series) *journal.Log { return &s.Log },
	item: func(s *convening.Series) table.Item {
		return table.Item{Key: seriesKey(s.ID), Type: typeSeries}
	},
	claims: seriesClaims,
}

// seriesClaims are the lists that a series stands in: one of each unit that
// organises it.
func seriesClaims(s *convening.Series) []claim {
	var list []claim
	for _, unit := range append([]string{s.Unit}, s.Units...) {
		list = append(list, claim{item: table.Item{Key: unitSeriesKey(unit, s.ID), Type: typeUnitSeries, Version: 1, Attributes: encode(struct{}{})}})
	}
	return list
}

// CreateSeries keeps a new series.
func (s *Store) CreateSeries(ctx context.Context, series *convening.Series) error {
	if err := s.mentionAll(ctx, series.Names(), mention{typeSeries, series.ID}); err != nil {
		return err
	}
	return create(ctx, s, allSeries, series)
}

// Series returns one series.
func (s *Store) Series(ctx context.Context, id string) (*convening.Series, error) {
	return get(ctx, s, allSeries, seriesKey(id))
}

// UpdateSeries changes one series.
func (s *Store) UpdateSeries(ctx context.Context, id string, change func(*convening.Series) error) (*convening.Series, error) {
	return update(ctx, s, allSeries, seriesKey(id), func(series *convening.Series) error {
		before := series.Names()
		if err := change(series); err != nil {
			return err
		}
		return s.mentionAll(ctx, anew(series.Names(), before), mention{typeSeries, id})
	})
}

// anew returns those of the ids that were not among them before.
func anew(ids, before []string) []string {
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return slices.Contains(before, id) })
}

// SeriesOf returns one page of the series that a unit organises, alone or with
// others, by id.
func (s *Store) SeriesOf(ctx context.Context, unit, cursor string, limit int) ([]*convening.Series, string, error) {
	p, err := s.Table.Query(ctx, table.Query{PK: unitSeriesKey(unit, "").PK, Cursor: cursor, Limit: limit})
	if err != nil {
		return nil, "", translate(err)
	}
	keys := make([]table.Key, len(p.Items))
	for i, it := range p.Items {
		keys[i] = seriesKey(it.SK)
	}
	list, err := each(ctx, s, allSeries, keys)
	return list, p.Cursor, err
}

// eraseFromSeries takes a stakeholder that is erased out of a series that names it.
func (s *Store) eraseFromSeries(ctx context.Context, e *directory.Erasure, stakeholder, id string) error {
	if e.Contact != "" {
		return nil
	}
	_, err := update(ctx, s, allSeries, seriesKey(id), func(series *convening.Series) error {
		series.Forget(stakeholder, s.Now())
		return nil
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return s.redactTrail(ctx, typeSeries, id, names(stakeholder))
}

// eraseFromEvent takes it out of an event that it organised with others.
func (s *Store) eraseFromEvent(ctx context.Context, e *directory.Erasure, stakeholder, id string) error {
	if e.Contact != "" {
		return nil
	}
	_, err := update(ctx, s, events, eventKey(id), func(e *convening.Event) error {
		e.ForgetOrganiser(stakeholder, s.Now())
		return nil
	})
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return s.redactTrail(ctx, typeEvent, id, names(stakeholder))
}
