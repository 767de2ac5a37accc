package web

import (
	"net/http"
	"net/url"
	"slices"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
)

// Where moderators find the other things that wait for them.
const (
	amendmentsPath = deskPath + "/amendments"
	screeningsPath = deskPath + "/screenings"
	claimsPath     = deskPath + "/claims"
)

// queuePaths are all queues of a moderator, by the keys of their titles.
func queuePaths() []option {
	return []option{
		{reviewPath, "review.title"}, {amendmentsPath, "review.amendments"}, {screeningsPath, "review.screenings"}, {claimsPath, "review.claims"},
	}
}

// waitingLine is one thing that waits, with where it is decided.
type waitingLine struct {
	path, about string
	name        directory.Name
}

// waitingView is a queue of things that are decided elsewhere.
type waitingView struct {
	path, title string // the title as a key
	lines       []waitingLine
	next        url.Values
	later       bool
}

// showWaiting renders one page of a queue.
func (s *Server) showWaiting(w http.ResponseWriter, r *http.Request, p page, view waitingView, next string) error {
	if view.later = p.query.Get("cursor") != ""; next != "" {
		view.next = url.Values{"cursor": {next}}
	}
	return s.show(w, r, p, http.StatusOK, waitingBody(p, view))
}

func (p page) waiting(e *directory.Stakeholder, path, about string) waitingLine {
	return waitingLine{path: path + "/" + url.PathEscape(e.ID), about: about, name: shownName(e.Profile, p.lang)}
}

// amendmentsPage lists the changes that listed stakeholders ask for.
func (s *Server) amendmentsPage(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "cursor", "lang")
	if err != nil {
		return err
	}
	list, next, err := s.Store.AmendmentsAsked(r.Context(), q.Get("cursor"), queueShown)
	if err != nil {
		return err
	}
	p, view := pageOf(r), waitingView{path: amendmentsPath, title: "review.amendments"}
	for _, e := range slices.DeleteFunc(list, func(e *directory.Stakeholder) bool { return !e.Amendable() }) {
		view.lines = append(view.lines, p.waiting(e, reviewPath, i18n.Date(p.lang, e.Amendment.At, "UTC")))
	}
	return s.showWaiting(w, r, p, view, next)
}

// screeningsPage lists those whose names are like one of the sanctions list, until
// somebody has looked.
func (s *Server) screeningsPage(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "cursor", "lang")
	if err != nil {
		return err
	}
	list, next, err := s.Store.ScreeningsIn(r.Context(), true, q.Get("cursor"), queueShown)
	if err != nil {
		return err
	}
	names, err := s.screened(r, list)
	if err != nil {
		return err
	}
	p, view := pageOf(r), waitingView{path: screeningsPath, title: "review.screenings"}
	for _, k := range list {
		if e := names[k.Stakeholder]; e != nil {
			view.lines = append(view.lines, p.waiting(e, reviewPath, i18n.Date(p.lang, k.At, "UTC")))
		}
	}
	return s.showWaiting(w, r, p, view, next)
}
