package web

import (
	"context"
	"net/http"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// Protection: what a stakeholder shows, and to whom. All of it is for its own
// contacts.

func (s *Server) protectionRoutes() []route {
	return []route{
		{"PUT", "/v1/stakeholders/{id}/visibility", access{auth.Contact}, command, s.putVisibility},
		{"POST", "/v1/stakeholders/{id}/at-risk", access{auth.Contact}, command, s.postAtRisk},
		{"GET", "/me/privacy", access{auth.Contact}, webPage, s.privacyPage},
		{"POST", "/me/privacy/at-risk", access{auth.Contact}, webPage, s.atRiskForm},
		{"POST", "/me/privacy/visibility", access{auth.Contact}, webPage, s.visibilityForm},
		{"GET", "/protect/{token}", anyone, webPage, s.requestPage},
		{"POST", "/protect/{token}", anyone, webPage, s.requestForm},
	}
}

func (s *Server) putVisibility(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	if _, err := s.registration(r); err != nil {
		return err
	}
	var visibility directory.Visibility
	if err := decode(r, &visibility); err != nil {
		return err
	}
	e, err := s.updateOwn(r.Context(), r.PathValue("id"), identityOf(r), func(e *directory.Stakeholder) error {
		if e.Version != read {
			return errStale
		}
		return e.Show(visibility, s.now())
	})
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(e.Version))
	return ok(w, viewRegistration(e))
}

// updateOwn changes a stakeholder for one of its own contacts.
func (s *Server) updateOwn(ctx context.Context, id string, who auth.Identity, change func(*directory.Stakeholder) error) (*directory.Stakeholder, error) {
	return s.Store.UpdateStakeholder(ctx, id, func(e *directory.Stakeholder) error {
		if !actsFor(who, e) {
			return errNoRoute
		}
		return change(e)
	})
}

// riskView says whether a stakeholder is at risk, and whether its focal point was
// asked to end that.
type riskView struct {
	AtRisk   bool `json:"at_risk"`
	Awaiting bool `json:"awaiting_confirmation"`
}

type riskRequest struct {
	AtRisk bool `json:"at_risk"`
}

// postAtRisk takes no version: who is in danger does not read first.
func (s *Server) postAtRisk(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.registration(r); err != nil {
		return err
	}
	var request riskRequest
	if err := decode(r, &request, "at_risk"); err != nil {
		return err
	}
	if err := s.limitedRequest(w, r, request.AtRisk); err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK}
	_, err := s.updateOwn(r.Context(), r.PathValue("id"), identityOf(r), func(e *directory.Stakeholder) error {
		if err := s.setRisk(e, request.AtRisk); err != nil {
			return err
		}
		view := riskView{AtRisk: e.AtRisk, Awaiting: e.AtRisk && !request.AtRisk}
		if view.Awaiting {
			answer.status = http.StatusAccepted
		}
		answer.body = view
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

func (s *Server) setRisk(e *directory.Stakeholder, atRisk bool) error {
	if atRisk {
		return e.Protect(s.now())
	}
	return e.AskExposure(s.Store.NewID(), s.now())
}

// limitedRequest refuses too many requests that send mail. Protection sends none,
// and is never refused.
func (s *Server) limitedRequest(w http.ResponseWriter, r *http.Request, protects bool) error {
	if protects {
		return nil
	}
	return s.allow(w, "protection "+identityOf(r).Subject)
}

// requested returns the stakeholder and the request that a mailed link confirms.
func (s *Server) requested(r *http.Request) (*directory.Stakeholder, directory.Request, error) {
	link, err := s.Links.Verify(r.PathValue("token"), auth.PurposeRequest, s.now())
	if err != nil || len(link.IDs) != 2 {
		return nil, directory.Request{}, orInvalid(err)
	}
	e, err := s.Store.Stakeholder(r.Context(), link.IDs[0])
	if err != nil {
		return nil, directory.Request{}, err
	}
	asked, err := e.Asked(link.IDs[1], s.now())
	return e, asked, err
}

// carryOut takes the step that was asked for.
func (s *Server) carryOut(r *http.Request, e *directory.Stakeholder, asked directory.Request) error {
	ctx := store.As(r.Context(), store.Actor{ID: asked.Contact, Role: string(auth.Contact), For: e.ID})
	if asked.Kind != directory.RequestExposure {
		return s.confirmErasure(ctx, e, asked)
	}
	_, err := s.Store.UpdateStakeholder(ctx, e.ID, func(e *directory.Stakeholder) error { return e.Expose(asked.ID, s.now()) })
	return err
}
