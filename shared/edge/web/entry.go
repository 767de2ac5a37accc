package web

import (
	"context"
	"net/http"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

func (s *Server) entryRoutes() []route {
	return []route{
		{"POST", "/v1/events/{id}/invitations/{contact}/answer", access{auth.Organiser, auth.Admin}, command, s.postAnswer},
		{"POST", "/v1/events/{id}/invitations/{contact}/withdrawal", access{auth.Organiser, auth.Admin}, command, s.postWithdrawal},
		{"POST", "/v1/events/{id}/invitations/{contact}/attendance", access{auth.Organiser, auth.Admin}, command, s.postAttendance},
		{"GET", "/v1/events/{id}/needs", access{auth.Organiser, auth.Admin}, document, s.getNeeds},
	}
}

// postAnswer takes an answer that came to the organiser by telephone or letter.
func (s *Server) postAnswer(w http.ResponseWriter, r *http.Request) error {
	var request convening.Entry
	if err := decode(r, &request); err != nil {
		return err
	}
	return s.changeInvitation(w, r, func(i *convening.Invitation) error { return i.Enter(request, s.now()) })
}

// postWithdrawal takes an invitation back.
func (s *Server) postWithdrawal(w http.ResponseWriter, r *http.Request) error {
	return s.changeInvitation(w, r, func(i *convening.Invitation) error { return withdraw(i, s.now()) })
}

// withdraw takes back an invitation that its recipient has not handed on.
func withdraw(i *convening.Invitation, now time.Time) error {
	if i.Status == convening.Delegated {
		return convening.ErrWithColleague
	}
	i.Withdraw(now)
	return nil
}

// postAttendance notes whether somebody came.
func (s *Server) postAttendance(w http.ResponseWriter, r *http.Request) error {
	var request convening.Presence
	if err := decode(r, &request); err != nil {
		return err
	}
	return s.changeInvitationOf(w, r, func(e *convening.Event, i *convening.Invitation) error { return s.attend(r.Context(), e, i, request) })
}

// attend notes whether somebody came, and of who had the floor whether it was for
// the first time.
func (s *Server) attend(ctx context.Context, e *convening.Event, i *convening.Invitation, p convening.Presence) error {
	if err := i.AttendCourse(e, p); err != nil || !i.Spoke {
		return err
	}
	ledger, err := s.Store.Ledger(ctx, i.Stakeholder)
	if err != nil {
		return err
	}
	i.Introduce(ledger)
	return nil
}

// thankAgain lets the planner see to what was noted after those who came were
// thanked.
func (s *Server) thankAgain(r *http.Request) error {
	ctx := store.WithOnce(r.Context(), nil) // the key was spent
	_, err := s.Store.UpdateEvent(ctx, r.PathValue("id"), func(e *convening.Event) error { e.ThankAgain(s.now()); return nil })
	return err
}

// changeInvitation changes an invitation to an event of the organiser's unit. The
// audit trail says who did it and on whose behalf.
func (s *Server) changeInvitation(w http.ResponseWriter, r *http.Request, change func(*convening.Invitation) error) error {
	return s.changeInvitationOf(w, r, func(_ *convening.Event, i *convening.Invitation) error { return change(i) })
}

func (s *Server) changeInvitationOf(w http.ResponseWriter, r *http.Request, change func(*convening.Event, *convening.Invitation) error) error {
	answer := &reply{status: http.StatusOK}
	err := s.changeInvited(r, func(e *convening.Event, i *convening.Invitation) error {
		if err := change(e, i); err != nil {
			return err
		}
		answer.body = viewInvitation(i)
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// changeInvited changes an invitation for who convenes its event.
func (s *Server) changeInvited(r *http.Request, change func(*convening.Event, *convening.Invitation) error) error {
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := convenes(identityOf(r), e); err != nil {
		return err
	}
	read, err := s.Store.Invitation(r.Context(), e.ID, r.PathValue("contact"))
	if err != nil {
		return err
	}
	err = s.changeFor(r, read, func(i *convening.Invitation) error { return change(e, i) })
	if err == nil && e.Status == convening.Held {
		err = s.thankAgain(r)
	}
	return err
}

// changeFor changes an invitation on behalf of whom it went to, as the audit trail
// then says.
func (s *Server) changeFor(r *http.Request, read *convening.Invitation, change func(*convening.Invitation) error) error {
	who := identityOf(r)
	ctx := store.As(r.Context(), store.Actor{ID: who.Subject, Role: string(who.Roles[0]), For: read.Stakeholder})
	_, err := s.Store.UpdateInvitation(ctx, read.EventID, read.Contact, change)
	return err
}

// needsView is what those who come need, counted.
type needsView struct {
	Accepted int            `json:"accepted"` // those who come, or wait for a place
	Needs    map[string]int `json:"needs"`
}

// getNeeds counts what those who come need, for the organiser who arranges it.
func (s *Server) getNeeds(w http.ResponseWriter, r *http.Request) error {
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := convenes(identityOf(r), e); err != nil {
		return err
	}
	view, err := s.countNeeds(r.Context(), e.ID)
	if err != nil {
		return err
	}
	return ok(w, view)
}

func (s *Server) countNeeds(ctx context.Context, event string) (needsView, error) {
	view := needsView{Needs: map[string]int{}}
	for cursor := ""; ; {
		list, next, err := s.Store.Invitations(ctx, event, cursor, 1000)
		if err != nil {
			return view, err
		}
		for _, i := range list {
			view.add(i)
		}
		if cursor = next; cursor == "" {
			return view, nil
		}
	}
}

func (v *needsView) add(i *convening.Invitation) {
	switch i.Status {
	case convening.Accepted, convening.Tentative, convening.Waiting, convening.Offered:
	default:
		return
	}
	v.Accepted++
	for _, need := range i.Needs {
		v.Needs[need]++
	}
}
