package web

import (
	"net/http"

	"convoke/shared/domain/convening"
)

// postClosure ends the taking of answers.
func (s *Server) postClosure(w http.ResponseWriter, r *http.Request) error {
	return s.moveEvent(w, r, func(e *convening.Event) error { return e.Close(s.now()) })
}

// cancellation is what an organiser says to call an event off.
type cancellation struct {
	Reason string `json:"reason,omitempty"` // is mailed to who was invited
}

// postCancellation calls an event off. Who was invited is told by themselves.
func (s *Server) postCancellation(w http.ResponseWriter, r *http.Request) error {
	var c cancellation
	if err := decode(r, &c); err != nil {
		return err
	}
	return s.moveEvent(w, r, func(e *convening.Event) error { return e.Cancel(c.Reason, s.now()) })
}

// moveEvent moves an event on, and answers with how it stands then.
func (s *Server) moveEvent(w http.ResponseWriter, r *http.Request, move func(*convening.Event) error) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusAccepted}
	_, err = s.changeEvent(r, read, func(e *convening.Event) error {
		if err := move(e); err != nil {
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

// roomFor refuses a capacity below the number of those who have accepted, or for
// whom a place is kept. A draft has invited nobody.
func (s *Server) roomFor(r *http.Request, e *convening.Event, p convening.Plan) error {
	if p.Capacity == 0 || e.Status == convening.Draft {
		return nil
	}
	taken, err := s.Store.SeatsTaken(r.Context(), e.ID)
	if err != nil {
		return err
	}
	return p.CheckCapacity(taken)
}
