package directory

import (
	"maps"
	"slices"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// ErrFocalPoint says that the focal point cannot be erased alone: nobody would act
// for the stakeholder. Another is named first, or the stakeholder is erased.
var ErrFocalPoint = fault.New(fault.Conflict, "contact.is_focal_point")

// Step is one step of an erasure.
type Step string

// The steps of an erasure, in their order. Every one may be repeated.
const (
	StepGather      Step = "gather"      // whom it is about, while that is still there
	StepRecord      Step = "record"      // the record itself, and what stands beside it
	StepPurge       Step = "purge"       // sessions, links, mails, kept answers
	StepInvitations Step = "invitations" // their words and their trails; their counts stay
	StepMentions    Step = "mentions"    // panels, merges, distinctions, and letters that were relayed
	StepRelations   Step = "relations"   // to others, whose records say so
	StepTrail       Step = "trail"       // the values in the record's audit trail
	StepPurgeAgain  Step = "purge_again" // what came in meanwhile
	StepDone        Step = "done"
)

// after returns the step that follows.
func (s Step) after() Step {
	order := []Step{StepGather, StepRecord, StepPurge, StepInvitations, StepMentions, StepRelations, StepTrail, StepPurgeAgain, StepDone}
	return order[min(slices.Index(order, s)+1, len(order)-1)]
}

// Erasure is the carrying out of GDPR article 17 for a stakeholder or for one of
// its contacts. It goes on step by step until it is done, whatever stops it in
// between. It holds ids and hashes alone, and in the end only ids.
type Erasure struct {
	ID          string         `json:"id"` // of the request
	Version     int64          `json:"-"`
	Stakeholder string         `json:"stakeholder"`
	Contact     string         `json:"contact,omitempty"`   // the only one that is erased; empty for the whole stakeholder
	Contacts    []string       `json:"contacts,omitempty"`  // whom it is about
	Addresses   []string       `json:"addresses,omitempty"` // hashes of their addresses, until it is done
	Step        Step           `json:"step"`
	Cursor      string         `json:"cursor,omitempty"` // within the step
	Erased      map[string]int `json:"erased,omitempty"` // how many of what
	AskedAt     time.Time      `json:"asked_at"`
	DoneAt      *time.Time     `json:"done_at,omitempty"`
	DueAt       *time.Time     `json:"due_at,omitempty"`

	journal.Log `json:"-"`
}

// NewErasure begins an erasure. Contact is empty for the whole stakeholder.
func NewErasure(id, stakeholder, contact string, now time.Time) *Erasure {
	e := &Erasure{ID: id, Stakeholder: stakeholder, Contact: contact, Step: StepGather, AskedAt: now, DueAt: &now}
	e.Record("protection.erasure_begun", "stakeholder", stakeholder)
	return e
}

// Gathered notes whom the erasure is about.
func (e *Erasure) Gathered(contacts, addresses []string) {
	e.Contacts, e.Addresses = union(e.Contacts, contacts), union(e.Addresses, addresses)
	e.Conceal()
}

func union(a, b []string) []string {
	list := append(slices.Clone(a), b...)
	slices.Sort(list)
	return slices.Compact(list)
}

// Moved notes that a part of a step is done: with a cursor there is more of it.
func (e *Erasure) Moved(cursor string, erased map[string]int, now time.Time) {
	counts := maps.Clone(e.Erased)
	if counts == nil {
		counts = map[string]int{}
	}
	for what, n := range erased {
		counts[what] += n
	}
	e.Erased, e.Cursor = counts, cursor
	if cursor == "" {
		e.Step = e.Step.after()
	}
	e.DueAt = &now
	if e.Step == StepDone {
		e.Addresses, e.DueAt, e.DoneAt = nil, nil, &now
	}
	e.Conceal()
	e.Record("protection.erasure_moved", "stakeholder", e.Stakeholder)
}

// Back takes the erasure back to its first step: somebody was added meanwhile.
func (e *Erasure) Back(now time.Time) {
	e.Step, e.Cursor, e.DueAt = StepGather, "", &now
	e.Record("protection.erasure_moved", "stakeholder", e.Stakeholder)
}

// AskErasure asks the focal point to confirm the erasure of the stakeholder.
func (s *Stakeholder) AskErasure(requestID string, now time.Time) error {
	focal, ok := s.FocalPoint()
	if s.ended() {
		return ErrEnded
	}
	if !ok || focal.ConfirmedAt == nil {
		return ErrNoFocalPoint
	}
	s.ask(Request{ID: requestID, Kind: RequestErasure, Contact: focal.ID, At: now})
	return nil
}

// AskContactErasure asks a contact to confirm its own erasure.
func (s *Stakeholder) AskContactErasure(requestID, contact string, now time.Time) error {
	c, ok := s.Contact(contact)
	switch {
	case s.ended():
		return ErrEnded
	case !ok:
		return ErrLinkSuperseded
	case c.Role == RoleFocalPoint:
		return ErrFocalPoint
	}
	s.ask(Request{ID: requestID, Kind: RequestContactErasure, Contact: contact, At: now})
	return nil
}

// Forget leaves a tombstone of the stakeholder: that there was one, and when it
// ended. It has no name and nobody to act for it. Again changes nothing.
func (s *Stakeholder) Forget(now time.Time) {
	if s.Status == Erased {
		return
	}
	s.withdraw()
	*s = Stakeholder{
		ID: s.ID, Version: s.Version, Status: Erased, Source: s.Source, SubmittedAt: s.SubmittedAt, UpdatedAt: now, Log: s.Log,
	}
	s.Conceal()
	s.Record("protection.erased", "stakeholder", s.ID)
}

// ForgetContact removes one contact. Again changes nothing.
func (s *Stakeholder) ForgetContact(id string, now time.Time) error {
	c, ok := s.Contact(id)
	if !ok {
		return nil
	}
	if c.Role == RoleFocalPoint {
		return ErrFocalPoint
	}
	s.Contacts = slices.DeleteFunc(slices.Clone(s.Contacts), func(c Contact) bool { return c.ID == id })
	s.Requests = slices.DeleteFunc(s.Requests, func(r Request) bool { return r.Contact == id })
	if s.Amendment != nil && s.Amendment.By == id {
		a := *s.Amendment
		a.By, s.Amendment = "", &a
	}
	s.UpdatedAt = now
	s.Conceal()
	s.Record("protection.contact_erased", "stakeholder", s.ID)
	return nil
}
