package mailer

import (
	"context"
	"errors"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// composeClaim writes to a claimant: to have the address confirmed, and when the
// claim is decided, as long as it is so.
func (m *Mailer) composeClaim(ctx context.Context, job store.Job) (*mail.Message, error) {
	c, e, err := m.claimed(ctx, job)
	if err != nil {
		return nil, err
	}
	to := directory.Contact{ID: c.Contact, Name: c.Name, Email: c.Email, Language: c.Language}
	name := e.DisplayName(string(i18n.Match(to.Language)))
	own := m.link("claim", to.Language, auth.Claims{Purpose: auth.PurposeClaim, IDs: []string{c.ID}, Expires: c.AskedAt.Add(directory.ClaimKept)})
	if job.Kind == "claim.asked" {
		if c.State != directory.ClaimAwaitingEmail {
			return nil, notNeeded("address confirmed, or claim ended")
		}
		return m.message(job, mail.KindClaimAsked, to, mail.ClaimAsked{Organisation: name, URL: own, ExpiresAt: c.AskedAt.Add(directory.ClaimProofLasts)}), nil
	}
	if job.Kind != "claim."+string(c.State) {
		return nil, notNeeded("decided otherwise since")
	}
	letter := mail.ClaimDecided{Kind: mail.KindClaimEnded, Organisation: name, Reasons: reasonKeys(c.Reasons), Note: c.Note, URL: own}
	switch c.State {
	case directory.ClaimGranted:
		letter.Kind, letter.URL = mail.KindClaimGranted, m.url("/sign-in", to.Language)
	case directory.ClaimRefused:
		letter.Kind = mail.KindClaimRefused
	}
	return m.message(job, letter.Kind, to, letter), nil
}

// claimed returns the claim and the entry that a job is about.
func (m *Mailer) claimed(ctx context.Context, job store.Job) (*directory.Claim, *directory.Stakeholder, error) {
	c, err := m.Store.Claim(ctx, job.Data["claim"])
	if errors.Is(err, store.ErrNotFound) || err == nil && c.Forgotten {
		return nil, nil, notNeeded("claim gone")
	}
	if err != nil {
		return nil, nil, err
	}
	e, err := m.Store.Resolve(ctx, c.Stakeholder)
	if err == nil && e.Status == directory.Erased {
		return nil, nil, notNeeded("stakeholder gone")
	}
	return c, e, err
}
