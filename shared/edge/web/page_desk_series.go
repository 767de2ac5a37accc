package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
)

// deskSeriesPath is where the series of a unit are.
const deskSeriesPath = deskPath + "/series"

func seriesPathOf(id string) string { return deskSeriesPath + "/" + url.PathEscape(id) }

// seriesListView are the series that a unit organises, alone or with others.
type seriesListView struct {
	done  string
	lines []seriesLine
	next  url.Values
	later bool
}

type seriesLine struct {
	id      string
	title   directory.Text
	host    *bodyView // of this year; nil when none is known
	private bool
	own     bool // it belongs to the unit
}

func (s *Server) deskSeriesPage(w http.ResponseWriter, r *http.Request) error {
	unit, p := identityOf(r).Unit, pageOf(r)
	if unit == "" {
		return errNoUnit
	}
	q, err := query(r, "done", "cursor", "lang")
	if err != nil {
		return err
	}
	list, next, err := s.Store.SeriesOf(r.Context(), unit, q.Get("cursor"), eventsShown)
	if err != nil {
		return err
	}
	view := seriesListView{done: p.doneText(q.Get("done"), ""), later: q.Has("cursor")}
	now := s.now().Year()
	hosts, err := s.publicBodies(r, hostsOf(list, now))
	if err != nil {
		return err
	}
	for _, e := range list {
		line := seriesLine{id: e.ID, title: textIn(e.Titles, p.lang), private: e.Private, own: e.Unit == unit}
		if named := hosts.view(p, hostsOf([]*convening.Series{e}, now)); len(named) > 0 {
			line.host = &named[0]
		}
		view.lines = append(view.lines, line)
	}
	if next != "" {
		view.next = url.Values{"cursor": {next}}
	}
	return s.show(w, r, p, http.StatusOK, deskSeries(p, view))
}

// hostsOf are the hosts of series in a year.
func hostsOf(list []*convening.Series, year int) (hosts []convening.CoOrganiser) {
	for _, e := range list {
		if host, there := e.HostOf(year); there {
			hosts = append(hosts, host.CoOrganiser)
		}
	}
	return hosts
}

// seriesFormView is a series as a form: a new one, or one that is changed.
type seriesFormView struct {
	form  formView
	id    string
	stale bool
	in    i18n.Lang      // in which title and text are shown and taken
	rows  map[string]int // by kind
}

func (v seriesFormView) title(p page) string {
	if v.id == "" {
		return p.t("desk.series.make")
	}
	return p.t("desk.series.change")
}

func (v seriesFormView) path() string {
	if v.id == "" {
		return deskSeriesPath + "/new"
	}
	return seriesPathOf(v.id) + "/change"
}

func (s *Server) newSeriesPage(w http.ResponseWriter, r *http.Request) error {
	if identityOf(r).Unit == "" {
		return errNoUnit
	}
	q, err := query(r, "in", "lang")
	if err != nil {
		return err
	}
	in := pageOf(r).titlesIn(q.Get("in"), nil)
	return s.showSeries(w, r, http.StatusOK, seriesFormView{form: s.seriesForm(url.Values{"in": {string(in)}}), in: in})
}

func (s *Server) seriesForm(values url.Values) formView {
	return formView{values: values, labels: "desk.series", first: "desk.event", once: s.Store.NewID()}
}

func (s *Server) showSeries(w http.ResponseWriter, r *http.Request, status int, view seriesFormView) error {
	p := pageOf(r)
	view.rows = map[string]int{}
	for _, kind := range []string{rowBody, rowHost} {
		view.rows[kind] = min(slices.Max(append(rowsGiven(view.form.values, kind), 0))+1, rowsMost)
	}
	return s.show(w, r, p, status, seriesForm(p, view))
}

func (s *Server) newSeriesForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	unit := identityOf(r).Unit
	if unit == "" {
		return errNoUnit
	}
	plan, late := s.seriesOf(form, convening.SeriesPlan{})
	e, err := convening.NewSeries(s.Store.NewID(), unit, plan, s.now())
	if err = alongside(late, err); err == nil {
		err = s.takeOnce(r, form, func(ctx context.Context) error { return s.Store.CreateSeries(ctx, e) })
	}
	if err != nil {
		return s.refuseSeries(w, r, seriesFormView{form: s.seriesForm(form)}, err)
	}
	return pageOf(r).see(w, deskSeriesPath, url.Values{"done": {"series_made"}})
}

// ownSeries is the series of the path for those who may change it.
func (s *Server) ownSeries(r *http.Request) (*convening.Series, error) {
	e, organises, err := s.seriesAsked(r)
	if err != nil {
		return nil, err
	}
	if !organises {
		return nil, errNoRoute
	}
	return e, ofUnit(identityOf(r), e.Unit)
}

func (s *Server) changeSeriesPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.ownSeries(r)
	if err != nil {
		return err
	}
	q, err := query(r, "in", "lang")
	if err != nil {
		return err
	}
	in := pageOf(r).titlesIn(q.Get("in"), e.Titles)
	return s.showSeries(w, r, http.StatusOK, seriesFormView{form: s.seriesForm(seriesValues(s.BaseURL, e, in)), id: e.ID, in: in})
}

