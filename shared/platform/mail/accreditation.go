package mail

import (
	"time"

	"convoke/shared/platform/i18n"
)

// The kinds of letter about accreditation to an event.
const (
	KindAccredited            Kind = "accredited"
	KindNotAccredited         Kind = "not_accredited"
	KindAccreditationApplied  Kind = "accreditation_applied"
	KindAccreditationObjected Kind = "accreditation_objected"
)

// AccreditationDecided tells an applicant what the organiser decided, and in what
// words. Whether anybody objected is not in it.
type AccreditationDecided struct {
	Kind         Kind
	Organisation string
	Title        string // of the event
	Track        string
	Reason       string // in the organiser's words, or empty
	URL          string // of the event, or to sign in when it is not public
}

// Letter writes it in the language.
func (d AccreditationDecided) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation, "title": d.Title}}
	l := w.letter("mail." + string(d.Kind))
	l.Quote = w.quote(w.t("mail.note"), d.Reason)
	l.Facts = []Fact{
		{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)},
		{w.t("mail.fact.track"), i18n.Isolate(lang, d.Track)},
	}
	l.Actions = []Action{{Label: w.t("mail.accreditation.action"), URL: d.URL, Primary: true}}
	l.Footer = w.footer("mail.why.accreditation")
	return l
}

// Accrediting tells an organising unit that an organisation has applied for
// accreditation, or that somebody objects. By whom and why is not in it.
type Accrediting struct {
	Kind         Kind
	Unit         string
	Organisation string // that applied
	Title        string // of the event
	Track        string
	EventID      string
	URL          string    // of the applications, for organisers
	DecideFrom   time.Time // when objections end; zero when it is not known
	Zone         string    // IANA, of the event
}

// Letter writes it in the language.
func (d Accrediting) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"unit": d.Unit, "organisation": d.Organisation, "title": d.Title}}
	l := w.letter("mail." + string(d.Kind))
	l.Facts = []Fact{
		{w.t("mail.fact.title"), i18n.Isolate(lang, d.Title)},
		{w.t("mail.fact.track"), i18n.Isolate(lang, d.Track)},
		{w.t("mail.fact.id"), d.EventID},
	}
	if !d.DecideFrom.IsZero() {
		w.params["time"] = i18n.DateTime(lang, d.DecideFrom, d.Zone)
		l.Paragraphs = append(l.Paragraphs, w.t("mail.accreditation.decide"))
	}
	l.Actions = []Action{{Label: w.t("mail.accrediting.action"), URL: d.URL, Primary: true}}
	l.Footer = w.footer("mail.why.organiser")
	return l
}
