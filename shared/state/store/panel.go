package store

import (
	"context"
	"errors"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
	"convoke/shared/state/table"
)

var panels = noun[convening.Panel]{
	name:    typePanel,
	id:      func(p *convening.Panel) string { return p.EventID },
	version: func(p *convening.Panel) *int64 { return &p.Version },
	journal: func(p *convening.Panel) *journal.Log { return &p.Log },
	item: func(p *convening.Panel) table.Item {
		return table.Item{Key: panelKey(p.EventID), Type: typePanel}
	},
	claims: func(p *convening.Panel) []claim {
		if p.Pool == nil {
			return nil
		}
		return searchUse(p.Pool.Search, typePanel, p.EventID)
	},
}

// Panel returns the panel of an event; one of version 0, with nothing in it, when
// nobody has said anything of it.
func (s *Store) Panel(ctx context.Context, event string) (*convening.Panel, error) {
	p, err := get(ctx, s, panels, panelKey(event))
	if errors.Is(err, ErrNotFound) {
		return convening.NewPanel(event), nil
	}
	return p, err
}

// UpdatePanel changes the panel of an event, which need not have been kept yet.
func (s *Store) UpdatePanel(ctx context.Context, event string, change func(*convening.Panel) error) (*convening.Panel, error) {
	change = s.mentioning(ctx, change)
	for range attempts {
		p, err := update(ctx, s, panels, panelKey(event), change)
		if !errors.Is(err, ErrNotFound) {
			return p, err
		}
		p = convening.NewPanel(event)
		if err := change(p); err != nil {
			return nil, err
		}
		if err := create(ctx, s, panels, p); !errors.Is(err, ErrBusy) {
			return p, err
		}
	}
	return nil, ErrBusy
}

// mentioning is a change of a panel that notes first whom the panel names anew.
func (s *Store) mentioning(ctx context.Context, change func(*convening.Panel) error) func(*convening.Panel) error {
	return func(p *convening.Panel) error {
		before := p.Names()
		if err := change(p); err != nil {
			return err
		}
		return s.mentionAll(ctx, anew(p.Names(), before), mention{typePanel, p.EventID})
	}
}

// PassSeat gives the seat that somebody leaves to the alternate that serves the
// targets best, and returns the seat as it is then. Known are the candidates by
// ID, as for the balance.
func (s *Store) PassSeat(ctx context.Context, event, seat string, gone convening.Person, known map[string]convening.Candidate) (now convening.Seat, err error) {
	_, err = s.UpdatePanel(ctx, event, func(p *convening.Panel) (err error) {
		now, err = p.PassSeat(seat, gone, known, s.Now())
		return err
	})
	return now, err
}
