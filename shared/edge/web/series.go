package web

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// seriesView is a series of events.
type seriesView struct {
	ID        string    `json:"id"`
	Unit      string    `json:"unit"`
	CopyOf    string    `json:"copy_of,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	convening.SeriesPlan
}

func viewSeries(e *convening.Series) seriesView {
	return seriesView{e.ID, e.Unit, e.CopyOf, e.CreatedAt, e.UpdatedAt, e.SeriesPlan}
}

func (s *Server) seriesRoutes() []route {
	return []route{
		{"POST", "/v1/series", access{auth.Organiser}, command, s.postSeries},
		{"GET", "/v1/series", access{auth.Organiser}, document, s.listSeries},
		{"GET", "/v1/series/{id}", anyone, document, s.getSeries},
		{"PUT", "/v1/series/{id}", conveners, command, s.putSeries},
		{"GET", "/v1/series/{id}/events", anyone, document, s.listSeriesEvents},
		{"POST", "/v1/series/{id}/copies", access{auth.Organiser}, command, s.postSeriesCopy},
	}
}

func (s *Server) postSeries(w http.ResponseWriter, r *http.Request) error {
	var plan convening.SeriesPlan
	if err := decode(r, &plan); err != nil {
		return err
	}
	unit := identityOf(r).Unit
	if unit == "" {
		return errNoUnit
	}
	e, err := convening.NewSeries(s.Store.NewID(), unit, plan, s.now())
	if err != nil {
		return err
	}
	return s.keepSeries(w, r, e)
}

// keepSeries keeps a new series and answers with it.
func (s *Server) keepSeries(w http.ResponseWriter, r *http.Request, e *convening.Series) error {
	answer := &reply{status: http.StatusCreated, header: []string{"Location", "/v1/series/" + e.ID, "ETag", etag(1)}, body: viewSeries(e)}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.Store.CreateSeries(r.Context(), e); err != nil {
		return err
	}
	return answer.write(w)
}

// listSeries lists what the unit organises, alone or with others.
func (s *Server) listSeries(w http.ResponseWriter, r *http.Request) error {
	_, limit, cursor, err := paged(r)
	if err != nil {
		return err
	}
	list, next, err := s.Store.SeriesOf(r.Context(), identityOf(r).Unit, cursor, limit)
	if err != nil {
		return err
	}
	items := make([]seriesView, len(list))
	for i, e := range list {
		items[i] = viewSeries(e)
	}
	return ok(w, listOf[seriesView]{items, next})
}

// seriesAsked returns the series of the path for who may read it, and whether that
// is one of those who organise it.
func (s *Server) seriesAsked(r *http.Request) (e *convening.Series, organises bool, err error) {
	if e, err = s.Store.Series(r.Context(), r.PathValue("id")); err != nil {
		return nil, false, err
	}
	organises = organisesSeries(identityOf(r), e)
	if e.Private && !organises {
		return nil, false, errNoRoute
	}
	return e, organises, nil
}

func organisesSeries(who auth.Identity, e *convening.Series) bool {
	return who.Has(auth.Admin) || who.Has(auth.Organiser) && e.Organises(who.Unit)
}

// getSeries shows a series to anyone, without the stakeholders that are not
// public; its units see it whole.
func (s *Server) getSeries(w http.ResponseWriter, r *http.Request) error {
	e, organises, err := s.seriesAsked(r)
	if err != nil {
		return err
	}
	view, tag := viewSeries(e), etag(e.Version)
	if !organises {
		if view.SeriesPlan, err = s.publicSeries(r, e.SeriesPlan); err != nil {
			return err
		}
		if tag, err = taggedBody(view); err != nil {
			return err
		}
	}
	if unchanged(w, r, tag) {
		return nil
	}
	return ok(w, view)
}

// publicSeries is the plan without the stakeholders that are not public.
func (s *Server) publicSeries(r *http.Request, p convening.SeriesPlan) (convening.SeriesPlan, error) {
	bodies := slices.Clone(p.CoOrganisers)
	for _, h := range p.Hosts {
		bodies = append(bodies, h.CoOrganiser)
	}
	known, err := s.publicBodies(r, bodies)
	if err != nil {
		return p, err
	}
	p.CoOrganisers = known.only(p.CoOrganisers)
	p.Hosts = slices.Clone(p.Hosts)
	for i, h := range p.Hosts {
		if !known.shows(h.CoOrganiser) {
			p.Hosts[i].CoOrganiser = convening.CoOrganiser{}
		}
	}
	return p, nil
}

// bodies are the stakeholders among bodies that anyone may know of.
type bodies map[string]*directory.Stakeholder

// publicBodies looks up which of the bodies are public. Who is at risk, or not
// listed any more, is not.
func (s *Server) publicBodies(r *http.Request, list []convening.CoOrganiser) (bodies, error) {
	ids := convening.OrganisersOf(list)
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := s.Store.Stakeholders(r.Context(), ids)
	if err != nil {
		return nil, err
	}
	known := bodies{}
	for _, e := range found {
		if e.Public() {
			known[e.ID] = e
		}
	}
	return known, nil
}

// shows reports whether a body may be shown: one that is only named has been by
// who organises with it.
func (b bodies) shows(o convening.CoOrganiser) bool {
	return o.Stakeholder == "" || b[o.Stakeholder] != nil
}

func (b bodies) only(list []convening.CoOrganiser) []convening.CoOrganiser {
	return slices.DeleteFunc(slices.Clone(list), func(o convening.CoOrganiser) bool { return !b.shows(o) })
}

func (s *Server) putSeries(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	var plan convening.SeriesPlan
	if err := decode(r, &plan); err != nil {
		return err
	}
	e, err := s.Store.UpdateSeries(r.Context(), r.PathValue("id"), func(e *convening.Series) error {
		if err := ofUnit(identityOf(r), e.Unit); err != nil {
			return err
		}
		if e.Version != read {
			return errStale
		}
		return e.Revise(plan, s.now())
	})
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(e.Version))
	return ok(w, viewSeries(e))
}

// listSeriesEvents lists the events of a series, the latest first: to its units
// their own and what is public, to everybody else what is public.
func (s *Server) listSeriesEvents(w http.ResponseWriter, r *http.Request) error {
	_, limit, cursor, err := paged(r)
	if err != nil {
		return err
	}
	e, _, err := s.seriesAsked(r)
	if err != nil {
		return err
	}
	list, next, err := s.Store.SeriesEvents(r.Context(), e.ID, cursor, limit)
	if err != nil {
		return err
	}
	items := []eventView{}
	for _, event := range list {
		view, _, err := s.shownEvent(r, event)
		if errors.Is(err, errNoRoute) {
			continue
		}
		if err != nil {
			return err
		}
		items = append(items, view)
	}
	return ok(w, listOf[eventView]{items, next})
}

// seriesCopy says for which unit a series is copied.
type seriesCopy struct {
	Unit string `json:"unit"`
}

// postSeriesCopy copies a series to another unit, for who may act for that one
// too.
func (s *Server) postSeriesCopy(w http.ResponseWriter, r *http.Request) error {
	var request seriesCopy
	if err := decode(r, &request); err != nil {
		return err
	}
	e, _, err := s.seriesAsked(r)
	if err != nil {
		return err
	}
	if err := s.actsForUnit(r, request.Unit); err != nil {
		return err
	}
	return s.keepSeries(w, r, e.Copy(s.Store.NewID(), request.Unit, s.now()))
}

// actsForUnit refuses who may not act for a unit: one's own, or one that has let
// one's own act for it. Who acts for another unit already cannot go on to a third.
func (s *Server) actsForUnit(r *http.Request, unit string) error {
	own := identityOf(r).Unit
	if unit != "" && unit == own {
		return nil
	}
	if r.Header.Get("On-Behalf-Of") != "" {
		return errNotDelegated
	}
	u, err := s.Store.Unit(r.Context(), unit)
	if errors.Is(err, store.ErrNotFound) || err == nil && !u.Admits(own) {
		return errNotDelegated
	}
	return err
}

// seriesFor refuses a series that there is not, or that the unit does not organise.
func (s *Server) seriesFor(r *http.Request, at, id, unit string) error {
	if id == "" {
		return nil
	}
	e, err := s.Store.Series(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !e.Organises(unit) {
		var faults fault.List
		faults.Add(at, "event.series_unknown")
		return faults.Err(convening.ErrEventInvalid.Code)
	}
	return err
}

// naming is where a series names a stakeholder.
type naming struct {
	Series      string           `json:"series"`
	Titles      []directory.Text `json:"titles"`
	CoOrganiser bool             `json:"co_organiser,omitempty"`
	Hosted      []int            `json:"hosted,omitempty"` // years
}

// namedIn returns where a series names a stakeholder, by any of its ids.
func namedIn(e *convening.Series, ids []string) naming {
	is := func(id string) bool { return slices.Contains(ids, id) }
	n := naming{Series: e.ID, Titles: e.Titles, CoOrganiser: slices.ContainsFunc(convening.OrganisersOf(e.CoOrganisers), is)}
	for _, h := range e.Hosts {
		if is(h.Stakeholder) {
			n.Hosted = append(n.Hosted, h.Year)
		}
	}
	return n
}