// changeSeriesForm changes the version of the series that the form was filled with.
func (s *Server) changeSeriesForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.ownSeries(r)
	if err != nil {
		return err
	}
	_, err = s.Store.UpdateSeries(r.Context(), e.ID, func(e *convening.Series) error {
		if e.Version != readVersion(form) {
			return errStale
		}
		plan, late := s.seriesOf(form, e.SeriesPlan)
		return alongside(late, e.Revise(plan, s.now()))
	})
	if err != nil {
		return s.refuseSeries(w, r, seriesFormView{form: s.seriesForm(form), id: e.ID}, err)
	}
	return pageOf(r).see(w, seriesPathOf(e.ID), url.Values{"done": {"series_changed"}})
}

func (s *Server) refuseSeries(w http.ResponseWriter, r *http.Request, view seriesFormView, err error) error {
	p := pageOf(r)
	view.in = p.titlesIn(line(view.form.values, "in"), nil)
	if errors.Is(err, errStale) {
		view.stale = true
		return s.showSeries(w, r, http.StatusPreconditionFailed, view)
	}
	view.form.faults, err = faultsOf(p, err, formFields{labels: "desk.series", order: seriesFields(), of: seriesField(view.form.values), says: p.hostLabel})
	if err != nil {
		return err
	}
	return s.showSeries(w, r, http.StatusUnprocessableEntity, view)
}

// seriesOf reads the form over a plan. A row in which nothing is said any more is
// taken out. What is no number comes beside it.
func (s *Server) seriesOf(form url.Values, p convening.SeriesPlan) (convening.SeriesPlan, error) {
	in, known := spoken(line(form, "in"))
	if !known {
		return p, errNotForm
	}
	r := programmeReader{form: form, in: string(in), base: s.BaseURL}
	p.Titles, p.Summaries = textsWith(p.Titles, r.in, line(form, "title")), textsWith(p.Summaries, r.in, prose(form, "summary"))
	p.Topics, p.Private = form["about"], form.Get("private") == "yes"
	p.Units = strings.FieldsFunc(form.Get("units"), func(c rune) bool { return c == ',' || c == ' ' || c == '\n' || c == '\r' })
	p.CoOrganisers, p.Hosts = nil, nil
	for _, n := range rowsGiven(form, rowBody) {
		p.CoOrganisers = append(p.CoOrganisers, r.body(rowBody, n))
	}
	for i, n := range rowsGiven(form, rowHost) {
		p.Hosts = append(p.Hosts, convening.Host{
			Year:        numberOf(&r.faults, form, rowField(rowHost, n, partYear), "/hosts/"+strconv.Itoa(i)+"/year"),
			CoOrganiser: r.body(rowHost, n), Topics: form[rowField(rowHost, n, partTopics)],
		})
	}
	return p, r.faults.Err(convening.ErrSeriesInvalid.Code)
}

// seriesValues is the form as it is filled with a series, its title and text in the
// language.
func seriesValues(base string, e *convening.Series, in i18n.Lang) url.Values {
	v := url.Values{
		"version": {strconv.FormatInt(e.Version, 10)}, "in": {string(in)}, "about": e.Topics, "units": {strings.Join(e.Units, " ")},
		"title": {exactlyIn(e.Titles, string(in))}, "summary": {exactlyIn(e.Summaries, string(in))},
	}
	if e.Private {
		v.Set("private", "yes")
	}
	for i, o := range e.CoOrganisers {
		v.Set(rowField(rowBody, i+1, partTitle), bodyGiven(base, o))
	}
	for i, h := range e.Hosts {
		v.Set(rowField(rowHost, i+1, partYear), strconv.Itoa(h.Year))
		v.Set(rowField(rowHost, i+1, partTitle), bodyGiven(base, h.CoOrganiser))
		v[rowField(rowHost, i+1, partTopics)] = h.Topics
	}
	return v
}

// seriesFields are the fields of the form in the order of the page.
func seriesFields() []string {
	list := []string{"title", "summary", "about", "private", "units"}
	for _, kind := range []string{rowBody, rowHost} {
		for n := 1; n <= rowsMost; n++ {
			for _, part := range rowParts(kind) {
				list = append(list, rowField(kind, n, part))
			}
		}
	}
	return list
}

// seriesField names the field that a pointer came from.
func seriesField(form url.Values) func(string) string {
	return func(pointer string) string {
		parts := strings.Split(strings.TrimPrefix(pointer, "/")+"///", "/")
		kind := map[string]string{"co_organisers": rowBody, "hosts": rowHost}[parts[0]]
		if kind == "" {
			return map[string]string{"titles": "title", "summaries": "summary", "topics": "about", "units": "units"}[parts[0]]
		}
		rows := rowsGiven(form, kind)
		i, err := strconv.Atoi(parts[1])
		if err != nil || i >= len(rows) {
			return rowField(kind, 1, rowParts(kind)[0])
		}
		switch parts[2] {
		case partYear, partTopics:
			return rowField(kind, rows[i], parts[2])
		}
		return rowField(kind, rows[i], partTitle)
	}
}

// hostLabel is what a part of a row is called away from it; empty for what is no
// part of one.
func (p page) hostLabel(field string) string {
	row, part, found := strings.Cut(field, "_")
	kind := strings.TrimRight(row, "0123456789")
	switch n := strings.TrimPrefix(row, kind); {
	case field == "about":
		return p.t("profile.topics")
	case !found:
		return ""
	case kind == rowHost:
		return p.with("desk.series.host", "n", n) + " – " + p.hostPart(part)
	default:
		return p.rowLabel(field)
	}
}

// hostPart is what a part of the row of a host is called in it.
func (p page) hostPart(part string) string { return p.t("desk.series.host." + part) }
