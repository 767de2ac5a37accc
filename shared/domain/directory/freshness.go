package directory

import (
	"time"

	"convoke/shared/domain/fault"
)

// VerificationLasts is how long a verification holds good where a deployment
// does not say otherwise.
const VerificationLasts = 365 * 24 * time.Hour

// How a verification comes to its end: the focal point is written to twice
// before it, and is left this long after the last letter in any case, however
// late that went out.
const (
	firstNotice = 30 * 24 * time.Hour
	lastNotice  = 7 * 24 * time.Hour
)

// RenewalLasts is how long after its lapse a verification can be renewed by the
// link that was mailed. Later it takes a sign-in, or a moderator.
const RenewalLasts = 90 * 24 * time.Hour

// ErrNotRenewable says that there is no verification to renew.
var ErrNotRenewable = fault.New(fault.Conflict, "verification.not_renewable")

// Freshness is how long what is said of a stakeholder is held to be true. An
// imported entry that nobody claimed has none: its age is that of its source.
type Freshness struct {
	VerifiedAt *time.Time `json:"verified_at,omitempty"` // when a moderator last held it to be true
	RenewedAt  *time.Time `json:"renewed_at,omitempty"`  // when the stakeholder last said that it is still so
	ValidUntil *time.Time `json:"valid_until,omitempty"`
	WarnedAt   *time.Time `json:"warned_at,omitempty"` // when the last notice of the end was recorded
	Notices    int        `json:"notices,omitempty"`   // how many there were
	Renewals   int        `json:"renewals,omitempty"`  // the generation of links that renew
	DueAt      *time.Time `json:"due_at,omitempty"`    // when the planner looks at it next
}

// verify begins a period of validity; zero lasts stands for the usual one.
func (f *Freshness) verify(now time.Time, lasts time.Duration) {
	f.VerifiedAt = &now
	f.extend(now, lasts)
}

func (f *Freshness) extend(now time.Time, lasts time.Duration) {
	if lasts <= 0 {
		lasts = VerificationLasts
	}
	until := now.Add(lasts)
	f.ValidUntil, f.WarnedAt, f.Notices, f.Renewals = &until, nil, 0, f.Renewals+1
	f.plan(until.Add(-firstNotice), now)
}

// plan says when to look again; what would have been due before is due at once.
func (f *Freshness) plan(at, now time.Time) {
	if at.Before(now) {
		at = now
	}
	f.DueAt = &at
}

// Renew begins a new period because a contact says that the entry is still
// true, or because a moderator verified it again. It brings back what lapsed.
func (s *Stakeholder) Renew(by Renewal, now time.Time) error {
	if s.ValidUntil == nil || s.Status != Listed && s.Status != Lapsed {
		return ErrNotRenewable
	}
	if by.Moderator {
		s.verify(now, by.Lasts)
	} else {
		s.RenewedAt = &now
		s.extend(now, by.Lasts)
	}
	s.Status, s.UpdatedAt = Listed, now
	s.Record("verification.renewed", "stakeholder", s.ID)
	return nil
}

// Renewal says who renews a verification, and for how long.
type Renewal struct {
	Moderator bool
	Lasts     time.Duration // zero is the usual period
}

// RenewByLink is Renew by the link of a notice. Of the links of one period the
// first that is used counts; using it again changes nothing and is no error.
func (s *Stakeholder) RenewByLink(generation int, lasts time.Duration, now time.Time) error {
	switch generation {
	case s.Renewals:
		return s.Renew(Renewal{Lasts: lasts}, now)
	case s.Renewals - 1:
		return nil
	}
	return ErrLinkSuperseded
}

// Advance does what is due at now: it records the notices before the end of the
// verification, and then its lapse. Nobody lapses unwarned: when the last notice
// is late, so is the lapse.
func (s *Stakeholder) Advance(now time.Time) {
	if s.DueAt == nil || s.DueAt.After(now) {
		return
	}
	if s.Status != Listed || s.ValidUntil == nil {
		s.DueAt = nil
		return
	}
	switch last := s.ValidUntil.Add(-lastNotice); {
	case s.Notices < 2 && !now.Before(last):
		s.warn(2, now)
		s.plan(later(*s.ValidUntil, now.Add(lastNotice)), now)
	case s.Notices == 0:
		s.warn(1, now)
		s.plan(last, now)
	default:
		s.lapse(now)
	}
}

// warn records a notice to the focal point, if there is one.
func (s *Stakeholder) warn(notice int, now time.Time) {
	s.Notices, s.WarnedAt = notice, &now
	focal, _ := s.FocalPoint()
	s.Record("verification.expiring", "stakeholder", s.ID, "contact", focal.ID)
}

func (s *Stakeholder) lapse(now time.Time) {
	s.Status, s.UpdatedAt, s.DueAt = Lapsed, now, nil
	focal, _ := s.FocalPoint()
	s.Record("verification.lapsed", "stakeholder", s.ID, "contact", focal.ID)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
