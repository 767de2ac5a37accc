package web

import (
	"net/http"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
)

// referenceView is what a referee is asked.
type referenceView struct {
	name, referee string
	country, kind string
	about         directory.Text
	website       string
	state         directory.EvidenceState
	closed        bool
	form          formView
}

func (s *Server) referencePage(w http.ResponseWriter, r *http.Request) error {
	applicant, referee, by, err := s.refereed(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	view := viewReference(p, applicant, referee, by.asked)
	return s.show(w, r, p, http.StatusOK, referencePageBody(p, view))
}

func (s *Server) referenceForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	answer := form.Get("answer")
	if answer != "vouch" && answer != "decline" { // a press of neither button
		return p.see(w, p.path, nil)
	}
	err = s.vouch(r, directory.Word{Vouch: answer == "vouch", Note: prose(form, "note")})
	if err == nil {
		return p.see(w, p.path, nil)
	}
	faults, err := faultsOf(p, err, formFields{labels: "reference", of: func(string) string { return "note" }})
	if err != nil {
		return err
	}
	applicant, referee, by, err := s.refereed(r)
	if err != nil {
		return err
	}
	view := viewReference(p, applicant, referee, by.asked)
	view.form.values, view.form.faults = form, faults
	return s.show(w, r, p, http.StatusUnprocessableEntity, referencePageBody(p, view))
}

func viewReference(p page, applicant, referee *directory.Stakeholder, asked string) referenceView {
	v, _ := applicant.Word(directory.EvidenceReferences, asked)
	view := referenceView{
		name: applicant.DisplayName(string(p.lang)), referee: referee.DisplayName(string(p.lang)), website: applicant.Website,
		country: i18n.Country(p.lang, applicant.Country), kind: i18n.T(p.lang, "category."+applicant.Category, nil),
		about: textIn(applicant.Descriptions, p.lang), state: v.State, form: formView{labels: "reference"},
		closed: v.State != directory.EvidenceAsked && applicant.Status != directory.AwaitingReview && applicant.Status != directory.Returned,
	}
	view.form.values = map[string][]string{"note": {v.Note}}
	return view
}
