package mail

import "convoke/shared/platform/i18n"

// The kinds of letter to all who are invited or came, and the test of a letter.
const (
	KindAnnouncement Kind = "announcement"
	KindThanks       Kind = "thanks"
	KindTest         Kind = "test"
)

// Announcement is what an organiser says to those who are invited.
type Announcement struct {
	Invitation
	Subject string
	Text    string // lines are paragraphs
	Hold    bool   // the recipient is not invited yet, and is to hold the date
}

// Thanks thanks who came.
type Thanks struct {
	Invitation
	Spoke          bool
	CertificateURL string // of a course, when it was earned
	RemovalURL     string // where the certificate is taken away
	Attached       bool   // the certificate goes with the mail
}

// Test is a letter as the organising unit looks at it before anybody gets it.
type Test struct {
	Invitation
	Reminder bool // else the invitation itself
}

// Letter writes it in the language.
func (d Announcement) Letter(lang i18n.Lang) Letter {
	w := d.writer(lang)
	l := Letter{
		Lang: lang, Subject: i18n.Isolate(lang, d.Subject), Preheader: w.t("mail.announcement.preheader"), Heading: i18n.Isolate(lang, d.Subject),
		Paragraphs: append(d.greeting(w), w.t("mail.announcement.body")),
		Quote:      w.quote("", d.Text),
		Facts:      append([]Fact{{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)}}, d.facts(w)...),
		Actions:    []Action{{Label: w.t("mail.answer.action"), URL: d.AnswerURL, Primary: true}},
		Footer:     d.footer(w),
	}
	if d.Hold {
		l.Paragraphs, l.Actions = append(d.greeting(w), w.t("mail.announcement.hold")), nil
		l.Footer[0] = Line{Text: w.t("mail.why.hold")}
	}
	return l
}

// Letter writes it in the language.
func (d Thanks) Letter(lang i18n.Lang) Letter {
	w := d.writer(lang)
	l := w.letter("mail.thanks")
	if d.Spoke {
		l.Paragraphs = []string{w.t("mail.thanks.spoke")}
	}
	l.Paragraphs = append(d.greeting(w), l.Paragraphs...)
	l.Facts = []Fact{
		{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)},
		{w.t("mail.fact.when"), i18n.Span(lang, d.Starts, d.Ends, d.Zone)},
		{w.t("mail.fact.convener"), i18n.Isolate(lang, d.ConvenerName)},
	}
	if d.CertificateURL != "" {
		l.Paragraphs = append(l.Paragraphs, w.t("mail.thanks.certificate"))
		if d.Attached {
			l.Paragraphs = append(l.Paragraphs, w.t("mail.thanks.certificate.attached"))
		}
		l.Actions = []Action{{Label: w.t("mail.thanks.certificate.action"), URL: d.CertificateURL, Primary: true}, {Label: w.t("mail.thanks.certificate.remove"), URL: d.RemovalURL}}
	}
	l.Footer = d.footer(w)
	return l
}

// Letter writes it in the language.
func (d Test) Letter(lang i18n.Lang) Letter {
	l := d.Invitation.Letter(lang)
	if d.Reminder {
		l = Reminder(d.Invitation).Letter(lang)
	}
	w := writer{lang: lang, params: map[string]string{"subject": l.Subject}}
	l.Subject = w.t("mail.test.subject")
	l.Paragraphs = append([]string{w.t("mail.test.body")}, l.Paragraphs...)
	l.Footer = w.footer("mail.why.organiser")
	return l
}
