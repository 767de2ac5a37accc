package web

import (
	"errors"
	"net/http"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

func (s *Server) carryOverRoutes() []route {
	return []route{
		{"POST", "/v1/events/{id}/carry-over", access{auth.Organiser}, command, s.postCarryOver},
	}
}

// carriedOver says what came of it. It names nobody: under the Chatham House Rule
// who was there is not told.
type carriedOver struct {
	Event string `json:"event"`
	To    string `json:"to"`
	Added int    `json:"added"`
	Found int    `json:"found"` // who was there, those who were named already among them
}

// postCarryOver takes participants of a meeting along to the event that it
// prepares. It is for the organisers of the unit that held both, and no
// administrator's: to who was not there to organise it, nobody was there.
func (s *Server) postCarryOver(w http.ResponseWriter, r *http.Request) error {
	var request convening.CarryOver
	if err := decode(r, &request); err != nil {
		return err
	}
	to, err := s.convened(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	from, err := s.convened(r, request.From)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, errNoRoute) {
		return convening.ErrNotPrepared
	}
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK}
	if _, err := s.takeAlong(r, request, from, to, answer); err != nil {
		return err
	}
	return answer.write(w)
}

// takeAlong takes the participants of one event along to another.
func (s *Server) takeAlong(r *http.Request, c convening.CarryOver, from, to *convening.Event, answer *reply) (carriedOver, error) {
	done := carriedOver{Event: to.ID, To: c.To}
	if err := c.Check(from, to); err != nil {
		return done, err
	}
	people, err := s.participants(r, c)
	if err != nil {
		return done, err
	}
	done.Found = len(people)
	return done, s.carryOver(r, c, to.ID, people, func(added int) error {
		done.Added = added
		answer.body = done
		return answer.keep(r.Context())
	})
}

// carryOver writes the people where they are to be, and keeps the answer with it.
func (s *Server) carryOver(r *http.Request, c convening.CarryOver, event string, people []convening.Person, keep func(int) error) (err error) {
	if c.To == convening.ToShortlist {
		_, err = s.Store.UpdatePanel(r.Context(), event, func(p *convening.Panel) error {
			added, err := p.Consider(people, s.now())
			if err != nil {
				return err
			}
			return keep(added)
		})
		return err
	}
	_, err = s.Store.UpdateEvent(r.Context(), event, func(e *convening.Event) error {
		added, err := e.Invite(people, s.now())
		if err != nil {
			return err
		}
		return keep(added)
	})
	return err
}

// convened returns an event of the organiser's own unit.
func (s *Server) convened(r *http.Request, id string) (*convening.Event, error) {
	e, err := s.Store.Event(r.Context(), id)
	if err != nil {
		return nil, err
	}
	return e, convenes(identityOf(r), e)
}

// participants reads who of a meeting is carried over.
func (s *Server) participants(r *http.Request, c convening.CarryOver) (people []convening.Person, err error) {
	for cursor, more := "", true; more; more = cursor != "" {
		var list []*convening.Invitation
		if list, cursor, err = s.Store.Invitations(r.Context(), c.From, cursor, 1000); err != nil {
			return nil, err
		}
		for _, i := range list {
			if c.Takes(i) {
				people = append(people, convening.Person{Stakeholder: i.Stakeholder, Contact: i.Contact})
			}
		}
	}
	return people, nil
}

// precedesFor refuses a link to an event that this one cannot prepare.
func (s *Server) precedesFor(r *http.Request, id, unit string, p convening.Plan) error {
	return p.CheckPrecedes(id, unit, func(id string) (*convening.Event, error) {
		e, err := s.Store.Event(r.Context(), id)
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil
		}
		return e, err
	})
}

// publicPrecedes is the id of the event that one prepares, when anyone may know of
// that.
func (s *Server) publicPrecedes(r *http.Request, e *convening.Event) (*convening.Event, error) {
	if e.Precedes == "" {
		return nil, nil
	}
	next, err := s.Store.Event(r.Context(), e.Precedes)
	if errors.Is(err, store.ErrNotFound) || err == nil && !next.Public() {
		return nil, nil
	}
	return next, err
}
