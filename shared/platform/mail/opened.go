package mail

import (
	"time"

	"convoke/shared/platform/i18n"
)

// EventOpened tells an organising unit that its standing rule has opened the
// event of an international day.
type EventOpened struct {
	Unit         string
	Title        string
	Observance   string // code; its name is in the catalogue under "observance."
	EventID      string
	URL          string // of the event, for organisers
	Starts, Ends time.Time
	Zone         string
	Place        string
	Published    bool // and its invitations are going out
}

// Letter writes it in the language.
func (d EventOpened) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{
		"unit": d.Unit, "title": d.Title, "observance": i18n.T(lang, "observance."+d.Observance, nil), "date": i18n.Date(lang, d.Starts, d.Zone),
	}}
	l := w.letter("mail.opened")
	next := "mail.opened.draft"
	if d.Published {
		next = "mail.opened.published"
	}
	l.Paragraphs = append(l.Paragraphs, w.t(next))
	l.Facts = []Fact{
		{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)},
		{w.t("mail.fact.when"), i18n.Span(lang, d.Starts, d.Ends, d.Zone)},
	}
	if d.Place != "" {
		l.Facts = append(l.Facts, Fact{w.t("mail.fact.place"), i18n.Isolate(lang, d.Place)})
	}
	l.Facts = append(l.Facts, Fact{w.t("mail.fact.id"), d.EventID})
	l.Actions = []Action{{Label: w.t("mail.desk.action"), URL: d.URL, Primary: true}}
	l.Footer = w.footer("mail.why.unit")
	return l
}
