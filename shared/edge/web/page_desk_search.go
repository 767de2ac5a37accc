package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/fault"
)

// Where saved searches are, and where a search is kept as one.
const (
	searchesPath   = deskPath + "/searches"
	keepSearchPath = searchesPath + "/new"
)

// searchesView are the saved searches of a unit.
type searchesView struct {
	done, refused string
	lines         []searchLine
}

// searchLine is one saved search.
type searchLine struct {
	id, name string
	version  string
	shared   bool
	alert    bool
	sought   []string   // what it looks for, in words
	query    url.Values // of the page that shows whom it finds
}

// keepView is a search that is to be kept, as a form.
type keepView struct {
	form   formView
	sought []string
	query  url.Values
}

func (s *Server) searchesPage(w http.ResponseWriter, r *http.Request) error {
	return s.showSearches(w, r, http.StatusOK, "")
}

func (s *Server) showSearches(w http.ResponseWriter, r *http.Request, status int, refused string) error {
	unit, p := identityOf(r).Unit, pageOf(r)
	if unit == "" {
		return errNoUnit
	}
	q, err := query(r, "done", "lang")
	if err != nil {
		return err
	}
	list, err := s.keptSearches(r, unit)
	if err != nil {
		return err
	}
	view := searchesView{done: p.doneText(q.Get("done"), ""), refused: refused}
	for _, x := range list {
		view.lines = append(view.lines, searchLine{
			x.ID, x.Name, strconv.FormatInt(x.Version, 10), x.Shared, x.Alert, p.soughtWords(queryOf(x.Query)), queryOf(x.Query),
		})
	}
	return s.show(w, r, p, status, searchesPage(p, view))
}

// queryOf is a saved query as the search of the directory has it in its address.
func queryOf(sought convening.Query) url.Values {
	q := url.Values{}
	for field, values := range sought.Filters {
		q[field] = values
	}
	for field, values := range sought.Without {
		q[without+field] = values
	}
	if sought.Text != "" {
		q.Set("q", sought.Text)
	}
	if at := sought.VerifiedSince; at != nil {
		q.Set("verified_since", at.UTC().Format(time.DateOnly))
	}
	if at := sought.NotInvitedSince; at != nil {
		q.Set("not_invited_since", at.UTC().Format(time.DateOnly))
	}
	if n := sought.InvitedAtMost; n != nil {
		q.Set("invited_at_most", strconv.Itoa(*n))
	}
	return q
}

// soughtWords is what a query looks for, in words, each condition by itself.
func (p page) soughtWords(q url.Values) []string {
	var words []string
	if text := q.Get("q"); text != "" {
		words = append(words, "“"+text+"”")
	}
	for _, field := range append(convening.AudienceFilters(), convening.EngagementFilters()...) {
		for _, value := range q[field] {
			words = append(words, p.valueName(field, value))
		}
		for _, value := range q[without+field] {
			words = append(words, p.with("desk.searches.without", "value", p.valueName(field, value)))
		}
	}
	for _, name := range []string{"invited_at_most", "not_invited_since", "verified_since"} {
		if value := q.Get(name); value == "0" {
			words = append(words, p.t("tools.never_asked"))
		} else if value != "" {
			words = append(words, p.with("desk.searches."+name, "value", value))
		}
	}
	return words
}

// keepSearchPage asks what a search shall be called.
func (s *Server) keepSearchPage(w http.ResponseWriter, r *http.Request) error {
	if identityOf(r).Unit == "" {
		return errNoUnit
	}
	return s.showKeep(w, r, http.StatusOK, formView{values: url.Values{"shared": {"yes"}}})
}

func (s *Server) showKeep(w http.ResponseWriter, r *http.Request, status int, form formView) error {
	p := pageOf(r)
	sought := r.URL.Query()
	sought.Del("lang")
	form.labels = "desk.searches"
	if form.once == "" {
		form.once = s.Store.NewID()
	}
	return s.show(w, r, p, status, keepSearch(p, keepView{form, p.soughtWords(sought), sought}))
}

// keepSearchForm keeps the search that the address of the form describes.
func (s *Server) keepSearchForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	plan := convening.SearchPlan{Name: line(form, "name"), Shared: form.Get("shared") == "yes", Alert: form.Get("alert") == "yes"}
	if plan.Query, err = s.soughtBy(r); err != nil {
		return err
	}
	x, err := s.newSearch(r, plan)
	if err == nil {
		err = s.takeOnce(r, form, func(ctx context.Context) error { return s.Store.CreateSearch(ctx, x) })
	}
	if err == nil {
		return p.see(w, searchesPath, url.Values{"done": {"kept"}})
	}
	view := formView{values: form}
	view.faults, err = faultsOf(p, err, formFields{labels: "desk.searches", order: []string{"name", "shared", "alert"}, of: func(at string) string {
		if at = strings.TrimPrefix(at, "/"); slices.Contains([]string{"name", "shared", "alert"}, at) {
			return at
		}
		return ""
	}})
	if err != nil {
		return err
	}
	return s.showKeep(w, r, http.StatusUnprocessableEntity, view)
}

// soughtBy is the query that an address describes, with what it names as it names
// it: the States of a process are those that it has when the search is asked.
func (s *Server) soughtBy(r *http.Request) (convening.Query, error) {
	q, err := query(r, append(searchParameters(true), "lang")...)
	if err != nil {
		return convening.Query{}, err
	}
	a, err := s.audienceOf(r, q)
	if err != nil {
		return convening.Query{}, err
	}
	sought := convening.Query{Text: a.Text, Narrowing: a.Narrowing, Filters: map[string][]string{}}
	sought.Without = map[string][]string{}
	for _, field := range searchFilters(true) {
		if values := q[field]; len(values) > 0 {
			sought.Filters[field] = values
		}
		if values := q[without+field]; len(values) > 0 {
			sought.Without[field] = values
		}
	}
	return sought, nil
}

// searchForm changes one saved search: whether its unit is told who is new in it,
// or that it is there at all.
func (s *Server) searchForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	done := form.Get("act")
	switch read := readVersion(form); done {
	case "alert", "quiet":
		_, err = s.reviseSearch(r, read, func(plan *convening.SearchPlan) { plan.Alert = done == "alert" })
	case "delete":
		err = s.Store.DeleteSearch(r.Context(), r.PathValue("id"), func(x *convening.SavedSearch) error { return presentSearch(identityOf(r), x, read) })
	default:
		return errNoAct
	}
	if err == nil {
		return p.see(w, searchesPath, url.Values{"done": {"search_" + done}})
	}
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind != fault.NotFound {
		said := describe(p.lang, err)
		refused := said.Title
		for _, e := range said.Errors {
			refused = e.Detail
		}
		return s.showSearches(w, r, said.Status, refused)
	}
	return err
}
