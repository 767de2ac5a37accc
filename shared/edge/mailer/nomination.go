package mailer

import (
	"context"
	"fmt"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/state/store"
)

// composeVacated tells who nominated somebody who does not come that another can be
// named, as long as that is so.
func (m *Mailer) composeVacated(ctx context.Context, job store.Job) (*mail.Message, error) {
	c, err := m.call(ctx, job)
	if err != nil {
		return nil, err
	}
	if c.event.TakesAnswers() != nil || c.invitation.Nominates(m.Store.Now()) != nil {
		return nil, notNeeded("nobody can be named any more")
	}
	standing, err := m.Store.Nominees(ctx, c.invitation)
	if err != nil {
		return nil, fmt.Errorf("nominees: %w", err)
	}
	letter := mail.Vacated{Invitation: c.letter, Until: i18n.DateTime(i18n.Match(c.to.Language), c.invitation.MindUntil(), c.event.Zone)}
	var names []mail.Named
	for _, i := range standing {
		if who, ok := i.Recipient(c.stakeholder); ok {
			letter.Standing = append(letter.Standing, who.Name)
			names = append(names, mail.Named{Stakeholder: i.Stakeholder, Contact: i.Contact})
		}
	}
	message := m.message(job, mail.KindVacated, c.to, letter)
	message.Names = names
	message.Tags["event"], message.Tags["contact"] = c.event.ID, c.to.ID
	return message, m.speakFor(ctx, message, c.event.Unit)
}
