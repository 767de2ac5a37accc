package directory

import (
	"maps"
	"slices"
	"time"

	"convoke/shared/domain/fault"
)

// Faults of protection.
var (
	ErrEnded        = fault.New(fault.Conflict, "stakeholder.ended")      // merged or erased: there is nothing left to protect
	ErrNoFocalPoint = fault.New(fault.Conflict, "contact.no_focal_point") // nobody there who could confirm by mail
)

// RequestKind is what a request asks for.
type RequestKind string

// The kinds of request.
const (
	RequestExposure       RequestKind = "exposure"        // to be at risk no longer
	RequestErasure        RequestKind = "erasure"         // of the stakeholder
	RequestContactErasure RequestKind = "contact_erasure" // of one contact
)

// RequestLasts is how long a request can be confirmed.
const RequestLasts = 7 * 24 * time.Hour

// Request is a step that is taken when a contact confirms it by a mailed link,
// because a session that was left open must not be enough for it.
type Request struct {
	ID      string      `json:"id"`
	Kind    RequestKind `json:"kind"`
	Contact string      `json:"contact"` // who is written to, and confirms
	At      time.Time   `json:"at"`
}

// Show says who may see which fields from now on. The same again changes nothing.
func (s *Stakeholder) Show(v Visibility, now time.Time) error {
	if err := v.Validate(); err != nil {
		return err
	}
	if s.ended() {
		return ErrEnded
	}
	if maps.Equal(s.Visibility, v) {
		return nil
	}
	s.Visibility, s.UpdatedAt = v, now
	s.Record("protection.visibility_changed", "stakeholder", s.ID)
	return nil
}

// Protect puts the stakeholder at risk at once: nothing of it is public any more.
// What was asked for to the contrary is void.
func (s *Stakeholder) Protect(now time.Time) error {
	if s.ended() {
		return ErrEnded
	}
	asked := slices.ContainsFunc(s.Requests, func(r Request) bool { return r.Kind == RequestExposure })
	if s.AtRisk && !asked {
		return nil
	}
	s.withdraw()
	s.Requests = slices.DeleteFunc(s.Requests, func(r Request) bool { return r.Kind == RequestExposure })
	s.AtRisk, s.UpdatedAt = true, now
	s.Record("protection.at_risk", "stakeholder", s.ID)
	return nil
}

// withdraw tells who holds a copy of what was public to drop it, and not why.
func (s *Stakeholder) withdraw() {
	if s.Public() {
		s.Record("protection.withdrawn", "stakeholder", s.ID)
	}
}

// AskExposure asks the focal point to confirm that the stakeholder is at risk no
// longer. Until then nothing changes.
func (s *Stakeholder) AskExposure(requestID string, now time.Time) error {
	if s.ended() {
		return ErrEnded
	}
	if !s.AtRisk {
		return nil
	}
	focal, ok := s.FocalPoint()
	if !ok || focal.ConfirmedAt == nil {
		return ErrNoFocalPoint
	}
	s.ask(Request{ID: requestID, Kind: RequestExposure, Contact: focal.ID, At: now})
	return nil
}

// ask keeps the request, in place of one for the same.
func (s *Stakeholder) ask(r Request) {
	s.Requests = append(slices.DeleteFunc(s.Requests, func(o Request) bool { return o.Kind == r.Kind && o.Contact == r.Contact }), r)
	s.Record("protection.requested", "stakeholder", s.ID, "contact", r.Contact, "request", r.ID)
}

// Asked returns the request, as long as it can be confirmed.
func (s *Stakeholder) Asked(requestID string, now time.Time) (Request, error) {
	i := slices.IndexFunc(s.Requests, func(r Request) bool { return r.ID == requestID })
	if i < 0 || !s.Requests[i].At.Add(RequestLasts).After(now) {
		return Request{}, ErrLinkSuperseded
	}
	r := s.Requests[i]
	c, ok := s.Contact(r.Contact)
	if !ok || r.Kind != RequestContactErasure && c.Role != RoleFocalPoint {
		return Request{}, ErrLinkSuperseded // somebody else is asked now
	}
	return r, nil
}

// Expose ends the risk, as its focal point confirmed.
func (s *Stakeholder) Expose(requestID string, now time.Time) error {
	r, err := s.Asked(requestID, now)
	if err != nil {
		return err
	}
	if r.Kind != RequestExposure {
		return ErrLinkSuperseded
	}
	s.Requests = slices.DeleteFunc(s.Requests, func(o Request) bool { return o.ID == requestID })
	s.AtRisk, s.UpdatedAt = false, now
	s.Record("protection.exposed", "stakeholder", s.ID)
	return nil
}

// ended reports whether the stakeholder is one no more.
func (s *Stakeholder) ended() bool { return s.Status == Merged || s.Status == Erased }
