package specimen

import (
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
)

// announcing are the mails to all who are invited or came, and the test of one.
func announcing(lang i18n.Lang) []draft {
	d, room := invitation(lang), accepted(lang)
	return []draft{
		{kind: mail.KindAnnouncement, letter: mail.Announcement{Invitation: room, Subject: d.Title, Text: "We meet in Room XXI.\nPlease bring your badge."}},
		{kind: mail.KindThanks, letter: mail.Thanks{Invitation: d}},
		{kind: mail.KindThanks, variant: "spoke", letter: mail.Thanks{Invitation: d, Spoke: true}},
		{kind: mail.KindThanks, variant: "certificate", letter: mail.Thanks{Invitation: d, CertificateURL: site + "certificates/4QJ7", RemovalURL: site + "certificate-removal/1"}},
		{kind: mail.KindTest, letter: mail.Test{Invitation: d}},
		{kind: mail.KindTest, variant: "reminder", letter: mail.Test{Invitation: d, Reminder: true}},
	}
}
