package mail

import "convoke/shared/platform/i18n"

// EventChanged tells who was invited what of the event is different now.
type EventChanged struct {
	Invitation
	Changed  []string // title, time, sessions, place, room, interpretation, attribution
	Answered bool     // an answer was given, and stands
	Lettered bool     // a letter of participation was issued, and is not true any more
}

// EventCancelled tells who was invited that the event will not take place.
type EventCancelled struct {
	Invitation
	Reason string // in the organiser's words; may be empty
}

// Letter writes it in the language.
func (d EventChanged) Letter(lang i18n.Lang) Letter {
	l := d.ask(lang, "mail.changed")
	w := d.writer(lang)
	for _, what := range d.Changed {
		l.Reasons = append(l.Reasons, w.t("mail.changed."+d.now(what)))
	}
	l.Closing = []string{w.t("mail.changed.calendar")}
	if d.Answered {
		l.Paragraphs = append(d.greeting(w), w.t("mail.changed.body"))
		l.Actions[0].Label = w.t("mail.answer.action")
		l.Closing = []string{w.t("mail.changed.stands"), w.t("mail.changed.calendar")}
	}
	if d.Lettered {
		l.Paragraphs = append(l.Paragraphs, w.t("mail.changed.letter"))
	}
	return l
}

// now says of the rule of attribution which one holds now.
func (d EventChanged) now(what string) string {
	switch {
	case what == "attribution" && d.Unattributed:
		return "attribution.chatham_house"
	case what == "attribution":
		return "attribution.attributed"
	}
	return what
}

// Letter writes it in the language.
func (d EventCancelled) Letter(lang i18n.Lang) Letter {
	w := d.writer(lang)
	l := w.letter("mail.cancelled")
	l.Paragraphs = append(d.greeting(w), l.Paragraphs...)
	l.Quote = w.quote(w.t("mail.cancelled.reason"), d.Reason)
	l.Facts = append([]Fact{{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)}}, d.facts(w)...)
	l.Closing = []string{w.t("mail.cancelled.calendar")}
	l.Footer = d.footer(w)
	return l
}
