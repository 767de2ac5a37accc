package web

import (
	"net/http"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

func (s *Server) appealRoutes() []route {
	return []route{
		{"POST", "/v1/registrations/{id}/appeal", access{auth.Contact}, command, s.postAppeal},
		{"POST", appealPath, access{auth.Contact}, webPage, s.appealForm},
		{"POST", "/v1/registrations/{id}/appeal/decision", staffOnly, command, s.postAppealDecision},
		{"POST", "/v1/stakeholders/{id}/suspension", staffOnly, command, s.postSuspension},
		{"POST", "/v1/stakeholders/{id}/reinstatement", staffOnly, command, s.postReinstatement},
	}
}

// objection is the text of an appeal.
type objection struct {
	Text string `json:"text"`
}

func (s *Server) postAppeal(w http.ResponseWriter, r *http.Request) error {
	var given objection
	if err := decode(r, &given); err != nil {
		return err
	}
	if _, err := s.registration(r); err != nil { // whose version it has is nobody else's to learn
		return err
	}
	return s.rule(w, r, viewRegistration, func(e *directory.Stakeholder) error {
		if !actsFor(identityOf(r), e) {
			return errNoRoute
		}
		return e.Object(given.Text, s.now())
	})
}

// postAppealDecision is for another moderator than the one who decided.
func (s *Server) postAppealDecision(w http.ResponseWriter, r *http.Request) error {
	return s.ruleBy(w, r, (*directory.Stakeholder).DecideAppeal)
}

// postSuspension takes a stakeholder out of the directory; its outcome is always
// the same.
func (s *Server) postSuspension(w http.ResponseWriter, r *http.Request) error {
	return s.ruleBy(w, r, (*directory.Stakeholder).Suspend)
}

func (s *Server) postReinstatement(w http.ResponseWriter, r *http.Request) error {
	return s.ruleBy(w, r, (*directory.Stakeholder).Reinstate)
}

// ruleBy reads a decision and lets it be carried out by who asks.
func (s *Server) ruleBy(w http.ResponseWriter, r *http.Request, carryOut func(*directory.Stakeholder, directory.Decision, time.Time) error) error {
	var d directory.Decision
	if err := decode(r, &d); err != nil {
		return err
	}
	d.By, d.Lasts = identityOf(r).Subject, s.VerificationLasts
	return s.rule(w, r, viewForStaff, func(e *directory.Stakeholder) error { return carryOut(e, d, s.now()) })
}

// rule changes the version that was read, and answers with how it stands.
func (s *Server) rule(w http.ResponseWriter, r *http.Request, view func(*directory.Stakeholder) registrationView, change func(*directory.Stakeholder) error) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK}
	_, err = s.Store.UpdateStakeholder(r.Context(), r.PathValue("id"), func(e *directory.Stakeholder) error {
		if e.Version != read {
			return errStale
		}
		if err := change(e); err != nil {
			return err
		}
		answer.header, answer.body = []string{"ETag", etag(e.Version + 1)}, view(e)
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}
