package mail

import (
	"time"

	"convoke/shared/platform/i18n"
)

// The kinds of letter about how long a verification holds good.
const (
	KindVerificationExpiring Kind = "verification_expiring"
	KindVerificationLapsed   Kind = "verification_lapsed"
)

// VerificationExpiring asks, before a verification ends, whether the entry is
// still correct.
type VerificationExpiring struct {
	Organisation string
	ValidUntil   time.Time
	RenewURL     string
	CorrectURL   string
}

// Letter writes it in the language.
func (d VerificationExpiring) Letter(lang i18n.Lang) Letter {
	return freshness(lang, "mail.expiring", d.Organisation, d.ValidUntil, d.RenewURL, d.CorrectURL)
}

// VerificationLapsed tells that the verification ended and how to renew it.
type VerificationLapsed VerificationExpiring

// Letter writes it in the language.
func (d VerificationLapsed) Letter(lang i18n.Lang) Letter {
	return freshness(lang, "mail.lapsed", d.Organisation, d.ValidUntil, d.RenewURL, d.CorrectURL)
}

func freshness(lang i18n.Lang, prefix, organisation string, until time.Time, renew, correct string) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": organisation, "date": i18n.Date(lang, until, "UTC")}}
	l := w.letter(prefix)
	l.Actions = []Action{
		{Label: w.t("mail.expiring.action"), URL: renew, Primary: true},
		{Label: w.t("mail.expiring.correct"), URL: correct},
	}
	l.Closing = []string{w.t("mail.expiring.closing")}
	l.Footer = w.footer("mail.why.registration")
	return l
}
