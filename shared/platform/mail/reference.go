package mail

import (
	"time"

	"convoke/shared/platform/i18n"
)

// The kinds of letter about references.
const (
	KindReferenceAsked   Kind = "reference_asked"
	KindReferenceGiven   Kind = "reference_given"
	KindReferenceRefused Kind = "reference_refused"
)

// ReferenceAsked asks a listed stakeholder to vouch for an applicant.
type ReferenceAsked struct {
	Organisation string // the applicant
	Referee      string
	AnswerURL    string
	ExpiresAt    time.Time
}

// Letter writes it in the language.
func (d ReferenceAsked) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation, "referee": d.Referee, "date": i18n.Date(lang, d.ExpiresAt, "UTC")}}
	l := w.letter("mail.reference")
	l.Paragraphs = append(l.Paragraphs, w.t("mail.reference.free"))
	l.Actions = []Action{{Label: w.t("mail.reference.action"), URL: d.AnswerURL, Primary: true}}
	l.Closing = []string{w.t("mail.reference.until")}
	l.Footer = w.footer("mail.why.reference")
	return l
}

// ReferenceAnswered tells the applicant what a referee answered. What the referee
// wrote is for moderators.
type ReferenceAnswered struct {
	Organisation string
	Referee      string
	Given        bool
	CorrectURL   string // where other referees can be named
}

// Letter writes it in the language.
func (d ReferenceAnswered) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation, "referee": d.Referee}}
	l := w.letter("mail.reference_refused")
	if d.Given {
		l = w.letter("mail.reference_given")
	}
	l.Actions = []Action{{Label: w.t("mail.reference_given.action"), URL: d.CorrectURL, Primary: !d.Given}}
	l.Footer = w.footer("mail.why.registration")
	return l
}
