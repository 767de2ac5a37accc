package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"convoke/shared/domain/directory"
)

// amendView is the listed profile as a form, for its contact.
type amendView struct {
	meView
	form  formView
	stale bool // it was changed since the form was opened
}

// amendable reports whether the contact may change what is listed.
func (v meView) amendable() bool {
	return v.Status == directory.Listed || v.Status == directory.Lapsed
}

// amendments are the names of the fields that the amendment is about.
func (v meView) amendments(p page) []string {
	var names []string
	for _, c := range v.Compared() {
		names = append(names, p.t("field."+c.Field))
	}
	return names
}

func (s *Server) amendPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.own(r)
	if err != nil {
		return err
	}
	p, view := pageOf(r), s.viewAmend(e, registrationValues(proposed(e)))
	if !view.amendable() {
		return p.see(w, "/me", nil)
	}
	return s.show(w, r, p, http.StatusOK, amend(p, view))
}

// proposed is the stakeholder as it would be with its amendment, which is what the
// form shows and is read against.
func proposed(e *directory.Stakeholder) *directory.Stakeholder {
	c := *e
	c.Profile = e.Proposed()
	return &c
}

func (s *Server) viewAmend(e *directory.Stakeholder, values url.Values) amendView {
	f := s.registrationForm(values, formFaults{})
	f.first = "amend"
	return amendView{meView: meView{Stakeholder: e}, form: f}
}

// amendForm takes changes of exactly the version that the form was filled with.
func (s *Server) amendForm(w http.ResponseWriter, r *http.Request) error {
	p, who := pageOf(r), identityOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.own(r)
	if err != nil {
		return err
	}
	var fieldOf func(string) string
	err = s.takeOnce(r, form, func(ctx context.Context) error {
		_, err := s.revise(ctx, e.ID, who, func(e *directory.Stakeholder) (directory.Profile, error) {
			if form.Get("version") != strconv.FormatInt(e.Version, 10) {
				return directory.Profile{}, errStale
			}
			var a directory.Application
			a, fieldOf = corrected(proposed(e), form)
			return a.Profile, nil
		})
		return err
	})
	if err == nil {
		return p.see(w, "/me", url.Values{"saved": {"1"}})
	}
	view := s.viewAmend(e, form)
	if errors.Is(err, errStale) {
		view.stale = true
		return s.show(w, r, p, http.StatusPreconditionFailed, amend(p, view))
	}
	view.form.faults, err = faultsOf(p, err, formFields{labels: "register", order: registrationFields(), of: fieldOf})
	if err != nil {
		return err
	}
	return s.show(w, r, p, http.StatusUnprocessableEntity, amend(p, view))
}
