package mailer

import (
	"context"
	"errors"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// composeSponsorshipAsked tells a unit that an applicant, or who claims an entry,
// names it. What they wrote is read where it is answered.
func (m *Mailer) composeSponsorshipAsked(ctx context.Context, job store.Job) (*mail.Message, error) {
	var e *directory.Stakeholder
	var unit string
	var err error
	if job.Kind == "claim.sponsorship_asked" {
		e, unit, err = m.claimSponsored(ctx, job)
	} else {
		e, unit, err = m.sponsored(ctx, job)
	}
	if err != nil {
		return nil, err
	}
	to, err := m.unit(ctx, unit)
	if err != nil {
		return nil, err
	}
	message := m.message(job, mail.KindSponsorshipAsked, to, mail.SponsorshipAsked{
		Unit: to.Name, Organisation: e.DisplayName(string(i18n.Match(to.Language))), Claim: job.Data["claim"] != "", URL: m.url("/desk/sponsorships", to.Language),
	})
	message.Names = []mail.Named{{Stakeholder: e.ID}}
	return message, nil
}

// sponsored returns the applicant that waits for the word of a unit.
func (m *Mailer) sponsored(ctx context.Context, job store.Job) (*directory.Stakeholder, string, error) {
	e, err := m.Store.Stakeholder(ctx, job.Data["stakeholder"])
	if errors.Is(err, store.ErrNotFound) {
		return nil, "", notNeeded("stakeholder gone")
	}
	if err != nil {
		return nil, "", err
	}
	if v, asked := e.Word(directory.EvidenceSponsorship, job.Data["unit"]); !asked || v.State != directory.EvidenceAsked {
		return nil, "", notNeeded("unit not asked any more")
	}
	return e, job.Data["unit"], nil
}

// claimSponsored returns the entry whose claim waits for the word of a unit.
func (m *Mailer) claimSponsored(ctx context.Context, job store.Job) (*directory.Stakeholder, string, error) {
	c, e, err := m.claimed(ctx, job)
	if err != nil {
		return nil, "", err
	}
	if c.State != directory.ClaimAwaitingReview || c.Word != nil {
		return nil, "", notNeeded("claim answered")
	}
	return e, c.Sponsor, nil
}
