package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/i18n"
)

// applicationsView are the applications for accreditation to an event, for who
// decides on them.
type applicationsView struct {
	id    string
	title directory.Text
	done  string
	stale bool
	form  formView
	lines []decidedLine
	next  url.Values
	later bool
}

// decidedLine is an application with what an organiser knows of it.
type decidedLine struct {
	applicationLine
	version         int64
	reason, decided string
	objections      []objectionLine
	decidable       bool
	waits           string // until when a decision waits for objections
}

// objectionLine is who objects, and why.
type objectionLine struct {
	who        directory.Text
	when, text string
}

// verdictField is the field of one application in the page.
func verdictField(stakeholder string) string { return "verdict_" + stakeholder }

func applicationsPath(event string) string { return boardPath(event) + "/accreditations" }

func (s *Server) applicationsPage(w http.ResponseWriter, r *http.Request) error {
	return s.showApplications(w, r, http.StatusOK, applicationsView{})
}

func (s *Server) showApplications(w http.ResponseWriter, r *http.Request, status int, view applicationsView) error {
	p := pageOf(r)
	e, err := s.board(r)
	if err != nil {
		return err
	}
	q, err := query(r, "cursor", "done", "lang")
	if err != nil {
		return err
	}
	list, next, err := s.Store.Accreditations(r.Context(), e.ID, q.Get("cursor"), applicationsShown)
	if err != nil {
		return err
	}
	if view.lines, err = s.decidedLines(r, p, e, list); err != nil {
		return err
	}
	if next != "" {
		view.next = url.Values{"cursor": {next}}
	}
	view.id, view.title, view.done, view.later = e.ID, textIn(e.Titles, p.lang), p.doneText(q.Get("done"), ""), q.Get("cursor") != ""
	view.form.labels, view.form.values = "accreditation", orEmpty(view.form.values)
	return s.show(w, r, p, status, applications(p, view))
}

func (s *Server) decidedLines(r *http.Request, p page, e *convening.Event, list []*convening.Accreditation) ([]decidedLine, error) {
	var persons []convening.Person
	for _, a := range list {
		persons = append(persons, convening.Person{Stakeholder: a.Stakeholder})
		for _, o := range a.Objections {
			persons = append(persons, convening.Person{Stakeholder: o.Stakeholder})
		}
	}
	_, named, err := s.mentioned(r.Context(), persons, nil)
	if err != nil {
		return nil, err
	}
	lines := make([]decidedLine, len(list))
	for i, a := range list {
		line := decidedLine{applicationLine: p.applicationLine(e, a, named[a.Stakeholder]), version: a.Version, reason: a.Reason, decided: p.dateIf(a.DecidedAt, e.Zone)}
		for _, o := range a.Objections {
			who, _ := p.bodyName(named[o.Stakeholder])
			line.objections = append(line.objections, objectionLine{who, i18n.Date(p.lang, o.At, e.Zone), o.Text})
		}
		if t, err := e.TrackOf(a.Track); err == nil && a.DecidedAt == nil {
			if line.decidable = !s.now().Before(t.ObjectionsUntil); !line.decidable {
				line.waits = line.until
			}
		}
		lines[i] = line
	}
	return lines, nil
}

// verdictForm decides on exactly the version of an application that the page showed.
func (s *Server) verdictForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	of := line(form, "stakeholder")
	verdict := convening.Verdict{Outcome: convening.AccreditationStatus(line(form, "outcome")), Reason: prose(form, verdictReason(of))}
	err = s.decideAccreditation(r, of, readVersion(form), verdict, &reply{})
	if err == nil {
		q := r.URL.Query() // the same page of the list
		q.Set("done", "decided")
		return p.see(w, applicationsPath(r.PathValue("id")), q)
	}
	view := applicationsView{form: formView{values: form}}
	switch f, known := errors.AsType[*fault.Error](err); {
	case errors.Is(err, errStale):
		view.stale = true
		return s.showApplications(w, r, http.StatusPreconditionFailed, view)
	case known && f.Kind == fault.Conflict:
		said := describe(p.lang, err)
		view.form.faults.list = []formFault{{field: verdictField(of), text: said.Title}}
		return s.showApplications(w, r, said.Status, view)
	}
	view.form.faults, err = faultsOf(p, err, formFields{labels: "accreditation", of: func(pointer string) string {
		if pointer == "/reason" {
			return verdictReason(of)
		}
		return verdictField(of)
	}, says: func(string) string { return p.t("accreditation.reason") }})
	if err != nil {
		return err
	}
	return s.showApplications(w, r, http.StatusUnprocessableEntity, view)
}

// verdictReason is the field of the reason for the decision on an application.
func verdictReason(stakeholder string) string { return "reason_" + stakeholder }

// versionText is a version as a form carries it.
func (l decidedLine) versionText() string { return strconv.FormatInt(l.version, 10) }
