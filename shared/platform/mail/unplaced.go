package mail

import "convoke/shared/platform/i18n"

// KindUnplaced is the letter to who waited for a place that did not come free.
const KindUnplaced Kind = "unplaced"

// Unplaced tells who waited for a place that none came free before the waiting list
// was closed. It has the data of the invitation; nothing is asked.
type Unplaced Invitation

// Letter writes it in the language.
func (d Unplaced) Letter(lang i18n.Lang) Letter {
	i := Invitation(d)
	w := i.writer(lang)
	l := w.letter("mail.unplaced")
	l.Paragraphs = append(i.greeting(w), l.Paragraphs...)
	l.Facts = append([]Fact{{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)}}, i.facts(w)...)
	l.Footer = i.footer(w)
	return l
}
