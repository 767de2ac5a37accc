package planner

import (
	"context"

	"convoke/shared/domain/convening"
)

// announce tells everybody whom an announcement is for, then notes that it is
// done. Until then it begins again from the start, and passes over who was told.
func (p *Planner) announce(ctx context.Context, a *convening.Announcement) (done bool, err error) {
	if err := p.eachInvitation(ctx, a.EventID, func(i *convening.Invitation) { i.Announce(a) }); err != nil {
		return false, err
	}
	_, err = p.Store.UpdateAnnouncement(ctx, a.EventID, a.ID, func(a *convening.Announcement) error {
		done = a.DueAt != nil
		a.Finish(p.Store.Now())
		return nil
	})
	return done && err == nil, err
}

// thank thanks everybody who is noted to have come, in the same way. What was noted
// while it went over them gave the event a new version: then it goes once more.
func (p *Planner) thank(ctx context.Context, due *convening.Event) (done bool, err error) {
	if !due.Thanks(p.Store.Now()) {
		return false, nil
	}
	e, err := p.Store.Event(ctx, due.ID)
	if err != nil || !e.Thanks(p.Store.Now()) {
		return false, err
	}
	if e.Kind == "course" {
		if err := p.certify(ctx, e); err != nil {
			return false, err
		}
	}
	if err := p.eachInvitation(ctx, e.ID, func(i *convening.Invitation) { i.Thank(p.Store.Now()) }); err != nil {
		return false, err
	}
	_, err = p.Store.UpdateEvent(ctx, e.ID, func(now *convening.Event) error {
		if done = now.ThankedAt == nil; now.Version == e.Version {
			now.Thanked(p.Store.Now())
		}
		return nil
	})
	return done && err == nil, err
}
