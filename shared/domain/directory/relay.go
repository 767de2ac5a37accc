package directory

import (
	"time"

	"golang.org/x/text/unicode/norm"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
	"convoke/shared/domain/taxonomy"
)

// Limits of the contact relay.
const (
	RelayedADay     = 20                  // messages of one sender
	RelayedToADay   = 10                  // messages to one recipient
	RelayKept       = 30 * 24 * time.Hour // how long what was written is kept
	maxSubjectRunes = 200
)

// ErrRelayLimited says that the day's messages were sent.
var ErrRelayLimited = fault.New(fault.Limited, "relay.limited")

// ToFocalPoint stands for the focal point of a stakeholder, whoever it is.
const ToFocalPoint = "focal-point"

// Letter is what somebody writes to a contact whose address stays unknown to
// them. It is kept apart from everything else and for a short time.
type Letter struct {
	Subject  string `json:"subject"`
	Text     string `json:"text"`
	Language string `json:"language"` // in which it is written, BCP 47
	ReplyTo  string `json:"reply_to"` // where the answer goes; the sender shows it, the recipient need not answer
}

// Relayed is a letter on its way.
type Relayed struct {
	ID          string    `json:"id"`
	Stakeholder string    `json:"stakeholder"`
	Contact     string    `json:"contact"` // an id, or ToFocalPoint
	Sender      string    `json:"sender"`
	Unit        string    `json:"unit,omitempty"` // of an organiser
	For         string    `json:"for,omitempty"`  // stakeholder of a sending contact
	At          time.Time `json:"at"`
	Letter
}

// Validate returns nil or an Invalid fault.
func (l Letter) Validate() error {
	var faults fault.List
	CheckLine(&faults, "/subject", l.Subject, maxSubjectRunes)
	if code := ProseFault(l.Text, MaxProseRunes); code != "" {
		faults.Add("/text", code, "max", "4000")
	}
	if !taxonomy.ValidLanguage(l.Language) {
		faults.Add("/language", "language.unknown")
	}
	if code := AddressFault(l.ReplyTo); code != "" {
		faults.Add("/reply_to", code)
	}
	return faults.Err("relay.invalid")
}

// Tidied returns the letter with its texts normalised.
func (l Letter) Tidied() Letter {
	l.Subject, l.Text = Tidy(l.Subject), norm.NFC.String(l.Text)
	return l
}

// RelaySender is how many letters somebody sent on the last day on which they
// sent any. Its audit trail says that each was sent, and not what it said.
type RelaySender struct {
	ID      string `json:"id"`
	Version int64  `json:"-"`
	Day     string `json:"day"` // UTC
	Sent    int    `json:"sent"`

	journal.Log `json:"-"`
}

// Send counts a letter, or returns ErrRelayLimited.
func (r *RelaySender) Send(m *Relayed, now time.Time) error {
	if day := dayOf(now); r.Day != day {
		r.Day, r.Sent = day, 0
	}
	if r.Sent >= RelayedADay {
		return ErrRelayLimited
	}
	r.Sent++
	r.Record("relay.sent", "message", m.ID, "stakeholder", m.Stakeholder, "contact", m.Contact)
	return nil
}

// UntilTomorrow is how long it is until the next day's letters may be sent.
func UntilTomorrow(now time.Time) time.Duration {
	now = now.UTC()
	return time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, time.UTC).Sub(now)
}
