package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

func (s *Server) accreditationRoutes() []route {
	return []route{
		{"POST", "/v1/events/{id}/accreditations", access{auth.Contact}, command, s.postAccreditation},
		{"GET", "/v1/events/{id}/accreditations", access{auth.Contact, auth.Organiser, auth.Admin}, document, s.listAccreditations},
		{"GET", "/v1/events/{id}/accreditations/{stakeholder}", access{auth.Contact, auth.Organiser, auth.Admin}, document, s.getAccreditation},
		{"POST", "/v1/events/{id}/accreditations/{stakeholder}/objections", access{auth.Contact}, command, s.postObjection},
		{"POST", "/v1/events/{id}/accreditations/{stakeholder}/decision", conveners, command, s.postVerdict},
	}
}

// Faults of who may apply, and again.
var (
	errApplied            = fault.New(fault.Conflict, "accreditation.applied")
	errApplicantNotListed = fault.New(fault.Forbidden, "accreditation.not_listed")
)

// accreditationView is an application as its reader may see it: the organiser sees
// all of it; the applicant how it stands, and not who objected or that anybody did;
// who may object sees that there is one.
type accreditationView struct {
	Stakeholder string                        `json:"stakeholder"`
	Track       string                        `json:"track"`
	Status      convening.AccreditationStatus `json:"status"`
	AppliedAt   time.Time                     `json:"applied_at"`
	DecidedAt   *time.Time                    `json:"decided_at,omitempty"`
	Reason      string                        `json:"reason,omitempty"`
	Contact     string                        `json:"contact,omitempty"`
	Objections  []convening.Objection         `json:"objections,omitempty"`
}

func viewAccreditation(a *convening.Accreditation, organises bool) accreditationView {
	view := accreditationView{
		Stakeholder: a.Stakeholder, Track: a.Track, Status: a.Status, AppliedAt: a.AppliedAt, DecidedAt: a.DecidedAt, Reason: a.Reason,
	}
	if organises {
		view.Contact, view.Objections = a.Contact, a.Objections
	}
	return view
}

// applicant returns the event and the listed stakeholder that the contact acts for.
// An event that is not public takes applications of who is invited alone.
func (s *Server) applicant(r *http.Request) (*convening.Event, *directory.Stakeholder, error) {
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	i, err := s.invitation(r, e)
	if err != nil {
		return nil, nil, err
	}
	if !e.Public() && i == nil {
		return nil, nil, errNoRoute
	}
	own, err := s.own(r)
	if err == nil && own.Status != directory.Listed {
		err = errApplicantNotListed
	}
	return e, own, err
}

func (s *Server) postAccreditation(w http.ResponseWriter, r *http.Request) error {
	var request struct {
		Track string `json:"track"`
	}
	if err := decode(r, &request); err != nil {
		return err
	}
	answer := &reply{status: http.StatusCreated}
	if err := s.apply(r, request.Track, answer); err != nil {
		return err
	}
	return answer.write(w)
}

// apply keeps the application of the stakeholder that the reader acts for.
func (s *Server) apply(r *http.Request, track string, answer *reply) error {
	e, own, err := s.applicant(r)
	if err != nil {
		return err
	}
	if len(own.Merges) > 0 { // what was merged into it may have applied
		if _, err := s.Store.AccreditationOf(r.Context(), e.ID, own.ID); !errors.Is(err, store.ErrNotFound) {
			return cmp.Or(err, error(errApplied))
		}
	}
	a, err := convening.Apply(e, track, own.ID, identityOf(r).Subject, s.now())
	if err != nil {
		return err
	}
	answer.header = []string{"Location", "/v1/events/" + e.ID + "/accreditations/" + own.ID}
	answer.body = viewAccreditation(a, false)
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err = s.Store.CreateAccreditation(r.Context(), a); errors.Is(err, store.ErrBusy) {
		return errApplied
	}
	return err
}

// listAccreditations lists the applications to an event: all to its unit; to a
// contact its own and, when it is invited and while objections are taken, those
// that are open to them. Who is at risk is never on that list.
func (s *Server) listAccreditations(w http.ResponseWriter, r *http.Request) error {
	_, limit, cursor, err := paged(r)
	if err != nil {
		return err
	}
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	sees, err := s.accreditationsSeen(r, e)
	if err != nil {
		return err
	}
	list, next, err := s.Store.Accreditations(r.Context(), e.ID, cursor, limit)
	if err != nil {
		return err
	}
	items := []accreditationView{}
	organises := convenes(identityOf(r), e) == nil
	for _, a := range list {
		if seen, err := sees(a); err != nil {
			return err
		} else if seen {
			items = append(items, viewAccreditation(a, organises))
		}
	}
	return ok(w, listOf[accreditationView]{items, next})
}

