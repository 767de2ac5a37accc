package directory

import (
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

// AmendmentState is how far an amendment has come.
type AmendmentState string

// The states of an amendment. One that is accepted is in the profile.
const (
	AmendmentPending  AmendmentState = "pending"  // waits for a moderator
	AmendmentReturned AmendmentState = "returned" // with reasons; another one takes its place
	AmendmentAccepted AmendmentState = "accepted" // an outcome only
)

// Faults of amendments.
var (
	ErrNoAmendment      = fault.New(fault.Conflict, "amendment.none")
	ErrAmendmentInvalid = fault.New(fault.Invalid, "amendment.invalid")
)

// Amendment is what a listed stakeholder wants changed of what was vetted. The
// profile stays as it is until a moderator accepts it.
type Amendment struct {
	Changes   []FieldChange  `json:"changes"`
	By        string         `json:"by,omitempty"` // the contact that asked
	At        time.Time      `json:"at"`
	State     AmendmentState `json:"state"`
	Reasons   []string       `json:"reasons,omitempty"` // see ReturnReasons
	Note      string         `json:"note,omitempty"`    // the moderator's words
	DecidedAt *time.Time     `json:"decided_at,omitempty"`
}

// AmendmentDecision is a moderator's answer to an amendment.
type AmendmentDecision struct {
	Outcome AmendmentState `json:"outcome"`           // accepted, returned
	Reasons []string       `json:"reasons,omitempty"` // at least one when it is returned
	Note    string         `json:"note,omitempty"`    // in the applicant's language
}

// vettedFields are the fields that a listing was decided on. Of names the legal
// ones are, and of the website its host: the other names, and another page of the
// same site, are changed at once.
func vettedFields() []string {
	return []string{"category", "names", "country", "website", "domains", "identifiers", "consultative_status"}
}

// alike reports whether two profiles do not differ in what was vetted of a field.
func alike(field string, a, b Profile) bool {
	switch field {
	case "names":
		return slices.Equal(a.legalNames(), b.legalNames())
	case "website":
		return a.host() == b.host()
	}
	return sameValue(a.fields()[field], b.fields()[field])
}

func (p Profile) legalNames() []Name {
	return slices.DeleteFunc(slices.Clone(p.Names), func(n Name) bool { return n.Kind != NameLegal })
}

// host is that of the website in its one spelling, without "www".
func (p Profile) host() string {
	u, err := url.Parse(p.Website)
	if err != nil {
		return p.Website
	}
	host := u.Hostname()
	if canonical, ok := taxonomy.CanonicalDomain(host); ok {
		host = canonical
	}
	return strings.TrimPrefix(host, "www.")
}

// Revise takes what a listed stakeholder now says of itself. What nobody vetted is
// changed at once; the rest becomes an amendment, in the place of one that stands.
// Whether it is at risk, and who sees what, is said elsewhere and stays. The same
// again changes nothing.
func (s *Stakeholder) Revise(given Profile, by string, now time.Time) error {
	if s.Status != Listed && s.Status != Lapsed {
		return ErrNotListed
	}
	given.AtRisk, given.Visibility = s.AtRisk, s.Visibility
	if err := given.check(now); err != nil {
		return err
	}
	given = given.Tidied()
	changes := amends(s.Profile, given)
	at := given.with(changes, func(c FieldChange) json.RawMessage { return c.Before })
	if err := at.check(now); err != nil {
		return err
	}
	if !reflect.DeepEqual(at.fields(), s.fields()) {
		s.Profile, s.UpdatedAt = at, now
		s.Record("stakeholder.revised", "stakeholder", s.ID)
	}
	s.amend(changes, by, now)
	return nil
}

func (p Profile) check(now time.Time) error {
	var faults fault.List
	p.Validate(&faults, now)
	return faults.Err(ErrInvalid.Code)
}

// amends returns what of the vetted fields differs.
func amends(listed, given Profile) []FieldChange {
	var changes []FieldChange
	before, after := listed.fields(), given.fields()
	for _, field := range vettedFields() {
		if !alike(field, listed, given) {
			changes = append(changes, FieldChange{field, before[field], after[field]})
		}
	}
	return changes
}

// with returns the profile with the values that side takes of each change.
func (p Profile) with(changes []FieldChange, side func(FieldChange) json.RawMessage) Profile {
	if len(changes) == 0 {
		return p
	}
	members := p.fields()
	for _, c := range changes {
		setMember(members, c.Field, side(c))
	}
	changed, err := withFields(members)
	if err != nil {
		return p // cannot be: the values are those of profiles
	}
	return changed
}

func (s *Stakeholder) amend(changes []FieldChange, by string, now time.Time) {
	was := s.Amendment
	switch {
	case len(changes) == 0 && was == nil:
	case len(changes) == 0:
		s.Amendment = nil
		s.Record("stakeholder.revised", "stakeholder", s.ID)
	case was != nil && was.State == AmendmentPending && sameChanges(was.Changes, changes):
	default:
		s.Amendment = &Amendment{Changes: changes, By: by, At: now, State: AmendmentPending}
		s.Record("verification.change_asked", "stakeholder", s.ID, "contact", by)
	}
}

func sameChanges(a, b []FieldChange) bool {
	return slices.EqualFunc(a, b, func(x, y FieldChange) bool { return x.Field == y.Field && sameValue(x.After, y.After) })
}

// Proposed returns the profile as it would be if the amendment were accepted.
func (s *Stakeholder) Proposed() Profile {
	if s.Amendment == nil {
		return s.Profile
	}
	return s.with(s.Amendment.Changes, func(c FieldChange) json.RawMessage { return c.After })
}

// Compared puts the fields that the amendment is about side by side: as they are
// listed, and as they are asked to be.
func (s *Stakeholder) Compared() []Comparison {
	if s.Amendment == nil {
		return nil
	}
	return slices.DeleteFunc(Beside(s.Profile, s.Proposed()), func(c Comparison) bool {
		return !slices.ContainsFunc(s.Amendment.Changes, func(o FieldChange) bool { return o.Field == c.Field })
	})
}

// Amendable reports whether a moderator can decide an amendment now.
func (s *Stakeholder) Amendable() bool {
	return s.Amendment != nil && s.Amendment.State == AmendmentPending && (s.Status == Listed || s.Status == Lapsed)
}

// DecideAmendment accepts the amendment, which changes the profile, or returns it
// with reasons, which leaves the profile as it is.
func (s *Stakeholder) DecideAmendment(d AmendmentDecision, now time.Time) error {
	if err := d.validate(); err != nil {
		return err
	}
	if !s.Amendable() {
		return ErrNoAmendment
	}
	to := s.amender()
	if d.Outcome == AmendmentReturned {
		a := *s.Amendment
		a.State, a.Reasons, a.Note, a.DecidedAt = AmendmentReturned, d.Reasons, d.Note, &now
		s.Amendment = &a
		s.Record("verification.change_returned", "stakeholder", s.ID, "contact", to)
		return nil
	}
	proposed := s.Proposed()
	if err := proposed.check(now); err != nil {
		return err
	}
	s.Profile, s.Amendment, s.UpdatedAt = proposed, nil, now
	s.Record("verification.change_accepted", "stakeholder", s.ID, "contact", to)
	return nil
}

// amender is the contact that is told what became of the amendment.
func (s *Stakeholder) amender() string {
	if _, still := s.Contact(s.Amendment.By); still {
		return s.Amendment.By
	}
	focal, _ := s.FocalPoint()
	return focal.ID
}

func (d AmendmentDecision) validate() error {
	var faults fault.List
	words := Decision{Outcome: Returned, Reasons: d.Reasons, Note: d.Note}
	switch d.Outcome {
	case AmendmentAccepted:
		words.Outcome = Listed
	case AmendmentReturned:
	default:
		faults.Add("/outcome", "decision.outcome_unknown")
	}
	words.checkWords(&faults)
	return faults.Err(ErrAmendmentInvalid.Code)
}
