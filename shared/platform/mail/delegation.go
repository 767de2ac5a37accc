package mail

import "convoke/shared/platform/i18n"

// The kinds of letter about an invitation that was handed on.
const (
	KindHandedOn Kind = "invitation_handed_on"
	KindCameBack Kind = "invitation_came_back"
)

// InPlaceOf asks who was named by a colleague to come in the colleague's place.
type InPlaceOf struct {
	Invitation
	Colleague string // who was asked first
}

// HandedOn tells who handed an invitation on that the colleague is asked now.
type HandedOn struct {
	Invitation
	Colleague string
	Until     string // when the invitation comes back unless the colleague confirms
}

// CameBack tells who handed an invitation on that it is theirs again.
type CameBack struct {
	Invitation
	Answered bool // an answer was given before, and stands
}

// Recalled tells who was named by a colleague that the colleague took the
// invitation back. It is a kind of Withdrawn.
type Recalled struct {
	Invitation
	Colleague string // who was asked first
}

// Letter writes it in the language.
func (d Recalled) Letter(lang i18n.Lang) Letter {
	w := d.writer(lang)
	w.params["colleague"] = d.Colleague
	l := Withdrawn(d.Invitation).Letter(lang)
	l.Paragraphs = append(d.greeting(w), w.t("mail.recalled.body"))
	l.Preheader = w.t("mail.recalled.preheader")
	l.Footer[0] = Line{Text: w.t("mail.why.in_place_of")}
	return l
}

// Letter writes it in the language.
func (d InPlaceOf) Letter(lang i18n.Lang) Letter {
	l := d.Invitation.Letter(lang)
	w := d.writer(lang)
	w.params["colleague"] = d.Colleague
	why := append(d.greeting(w), w.t("mail.in_place_of.body"))
	l.Paragraphs = append(why, l.Paragraphs[len(d.greeting(w)):]...)
	l.Closing = append(l.Closing, w.t("mail.in_place_of.closing"))
	l.Footer[0] = Line{Text: w.t("mail.why.in_place_of")}
	return l
}

// Letter writes it in the language.
func (d HandedOn) Letter(lang i18n.Lang) Letter {
	w := d.writer(lang)
	w.params["colleague"], w.params["time"] = d.Colleague, d.Until
	l := w.letter("mail.handed_on")
	l.Paragraphs = append(d.greeting(w), l.Paragraphs...)
	l.Facts = append([]Fact{{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)}}, d.facts(w)...)
	l.Closing = []string{w.t("mail.handed_on.calendar")}
	l.Footer = d.footer(w)
	return l
}

// Letter writes it in the language.
func (d CameBack) Letter(lang i18n.Lang) Letter {
	l := d.ask(lang, "mail.came_back")
	w := d.writer(lang)
	if d.Answered {
		l.Paragraphs = append(d.greeting(w), w.t("mail.came_back.stands"))
		l.Actions[0].Label = w.t("mail.answer.action")
	}
	l.Closing = []string{w.t("mail.came_back.calendar")}
	return l
}
