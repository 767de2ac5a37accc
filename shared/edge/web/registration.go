package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/state/store"
)

// registrationView is a registration as its applicant and the moderators see it.
type registrationView struct {
	ID          string           `json:"id"`
	Status      directory.Status `json:"status"`
	SubmittedAt time.Time        `json:"submitted_at"`
	UpdatedAt   time.Time        `json:"updated_at"`
	DecidedAt   *time.Time       `json:"decided_at,omitempty"`
	Reasons     []string         `json:"reasons,omitempty"`
	Note        string           `json:"note,omitempty"`
	directory.Profile
	Contacts   []directory.Contact  `json:"contacts,omitempty"`
	Evidence   []directory.Evidence `json:"evidence,omitempty"`
	Tier       directory.Tier       `json:"tier,omitempty"`
	MergedInto string               `json:"merged_into,omitempty"`
	Duplicates []duplicateView      `json:"possible_duplicates,omitempty"` // for moderators
	Vouchers   []directory.Voucher  `json:"vouchers,omitempty"`            // for moderators
	Case       *caseBrief           `json:"case,omitempty"`                // for moderators, in lists
	Decisions  []directory.Decided  `json:"decisions,omitempty"`           // all, oldest first
	Appeal     *directory.Appeal    `json:"appeal,omitempty"`
}

// viewForStaff is a registration with what is for moderators alone.
func viewForStaff(e *directory.Stakeholder) registrationView {
	view := viewRegistration(e)
	view.Vouchers, view.Decisions = e.Vouchers, e.Decisions
	return view
}

func viewRegistration(e *directory.Stakeholder) registrationView {
	decisions := slices.Clone(e.Decisions)
	for i := range decisions {
		decisions[i].By = ""
	}
	return registrationView{
		Decisions: decisions, Appeal: e.Appeal,
		ID: e.ID, Status: e.Status, SubmittedAt: e.SubmittedAt, UpdatedAt: e.UpdatedAt, DecidedAt: e.DecidedAt,
		Reasons: e.Reasons, Note: e.Note, Profile: e.Profile, Contacts: e.Contacts, Evidence: e.Evidence, Tier: e.Tier, MergedInto: e.MergedInto,
	}
}

// received is what a registrant is told: the same, whoever is known already.
type received struct {
	ID     string           `json:"id"`
	Status directory.Status `json:"status"`
}

func (s *Server) postRegistration(w http.ResponseWriter, r *http.Request) error {
	if err := s.limited(w, "registration", r); err != nil {
		return err
	}
	var application directory.Application
	if err := decode(r, &application); err != nil {
		return err
	}
	e, err := s.register(application)
	if err != nil {
		return err
	}
	if err := s.limitedTo(w, focalAddress(e)); err != nil {
		return err
	}
	if err := s.refereesKnown(r.Context(), application, e); err != nil {
		return err
	}
	answer := &reply{status: http.StatusAccepted, header: []string{"Location", "/v1/registrations/" + e.ID}, body: received{e.ID, e.Status}}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.Store.Register(r.Context(), e); err != nil {
		return err
	}
	return answer.write(w)
}

func (s *Server) register(a directory.Application) (*directory.Stakeholder, error) {
	return directory.Register(s.Store.NewID(), a, s.Store.NewID, s.now())
}

func (s *Server) listRegistrations(w http.ResponseWriter, r *http.Request) error {
	q, limit, cursor, err := paged(r, "status", "assigned", "order")
	if err != nil {
		return err
	}
	status := directory.Status(q.Get("status"))
	if status == "" {
		status = directory.AwaitingReview
	}
	if !status.Known() {
		return badQuery("status", "registration.status_unknown")
	}
	list, next, err := s.queue(r, q, status, cursor, limit)
	if err != nil {
		return err
	}
	known, err := s.Store.Cases(r.Context(), idsOf(list))
	if err != nil {
		return err
	}
	items := make([]registrationView, len(list))
	for i, e := range list {
		items[i] = viewForStaff(e)
		items[i].Case = briefCase(known[e.ID])
	}
	return ok(w, listOf[registrationView]{items, next})
}

