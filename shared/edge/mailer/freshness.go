package mailer

import (
	"context"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// composeFreshness asks whether an entry is still correct, or tells that its
// verification lapsed.
func (m *Mailer) composeFreshness(ctx context.Context, job store.Job) (*mail.Message, error) {
	e, to, err := m.recipient(ctx, job.Data["stakeholder"], job.Data["contact"])
	if err != nil {
		return nil, err
	}
	lapsed := job.Kind == "verification.lapsed"
	if e.ValidUntil == nil || lapsed != (e.Status == directory.Lapsed) || !lapsed && (e.Status != directory.Listed || e.WarnedAt == nil) {
		return nil, notNeeded("renewed or decided otherwise since")
	}
	letter := mail.VerificationExpiring{
		Organisation: e.DisplayName(string(i18n.Match(to.Language))), ValidUntil: *e.ValidUntil,
		CorrectURL: m.url("/sign-in", to.Language),
		RenewURL: m.link("still-correct", to.Language, auth.Claims{
			Purpose: auth.PurposeRenew, IDs: []string{e.ID, to.ID}, Generation: e.Renewals, Expires: e.ValidUntil.Add(directory.RenewalLasts),
		}),
	}
	if lapsed {
		return m.message(job, mail.KindVerificationLapsed, to, mail.VerificationLapsed(letter)), nil
	}
	return m.message(job, mail.KindVerificationExpiring, to, letter), nil
}
