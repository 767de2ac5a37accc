package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

func (s *Server) accreditationPageRoutes() []route {
	return []route{
		{"GET", "/events/{id}/accreditation", access{auth.Contact}, webPage, s.accreditationPage},
		{"POST", "/events/{id}/accreditation", access{auth.Contact}, webPage, s.accreditationForm},
		{"GET", "/desk/events/{id}/accreditations", conveners, webPage, s.applicationsPage},
		{"POST", "/desk/events/{id}/accreditations", conveners, webPage, s.verdictForm},
	}
}

// applicationsShown is how many applications one page tells of.
const applicationsShown = 25

func accreditationPath(event string) string {
	return "/events/" + url.PathEscape(event) + "/accreditation"
}

// accreditationPageView is accreditation to an event as an organisation sees it:
// how its own application stands or where it can apply, and what it may object to.
type accreditationPageView struct {
	id     string
	title  directory.Text
	done   string
	form   formView
	own    *ownApplication
	tracks []trackView // those that take applications
	others []applicationLine
	next   url.Values
	later  bool
}

// ownApplication is how the reader's own application stands.
type ownApplication struct {
	track           directory.Text
	status, applied string
	reason, decided string
}

// applicationLine is one application in a list.
type applicationLine struct {
	stakeholder     string
	who             directory.Text
	path            string // of the applicant's profile; empty when there is none
	track           directory.Text
	status, applied string
	until           string // objections are taken
}

// objectionField is the field in which the reader says what it has against the
// application of a stakeholder.
func objectionField(stakeholder string) string { return "text_" + stakeholder }

func (s *Server) accreditationPage(w http.ResponseWriter, r *http.Request) error {
	return s.showAccreditation(w, r, http.StatusOK, formView{})
}

func (s *Server) showAccreditation(w http.ResponseWriter, r *http.Request, status int, form formView) error {
	p := pageOf(r)
	q, err := query(r, "cursor", "done", "lang")
	if err != nil {
		return err
	}
	e, own, err := s.applicant(r)
	if err != nil {
		return err
	}
	form.labels, form.values = "accreditation", orEmpty(form.values)
	view := accreditationPageView{id: e.ID, title: textIn(e.Titles, p.lang), form: form, later: q.Get("cursor") != ""}
	if key := "accreditation.done." + q.Get("done"); i18n.Has(p.lang, "page."+key) {
		view.done = p.t(key)
	}
	if view.own, err = s.ownApplication(r, p, e, own); err != nil {
		return err
	}
	if view.own == nil && e.TakesAnswers() == nil {
		view.tracks = p.tracks(e, func(t convening.Track) bool { return s.now().Before(t.Until) })
	}
	if err := s.fillOpenToObjection(r, p, e, own, q.Get("cursor"), &view); err != nil {
		return err
	}
	return s.show(w, r, p, status, accreditation(p, view))
}

// tracks are the ways of being accredited to an event that hold.
func (p page) tracks(e *convening.Event, holds func(convening.Track) bool) []trackView {
	var list []trackView
	for _, t := range e.Tracks {
		if holds(t) {
			list = append(list, trackView{
				t.ID, textIn(t.Titles, p.lang), textIn(t.Document.Titles, p.lang), t.Document.URL,
				i18n.DateTime(p.lang, t.Until, e.Zone), i18n.DateTime(p.lang, t.ObjectionsUntil, e.Zone),
			})
		}
	}
	return list
}