// listOf is one page of anything.
type listOf[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"` // the cursor of the following page
}

func (s *Server) getRegistration(w http.ResponseWriter, r *http.Request) error {
	e, err := s.registration(r)
	if err != nil {
		return err
	}
	view := viewRegistration(e)
	if staff(identityOf(r)) {
		view = viewForStaff(e)
		if view.Duplicates, err = s.duplicates(r, e); err != nil {
			return err
		}
		w.Header().Set("ETag", etag(e.Version)) // never a 304: others that may be the same come and go without a new version
		return ok(w, view)
	}
	if unchanged(w, r, etag(e.Version)) {
		return nil
	}
	return ok(w, view)
}

// registration returns the registration of the path to those who may see it: its
// own contacts and those who work the directory.
func (s *Server) registration(r *http.Request) (*directory.Stakeholder, error) {
	e, err := s.Store.Stakeholder(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if who := identityOf(r); !staff(who) && !actsFor(who, e) {
		return nil, errNoRoute
	}
	return e, nil
}

func (s *Server) putRegistration(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.registration(r); err != nil {
		return err
	}
	if err := s.limited(w, "registration", r); err != nil { // another address is sent mail
		return err
	}
	read, err := version(r)
	if err != nil {
		return err
	}
	var application directory.Application
	if err := decode(r, &application); err != nil {
		return err
	}
	e, err := s.Store.UpdateStakeholder(r.Context(), r.PathValue("id"), func(e *directory.Stakeholder) error {
		if e.Version != read {
			return errStale
		}
		if !actsFor(identityOf(r), e) {
			return errNoRoute
		}
		return s.correctOnce(r.Context(), e, application)
	})
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(e.Version))
	return ok(w, viewRegistration(e))
}

func (s *Server) postDecision(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	var decision directory.Decision
	if err := decode(r, &decision); err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK}
	_, err = s.Store.UpdateStakeholder(r.Context(), r.PathValue("id"), func(e *directory.Stakeholder) error {
		if e.Version != read {
			return errStale
		}
		decision.Lasts, decision.By = s.VerificationLasts, identityOf(r).Subject
		if err := e.Decide(decision, s.now()); err != nil {
			return err
		}
		answer.header, answer.body = []string{"ETag", etag(e.Version + 1)}, viewForStaff(e)
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// correctOnce replaces what the stakeholder said of itself, once it is known that
// the application holds and that its referees can be asked.
func (s *Server) correctOnce(ctx context.Context, e *directory.Stakeholder, a directory.Application) error {
	if err := a.Validate(s.now()); err != nil {
		return err
	}
	if err := s.refereesKnown(ctx, a, e); err != nil {
		return err
	}
	return e.Correct(a, s.Store.NewID, s.now())
}

// limited refuses what comes too often from one network address, before any
// work is done for it.
func (s *Server) limited(w http.ResponseWriter, what string, r *http.Request) error {
	return s.allow(w, what+" "+network(r.RemoteAddr))
}

// limitedTo refuses what would send too many mails to one address, from
// wherever it is asked for.
func (s *Server) limitedTo(w http.ResponseWriter, address string) error {
	return s.allow(w, "to "+store.AddressHash(address))
}

// focalAddress is where the mail about a registration goes.
func focalAddress(e *directory.Stakeholder) string {
	focal, _ := e.FocalPoint()
	return focal.Email
}

func (s *Server) allow(w http.ResponseWriter, key string) error {
	if s.Limiter == nil {
		return nil
	}
	if allowed, after := s.Limiter.Allow(key); !allowed {
		w.Header().Set("Retry-After", seconds(after))
		return fault.New(fault.Limited, "limited")
	}
	return nil
}
