package mail

import (
	"strings"
	"time"

	"convoke/shared/platform/i18n"
)

// Kind says which letter a message carries. It is a tag on what is sent, and
// decides whether the one-click opt-out is required.
type Kind string

// The kinds of letter.
const (
	KindConfirmAddress       Kind = "confirm_address"
	KindSignIn               Kind = "sign_in"
	KindRegistrationListed   Kind = "registration_listed"
	KindRegistrationReturned Kind = "registration_returned"
	KindRegistrationDeclined Kind = "registration_declined"
	KindInvitation           Kind = "invitation"
	KindReminder             Kind = "reminder"
	KindAnswerReceived       Kind = "answer_received"
	KindSeatOffered          Kind = "seat_offered"
	KindEventChanged         Kind = "event_changed"
	KindEventCancelled       Kind = "event_cancelled"
	KindEventOpened          Kind = "event_opened"
	KindWithdrawn            Kind = "invitation_withdrawn"
)

// Bulk reports whether the kind is sent to many who did not ask for it, so that
// it must carry List-Unsubscribe (RFC 8058).
func (k Kind) Bulk() bool {
	switch k {
	case KindInvitation, KindReminder, KindRelayed, KindEventChanged, KindEventCancelled, KindSearchMatched, KindCameBack, KindVacated, KindSeated, KindAnnouncement, KindThanks:
		return true
	}
	return false
}

// ConfirmAddress asks the contact of a new registration to confirm the address.
type ConfirmAddress struct {
	Organisation string
	ConfirmURL   string
	ExpiresAt    time.Time
}

// Letter writes it in the language.
func (d ConfirmAddress) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation}}
	l := w.letter("mail.confirm")
	l.Actions = []Action{{Label: w.t("mail.confirm.action"), URL: d.ConfirmURL, Primary: true}}
	l.Closing = []string{w.expires(d.ExpiresAt), w.t("mail.confirm.ignore")}
	l.Footer = w.footer("mail.why.registration")
	return l
}

// SignIn carries the link by which a contact signs in.
type SignIn struct {
	URL       string
	ExpiresAt time.Time
}

// Letter writes it in the language.
func (d SignIn) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang}
	l := w.letter("mail.sign_in")
	l.Actions = []Action{{Label: w.t("mail.sign_in.action"), URL: d.URL, Primary: true}}
	l.Closing = []string{w.expires(d.ExpiresAt), w.t("mail.sign_in.ignore")}
	l.Footer = w.footer("mail.why.sign_in")
	return l
}

// RegistrationListed tells that a registration was accepted.
type RegistrationListed struct {
	Organisation string
	ProfileURL   string
}

// Letter writes it in the language.
func (d RegistrationListed) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation}}
	l := w.letter("mail.listed")
	l.Paragraphs = append(l.Paragraphs, w.t("mail.listed.upkeep"))
	l.Actions = []Action{{Label: w.t("mail.listed.action"), URL: d.ProfileURL, Primary: true}}
	l.Footer = w.footer("mail.why.registration")
	return l
}

// RegistrationReturned asks for changes. Reasons are codes with a text in the
// catalogue, such as "reason.missing_evidence"; Note is the moderator's own
// text and may be empty.
type RegistrationReturned struct {
	Organisation string
	Reasons      []string
	Note         string
	CorrectURL   string
}

// Letter writes it in the language.
func (d RegistrationReturned) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation}}
	l := w.letter("mail.returned")
	l.Reasons = w.reasons(d.Reasons)
	l.Quote = w.quote(w.t("mail.note"), d.Note)
	l.Actions = []Action{{Label: w.t("mail.returned.action"), URL: d.CorrectURL, Primary: true}}
	l.Closing = []string{w.t("mail.returned.closing")}
	l.Footer = w.footer("mail.why.registration")
	return l
}

// RegistrationDeclined tells that a registration was not accepted, and that a
// reply is read. Reasons and Note are those of RegistrationReturned.
type RegistrationDeclined struct {
	Organisation string
	Reasons      []string
	Note         string
}

// Letter writes it in the language.
func (d RegistrationDeclined) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"organisation": d.Organisation}}
	l := w.letter("mail.declined")
	l.Reasons = w.reasons(d.Reasons)
	l.Quote = w.quote(w.t("mail.note"), d.Note)
	l.Closing = []string{w.t("mail.declined.appeal")}
	l.Footer = w.footer("mail.why.registration")
	return l
}

// writer fills the texts of one letter. It holds what they share.
type writer struct {
	lang   i18n.Lang
	params map[string]string
}

func (w writer) t(key string) string { return i18n.T(w.lang, key, w.params) }

// letter has the parts that every kind keeps under the same names.
func (w writer) letter(prefix string) Letter {
	return Letter{
		Lang:       w.lang,
		Subject:    w.t(prefix + ".subject"),
		Preheader:  w.t(prefix + ".preheader"),
		Heading:    w.t(prefix + ".heading"),
		Paragraphs: []string{w.t(prefix + ".body")},
	}
}

func (w writer) expires(at time.Time) string {
	return i18n.T(w.lang, "mail.link_expires", map[string]string{"time": i18n.DateTime(w.lang, at, "UTC")})
}

func (w writer) reasons(codes []string) []string {
	texts := make([]string, len(codes))
	for i, code := range codes {
		texts[i] = i18n.T(w.lang, code, nil)
	}
	return texts
}

// quote takes what a person wrote, line by line; what is blank is left out.
func (w writer) quote(label, s string) Quote {
	q := Quote{Label: label}
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			q.Paragraphs = append(q.Paragraphs, i18n.Isolate(w.lang, line))
		}
	}
	if len(q.Paragraphs) == 0 {
		return Quote{}
	}
	return q
}

func (w writer) footer(why string) []Line {
	return []Line{{Text: w.t(why)}, {Text: w.t("mail.product")}}
}