// ownApplication is nil for who has not applied.
func (s *Server) ownApplication(r *http.Request, p page, e *convening.Event, own *directory.Stakeholder) (*ownApplication, error) {
	a, err := s.Store.AccreditationOf(r.Context(), e.ID, own.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &ownApplication{p.trackTitle(e, a.Track), p.applicationStatus(a), i18n.Date(p.lang, a.AppliedAt, e.Zone), a.Reason, p.dateIf(a.DecidedAt, e.Zone)}, nil
}

func (p page) applicationStatus(a *convening.Accreditation) string {
	return p.t("accreditation." + string(a.Status))
}

// dateIf is a day of the zone; empty for none.
func (p page) dateIf(at *time.Time, zone string) string {
	if at == nil {
		return ""
	}
	return i18n.Date(p.lang, *at, zone)
}

// trackTitle is the title of a track, or its id when the organiser took it out
// since.
func (p page) trackTitle(e *convening.Event, id string) directory.Text {
	t, err := e.TrackOf(id)
	if err != nil {
		return directory.Text{Text: id}
	}
	return textIn(t.Titles, p.lang)
}

// fillOpenToObjection reads a page of the applications of others that the reader
// may object to.
func (s *Server) fillOpenToObjection(r *http.Request, p page, e *convening.Event, own *directory.Stakeholder, cursor string, view *accreditationPageView) error {
	open := func(t convening.Track) bool { return t.OpenToObjection(s.now()) }
	if !slices.ContainsFunc(e.Tracks, open) {
		return nil
	}
	sees, err := s.accreditationsSeen(r, e)
	if err != nil {
		return err
	}
	ids, err := s.Store.Family(r.Context(), own)
	if err != nil {
		return err
	}
	list, next, err := s.Store.Accreditations(r.Context(), e.ID, cursor, applicationsShown)
	if err != nil {
		return err
	}
	var shown []*convening.Accreditation
	for _, a := range list {
		if slices.Contains(ids, a.Stakeholder) {
			continue
		}
		seen, err := sees(a)
		if err != nil {
			return err
		}
		if seen {
			shown = append(shown, a)
		}
	}
	if next != "" {
		view.next = url.Values{"cursor": {next}}
	}
	view.others, err = s.applicationLines(r, p, e, shown)
	return err
}

func (s *Server) applicationLines(r *http.Request, p page, e *convening.Event, list []*convening.Accreditation) ([]applicationLine, error) {
	var persons []convening.Person
	for _, a := range list {
		persons = append(persons, convening.Person{Stakeholder: a.Stakeholder})
	}
	_, named, err := s.mentioned(r.Context(), persons, nil)
	if err != nil {
		return nil, err
	}
	lines := make([]applicationLine, len(list))
	for i, a := range list {
		lines[i] = p.applicationLine(e, a, named[a.Stakeholder])
	}
	return lines, nil
}

func (p page) applicationLine(e *convening.Event, a *convening.Accreditation, of *directory.Stakeholder) applicationLine {
	line := applicationLine{
		stakeholder: a.Stakeholder, track: p.trackTitle(e, a.Track), status: p.applicationStatus(a), applied: i18n.Date(p.lang, a.AppliedAt, e.Zone),
	}
	line.who, line.path = p.bodyName(of)
	if t, err := e.TrackOf(a.Track); err == nil {
		line.until = i18n.DateTime(p.lang, t.ObjectionsUntil, e.Zone)
	}
	return line
}

// accreditationForm takes an application, or what the reader has against one.
func (s *Server) accreditationForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	done, field, label := "applied", "track", p.t("accreditation.track")
	if of := line(form, "object"); of != "" {
		done, field, label = "objected", objectionField(of), p.t("accreditation.objection")
		err = s.object(r, of, prose(form, field), &reply{})
	} else {
		err = s.apply(r, line(form, "track"), &reply{})
	}
	if err == nil || errors.Is(err, errApplied) { // the button was pressed twice
		return p.see(w, accreditationPath(r.PathValue("id")), url.Values{"done": {done}})
	}
	view := formView{values: form}
	if errors.Is(err, convening.ErrNoTrack) {
		view.faults.list = []formFault{{field, label, p.t("fault_choose")}}
	} else if view.faults, err = faultsOf(p, err, formFields{of: func(string) string { return field }, says: func(string) string { return label }}); err != nil {
		return err
	}
	return s.showAccreditation(w, r, http.StatusUnprocessableEntity, view)
}