// accreditationsSeen says which applications the reader may know of.
func (s *Server) accreditationsSeen(r *http.Request, e *convening.Event) (func(*convening.Accreditation) (bool, error), error) {
	if convenes(identityOf(r), e) == nil {
		return func(*convening.Accreditation) (bool, error) { return true, nil }, nil
	}
	if !identityOf(r).Has(auth.Contact) {
		return nil, errNoRoute // another unit's
	}
	i, err := s.invitation(r, e)
	if err != nil {
		return nil, err
	}
	own, err := s.own(r)
	if err != nil {
		return nil, err
	}
	if !e.Public() && i == nil {
		return nil, errNoRoute
	}
	ids, err := s.Store.Family(r.Context(), own)
	if err != nil {
		return nil, err
	}
	return func(a *convening.Accreditation) (bool, error) {
		if slices.Contains(ids, a.Stakeholder) {
			return true, nil
		}
		t, err := e.TrackOf(a.Track)
		if i == nil || err != nil || a.DecidedAt != nil || !t.OpenToObjection(s.now()) {
			return false, nil
		}
		applicant, err := s.Store.Resolve(r.Context(), a.Stakeholder)
		return err == nil && applicant.Public(), err
	}, nil
}

func (s *Server) getAccreditation(w http.ResponseWriter, r *http.Request) error {
	e, a, err := s.accreditation(r, r.PathValue("stakeholder"))
	if err != nil {
		return err
	}
	organises := convenes(identityOf(r), e) == nil
	tag := etag(a.Version)
	if !organises { // a version would tell that somebody objected
		if tag, err = taggedBody(viewAccreditation(a, false)); err != nil {
			return err
		}
	}
	if unchanged(w, r, tag) {
		return nil
	}
	return ok(w, viewAccreditation(a, organises))
}

// accreditation returns the application of a stakeholder to who may know of it.
func (s *Server) accreditation(r *http.Request, stakeholder string) (*convening.Event, *convening.Accreditation, error) {
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	sees, err := s.accreditationsSeen(r, e)
	if err != nil {
		return nil, nil, err
	}
	a, err := s.Store.AccreditationOf(r.Context(), e.ID, stakeholder)
	if err != nil {
		return nil, nil, err
	}
	seen, err := sees(a)
	if err == nil && !seen {
		err = errNoRoute
	}
	return e, a, err
}

// postObjection notes what an invited stakeholder has against an application. The
// answer is that it was taken, and the applicant is not told.
func (s *Server) postObjection(w http.ResponseWriter, r *http.Request) error {
	var request struct {
		Text string `json:"text"`
	}
	if err := decode(r, &request); err != nil {
		return err
	}
	answer := &reply{status: http.StatusAccepted, body: struct{}{}}
	if err := s.object(r, r.PathValue("stakeholder"), request.Text, answer); err != nil {
		return err
	}
	return answer.write(w)
}

// object keeps what the reader has against the application of a stakeholder.
func (s *Server) object(r *http.Request, stakeholder, text string, answer *reply) error {
	e, own, err := s.applicant(r)
	if err != nil {
		return err
	}
	_, read, err := s.accreditation(r, stakeholder)
	if err != nil {
		return err
	}
	t, err := e.TrackOf(read.Track)
	if err != nil {
		return err
	}
	ids, err := s.Store.Family(r.Context(), own)
	if err != nil {
		return err
	}
	by := own.ID
	if slices.Contains(ids, read.Stakeholder) {
		by = read.Stakeholder // it is its own, though it was made before a merge
	}
	_, err = s.Store.UpdateAccreditation(r.Context(), e.ID, read.Stakeholder, func(a *convening.Accreditation) error {
		o := convening.Objection{Stakeholder: by, Contact: identityOf(r).Subject, Text: text}
		if err := a.Object(t, o, s.now()); err != nil {
			return err
		}
		return answer.keep(r.Context())
	})
	return err
}

// postVerdict takes the decision of the organiser.
func (s *Server) postVerdict(w http.ResponseWriter, r *http.Request) error {
	known, err := version(r)
	if err != nil {
		return err
	}
	var request convening.Verdict
	if err := decode(r, &request); err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK}
	if err := s.decideAccreditation(r, r.PathValue("stakeholder"), known, request, answer); err != nil {
		return err
	}
	return answer.write(w)
}

// decideAccreditation keeps the decision on exactly the version that was read.
func (s *Server) decideAccreditation(r *http.Request, stakeholder string, known int64, v convening.Verdict, answer *reply) error {
	e, read, err := s.accreditation(r, stakeholder)
	if err != nil {
		return err
	}
	t, err := e.TrackOf(read.Track)
	if err != nil {
		return err
	}
	_, err = s.Store.UpdateAccreditation(r.Context(), e.ID, read.Stakeholder, func(a *convening.Accreditation) error {
		if a.Version != known {
			return errStale
		}
		if err := a.Decide(t, v, s.now()); err != nil {
			return err
		}
		answer.header, answer.body = []string{"ETag", etag(a.Version + 1)}, viewAccreditation(a, true)
		return answer.keep(r.Context())
	})
	return err
}

// heldAccreditation is an application as it is held about a stakeholder: its own,
// or the objection that it made.
type heldAccreditation struct {
	Event     string               `json:"event"`
	Applied   *accreditationView   `json:"applied,omitempty"`
	Objection *convening.Objection `json:"objection,omitempty"`
}

func heldAs(a *convening.Accreditation, ids []string) any {
	h := heldAccreditation{Event: a.EventID}
	if slices.Contains(ids, a.Stakeholder) {
		view := viewAccreditation(a, false)
		h.Applied = &view
	}
	for _, o := range a.Objections {
		if slices.Contains(ids, o.Stakeholder) {
			h.Objection = &o
		}
	}
	if h.Applied == nil && h.Objection == nil {
		return nil
	}
	return h
}
