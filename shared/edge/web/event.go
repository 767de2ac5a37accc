package web

import (
	"net/http"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/fault"
)

// eventView is an event as its unit sees it.
type eventView struct {
	ID          string                `json:"id"`
	Unit        string                `json:"unit"`
	Convener    string                `json:"convener"`
	Status      convening.EventStatus `json:"status"`
	CreatedAt   time.Time             `json:"created_at"`
	UpdatedAt   time.Time             `json:"updated_at"`
	PublishedAt *time.Time            `json:"published_at,omitempty"`
	PlannedAt   *time.Time            `json:"planned_at,omitempty"`
	ClosedAt    *time.Time            `json:"closed_at,omitempty"`
	HeldAt      *time.Time            `json:"held_at,omitempty"`
	CancelledAt *time.Time            `json:"cancelled_at,omitempty"`
	Sequence    int                   `json:"sequence"`
	Sought      *convening.Query      `json:"sought,omitempty"` // by the saved search of the audience, when it went out
	Notices     []convening.Notice    `json:"notices,omitempty"`
	convening.Plan
}

func viewEvent(e *convening.Event) eventView {
	return eventView{
		ID: e.ID, Unit: e.Unit, Convener: e.Convener, Status: e.Status, CreatedAt: e.CreatedAt, UpdatedAt: e.UpdatedAt,
		PublishedAt: e.PublishedAt, PlannedAt: e.PlannedAt, ClosedAt: e.ClosedAt, HeldAt: e.HeldAt, CancelledAt: e.CancelledAt,
		Sequence: e.Sequence, Sought: e.Sought, Notices: e.Notices, Plan: e.Plan,
	}
}

// eventRequest is what an organiser sends to make or revise an event. Times are
// given as instants, or as clocks of the zone will show them.
type eventRequest struct {
	Convener    string `json:"convener"` // who invites, as the mail says it
	StartsLocal string `json:"starts_local,omitempty"`
	EndsLocal   string `json:"ends_local,omitempty"`
	Which       string `json:"when_twice,omitempty"` // earlier or later, of a time that comes twice
	convening.Plan
}

// readEvent reads an event and puts its wall times into instants.
func readEvent(r *http.Request) (eventRequest, error) {
	var e eventRequest
	if err := decode(r, &e); err != nil {
		return e, err
	}
	return e, e.place()
}

// place puts the wall times of the request into instants.
func (e *eventRequest) place() error {
	var faults fault.List
	moment := func(at, wall string, instant *time.Time) {
		if wall == "" {
			return
		}
		if !instant.IsZero() {
			faults.Add(at, "time.given_twice")
			return
		}
		*instant = convening.Moment(&faults, at, wall, e.Zone, e.Which)
	}
	moment("/starts_local", e.StartsLocal, &e.Starts)
	moment("/ends_local", e.EndsLocal, &e.Ends)
	return faults.Err(convening.ErrEventInvalid.Code)
}

// errNoUnit says that who is signed in acts for no organising unit.
var errNoUnit = fault.New(fault.Forbidden, "unit.required")

func (s *Server) postEvent(w http.ResponseWriter, r *http.Request) error {
	request, err := readEvent(r)
	if err != nil {
		return err
	}
	e, err := s.draftEvent(r, request)
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusCreated, header: []string{"Location", "/v1/events/" + e.ID, "ETag", etag(1)}, body: viewEvent(e)}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.Store.CreateEvent(r.Context(), e); err != nil {
		return err
	}
	return answer.write(w)
}

// draftEvent makes the draft that is asked for, and does not keep it yet.
func (s *Server) draftEvent(r *http.Request, request eventRequest) (*convening.Event, error) {
	unit := identityOf(r).Unit
	if unit == "" {
		return nil, errNoUnit
	}
	if err := s.knowsSearch(r, "/audience", unit, request.Audience, ""); err != nil {
		return nil, err
	}
	e, err := convening.NewEvent(s.Store.NewID(), unit, request.Convener, request.Plan, s.now())
	if err != nil {
		return nil, err
	}
	return e, s.belongs(r, e.ID, unit, convening.Plan{}, e.Plan)
}

