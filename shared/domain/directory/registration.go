package directory

import (
	"slices"
	"strconv"
	"time"

	"golang.org/x/text/unicode/norm"

	"convoke/shared/domain/fault"
)

// ConsentText is the version of the text that a registering contact agrees to.
const ConsentText = "2026-11"

// Faults of registration and moderation.
var (
	ErrInvalid        = fault.New(fault.Invalid, "registration.invalid")
	ErrNotInReview    = fault.New(fault.Conflict, "registration.not_in_review")
	ErrNotCorrectable = fault.New(fault.Conflict, "registration.not_correctable")
	ErrLinkSuperseded = fault.New(fault.Gone, "link.superseded")
)

// Application is what an organisation submits to register, and submits again to
// correct.
type Application struct {
	Profile
	Contacts []Contact    `json:"contacts"`
	Evidence []Evidence   `json:"evidence,omitempty"`
	Consent  ConsentGiven `json:"consent"`
}

// ConsentGiven is the agreement without which nothing is kept.
type ConsentGiven struct {
	Directory   bool   `json:"directory"`
	TextVersion string `json:"text_version"`
}

// ReturnReasons are the coded reasons a moderator can give; each is a
// translation key under reason.
func ReturnReasons() []string {
	return []string{
		"missing_evidence", "unclear_mandate", "name_mismatch", "contact_unreachable", "duplicate", "out_of_scope", "incomplete",
	}
}

// Validate returns nil or one Invalid fault with every refused field.
func (a Application) Validate(now time.Time) error {
	var faults fault.List
	a.Profile.Validate(&faults, now)
	validateContacts(&faults, a.Contacts)
	validateEvidence(&faults, a.Evidence)
	if !a.Consent.Directory {
		faults.Add("/consent/directory", "consent.required")
	}
	if a.Consent.TextVersion != ConsentText {
		faults.Add("/consent/text_version", "consent.text_version", "current", ConsentText)
	}
	return faults.Err(ErrInvalid.Code)
}

// Register turns a valid application into a stakeholder that awaits the proof of
// its focal point's address. newID gives each contact its id.
func Register(id string, a Application, newID func() string, now time.Time) (*Stakeholder, error) {
	if err := a.Validate(now); err != nil {
		return nil, err
	}
	s := &Stakeholder{
		ID: id, Profile: a.Profile.Tidied(), Contacts: tidyContacts(a.Contacts, nil, newID), Evidence: tidyEvidence(a.Evidence, nil, newID),
		Consents: []Consent{{Purpose: "directory", TextVersion: a.Consent.TextVersion, At: now, Channel: "api"}},
		Status:   AwaitingEmail, Source: "registration", SubmittedAt: now, UpdatedAt: now,
	}
	focal, _ := s.FocalPoint()
	s.Record("registration.submitted", "stakeholder", s.ID, "contact", focal.ID)
	return s, nil
}

// tidyContacts gives new contacts ids and keeps, by address, the id and the
// proof of those that were there before. What a client says of either is not
// taken.
func tidyContacts(given, before []Contact, newID func() string) []Contact {
	tidied := slices.Clone(given)
	for i := range tidied {
		c := &tidied[i]
		c.ID, c.ConfirmedAt, c.Name, c.Email = "", nil, Tidy(c.Name), norm.NFC.String(c.Email)
		for _, b := range before {
			if CanonicalAddress(b.Email) == CanonicalAddress(c.Email) {
				c.ID, c.ConfirmedAt = b.ID, b.ConfirmedAt
			}
		}
		if c.ID == "" {
			c.ID = newID()
		}
		if c.Speaking != nil {
			c.Speaking = c.Speaking.tidied()
		}
	}
	return tidied
}

// ConfirmAddress proves the address of a contact. The focal point's proof moves
// the registration on to review; a second proof changes nothing and is no error.
func (s *Stakeholder) ConfirmAddress(contactID string, now time.Time) error {
	i := slices.IndexFunc(s.Contacts, func(c Contact) bool { return c.ID == contactID })
	if i < 0 {
		return ErrLinkSuperseded
	}
	if s.Contacts[i].ConfirmedAt != nil {
		return nil
	}
	s.Contacts[i].ConfirmedAt, s.UpdatedAt = &now, now
	s.Record("contact.confirmed", "stakeholder", s.ID, "contact", contactID)
	if s.Contacts[i].Role == RoleFocalPoint && s.Status == AwaitingEmail {
		s.Status = AwaitingReview
		s.Record("registration.awaiting_review", "stakeholder", s.ID)
		s.askForEvidence(now)
	}
	return nil
}

// Decision is a moderator's answer to a registration.
type Decision struct {
	Outcome Status   `json:"outcome"`           // listed, returned, declined
	Reasons []string `json:"reasons,omitempty"` // see ReturnReasons; at least one unless listed
	Note    string   `json:"note,omitempty"`    // in the applicant's language

	By    string        `json:"-"` // who decides; kept so that an appeal comes to somebody else
	Lasts time.Duration `json:"-"` // how long the verification holds good; zero is the usual period
}

