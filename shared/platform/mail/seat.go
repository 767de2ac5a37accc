package mail

import "convoke/shared/platform/i18n"

// FurtherReminder is sent to who was reminded before and still has not answered.
// It has the data of the invitation.
type FurtherReminder Invitation

// SeatOffered tells who waits for a place that one is kept for them. It has the
// data of the invitation; AnswerBy is until when the place is kept.
type SeatOffered Invitation

// Letter writes it in the language.
func (d FurtherReminder) Letter(lang i18n.Lang) Letter {
	return Invitation(d).ask(lang, "mail.reminder_again")
}

// Letter writes it in the language.
func (d SeatOffered) Letter(lang i18n.Lang) Letter {
	l := Invitation(d).ask(lang, "mail.offered")
	l.Closing = nil // the event is in the calendar since the invitation
	return l
}

// Withdrawn tells that an invitation was taken back. It has the data of the
// invitation; nothing is asked, so it has no link to answer by.
type Withdrawn Invitation

// Letter writes it in the language.
func (d Withdrawn) Letter(lang i18n.Lang) Letter {
	i := Invitation(d)
	w := i.writer(lang)
	l := w.letter("mail.withdrawn")
	l.Paragraphs = append(i.greeting(w), l.Paragraphs...)
	l.Facts = append([]Fact{{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)}}, i.facts(w)...)
	l.Footer = i.footer(w)
	return l
}