func (s *Server) listEvents(w http.ResponseWriter, r *http.Request) error {
	_, limit, cursor, err := paged(r)
	if err != nil {
		return err
	}
	list, next, err := s.Store.Events(r.Context(), identityOf(r).Unit, cursor, limit)
	if err != nil {
		return err
	}
	items := make([]eventView, len(list))
	for i, e := range list {
		items[i] = viewEvent(e)
	}
	return ok(w, listOf[eventView]{items, next})
}

// getEvent shows a public event to anyone, without the address of its online
// room, its documents and its audience; its unit sees it whole, and drafts too.
func (s *Server) getEvent(w http.ResponseWriter, r *http.Request) error {
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	view, public, err := s.shownEvent(r, e)
	if err != nil {
		return err
	}
	tag := etag(e.Version)
	if public {
		if tag, err = taggedBody(view); err != nil {
			return err
		}
	}
	if unchanged(w, r, tag) {
		return nil
	}
	return ok(w, view)
}

// shownEvent is an event as the reader may see it: whole for its unit, and what
// is public of it for everybody else. Stakeholders that are not public are in
// neither the list of who organises it nor anywhere else.
func (s *Server) shownEvent(r *http.Request, e *convening.Event) (view eventView, public bool, err error) {
	view = viewEvent(e)
	err = convenes(identityOf(r), e)
	if err == nil || !e.Public() {
		return view, false, err
	}
	view.Online, view.Audience, view.Outreach = "", convening.Audience{}, convening.Outreach{Capacity: view.Capacity}
	view.Documents, view.Sought = nil, nil
	known, err := s.publicBodies(r, e.CoOrganisers)
	if err != nil {
		return view, true, err
	}
	view.CoOrganisers = known.only(e.CoOrganisers)
	next, err := s.publicPrecedes(r, e)
	if next == nil {
		view.Precedes = ""
	}
	return view, true, err
}

// belongs refuses a series or a later event that a plan cannot be tied to.
func (s *Server) belongs(r *http.Request, id, unit string, before, after convening.Plan) error {
	if after.Series != before.Series {
		if err := s.seriesFor(r, "/series", after.Series, unit); err != nil {
			return err
		}
	}
	return s.precedesFor(r, id, unit, after)
}

func (s *Server) putEvent(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	request, err := readEvent(r)
	if err != nil {
		return err
	}
	e, err := s.changeEvent(r, read, func(e *convening.Event) error { return s.reviseEvent(r, e, request) })
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(e.Version))
	return ok(w, viewEvent(e))
}

// reviseEvent gives an event another plan, where that may be.
func (s *Server) reviseEvent(r *http.Request, e *convening.Event, request eventRequest) error {
	if err := s.roomFor(r, e, request.Plan); err != nil {
		return err
	}
	if err := s.belongs(r, e.ID, e.Unit, e.Plan, request.Plan); err != nil {
		return err
	}
	if err := s.knowsSearch(r, "/audience", e.Unit, request.Audience, e.Audience.Search); err != nil {
		return err
	}
	if err := e.Revise(request.Convener, request.Plan, s.now()); err != nil {
		return err
	}
	return s.Store.Seek(r.Context(), e)
}

