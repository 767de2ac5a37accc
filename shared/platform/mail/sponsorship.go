package mail

import "convoke/shared/platform/i18n"

// KindSponsorshipAsked is the letter to a unit that somebody names as a sponsor.
const KindSponsorshipAsked Kind = "sponsorship_asked"

// SponsorshipAsked tells an organising unit that an applicant, or who claims an
// entry, names it as one that knows them.
type SponsorshipAsked struct {
	Unit         string
	Organisation string // that applied, or whose entry is claimed
	Claim        bool
	URL          string // where organisers answer
}

// Letter writes it in the language.
func (d SponsorshipAsked) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"unit": d.Unit, "organisation": d.Organisation}}
	l := w.letter("mail.sponsorship_asked")
	if d.Claim {
		l.Paragraphs = []string{w.t("mail.sponsorship_asked.claim")}
	}
	l.Paragraphs = append(l.Paragraphs, w.t("mail.sponsorship_asked.free"))
	l.Actions = []Action{{Label: w.t("mail.sponsorship_asked.action"), URL: d.URL, Primary: true}}
	l.Footer = w.footer("mail.why.sponsorship")
	return l
}
