package directory

import (
	"slices"
	"time"

	"convoke/shared/domain/fault"
)

// The purposes of consent. Directory is what a registration needs; it covers
// invitations, which can be withdrawn alone. The others are given on their own.
const (
	ConsentDirectory   = "directory"   // the entry is kept and published
	ConsentInvitations = "invitations" // invitations and reminders by mail
	ConsentSpeaking    = "speaking"    // speaking profiles are used to build panels
	ConsentSharing     = "sharing"     // organisers are given names and addresses of contacts
)

// ConsentPurposes are all of them.
func ConsentPurposes() []string {
	return []string{ConsentDirectory, ConsentInvitations, ConsentSpeaking, ConsentSharing}
}

// ErrConsentInvalid refuses what is said of consent; its fields say why.
var ErrConsentInvalid = fault.New(fault.Invalid, "consent.invalid")

// ConsentChange gives or withdraws consent to one purpose.
type ConsentChange struct {
	Purpose     string `json:"purpose"`
	TextVersion string `json:"text_version"` // of the text that was shown
	Given       bool   `json:"given"`
}

// Validate returns nil or an Invalid fault. Who withdraws need not have read the
// present text.
func (c ConsentChange) Validate() error {
	var faults fault.List
	if !slices.Contains(ConsentPurposes(), c.Purpose) {
		faults.Add("/purpose", "consent.purpose_unknown")
	}
	if c.Given && c.TextVersion != ConsentText {
		faults.Add("/text_version", "consent.text_version", "current", ConsentText)
	}
	return faults.Err(ErrConsentInvalid.Code)
}

// Consented reports whether there is consent to the purpose now.
func (s *Stakeholder) Consented(purpose string) bool {
	if purpose == ConsentInvitations && !s.spoken(purpose) {
		purpose = ConsentDirectory // whose text names them
	}
	last := s.lastConsent(purpose)
	return last >= 0 && s.Consents[last].WithdrawnAt == nil
}

// Withdrawn reports whether consent to the purpose, or to being in the directory
// at all, was given and taken back.
func (s *Stakeholder) Withdrawn(purpose string) bool {
	for _, p := range []string{purpose, ConsentDirectory} {
		if last := s.lastConsent(p); last >= 0 && s.Consents[last].WithdrawnAt != nil {
			return true
		}
	}
	return false
}

func (s *Stakeholder) spoken(purpose string) bool { return s.lastConsent(purpose) >= 0 }

// lastConsent is the index of the last entry for the purpose, -1 when there is none.
func (s *Stakeholder) lastConsent(purpose string) int {
	for i, c := range slices.Backward(s.Consents) {
		if c.Purpose == purpose {
			return i
		}
	}
	return -1
}

// ChangeConsent takes what a contact says of consent into the ledger, to which
// entries are only added. Without consent to the directory a stakeholder is not
// listed; with it again, a moderator looks at it again. The same again changes
// nothing.
func (s *Stakeholder) ChangeConsent(c ConsentChange, contact, channel string, now time.Time) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if s.ended() {
		return ErrEnded
	}
	if c.Given == s.Consented(c.Purpose) && (c.Given || s.spoken(c.Purpose)) {
		return nil
	}
	if c.Given {
		s.Consents = append(slices.Clone(s.Consents), Consent{Purpose: c.Purpose, TextVersion: c.TextVersion, At: now, Channel: channel, Contact: contact})
		s.relist(c.Purpose)
		s.Record("protection.consent_given", "stakeholder", s.ID)
		s.UpdatedAt = now
		return nil
	}
	s.withdrawConsent(c, contact, channel, now)
	return nil
}

func (s *Stakeholder) withdrawConsent(c ConsentChange, contact, channel string, now time.Time) {
	s.Consents = slices.Clone(s.Consents)
	last := s.lastConsent(c.Purpose)
	if last < 0 { // it was covered by another text, and is taken back alone
		s.Consents = append(s.Consents, Consent{Purpose: c.Purpose, TextVersion: ConsentText, At: now, Channel: channel, Contact: contact})
		last = len(s.Consents) - 1
	}
	s.Consents[last].WithdrawnAt, s.Consents[last].WithdrawnBy = &now, channel
	s.UpdatedAt = now
	s.Record("protection.consent_withdrawn", "stakeholder", s.ID)
	if c.Purpose == ConsentDirectory && (s.Status == Listed || s.Status == Lapsed || s.Status == AwaitingReview) {
		s.withdraw()
		s.Status = Suspended
	}
}

// relist lets a moderator look again at what was suspended for want of consent.
func (s *Stakeholder) relist(purpose string) {
	if focal, ok := s.FocalPoint(); purpose == ConsentDirectory && s.Status == Suspended && ok && focal.ConfirmedAt != nil {
		s.Status = AwaitingReview
		s.Record("registration.awaiting_review", "stakeholder", s.ID)
	}
}
