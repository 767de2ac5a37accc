package mailer

import (
	"context"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// composeRequest asks a contact to confirm a step, with a link that is good for as
// long as the request is.
func (m *Mailer) composeRequest(ctx context.Context, job store.Job) (*mail.Message, error) {
	e, to, err := m.recipient(ctx, job.Data["stakeholder"], job.Data["contact"])
	if err != nil {
		return nil, err
	}
	asked, err := e.Asked(job.Data["request"], m.Store.Now())
	if err != nil {
		return nil, notNeeded("not asked for any more")
	}
	expires := asked.At.Add(directory.RequestLasts)
	return m.message(job, mail.KindRequest, to, mail.Request{
		Organisation: e.DisplayName(string(i18n.Match(to.Language))), What: string(asked.Kind), ExpiresAt: expires,
		URL: m.link("protect", to.Language, auth.Claims{Purpose: auth.PurposeRequest, IDs: []string{e.ID, asked.ID}, Expires: expires}),
	}), nil
}
