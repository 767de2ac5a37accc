// Package directory holds the stakeholders of migration and development: who
// they are, who acts for them, and how they come to be listed. It is pure: no
// clock, no input or output, no randomness.
package directory

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"convoke/shared/domain/journal"
)

// Status is where a stakeholder stands between its registration and its end.
type Status string

// The statuses of product.md's vocabulary.
const (
	AwaitingEmail  Status = "awaiting_email"
	AwaitingReview Status = "awaiting_review"
	Returned       Status = "returned"
	Declined       Status = "declined"
	Listed         Status = "listed"
	Suspended      Status = "suspended"
	Lapsed         Status = "lapsed"
	Merged         Status = "merged"
	Erased         Status = "erased"
)

// Stakeholder is an organisation in the directory.
type Stakeholder struct {
	ID      string `json:"id"`
	Version int64  `json:"-"` // kept by the store
	Profile
	Contacts []Contact  `json:"contacts,omitempty"`
	Evidence []Evidence `json:"evidence,omitempty"`
	Consents []Consent  `json:"consents,omitempty"`
	Requests []Request  `json:"requests,omitempty"` // that wait for a confirmation by mail
	Ties     []Tie      `json:"ties,omitempty"`     // to whom it is related now, see Relation
	Process  *Process   `json:"process,omitempty"`  // of which States it is composed

	Status      Status     `json:"status"`
	Source      string     `json:"source"` // registration, or the name of an import
	SubmittedAt time.Time  `json:"submitted_at"`
	DecidedAt   *time.Time `json:"decided_at,omitempty"`
	Reasons     []string   `json:"reasons,omitempty"` // of the last decision, see ReturnReasons
	Note        string     `json:"note,omitempty"`    // the moderator's words to the applicant
	UpdatedAt   time.Time  `json:"updated_at"`
	Freshness
	Decisions []Decided  `json:"decisions,omitempty"` // oldest first; who decided is for moderators
	Appeal    *Appeal    `json:"appeal,omitempty"`
	Vouchers  []Voucher  `json:"vouchers,omitempty"`  // for moderators
	Tier      Tier       `json:"tier,omitempty"`      // once it is in the directory
	Checks    []Check    `json:"checks,omitempty"`    // what its listing rests on
	Amendment *Amendment `json:"amendment,omitempty"` // of what was vetted, until a moderator accepts it
	Claimed   *Claimed   `json:"claimed,omitempty"`   // how an entry that others made came to its organisation
	Merging

	journal.Log `json:"-"`
}

// Consent is one entry of the consent ledger (GDPR article 7).
type Consent struct {
	Purpose     string     `json:"purpose"`      // directory
	TextVersion string     `json:"text_version"` // of the text that was agreed to
	At          time.Time  `json:"at"`
	Channel     string     `json:"channel"`           // api, page
	Contact     string     `json:"contact,omitempty"` // who gave it, once signed in
	WithdrawnAt *time.Time `json:"withdrawn_at,omitempty"`
	WithdrawnBy string     `json:"withdrawn_by,omitempty"` // the channel
}

// Public reports whether anyone may see that the stakeholder exists.
func (s *Stakeholder) Public() bool { return s.Status == Listed && !s.AtRisk }

// Holds reports whether the stakeholder keeps its name and identifiers to itself:
// from its listing on, also while it is not shown.
func (s *Stakeholder) Holds() bool {
	status := s.Status
	if status == Merged {
		status = s.StatusBefore
	}
	return status == Listed || status == Lapsed || status == Suspended
}

// FocalPoint returns the contact that is written to, false when there is none,
// as with an imported entry that nobody has claimed.
func (s *Stakeholder) FocalPoint() (Contact, bool) {
	for _, c := range s.Contacts {
		if c.Role == RoleFocalPoint {
			return c, true
		}
	}
	return Contact{}, false
}

// Contact returns the contact with the id.
func (s *Stakeholder) Contact(id string) (Contact, bool) {
	for _, c := range s.Contacts {
		if c.ID == id {
			return c, true
		}
	}
	return Contact{}, false
}

// NameKey returns what two stakeholders of one country share when they bear the
// same main name but for case, accents' encoding, spaces and punctuation.
func (p Profile) NameKey() string {
	name := p.mainName()
	if name == "" {
		return ""
	}
	folded := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(name)))
	letters := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) {
			return r
		}
		return -1
	}, folded)
	if letters == "" { // a name of signs alone is told apart by its signs
		letters = strings.Join(strings.Fields(folded), "")
	}
	return p.Country + ":" + letters
}

// Tidied returns the profile with its texts normalised for storage.
func (p Profile) Tidied() Profile {
	p.Names = slices.Clone(p.Names)
	for i := range p.Names {
		p.Names[i].Text, p.Names[i].Lang = Tidy(p.Names[i].Text), canonicalLanguage(p.Names[i].Lang)
	}
	p.Languages = tidyLanguages(p.Languages)
	p.Identifiers = slices.Clone(p.Identifiers)
	for i := range p.Identifiers {
		p.Identifiers[i] = p.Identifiers[i].normal()
	}
	p.Domains = tidyDomains(p.Domains)
	p.Descriptions = TidyTexts(p.Descriptions)
	return p
}

// tidyLanguages keeps each language once, in its one spelling, so that a search
// by language finds all who said it.
func tidyLanguages(tags []string) []string {
	var list []string
	for _, tag := range tags {
		if tag = canonicalLanguage(tag); !slices.Contains(list, tag) {
			list = append(list, tag)
		}
	}
	return list
}

// Known reports whether the status is one of the vocabulary.
func (s Status) Known() bool {
	switch s {
	case AwaitingEmail, AwaitingReview, Returned, Declined, Listed, Suspended, Lapsed, Merged, Erased:
		return true
	}
	return false
}
