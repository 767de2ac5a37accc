package web

import (
	"net/http"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// errNoSeat says that who is invited to no seat has nothing to declare.
var errNoSeat = fault.New(fault.Conflict, "panel.not_seated")

// conflictView is what a declaration of a conflict of interest comes to.
type conflictView struct {
	Declared bool                       `json:"declared"`
	Status   convening.InvitationStatus `json:"status"` // declined where the panel admits nobody with such an interest
}

// postDeclaration takes the declaration of who has the link.
func (s *Server) postDeclaration(w http.ResponseWriter, r *http.Request) error {
	answer := &reply{status: http.StatusOK}
	err := s.declareConflict(r, func(status convening.InvitationStatus) error {
		answer.body = conflictView{true, status}
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// declareConflict notes that who is asked to sit in a panel has a conflict of
// interest. Where the targets admit nobody who has, the invitation is declined by
// it, and the seat passes on. Again changes nothing more.
func (s *Server) declareConflict(r *http.Request, done func(convening.InvitationStatus) error) error {
	i, e, err := s.asked(r)
	if err != nil {
		return err
	}
	if err := e.TakesAnswers(); err != nil {
		return err
	}
	if i.Seat == "" {
		return errNoSeat
	}
	who := convening.Person{Stakeholder: i.Stakeholder, Contact: i.Contact}
	ctx := store.As(r.Context(), store.Actor{ID: i.Contact, Role: string(auth.Contact), For: i.Stakeholder})
	status := i.Status
	_, err = s.Store.UpdatePanel(ctx, e.ID, func(p *convening.Panel) error {
		if p.Excludes() {
			status = convening.Declined
		}
		if err := p.Declare(who, s.now()); err != nil {
			return err
		}
		return done(status)
	})
	if err != nil || status == i.Status {
		return err
	}
	return s.answer(r.WithContext(store.WithOnce(r.Context(), nil)), convening.Answer{Answer: convening.Declined, Reason: i.Reason})
}
