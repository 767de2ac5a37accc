package web

import (
	"net/http"
	"slices"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/state/store"
)

func (s *Server) mergeRoutes() []route {
	return []route{
		{"POST", "/v1/stakeholders/{id}/merges", staffOnly, command, s.postMerge},
		{"GET", "/v1/merges/{id}", staffOnly, document, s.getMerge},
		{"POST", "/v1/merges/{id}/undo", staffOnly, command, s.postUndo},
	}
}

// mergeView is a merge as moderators see it.
type mergeView struct {
	ID         string                  `json:"id"`
	Survivor   string                  `json:"survivor"`
	Merged     string                  `json:"merged"`
	State      directory.MergeState    `json:"state"`
	By         string                  `json:"by"`
	At         time.Time               `json:"at"`
	Reason     string                  `json:"reason"`
	Changes    []directory.FieldChange `json:"changes"`
	Contacts   int                     `json:"contacts"` // that came to the survivor
	UndoneBy   string                  `json:"undone_by,omitempty"`
	UndoneAt   *time.Time              `json:"undone_at,omitempty"`
	UndoReason string                  `json:"undo_reason,omitempty"`
	Kept       []string                `json:"kept,omitempty"`
}

func viewMerge(m *directory.Merge) mergeView {
	return mergeView{
		m.ID, m.Survivor, m.Merged, m.State, m.By, m.At, m.Reason, append([]directory.FieldChange{}, m.Changes...), len(m.Contacts),
		m.UndoneBy, m.UndoneAt, m.UndoReason, m.Kept,
	}
}

// postMerge merges another stakeholder into that of the path, whose version
// If-Match names. What follows is moved at once as far as that goes, and by the
// planner if this request should end before.
func (s *Server) postMerge(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	var order directory.MergeOrder
	if err := decode(r, &order); err != nil {
		return err
	}
	if err := s.refuseDistinct(r, order.Merged); err != nil {
		return err
	}
	answer, id := &reply{status: http.StatusCreated}, s.Store.NewID()
	m, err := s.Store.BeginMerge(r.Context(), r.PathValue("id"), order.Merged, func(survivor, merged *directory.Stakeholder) (*directory.Merge, error) {
		if survivor.Version != read {
			return nil, errStale
		}
		m, err := directory.BeginMerge(id, survivor, merged, order, identityOf(r).Subject, s.now())
		if err != nil {
			return nil, err
		}
		answer.header, answer.body = []string{"Location", "/v1/merges/" + m.ID}, viewMerge(m)
		return m, answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	s.settle(r, m.ID)
	return answer.write(w)
}

// refuseDistinct refuses to merge what a moderator held to be distinct.
func (s *Server) refuseDistinct(r *http.Request, other string) error {
	id := r.PathValue("id")
	if other == id {
		return directory.ErrItself
	}
	distinct, err := s.Store.Distinct(r.Context(), id, []string{other})
	if err == nil && distinct[other] {
		return directory.ErrMergeDistinct
	}
	return err
}

// settle carries a merge on. What fails here is no failure of the request: the
// planner repeats it.
func (s *Server) settle(r *http.Request, id string) {
	if _, err := s.Store.SettleMerge(store.WithOnce(r.Context(), nil), id); err != nil {
		s.Log.WarnContext(r.Context(), "merge left to the planner", "merge", id, "error", err.Error())
	}
}

func (s *Server) getMerge(w http.ResponseWriter, r *http.Request) error {
	m, err := s.Store.Merge(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := s.concealErased(r, m); err != nil {
		return err
	}
	return ok(w, viewMerge(m))
}

// concealErased takes the words out of a merge of which one is erased, also before
// the erasure comes to it.
func (s *Server) concealErased(r *http.Request, m *directory.Merge) error {
	ends, err := s.Store.Stakeholders(r.Context(), []string{m.Survivor, m.Merged})
	if err == nil && slices.ContainsFunc(ends, func(e *directory.Stakeholder) bool { return e.Status == directory.Erased }) {
		m.Forget()
	}
	return err
}

// undoGiven is why a merge is undone.
type undoGiven struct {
	Reason string `json:"reason"`
}

// postUndo parts the two of a merge again. It moves back what followed, and then
// changes the two in one step; where another holds by now what one of them held,
// the merge stays, which its state says.
func (s *Server) postUndo(w http.ResponseWriter, r *http.Request) error {
	var given undoGiven
	if err := decode(r, &given); err != nil {
		return err
	}
	answer := &reply{status: http.StatusAccepted}
	m, err := s.Store.RevertMerge(r.Context(), r.PathValue("id"), func(m *directory.Merge, survivor, merged *directory.Stakeholder) error {
		if err := m.Revert(survivor, merged, identityOf(r).Subject, given.Reason, s.now()); err != nil {
			return err
		}
		answer.body = viewMerge(m)
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	s.settle(r, m.ID)
	return answer.write(w)
}
