package mail

import "convoke/shared/platform/i18n"

// KindLetter brings a letter of participation.
const KindLetter Kind = "participation_letter"

// ParticipationLetter brings the letter with which a visa is applied for, to who
// asked for it or told the organiser the name of the passport.
type ParticipationLetter struct {
	Invitation
	VerifyURL string
}

// Letter writes it in the language.
func (d ParticipationLetter) Letter(lang i18n.Lang) Letter {
	w := d.writer(lang)
	l := w.letter("mail.letter")
	l.Paragraphs = append(append(d.greeting(w), l.Paragraphs...), w.t("mail.letter.again"))
	l.Facts = append([]Fact{{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)}}, d.facts(w)...)
	l.Actions = []Action{{Label: w.t("mail.letter.action"), URL: d.VerifyURL, Primary: true}, {Label: w.t("mail.answer.action"), URL: d.AnswerURL}}
	l.Closing = []string{w.t("mail.letter.forgotten")}
	l.Footer = w.footer("mail.why.invitation")
	return l
}