// Validate returns nil or an Invalid fault.
func (d Decision) Validate() error {
	var faults fault.List
	if d.Outcome != Listed && d.Outcome != Returned && d.Outcome != Declined {
		faults.Add("/outcome", "decision.outcome_unknown")
	}
	d.checkWords(&faults)
	return faults.Err("decision.invalid")
}

// validateWords is Validate where the outcome is given by what is done.
func (d Decision) validateWords() error {
	var faults fault.List
	d.checkWords(&faults)
	return faults.Err("decision.invalid")
}

func (d Decision) checkWords(faults *fault.List) {
	CheckEach(faults, "/reasons", d.Reasons, maxCodes, known(oneOf(ReturnReasons()), "decision.reason_unknown"))
	if d.Outcome != Listed && len(d.Reasons) == 0 {
		faults.Add("/reasons", "decision.reason_missing")
	}
	if d.Note != "" && ProseFault(d.Note, MaxProseRunes) != "" {
		faults.Add("/note", ProseFault(d.Note, MaxProseRunes), "max", strconv.Itoa(MaxProseRunes))
	}
}

// Decide carries a decision out. Only a registration in review can be decided.
func (s *Stakeholder) Decide(d Decision, now time.Time) error {
	if err := d.Validate(); err != nil {
		return err
	}
	if s.Status != AwaitingReview {
		return ErrNotInReview
	}
	s.carryOut(d, now)
	focal, _ := s.FocalPoint()
	s.Record("registration."+string(d.Outcome), "stakeholder", s.ID, "contact", focal.ID)
	return nil
}

// Correct replaces what the stakeholder said of itself. A returned registration
// goes back to review, once the focal point's address is proved. What is listed
// was vetted, and is not changed by this.
func (s *Stakeholder) Correct(a Application, newID func() string, now time.Time) error {
	if s.Status != Returned && s.Status != AwaitingReview && s.Status != AwaitingEmail {
		return ErrNotCorrectable
	}
	if err := a.Validate(now); err != nil {
		return err
	}
	a.AtRisk = a.AtRisk || s.AtRisk && s.VerifiedAt != nil // what was public once takes Expose
	s.Profile, s.Contacts, s.Evidence = a.Profile.Tidied(), tidyContacts(a.Contacts, s.Contacts, newID), tidyEvidence(a.Evidence, s.Evidence, newID)
	s.UpdatedAt = now
	if last := len(s.Consents) - 1; last < 0 || s.Consents[last].TextVersion != a.Consent.TextVersion {
		s.Consents = append(s.Consents, Consent{Purpose: "directory", TextVersion: a.Consent.TextVersion, At: now, Channel: "api"})
	}
	focal, _ := s.FocalPoint()
	if focal.ConfirmedAt == nil {
		s.Status = AwaitingEmail
		s.Record("registration.submitted", "stakeholder", s.ID, "contact", focal.ID)
		return nil
	}
	s.Status = AwaitingReview
	s.Record("registration.awaiting_review", "stakeholder", s.ID)
	s.askForEvidence(now)
	return nil
}

// Import makes a listed stakeholder of a profile that another register
// published. It has no contacts until its organisation claims it.
func Import(id, source string, p Profile, now time.Time) (*Stakeholder, error) {
	var faults fault.List
	p.Validate(&faults, now)
	if err := faults.Err(ErrInvalid.Code); err != nil {
		return nil, err
	}
	s := &Stakeholder{ID: id, Profile: p.Tidied(), Status: Listed, Source: source, SubmittedAt: now, UpdatedAt: now}
	s.Record("stakeholder.imported", "stakeholder", id, "source", source)
	return s, nil
}

// ByOrganiser is the source of an entry that an organiser made.
const ByOrganiser = "organiser"

// Enter makes a listed entry of an organisation that an organiser knows of. It
// has no contacts until its organisation claims it.
func Enter(id string, p Profile, now time.Time) (*Stakeholder, error) {
	s, err := Import(id, ByOrganiser, p, now)
	if err != nil {
		return nil, err
	}
	s.Take()
	s.Record("stakeholder.entered", "stakeholder", id)
	return s, nil
}

// Reimport takes over what the register now says, and reports whether anything
// differs. An entry that its organisation has claimed is its own and is left.
func (s *Stakeholder) Reimport(p Profile, equal func(a, b Profile) bool, now time.Time) bool {
	p = p.Tidied()
	if len(s.Contacts) > 0 || equal(s.Profile, p) {
		return false
	}
	s.Profile, s.UpdatedAt = p, now
	s.Record("stakeholder.reimported", "stakeholder", s.ID, "source", s.Source)
	return true
}
