package planner

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"convoke/shared/domain/convening"
	"convoke/shared/state/store"
)

// certify issues the certificates that were earned in a course, and lets those
// that were issued follow what was noted since. The code stands with the
// invitation first, so that an erasure finds what is made under it.
func (p *Planner) certify(ctx context.Context, e *convening.Event) error {
	for cursor, more := "", true; more; more = cursor != "" {
		list, next, err := p.Store.Invitations(ctx, e.ID, cursor, dueAtOnce)
		if err != nil {
			return fmt.Errorf("read invitations: %w", err)
		}
		for _, i := range list {
			if i.Certificate == "" && !i.Earns(e) {
				continue
			}
			if err := p.certifyOne(ctx, e, i); err != nil {
				return fmt.Errorf("certify: %w", err)
			}
		}
		cursor = next
	}
	return nil
}

func (p *Planner) certifyOne(ctx context.Context, e *convening.Event, i *convening.Invitation) error {
	i, err := p.Store.UpdateInvitation(ctx, e.ID, i.Contact, func(i *convening.Invitation) error {
		if i.Earns(e) {
			i.Certify(rand.Text())
		}
		return nil
	})
	if err != nil || i.Certificate == "" {
		return err
	}
	s, err := p.Store.Resolve(ctx, i.Stakeholder)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	to, known := i.Recipient(s)
	if !known {
		return nil
	}
	if err := p.Store.KeepCertificate(ctx, convening.NewCertificate(e, i, to.Name, p.Store.Now())); err != nil {
		return err
	}
	_, err = p.Store.UpdateCertificate(ctx, i.Certificate, func(c *convening.Certificate) error {
		c.Follow(e, i, p.Store.Now())
		return nil
	})
	return err
}
