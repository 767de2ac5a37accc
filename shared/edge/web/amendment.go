package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

func (s *Server) amendmentRoutes() []route {
	return []route{
		{"PUT", "/v1/stakeholders/{id}", access{auth.Contact}, command, s.putStakeholder},
		{"GET", "/v1/stakeholders/{id}/amendment", applicant, document, s.getAmendment},
		{"POST", "/v1/stakeholders/{id}/amendment/decision", staffOnly, command, s.postAmendmentDecision},
		{"GET", "/v1/amendments", staffOnly, document, s.listAmendments},
		{"GET", "/me/profile", access{auth.Contact}, webPage, s.amendPage},
		{"POST", "/me/profile", access{auth.Contact}, webPage, s.amendForm},
	}
}

// amendedView is a profile as its contact left it: what is listed now, and what
// waits for a moderator.
type amendedView struct {
	ID string `json:"id"`
	directory.Profile
	UpdatedAt time.Time      `json:"updated_at"`
	Amendment *amendmentView `json:"amendment,omitempty"`
}

// amendmentView is an amendment, the fields side by side.
type amendmentView struct {
	State      directory.AmendmentState `json:"state"`
	At         time.Time                `json:"at"`
	Reasons    []string                 `json:"reasons,omitempty"`
	Note       string                   `json:"note,omitempty"`
	DecidedAt  *time.Time               `json:"decided_at,omitempty"`
	Changes    []amendedField           `json:"changes"`
	Duplicates []duplicateView          `json:"possible_duplicates,omitempty"` // of what is asked for; for moderators
}

// amendedField is one field as it is listed and as it is asked to be.
type amendedField struct {
	Field  string `json:"field"`
	Before any    `json:"before,omitempty"`
	After  any    `json:"after,omitempty"`
}

func viewAmendment(e *directory.Stakeholder) *amendmentView {
	a := e.Amendment
	if a == nil {
		return nil
	}
	view := &amendmentView{State: a.State, At: a.At, Reasons: a.Reasons, Note: a.Note, DecidedAt: a.DecidedAt, Changes: []amendedField{}}
	for _, c := range e.Compared() {
		field := amendedField{Field: c.Field}
		if c.Here != nil {
			field.Before = c.Here
		}
		if c.There != nil {
			field.After = c.There
		}
		view.Changes = append(view.Changes, field)
	}
	return view
}

// putStakeholder takes what a listed stakeholder says of itself now.
func (s *Server) putStakeholder(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.registration(r); err != nil {
		return err
	}
	read, err := version(r)
	if err != nil {
		return err
	}
	var p directory.Profile
	if err := decode(r, &p); err != nil {
		return err
	}
	e, err := s.revise(r.Context(), r.PathValue("id"), identityOf(r), func(e *directory.Stakeholder) (directory.Profile, error) {
		if e.Version != read {
			return p, errStale
		}
		return p, nil
	})
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(e.Version))
	return ok(w, amendedView{e.ID, e.Profile, e.UpdatedAt, viewAmendment(e)})
}

// revise changes the listed profile to what given makes of it.
func (s *Server) revise(ctx context.Context, id string, who auth.Identity, given func(*directory.Stakeholder) (directory.Profile, error)) (*directory.Stakeholder, error) {
	return s.updateOwn(ctx, id, who, func(e *directory.Stakeholder) error {
		p, err := given(e)
		if err != nil {
			return err
		}
		return e.Revise(p, who.Subject, s.now())
	})
}

func (s *Server) getAmendment(w http.ResponseWriter, r *http.Request) error {
	e, err := s.registration(r)
	if err != nil {
		return err
	}
	view := viewAmendment(e)
	if view == nil {
		return errNoRoute
	}
	if staff(identityOf(r)) {
		if view.Duplicates, err = s.wouldRepeat(r, e); err != nil {
			return err
		}
	}
	w.Header().Set("ETag", etag(e.Version)) // never a 304: others that may be the same come and go without a new version
	return ok(w, view)
}

// wouldRepeat returns whom the stakeholder might be the same as if the amendment
// were accepted.
func (s *Server) wouldRepeat(r *http.Request, e *directory.Stakeholder) ([]duplicateView, error) {
	proposed := *e
	proposed.Profile = e.Proposed()
	return s.duplicates(r, &proposed)
}

// postAmendmentDecision lets a moderator accept an amendment or return it. Where
// another is listed with the name or identifier by now, it is refused.
func (s *Server) postAmendmentDecision(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	var d directory.AmendmentDecision
	if err := decode(r, &d); err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK}
	_, err = s.Store.UpdateStakeholder(r.Context(), r.PathValue("id"), func(e *directory.Stakeholder) error {
		if e.Version != read {
			return errStale
		}
		if err := e.DecideAmendment(d, s.now()); err != nil {
			return err
		}
		answer.header, answer.body = []string{"ETag", etag(e.Version + 1)}, amendedView{e.ID, e.Profile, e.UpdatedAt, viewAmendment(e)}
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// amendmentAsked is one amendment among those that wait.
type amendmentAsked struct {
	ID        string         `json:"id"`
	Name      string         `json:"name"`
	Version   int64          `json:"version"` // for the If-Match of a decision
	Amendment *amendmentView `json:"amendment"`
}

func (s *Server) listAmendments(w http.ResponseWriter, r *http.Request) error {
	_, limit, cursor, err := paged(r)
	if err != nil {
		return err
	}
	list, next, err := s.Store.AmendmentsAsked(r.Context(), cursor, limit)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(e *directory.Stakeholder) bool { return !e.Amendable() })
	items := make([]amendmentAsked, len(list))
	for i, e := range list {
		items[i] = amendmentAsked{e.ID, e.DisplayName(string(language(r))), e.Version, viewAmendment(e)}
	}
	return ok(w, listOf[amendmentAsked]{items, next})
}
