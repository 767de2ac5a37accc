// Package specimen has one mail of each kind with example data, in every
// language: what the golden files are made of, and what a developer looks at
// under /dev/specimens before anybody receives it. Nothing in it is sent.
package specimen

import (
	"time"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/mail/calendar"
)

// Now is the time at which specimens are written: their Date and DTSTAMP.
func Now() time.Time { return time.Date(2025, 11, 3, 8, 30, 0, 0, time.UTC) }

// Specimen is one mail.
type Specimen struct {
	Name    string // of the kind, with what varies in it: "answer_received.declined"
	Message *mail.Message
}

// All returns one of every kind in the language, and of the kinds that say
// different things one of each.
func All(lang i18n.Lang) []Specimen {
	var all []Specimen
	for _, letters := range [][]draft{registration(), verification(), people(), claims(), inviting(lang), answering(lang), events(lang), handing(lang), nominating(lang), seating(lang), announcing(lang), papers(lang), accrediting(lang)} {
		for _, d := range letters {
			all = append(all, Specimen{d.name(), d.message(lang)})
		}
	}
	return all
}

// Of returns one specimen by its name.
func Of(lang i18n.Lang, name string) (Specimen, bool) {
	for _, s := range All(lang) {
		if s.Name == name {
			return s, true
		}
	}
	return Specimen{}, false
}

// draft is a letter that is not written yet.
type draft struct {
	kind     mail.Kind
	variant  string
	letter   interface{ Letter(i18n.Lang) mail.Letter }
	calendar mail.Calendar
	attached []mail.Attachment
}

func (d draft) name() string {
	if d.variant == "" {
		return string(d.kind)
	}
	return string(d.kind) + "." + d.variant
}

func (d draft) message(lang i18n.Lang) *mail.Message {
	m := &mail.Message{
		ID: "01JBQ8Z6V0SPECIMEN", Kind: d.kind, From: convener(), To: invitee(), ReplyTo: mail.Address{Addr: "reply@example.org"},
		Letter: d.letter.Letter(lang), Calendar: d.calendar, Attachments: d.attached,
	}
	if d.kind.Bulk() {
		m.UnsubscribeURL, m.UnsubscribeMailto = unsubscribeURL, "unsubscribe+9f8e7d@example.org"
	}
	return m
}

const (
	conveners      = "Migration Programme"
	organisation   = "رابطة المهاجرين (Example)"
	site           = "https://convoke.example.org/"
	signInURL      = site + "sign-in"
	unsubscribeURL = site + "unsubscribe?t=v1.k2.9f8e7d"
)

func convener() mail.Address { return mail.Address{Name: conveners, Addr: "events@example.org"} }

func invitee() mail.Address {
	return mail.Address{Name: "أمينة Example", Addr: "amina@bücher.example"}
}

// expires is until when the links of a specimen hold good.
func expires() time.Time { return time.Date(2025, 11, 10, 9, 0, 0, 0, time.UTC) }

// itip writes the calendar of a specimen. Its data is good, so that it cannot
// fail; a test holds that.
func itip(write func(calendar.Event, time.Time) ([]byte, error), method string, e calendar.Event) mail.Calendar {
	raw, err := write(e, Now())
	if err != nil {
		return mail.Calendar{}
	}
	return mail.Calendar{Method: method, Bytes: raw}
}
