package mail

import "convoke/shared/platform/i18n"

// The kinds of letter about seats in a panel.
const (
	KindSeated     Kind = "invitation_seated"
	KindSeatPassed Kind = "panel_seat_passed"
)

// Seated tells who is invited already that they are asked to sit in the panel. It
// has the data of the invitation.
type Seated Invitation

// SeatPassed tells an organising unit that somebody will not sit in a panel, and
// who is asked in their place.
type SeatPassed struct {
	Unit    string
	Title   string
	EventID string
	URL     string // of the panel, for organisers
	Role    string // of the seat
	Next    string // the organisation that has the seat now; empty when it is open
}

// Letter writes it in the language.
func (d Seated) Letter(lang i18n.Lang) Letter {
	i := Invitation(d)
	l := i.ask(lang, "mail.seated")
	w := i.writer(lang)
	w.params["role"] = w.t("role." + d.Role)
	l.Subject, l.Preheader = w.t("mail.seated.subject"), w.t("mail.seated.preheader")
	l.Paragraphs[len(i.greeting(w))] = w.t("mail.seated.body")
	l.Closing = nil // the event is in the calendar since the invitation
	return l
}

// Letter writes it in the language.
func (d SeatPassed) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"title": d.Title, "role": i18n.T(lang, "role."+d.Role, nil), "organisation": d.Next}}
	l := w.letter("mail.seat_passed")
	next := "mail.seat_passed.open"
	if d.Next != "" {
		next = "mail.seat_passed.next"
	}
	l.Paragraphs = append(l.Paragraphs, w.t(next))
	l.Facts = []Fact{{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)}, {w.t("mail.fact.role"), w.params["role"]}, {w.t("mail.fact.id"), d.EventID}}
	l.Actions = []Action{{Label: w.t("mail.desk.action"), URL: d.URL, Primary: true}}
	l.Footer = w.footer("mail.why.organiser")
	return l
}
