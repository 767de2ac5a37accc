package planner

import (
	"context"
	"errors"
	"fmt"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/audience"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
)

// seatInvited gives those who sit in the panel and were invited before in another
// role the seat that is theirs.
func (p *Planner) seatInvited(ctx context.Context, e *convening.Event, people []audience.Person) error {
	for _, who := range people {
		if who.Part != audience.ByPanel || who.LeftOut != "" {
			continue
		}
		if _, err := p.takeSeat(ctx, e.ID, who.Contact.ID, who.PanelSeat, who.Role); err != nil {
			return err
		}
	}
	return nil
}

func (p *Planner) takeSeat(ctx context.Context, event, contact string, seat convening.PanelSeat, role string) (taken bool, err error) {
	_, err = p.Store.UpdateInvitation(ctx, event, contact, func(i *convening.Invitation) error {
		taken = i.TakeSeat(seat, role, p.Store.Now())
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("seat who is invited: %w", err)
	}
	return taken, nil
}

// passSeat gives the seat of who declined, was not reached or did not answer to
// the alternate that serves the targets best and can be asked, and asks. Each is
// asked once, and nobody after the cut-off. It may be interrupted and repeated:
// the panel passes a seat of one holder once, and who has it is asked again until
// the invitation that left it is done with.
func (p *Planner) passSeat(ctx context.Context, i *convening.Invitation) (bool, error) {
	e, err := p.Store.Event(ctx, i.EventID)
	if err != nil {
		return false, fmt.Errorf("event of a seat: %w", err)
	}
	if e.TakesAnswers() == nil && e.AnswerBy.After(p.Store.Now()) {
		if err := p.seatNext(ctx, e, i); err != nil {
			return false, err
		}
	}
	_, err = p.Store.UpdateInvitation(ctx, i.EventID, i.Contact, func(i *convening.Invitation) error {
		i.SeatPassed(p.Store.Now())
		return nil
	})
	return err == nil, err
}

func (p *Planner) seatNext(ctx context.Context, e *convening.Event, i *convening.Invitation) error {
	known, stakeholders, err := p.panelists(ctx, e.ID)
	if err != nil {
		return err
	}
	for gone := (convening.Person{Stakeholder: i.Stakeholder, Contact: i.Contact}); ; {
		seat, err := p.Store.PassSeat(ctx, e.ID, i.Seat, gone, known)
		if errors.Is(err, convening.ErrSeatUnknown) || err == nil && seat.Holder == nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("pass seat: %w", err)
		}
		asked, err := p.ask(ctx, e, seat, stakeholders[seat.Holder.Stakeholder])
		if asked || err != nil {
			return err
		}
		gone = *seat.Holder
	}
}

// panelists reads who is named in a panel: as candidates, and where they come
// from.
func (p *Planner) panelists(ctx context.Context, event string) (map[string]convening.Candidate, map[string]*directory.Stakeholder, error) {
	panel, err := p.Store.Panel(ctx, event)
	if err != nil {
		return nil, nil, err
	}
	ids := panel.SeatNames()
	if len(ids) == 0 {
		return nil, nil, nil
	}
	list, err := p.Store.Stakeholders(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	ledgers, err := p.Store.Ledgers(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	stakeholders, known := map[string]*directory.Stakeholder{}, map[string]convening.Candidate{}
	for _, s := range list {
		stakeholders[s.ID] = s
	}
	for _, who := range panel.Mentioned() {
		if s := stakeholders[who.Stakeholder]; s != nil {
			c, sum := listing.CandidateFrom(s, who), ledgers[s.ID].Engagement()
			c.Invited, c.Spoke = sum.Invited, sum.Accepted
			known[c.ID] = c
		}
	}
	return known, stakeholders, nil
}

// ask invites who holds a seat, and reports whether they are asked: not who
// cannot be written to, and not who was asked before and said no.
func (p *Planner) ask(ctx context.Context, e *convening.Event, seat convening.Seat, s *directory.Stakeholder) (bool, error) {
	to, reachable := reach(s, *seat.Holder)
	if !reachable {
		return false, nil
	}
	if stopped, err := p.Store.Suppressed(ctx, store.AddressHash(to.Email)); stopped || err != nil {
		return false, err
	}
	ledger, err := p.Store.Ledger(ctx, s.ID)
	if err != nil {
		return false, fmt.Errorf("ledger: %w", err)
	}
	i := convening.SeatInvitation(e, convening.Guest{
		Stakeholder: s, Contact: to, Role: seat.Role, Newcomer: ledger.NewcomerTo(e.ID),
		PanelSeat: convening.PanelSeat{Seat: seat.ID, Behind: len(seat.Alternates)},
	}, p.Store.Now())
	if _, err := p.Store.PlanInvitations(ctx, []*convening.Invitation{i}); err != nil {
		return false, fmt.Errorf("ask an alternate: %w", err)
	}
	return p.takeSeat(ctx, e.ID, to.ID, i.PanelSeat, i.Role)
}

// reach returns the contact who is written to: the person, or the focal point.
func reach(s *directory.Stakeholder, who convening.Person) (directory.Contact, bool) {
	if s == nil || s.Status != directory.Listed || s.Withdrawn(directory.ConsentInvitations) {
		return directory.Contact{}, false
	}
	c, ok := s.FocalPoint()
	if who.Contact != "" {
		c, ok = s.Contact(who.Contact)
	}
	return c, ok && c.ConfirmedAt != nil
}
