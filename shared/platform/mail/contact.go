package mail

import (
	"time"

	"convoke/shared/platform/i18n"
)

// The kinds of letter to contacts.
const (
	KindContactAdded Kind = "contact_added"
	KindRelayed      Kind = "relayed"
)

// ContactAdded asks who was named as a contact to confirm the address.
type ContactAdded struct {
	Organisation string
	ConfirmURL   string
	ExpiresAt    time.Time
}

// Letter writes it in the language.
func (d ContactAdded) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation}}
	l := w.letter("mail.contact_added")
	l.Actions = []Action{{Label: w.t("mail.confirm.action"), URL: d.ConfirmURL, Primary: true}}
	l.Closing = []string{w.expires(d.ExpiresAt), w.t("mail.contact_added.ignore")}
	l.Footer = w.footer("mail.why.contact")
	return l
}

// Relayed is what somebody wrote to a contact without knowing the address. Their
// words stand as a quotation, as plain text.
type Relayed struct {
	Sender         string // an organisation, or an organising unit
	Subject        string
	Text           string
	UnsubscribeURL string
}

// Letter writes it in the language.
func (d Relayed) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"sender": d.Sender, "subject": d.Subject}}
	l := w.letter("mail.relayed")
	l.Quote = w.quote(i18n.Isolate(lang, d.Subject), d.Text)
	l.Closing = []string{w.t("mail.relayed.reply")}
	l.Footer = append(w.footer("mail.why.relayed"), Line{Text: w.t("mail.unsubscribe"), URL: d.UnsubscribeURL})
	return l
}