// postPublication makes an event known. Its invitations follow by themselves.
func (s *Server) postPublication(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	given, err := confirmedCount(r)
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusAccepted}
	_, err = s.changeEvent(r, read, func(e *convening.Event) error {
		if err := s.publish(r, e, given); err != nil {
			return err
		}
		answer.header, answer.body = []string{"ETag", etag(e.Version + 1)}, viewEvent(e)
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// publish makes an event known when its audience is as many as were confirmed.
func (s *Server) publish(r *http.Request, e *convening.Event, given confirmation) error {
	if err := e.Publish(s.now()); err != nil {
		return err
	}
	if err := s.Store.Seek(r.Context(), e); err != nil {
		return err
	}
	people, err := s.resolve(r, e)
	if err != nil {
		return err
	}
	return given.check(people)
}

func (s *Server) changeEvent(r *http.Request, read int64, change func(*convening.Event) error) (*convening.Event, error) {
	return s.Store.UpdateEvent(r.Context(), r.PathValue("id"), func(e *convening.Event) error {
		if err := convenes(identityOf(r), e); err != nil {
			return err
		}
		if e.Version != read {
			return errStale
		}
		return change(e)
	})
}

// invitationView is an invitation as its organiser sees it.
type invitationView struct {
	Stakeholder string                     `json:"stakeholder"`
	Contact     string                     `json:"contact"`
	Role        string                     `json:"role"`
	Status      convening.InvitationStatus `json:"status"`
	AnswerBy    time.Time                  `json:"answer_by"`
	Wave        int                        `json:"wave"` // from 1
	Standby     bool                       `json:"standby,omitempty"`
	DueAt       *time.Time                 `json:"due_at,omitempty"`
	Reason      string                     `json:"reason,omitempty"`
	Needs       []string                   `json:"needs,omitempty"`
	Channel     string                     `json:"channel,omitempty"`
	Attendance  convening.Attendance       `json:"attendance,omitempty"`
	Spoke       bool                       `json:"spoke,omitempty"`
	SentAt      *time.Time                 `json:"sent_at,omitempty"`
	DeliveredAt *time.Time                 `json:"delivered_at,omitempty"`
	RemindedAt  *time.Time                 `json:"reminded_at,omitempty"`
	Reminded    int                        `json:"reminded,omitempty"`
	AnsweredAt  *time.Time                 `json:"answered_at,omitempty"`
	Sessions    []int                      `json:"sessions,omitempty"`     // of a course, that were attended
	Certified   bool                       `json:"certified,omitempty"`    // a certificate was issued
	Lettered    bool                       `json:"lettered,omitempty"`     // a letter of participation stands
	DelegatedTo string                     `json:"delegated_to,omitempty"` // the contact of who was named
	DelegatedBy string                     `json:"delegated_by,omitempty"` // the contact of who named this one
	NominatedBy string                     `json:"nominated_by,omitempty"` // the contact of who put this name for a place of the organisation
	Name        string                     `json:"name,omitempty"`         // of who was named and is no contact in the directory
}

// invitationList is one page of invitations with the counts of all of them.
type invitationList struct {
	Counts    map[convening.InvitationStatus]int `json:"counts"`
	Newcomers map[convening.InvitationStatus]int `json:"newcomers"` // of them, who had never accepted an invitation before
	Total     int                                `json:"total"`
	listOf[invitationView]
}

func (s *Server) listInvitations(w http.ResponseWriter, r *http.Request) error {
	_, limit, cursor, err := paged(r)
	if err != nil {
		return err
	}
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := convenes(identityOf(r), e); err != nil {
		return err
	}
	return s.writeInvitations(w, r, e.ID, cursor, limit)
}

func (s *Server) writeInvitations(w http.ResponseWriter, r *http.Request, event, cursor string, limit int) error {
	counts, err := s.Store.Counts(r.Context(), event)
	if err != nil {
		return err
	}
	list, next, err := s.Store.Invitations(r.Context(), event, cursor, limit)
	if err != nil {
		return err
	}
	items := make([]invitationView, len(list))
	for i, inv := range list {
		items[i] = viewInvitation(inv)
	}
	return ok(w, invitationList{counts.ByStatus, counts.Newcomers, counts.Total(), listOf[invitationView]{items, next}})
}

func viewInvitation(i *convening.Invitation) invitationView {
	v := invitationView{
		Stakeholder: i.Stakeholder, Contact: i.Contact, Role: i.Role, Status: i.Status, AnswerBy: i.AnswerBy, Wave: i.Wave + 1, Standby: i.Standby, DueAt: i.DueAt, Reminded: i.Reminded,
		Needs: i.Needs, Channel: i.Channel, Attendance: i.Attendance, Spoke: i.Spoke,
		Reason: i.Reason, SentAt: i.SentAt, DeliveredAt: i.DeliveredAt, RemindedAt: i.RemindedAt, AnsweredAt: i.AnsweredAt,
		DelegatedBy: i.DelegatedBy, NominatedBy: i.NominatedBy, Sessions: i.Sessions, Certified: i.Certificate != "", Lettered: i.Letter != "",
	}
	if i.Delegate != nil {
		v.DelegatedTo = i.Delegate.Contact
	}
	if i.Colleague != nil {
		v.Name = i.Colleague.Name
	}
	return v
}
