package mail

import (
	"time"

	"convoke/shared/platform/i18n"
)

// KindRequest asks to confirm a step that is not taken by a session alone.
const KindRequest Kind = "request"

// Request asks a contact to confirm a step: to end the risk, or an erasure. What
// is the key of its texts under mail.request.
type Request struct {
	Organisation string
	What         string
	URL          string
	ExpiresAt    time.Time
}

// Letter writes it in the language.
func (d Request) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation}}
	prefix := "mail.request." + d.What
	l := w.letter(prefix)
	l.Actions = []Action{{Label: w.t(prefix + ".action"), URL: d.URL, Primary: true}}
	l.Closing = []string{w.expires(d.ExpiresAt), w.t("mail.request.ignore")}
	l.Footer = w.footer("mail.why.registration")
	return l
}
