package mail

import (
	"time"

	"convoke/shared/platform/i18n"
)

// The kinds of letter about a person who asks to act for a stakeholder.
const (
	KindMandateAsked    Kind = "mandate_asked"    // to the person: prove the address
	KindMandateWaiting  Kind = "mandate_waiting"  // to the focal point
	KindMandateApproved Kind = "mandate_approved" // to the person
	KindMandateRefused  Kind = "mandate_refused"
)

// MandateAsked asks a person to prove the address, before anybody is troubled.
type MandateAsked struct {
	Organisation string
	URL          string
	ExpiresAt    time.Time
}

// Letter writes it in the language.
func (d MandateAsked) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation}}
	l := w.letter("mail.mandate_asked")
	l.Actions = []Action{{Label: w.t("mail.confirm.action"), URL: d.URL, Primary: true}}
	l.Closing = []string{w.expires(d.ExpiresAt), w.t("mail.mandate_asked.ignore")}
	l.Footer = w.footer("mail.why.mandate")
	return l
}

// MandateWaiting tells a focal point who asks to act for the stakeholder. The
// person's words stand as a quotation, as plain text.
type MandateWaiting struct {
	Organisation string
	Name, Email  string // of the person
	Message      string
	URL          string // where it is answered
}

// Letter writes it in the language.
func (d MandateWaiting) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation, "name": d.Name, "address": d.Email}}
	l := w.letter("mail.mandate_waiting")
	l.Quote = w.quote(w.t("mail.mandate_waiting.message"), d.Message)
	l.Actions = []Action{{Label: w.t("mail.mandate_waiting.action"), URL: d.URL, Primary: true}}
	l.Closing = []string{w.t("mail.mandate_waiting.unknown")}
	l.Footer = w.footer("mail.why.registration")
	return l
}

// MandateDecided tells a person what the focal point answered.
type MandateDecided struct {
	Kind         Kind
	Organisation string
	URL          string // where an approved person comes in
}

// Letter writes it in the language.
func (d MandateDecided) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation}}
	l := w.letter("mail." + string(d.Kind))
	if d.Kind == KindMandateApproved {
		l.Actions = []Action{{Label: w.t("mail.standing.action"), URL: d.URL, Primary: true}}
	}
	l.Footer = w.footer("mail.why.mandate")
	return l
}
