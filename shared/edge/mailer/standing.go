package mailer

import (
	"context"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// composeStanding tells of a suspension, of its end, or of what became of an
// appeal, as long as it is so.
func (m *Mailer) composeStanding(ctx context.Context, job store.Job) (*mail.Message, error) {
	e, to, err := m.recipient(ctx, job.Data["stakeholder"], job.Data["contact"])
	if err != nil {
		return nil, err
	}
	letter := mail.StandingChanged{
		Organisation: e.DisplayName(string(i18n.Match(to.Language))), Reasons: reasonKeys(e.Reasons), Note: e.Note,
		URL: m.url("/sign-in", to.Language),
	}
	switch suspended := e.Status == directory.Suspended; {
	case job.Kind == "verification.appeal_decided" && e.Appeal != nil && e.Appeal.Ended != nil && e.Status == e.Appeal.Outcome:
		letter.Kind = mail.KindAppealUpheld
		if e.Status == directory.Listed {
			letter.Kind = mail.KindAppealGranted
		}
	case job.Kind == "verification.suspended" && suspended:
		letter.Kind = mail.KindSuspended
	case job.Kind == "verification.reinstated" && e.Status == directory.Listed:
		letter.Kind = mail.KindReinstated
	default:
		return nil, notNeeded("decided otherwise since")
	}
	return m.message(job, letter.Kind, to, letter), nil
}
