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
		{kind: mail.KindAnnouncement, variant: "hold", letter: mail.Announcement{Invitation: invitation(lang), Subject: d.Title, Text: "Please hold the date.", Hold: true}},
		{kind: mail.KindThanks, letter: mail.Thanks{Invitation: d}},
		{kind: mail.KindThanks, variant: "spoke", letter: mail.Thanks{Invitation: d, Spoke: true}},
		{kind: mail.KindThanks, variant: "certificate", letter: mail.Thanks{Invitation: d, CertificateURL: site + "certificates/4QJ7", RemovalURL: site + "certificate-removal/1", Attached: true}, attached: standIn("certificate.pdf")},
		{kind: mail.KindTest, letter: mail.Test{Invitation: d}},
		{kind: mail.KindTest, variant: "reminder", letter: mail.Test{Invitation: d, Reminder: true}},
	}
}

// standIn stands for a paper. What one looks like is shown beside the specimens.
func standIn(name string) []mail.Attachment {
	return []mail.Attachment{{Name: name, Type: "application/pdf", Bytes: []byte("%PDF-1.3\n% a specimen of the mail, without its paper\n")}}
}
