package directory

import (
	"slices"
	"strconv"
	"time"

	"golang.org/x/text/unicode/norm"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

// MandateState is how far a person has come who asks to act for a stakeholder.
type MandateState string

// The states of a mandate.
const (
	MandateAsked    MandateState = "asked"   // the address is not proved, and nobody is troubled with it
	MandateWaiting  MandateState = "waiting" // for the focal point
	MandateApproved MandateState = "approved"
	MandateRefused  MandateState = "refused"
)

// How long a mandate is kept: until its address is proved, for the focal point to
// answer, and for the person to see the answer.
const (
	MandateProvable = 7 * 24 * time.Hour
	mandateWaits    = 60 * 24 * time.Hour
	mandateKept     = 30 * 24 * time.Hour
)

const maxMessageRunes = 1000

// ErrMandateClosed says that the focal point answered, or that it is too late.
var ErrMandateClosed = fault.New(fault.Gone, "representative.closed")

// MandateRequest is what a person says who asks to act for a stakeholder.
type MandateRequest struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Language string `json:"language"`          // in which this person is written to, BCP 47
	Message  string `json:"message,omitempty"` // to the focal point
}

// Mandate is a person's request to act for a stakeholder, which its focal point
// approves or refuses. It is kept beside the stakeholder and goes by itself. Its id
// becomes that of the contact.
type Mandate struct {
	ID          string `json:"id"`
	Version     int64  `json:"-"`
	Stakeholder string `json:"stakeholder"`
	MandateRequest
	State     MandateState `json:"state"`
	AskedAt   time.Time    `json:"asked_at"`
	ProvedAt  *time.Time   `json:"proved_at,omitempty"`
	DecidedAt *time.Time   `json:"decided_at,omitempty"`
}

// NewMandate begins a request. It is taken for who is in the directory and has a
// focal point to answer it.
func NewMandate(id string, s *Stakeholder, r MandateRequest, now time.Time) (*Mandate, error) {
	if s.Status != Listed && s.Status != Lapsed {
		return nil, ErrNotListed
	}
	if _, ok := s.FocalPoint(); !ok {
		return nil, ErrNoFocalPoint
	}
	var faults fault.List
	CheckLine(&faults, "/name", r.Name, MaxNameRunes)
	if code := AddressFault(r.Email); code != "" {
		faults.Add("/email", code)
	}
	if !taxonomy.ValidLanguage(r.Language) {
		faults.Add("/language", "language.unknown")
	}
	if code := ProseFault(r.Message, maxMessageRunes); code != "" && r.Message != "" {
		faults.Add("/message", code, "max", strconv.Itoa(maxMessageRunes))
	}
	if err := faults.Err("representative.invalid"); err != nil {
		return nil, err
	}
	r.Name, r.Email, r.Language = Tidy(r.Name), norm.NFC.String(r.Email), canonicalLanguage(r.Language)
	return &Mandate{ID: id, Stakeholder: s.ID, MandateRequest: r, State: MandateAsked, AskedAt: now}, nil
}

// Expires is when the mandate goes by itself.
func (m *Mandate) Expires() time.Time {
	switch {
	case m.DecidedAt != nil:
		return m.DecidedAt.Add(mandateKept)
	case m.ProvedAt != nil:
		return m.ProvedAt.Add(mandateWaits)
	}
	return m.AskedAt.Add(MandateProvable)
}

// Prove notes that the address was proved, and reports whether that is news.
func (m *Mandate) Prove(now time.Time) bool {
	if m.State != MandateAsked {
		return false
	}
	m.State, m.ProvedAt = MandateWaiting, &now
	return true
}

// Decide takes the focal point's answer, and reports whether that is news.
func (m *Mandate) Decide(approved bool, now time.Time) (news bool, err error) {
	state := MandateRefused
	if approved {
		state = MandateApproved
	}
	switch m.State {
	case state:
		return false, nil
	case MandateWaiting:
		m.State, m.DecidedAt = state, &now
		return true, nil
	}
	return false, ErrMandateClosed
}

// Admit makes a representative of who was approved. The address was proved. Again
// changes nothing.
func (s *Stakeholder) Admit(m *Mandate, now time.Time) error {
	if _, there := s.Contact(m.ID); there {
		return nil
	}
	var faults fault.List
	if slices.ContainsFunc(s.Contacts, func(c Contact) bool { return CanonicalAddress(c.Email) == CanonicalAddress(m.Email) }) {
		faults.Add("/email", "list.repeated")
	}
	if len(s.Contacts) >= maxContacts {
		faults.Add("", "list.too_long", "max", strconv.Itoa(maxContacts))
	}
	if err := faults.Err("contact.invalid"); err != nil {
		return err
	}
	s.Contacts = append(slices.Clone(s.Contacts), Contact{
		ID: m.ID, Name: m.Name, Role: RoleRepresentative, Email: m.Email, Language: m.Language, ConfirmedAt: m.ProvedAt,
	})
	s.UpdatedAt = now
	s.Record("contact.admitted", "stakeholder", s.ID, "contact", m.ID)
	return nil
}
