package mailer

import (
	"context"
	"errors"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// referenceLasts is how long a referee can answer.
const referenceLasts = 60 * 24 * time.Hour

// composeReferenceAsked asks the focal point of a referee, in that person's
// language.
func (m *Mailer) composeReferenceAsked(ctx context.Context, job store.Job) (*mail.Message, error) {
	applicant, referee, err := m.refereed(ctx, job)
	if err != nil {
		return nil, err
	}
	voucher, asked := applicant.Word(directory.EvidenceReferences, job.Data["referee"])
	to, reachable := referee.FocalPoint()
	if !asked || voucher.State != directory.EvidenceAsked || !reachable || to.ConfirmedAt == nil || referee.Status != directory.Listed {
		return nil, notNeeded("referee not asked any more, or not to be reached")
	}
	lang, expires := string(i18n.Match(to.Language)), m.Store.Now().Add(referenceLasts)
	message := m.message(job, mail.KindReferenceAsked, to, mail.ReferenceAsked{
		Organisation: applicant.DisplayName(lang), Referee: referee.DisplayName(lang), ExpiresAt: expires,
		AnswerURL: m.link("reference", to.Language, auth.Claims{
			Purpose: auth.PurposeReference, IDs: []string{applicant.ID, job.Data["referee"], to.ID}, Expires: expires,
		}),
	})
	message.Names = []mail.Named{{Stakeholder: applicant.ID}, {Stakeholder: referee.ID, Contact: to.ID}}
	return message, nil
}

// composeReferenceAnswered tells the applicant what a referee answered.
func (m *Mailer) composeReferenceAnswered(ctx context.Context, job store.Job) (*mail.Message, error) {
	applicant, referee, err := m.refereed(ctx, job)
	if err != nil {
		return nil, err
	}
	to, known := applicant.Contact(job.Data["contact"])
	voucher, _ := applicant.Word(directory.EvidenceReferences, job.Data["referee"])
	if !known || job.Kind != "verification.reference_"+string(voucher.State) {
		return nil, notNeeded("contact gone, or answered otherwise since")
	}
	kind := mail.KindReferenceRefused
	given := voucher.State == directory.EvidenceGiven
	if given {
		kind = mail.KindReferenceGiven
	}
	lang := string(i18n.Match(to.Language))
	message := m.message(job, kind, to, mail.ReferenceAnswered{
		Organisation: applicant.DisplayName(lang), Referee: referee.DisplayName(lang), Given: given, CorrectURL: m.url("/sign-in", to.Language),
	})
	message.Names = []mail.Named{{Stakeholder: referee.ID}}
	return message, nil
}

// refereed returns the applicant that a job is about, and the referee, who may be
// the survivor of a merge with who was named.
func (m *Mailer) refereed(ctx context.Context, job store.Job) (applicant, referee *directory.Stakeholder, err error) {
	applicant, err = m.Store.Stakeholder(ctx, job.Data["stakeholder"])
	if err == nil {
		referee, err = m.Store.Resolve(ctx, job.Data["referee"]) // its contacts may have gone along with a merge
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, notNeeded("stakeholder gone")
	}
	return applicant, referee, err
}
