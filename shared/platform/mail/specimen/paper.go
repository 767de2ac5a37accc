package specimen

import (
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
)

// papers are the mails that bring a paper of their own.
func papers(lang i18n.Lang) []draft {
	return []draft{{
		kind: mail.KindLetter, letter: mail.ParticipationLetter{Invitation: invitation(lang), VerifyURL: site + "letters/4QJ7"}, attached: standIn("letter.pdf"),
	}}
}
