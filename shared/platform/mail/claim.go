package mail

import (
	"time"

	"convoke/shared/platform/i18n"
)

// The kinds of letter about claims to entries that others made.
const (
	KindClaimAsked   Kind = "claim_asked"
	KindClaimGranted Kind = "claim_granted"
	KindClaimRefused Kind = "claim_refused"
	KindClaimEnded   Kind = "claim_ended"
)

// ClaimAsked asks who claims an entry to confirm the address. The link also shows
// later how the claim stands.
type ClaimAsked struct {
	Organisation string
	URL          string
	ExpiresAt    time.Time // of the proof
}

// Letter writes it in the language.
func (d ClaimAsked) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation}}
	l := w.letter("mail.claim_asked")
	l.Actions = []Action{{Label: w.t("mail.claim_asked.action"), URL: d.URL, Primary: true}}
	l.Closing = []string{w.expires(d.ExpiresAt), w.t("mail.claim_asked.later"), w.t("mail.confirm.ignore")}
	l.Footer = w.footer("mail.why.claim")
	return l
}

// ClaimDecided tells a claimant what became of the claim: it was granted, refused
// for reasons, or ended because another was granted. Reasons and Note are those of
// RegistrationReturned.
type ClaimDecided struct {
	Kind         Kind
	Organisation string
	Reasons      []string
	Note         string
	URL          string // to sign in, once granted; else to the claim
}

// Letter writes it in the language.
func (d ClaimDecided) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation}}
	prefix := "mail." + string(d.Kind)
	l := w.letter(prefix)
	l.Reasons = w.reasons(d.Reasons)
	l.Quote = w.quote(w.t("mail.note"), d.Note)
	l.Actions = []Action{{Label: w.t(prefix + ".action"), URL: d.URL, Primary: d.Kind == KindClaimGranted}}
	l.Footer = w.footer("mail.why.claim")
	return l
}
