package web

import (
	"context"
	"net/http"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

func (s *Server) mandateRoutes() []route {
	return []route{
		{"POST", "/v1/stakeholders/{id}/representatives", anyone, command, s.postRepresentative},
		{"GET", "/v1/stakeholders/{id}/representatives", applicant, document, s.listRepresentatives},
		{"POST", "/v1/stakeholders/{id}/representatives/{representative}/decision", applicant, command, s.postRepresentativeDecision},
		{"GET", "/stakeholders/{id}/represent", anyone, webPage, s.representPage},
		{"POST", "/stakeholders/{id}/represent", anyone, webPage, s.representForm},
		{"GET", "/represent/{token}", anyone, webPage, s.provePage},
		{"POST", "/represent/{token}", anyone, webPage, s.proveForm},
		{"GET", "/me/representatives", access{auth.Contact}, webPage, s.representativesPage},
		{"POST", "/me/representatives", access{auth.Contact}, webPage, s.representativesForm},
	}
}

// postRepresentative takes a person's request to act for a listed stakeholder.
// Whether the address is known, or acts for it already, the answer does not tell.
func (s *Server) postRepresentative(w http.ResponseWriter, r *http.Request) error {
	if err := s.limited(w, "representative", r); err != nil {
		return err
	}
	var request directory.MandateRequest
	if err := decode(r, &request); err != nil {
		return err
	}
	m, err := s.newMandate(r, request)
	if err != nil {
		return err
	}
	if err := s.limitedTo(w, m.Email); err != nil {
		return err
	}
	answer := &reply{status: http.StatusAccepted, body: map[string]string{"status": "accepted"}}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.Store.AskMandate(r.Context(), m); err != nil {
		return err
	}
	return answer.write(w)
}

func (s *Server) newMandate(r *http.Request, request directory.MandateRequest) (*directory.Mandate, error) {
	e, err := s.profile(r)
	if err != nil {
		return nil, err
	}
	return directory.NewMandate(s.Store.NewID(), e, request, s.now())
}

// mandateView is a request as the focal point sees it.
type mandateView struct {
	ID       string                 `json:"id"`
	Name     string                 `json:"name"`
	Email    string                 `json:"email"`
	Language string                 `json:"language"`
	Message  string                 `json:"message,omitempty"`
	State    directory.MandateState `json:"state"`
	AskedAt  time.Time              `json:"asked_at"`
	ProvedAt *time.Time             `json:"proved_at,omitempty"`
}

func viewMandate(m *directory.Mandate) mandateView {
	return mandateView{m.ID, m.Name, m.Email, m.Language, m.Message, m.State, m.AskedAt, m.ProvedAt}
}

func (s *Server) listRepresentatives(w http.ResponseWriter, r *http.Request) error {
	e, err := s.led(r)
	if err != nil {
		return err
	}
	waiting, err := s.Store.MandatesOf(r.Context(), e)
	if err != nil {
		return err
	}
	items := make([]mandateView, len(waiting))
	for i, m := range waiting {
		items[i] = viewMandate(m)
	}
	return ok(w, listOf[mandateView]{Items: items})
}

// led returns the stakeholder of the path to its focal point, or who works the
// directory.
func (s *Server) led(r *http.Request) (*directory.Stakeholder, error) {
	e, err := s.registration(r)
	if err == nil && !leads(identityOf(r), e) {
		return nil, errNotFocalPoint
	}
	return e, err
}

// mandateDecision is the focal point's answer.
type mandateDecision struct {
	Outcome directory.MandateState `json:"outcome"` // approved, refused
}

func (s *Server) postRepresentativeDecision(w http.ResponseWriter, r *http.Request) error {
	var given mandateDecision
	if err := decode(r, &given); err != nil {
		return err
	}
	if given.Outcome != directory.MandateApproved && given.Outcome != directory.MandateRefused {
		return &fault.Error{Kind: fault.Invalid, Code: "representative.invalid", Fields: []fault.Field{{Pointer: "/outcome", Code: "representative.outcome"}}}
	}
	e, err := s.led(r)
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK}
	if err := s.decideMandate(r.Context(), identityOf(r), e, r.PathValue("representative"), given.Outcome == directory.MandateApproved, answer); err != nil {
		return err
	}
	return answer.write(w)
}

// decideMandate lets the focal point answer one of the requests that wait. Who is
// approved becomes a contact first: where the process ends in between, the same
// answer again completes it.
func (s *Server) decideMandate(ctx context.Context, who auth.Identity, e *directory.Stakeholder, id string, approved bool, answer *reply) error {
	m, err := s.mandate(ctx, e, id)
	if err != nil {
		return err
	}
	of := m.Stakeholder
	if _, err := m.Decide(approved, s.now()); err != nil { // of what was read; what is kept is asked below
		return err
	}
	if approved {
		_, err := s.Store.UpdateStakeholder(store.WithOnce(ctx, nil), e.ID, func(e *directory.Stakeholder) error {
			if !leads(who, e) {
				return errNotFocalPoint
			}
			return e.Admit(m, s.now())
		})
		if err != nil {
			return err
		}
	}
	_, err = s.Store.UpdateMandate(ctx, of, id, func(m *directory.Mandate) (string, error) {
		news, err := m.Decide(approved, s.now())
		if err != nil {
			return "", err
		}
		answer.body = viewMandate(m)
		if err := answer.keep(ctx); err != nil || !news {
			return "", err
		}
		return "contact.mandate_" + string(m.State), nil
	})
	return err
}

// mandate finds one of the requests of the stakeholder, also one that was made to
// what went into it since.
func (s *Server) mandate(ctx context.Context, e *directory.Stakeholder, id string) (*directory.Mandate, error) {
	m, err := s.Store.Mandate(ctx, e.ID, id)
	if err == nil || len(e.Merges) == 0 {
		return m, err
	}
	waiting, err := s.Store.MandatesOf(ctx, e)
	if err != nil {
		return nil, err
	}
	for _, m := range waiting {
		if m.ID == id {
			return m, nil
		}
	}
	return nil, errNoRoute
}

// proving returns the request whose address the link proves, and for whom it is.
func (s *Server) proving(r *http.Request) (*directory.Mandate, *directory.Stakeholder, error) {
	link, err := s.Links.Verify(r.PathValue("token"), auth.PurposeMandate, s.now())
	if err != nil || len(link.IDs) != 2 {
		return nil, nil, orInvalid(err)
	}
	m, err := s.Store.Mandate(r.Context(), link.IDs[0], link.IDs[1])
	if err != nil {
		return nil, nil, err
	}
	e, err := s.Store.Resolve(r.Context(), m.Stakeholder)
	return m, e, err
}

// prove notes that the address is proved, upon which the focal point is asked.
func (s *Server) prove(r *http.Request) (*directory.Stakeholder, error) {
	m, e, err := s.proving(r)
	if err != nil {
		return nil, err
	}
	ctx := store.As(r.Context(), store.Actor{ID: m.ID, Role: string(auth.Public)})
	_, err = s.Store.UpdateMandate(ctx, m.Stakeholder, m.ID, func(m *directory.Mandate) (string, error) {
		if m.Prove(s.now()) {
			return "contact.mandate_waiting", nil
		}
		return "", nil
	})
	return e, err
}
