package mailer

import (
	"context"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// composeAmendment tells who asked for a change of a listed profile what a
// moderator decided. Who asked again since is not told of the one before.
func (m *Mailer) composeAmendment(ctx context.Context, job store.Job) (*mail.Message, error) {
	e, to, err := m.recipient(ctx, job.Data["stakeholder"], job.Data["contact"])
	if err != nil {
		return nil, err
	}
	letter := mail.StandingChanged{
		Kind: mail.KindAmendmentAccepted, Organisation: e.DisplayName(string(i18n.Match(to.Language))), URL: m.url("/sign-in", to.Language),
	}
	returned := e.Amendment != nil && e.Amendment.State == directory.AmendmentReturned
	switch accepted := job.Kind == "verification.change_accepted"; {
	case returned && !accepted:
		letter.Kind, letter.Reasons, letter.Note = mail.KindAmendmentReturned, reasonKeys(e.Amendment.Reasons), e.Amendment.Note
	case !accepted, returned:
		return nil, notNeeded("decided otherwise since")
	}
	return m.message(job, letter.Kind, to, letter), nil
}
