package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
)

// errNoOutcome says that nothing was chosen to be decided.
var errNoOutcome = &fault.Error{Kind: fault.Invalid, Code: "decision.invalid", Fields: []fault.Field{{Pointer: "/outcome", Code: "decision.outcome_unknown"}}}

// dossierForm does one thing that a moderator pressed a button for, on exactly
// the version that the page showed.
func (s *Server) dossierForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	failed := s.act(r, form)
	if failed == nil {
		return p.see(w, p.path, url.Values{"saved": {"1"}})
	}
	view, err := s.viewDossier(r, p)
	if err != nil {
		return errors.Join(failed, err)
	}
	view.form.values = form
	if errors.Is(failed, errStale) {
		view.stale = true
		return s.show(w, r, p, http.StatusPreconditionFailed, dossierBody(p, view))
	}
	if view.form.faults, err = faultsOf(p, failed, formFields{labels: "review", order: decisionFields(), of: decisionField(form)}); err != nil {
		return err
	}
	return s.show(w, r, p, http.StatusUnprocessableEntity, dossierBody(p, view))
}

// decisionFields are the fields of the decision in the order of the page.
func decisionFields() []string { return []string{"outcome", "reasons", "note"} }

// decisionField finds the field of a fault of the decision. What is refused of the
// other forms of the page stands in the summary alone.
func decisionField(form url.Values) func(string) string {
	return func(pointer string) string {
		name, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
		if form.Get("act") == "decide" && slices.Contains(decisionFields(), name) {
			return name
		}
		return ""
	}
}

func (s *Server) act(r *http.Request, form url.Values) error {
	switch form.Get("act") {
	case "decide":
		return s.actDecide(r, form)
	case "check":
		return s.actOn(r, form, func(e *directory.Stakeholder) error {
			return e.CheckEvidence(form.Get("evidence"), form.Get("state") == string(directory.EvidenceChecked), s.now())
		})
	case "assign":
		to := ""
		if form.Get("assignee") == "me" {
			to = identityOf(r).Subject
		}
		return s.actCase(r, form, func(c *directory.Case) error { return c.Assign(to, identityOf(r).Subject, s.now()) })
	case "work":
		return s.actCase(r, form, func(c *directory.Case) error { return s.workOff(c, form, identityOf(r).Subject) })
	case "note":
		note := directory.CaseNote{ID: s.Store.NewID(), Text: prose(form, "text"), By: identityOf(r).Subject, At: s.now()}
		return s.actCase(r, form, func(c *directory.Case) error { return c.Note(note) })
	case "distinguish":
		return s.actDistinguish(r, form)
	case "screen":
		return s.actScreen(r, form)
	}
	return errNotForm
}

// actDecide carries out the outcome that was chosen.
func (s *Server) actDecide(r *http.Request, form url.Values) error {
	what, outcome, _ := strings.Cut(form.Get("outcome"), ":")
	d := directory.Decision{
		Outcome: directory.Status(outcome), Reasons: form["reasons"], Note: prose(form, "note"),
		By: identityOf(r).Subject, Lasts: s.VerificationLasts,
	}
	carryOut := map[string]func(*directory.Stakeholder, directory.Decision, time.Time) error{
		"decide": (*directory.Stakeholder).Decide, "appeal": (*directory.Stakeholder).DecideAppeal,
		"suspend": (*directory.Stakeholder).Suspend, "reinstate": (*directory.Stakeholder).Reinstate, "amend": decideAmendment,
	}[what]
	if carryOut == nil {
		return errNoOutcome
	}
	return s.actOn(r, form, func(e *directory.Stakeholder) error { return carryOut(e, d, s.now()) })
}

func decideAmendment(e *directory.Stakeholder, d directory.Decision, now time.Time) error {
	return e.DecideAmendment(directory.AmendmentDecision{Outcome: directory.AmendmentState(d.Outcome), Reasons: d.Reasons, Note: d.Note}, now)
}

func (s *Server) actOn(r *http.Request, form url.Values, change func(*directory.Stakeholder) error) error {
	_, err := s.Store.UpdateStakeholder(r.Context(), r.PathValue("id"), func(e *directory.Stakeholder) error {
		if form.Get("version") != strconv.FormatInt(e.Version, 10) {
			return errStale
		}
		return change(e)
	})
	return err
}

func (s *Server) actCase(r *http.Request, form url.Values, change func(*directory.Case) error) error {
	e, err := s.Store.Stakeholder(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if e.Status == directory.Erased {
		return errNoRoute
	}
	_, err = s.Store.ChangeCase(r.Context(), e.ID, func(c *directory.Case) error {
		if form.Get("version") != strconv.FormatInt(c.Version, 10) {
			return errStale
		}
		return change(c)
	})
	return err
}

// workOff notes those checks that stand otherwise in the form.
func (s *Server) workOff(c *directory.Case, form url.Values, by string) error {
	for _, w := range c.Checklist() {
		state := form.Get("check." + w.Check)
		if state == "" || state == w.State {
			continue
		}
		w.State, w.By, w.At = state, by, s.now()
		if err := c.Work(w); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) actDistinguish(r *http.Request, form url.Values) error {
	here, there, err := s.pair(r, r.PathValue("id"), form.Get("other"))
	if err != nil {
		return err
	}
	d, err := directory.Distinguish(here.ID, there.ID, identityOf(r).Subject, prose(form, "reason"), s.now())
	if err != nil {
		return err
	}
	return s.Store.Distinguish(r.Context(), d)
}

func (s *Server) actScreen(r *http.Request, form url.Values) error {
	d := directory.ScreeningDecision{
		Reference: form.Get("reference"), Contact: form.Get("contact"), Outcome: form.Get("state"), Reason: prose(form, "reason"), By: identityOf(r).Subject,
	}
	e, err := s.Store.Stakeholder(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	_, err = s.Store.UpdateScreening(r.Context(), e.ID, func(k *directory.Screening) error {
		if form.Get("version") != strconv.FormatInt(k.Version, 10) {
			return errStale
		}
		return k.Decide(d, s.now())
	})
	return err
}
