package mail

import "convoke/shared/platform/i18n"

// The kinds of letter about how a stakeholder stands. The first decision stood is
// appeal_upheld; it was changed is appeal_granted.
const (
	KindSuspended     Kind = "suspended"
	KindReinstated    Kind = "reinstated"
	KindAppealUpheld  Kind = "appeal_upheld"
	KindAppealGranted Kind = "appeal_granted"

	KindAmendmentAccepted Kind = "amendment_accepted"
	KindAmendmentReturned Kind = "amendment_returned"
)

// StandingChanged tells of a suspension, its end, the end of an appeal, or what
// became of an amendment. Reasons
// and Note are those of RegistrationReturned.
type StandingChanged struct {
	Kind         Kind
	Organisation string
	Reasons      []string
	Note         string
	URL          string // where it can be looked at
}

// Letter writes it in the language.
func (d StandingChanged) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation}}
	l := w.letter("mail." + string(d.Kind))
	l.Reasons = w.reasons(d.Reasons)
	l.Quote = w.quote(w.t("mail.note"), d.Note)
	l.Actions = []Action{{Label: w.t("mail.standing.action"), URL: d.URL, Primary: true}}
	if d.Kind == KindSuspended {
		l.Closing = []string{w.t("mail.suspended.appeal")}
	}
	l.Footer = w.footer("mail.why.registration")
	return l
}
