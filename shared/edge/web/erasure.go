package web

import (
	"context"
	"net/http"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

func (s *Server) erasureRoutes() []route {
	return []route{
		{"POST", "/v1/stakeholders/{id}/erasure", access{auth.Contact, auth.Admin}, command, s.postErasure},
		{"POST", "/me/privacy/erasure", access{auth.Contact}, webPage, s.erasureForm},
	}
}

// erasureRequest says whose erasure is asked for: of the stakeholder, or of one
// of its contacts alone.
type erasureRequest struct {
	Contact string `json:"contact,omitempty"`
}

// erasureView says what became of the asking.
type erasureView struct {
	ID     string `json:"id"`
	Status string `json:"status"` // awaiting_confirmation, begun
}

// postErasure asks who is to confirm by mail, or begins at once when an
// administrator was asked in another way.
func (s *Server) postErasure(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.registration(r); err != nil {
		return err
	}
	var request erasureRequest
	if err := decode(r, &request); err != nil {
		return err
	}
	answer := &reply{status: http.StatusAccepted}
	if identityOf(r).Has(auth.Admin) {
		return s.beginErasure(w, r, request, answer)
	}
	if err := s.limitedRequest(w, r, false); err != nil {
		return err
	}
	id := s.Store.NewID()
	answer.body = erasureView{id, "awaiting_confirmation"}
	_, err := s.updateOwn(r.Context(), r.PathValue("id"), identityOf(r), func(e *directory.Stakeholder) error {
		if err := s.askErasure(e, id, identityOf(r), request.Contact); err != nil {
			return err
		}
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// askErasure asks the one who is to confirm. A contact asks for its own erasure
// alone.
func (s *Server) askErasure(e *directory.Stakeholder, id string, who auth.Identity, contact string) error {
	switch contact {
	case "":
		return e.AskErasure(id, s.now())
	case who.Subject:
		return e.AskContactErasure(id, contact, s.now())
	}
	return errNoRoute
}

// beginErasure begins what an administrator was asked for.
func (s *Server) beginErasure(w http.ResponseWriter, r *http.Request, request erasureRequest, answer *reply) error {
	e, err := s.registration(r)
	if err != nil {
		return err
	}
	if c, ok := e.Contact(request.Contact); request.Contact != "" && !ok {
		if err := s.named(r, e.ID, request.Contact); err != nil {
			return err
		}
	} else if ok && c.Role == directory.RoleFocalPoint {
		return directory.ErrFocalPoint
	}
	id := s.Store.NewID()
	answer.body = erasureView{id, "begun"}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.Store.BeginErasure(r.Context(), directory.NewErasure(id, e.ID, request.Contact, s.now())); err != nil {
		return err
	}
	return answer.write(w)
}

// confirmErasure begins what its contact confirmed, and hides the stakeholder
// until the planner comes to it. The erasure has the id of the request: the same
// link begins one.
func (s *Server) confirmErasure(ctx context.Context, e *directory.Stakeholder, asked directory.Request) error {
	contact := ""
	if asked.Kind == directory.RequestContactErasure {
		contact = asked.Contact
	}
	if err := s.Store.BeginErasure(ctx, directory.NewErasure(asked.ID, e.ID, contact, s.now())); err != nil || contact != "" {
		return err
	}
	_, err := s.Store.UpdateStakeholder(ctx, e.ID, func(e *directory.Stakeholder) error { return e.Protect(s.now()) })
	return err
}

func (s *Server) erasureForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.limitedRequest(w, r, false); err != nil {
		return err
	}
	contact := ""
	if form.Get("what") != "organisation" {
		contact = identityOf(r).Subject
	}
	err = s.changeOwn(r, func(e *directory.Stakeholder) error { return s.askErasure(e, s.Store.NewID(), identityOf(r), contact) })
	if err != nil {
		return err
	}
	return p.see(w, "/me/privacy", map[string][]string{"done": {"asked"}})
}
