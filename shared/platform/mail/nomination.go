package mail

import (
	"strings"

	"convoke/shared/platform/i18n"
)

// KindVacated is the kind of letter to who nominated somebody who does not come.
const KindVacated Kind = "invitation_vacated"

// Nominated asks who was nominated for a place of their organisation. It is a kind of
// Invitation.
type Nominated Invitation

// Unnominated tells who was nominated that the organisation took it back. It is a
// kind of Withdrawn.
type Unnominated Invitation

// Vacated tells who nominated somebody who does not come that another can be named.
// Who it was is not said: their name is gone with what they said.
type Vacated struct {
	Invitation
	Until    string   // another can be named
	Standing []string // the names that stand
}

// Letter writes it in the language.
func (d Nominated) Letter(lang i18n.Lang) Letter {
	of := Invitation(d)
	w, l := of.writer(lang), of.Letter(lang)
	why := append(of.greeting(w), w.t("mail.nominated.body"))
	l.Paragraphs = append(why, l.Paragraphs[len(of.greeting(w)):]...)
	l.Closing = append(l.Closing, w.t("mail.nominated.closing"))
	l.Footer[0] = Line{Text: w.t("mail.why.nominated")}
	return l
}

// Letter writes it in the language.
func (d Unnominated) Letter(lang i18n.Lang) Letter {
	of := Invitation(d)
	w, l := of.writer(lang), Withdrawn(d).Letter(lang)
	l.Paragraphs = append(of.greeting(w), w.t("mail.unnominated.body"))
	l.Preheader = w.t("mail.unnominated.preheader")
	l.Footer[0] = Line{Text: w.t("mail.why.nominated")}
	return l
}

// Letter writes it in the language.
func (d Vacated) Letter(lang i18n.Lang) Letter {
	w := d.writer(lang)
	w.params["time"] = d.Until
	l := w.letter("mail.vacated")
	l.Paragraphs = append(d.greeting(w), l.Paragraphs...)
	l.Facts = append([]Fact{{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)}}, d.facts(w)...)
	if len(d.Standing) > 0 {
		l.Facts = append(l.Facts, Fact{w.t("mail.fact.nominees"), i18n.Isolate(lang, strings.Join(d.Standing, "; "))})
	}
	l.Actions = []Action{{Label: w.t("mail.vacated.action"), URL: d.AnswerURL, Primary: true}}
	l.Footer = d.footer(w)
	return l
}
