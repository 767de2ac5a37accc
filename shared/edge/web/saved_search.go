package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
)

func (s *Server) savedSearchRoutes() []route {
	return []route{
		{"POST", "/v1/searches", access{auth.Organiser}, command, s.postSearch},
		{"GET", "/v1/searches", access{auth.Organiser}, document, s.listSearches},
		{"GET", "/v1/searches/{id}", conveners, document, s.getSearch},
		{"PUT", "/v1/searches/{id}", conveners, command, s.putSearch},
		{"DELETE", "/v1/searches/{id}", conveners, command, s.deleteSearch},
		{"GET", "/v1/searches/{id}/stakeholders", conveners, document, s.runSearch},
		{"GET", "/alerts/{token}", anyone, webPage, s.alertPage},
		{"POST", "/alerts/{token}", anyone, webPage, s.alertForm},
	}
}

// savedSearchView is a saved search as its organisers see it.
type savedSearchView struct {
	ID        string    `json:"id"`
	Unit      string    `json:"unit"`
	Mine      bool      `json:"mine"` // who asks keeps it
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	convening.SearchPlan
}

func viewSavedSearch(x *convening.SavedSearch, who auth.Identity) savedSearchView {
	return savedSearchView{x.ID, x.Unit, x.Owner == who.Subject, x.CreatedAt, x.UpdatedAt, x.SearchPlan}
}

func (s *Server) postSearch(w http.ResponseWriter, r *http.Request) error {
	var plan convening.SearchPlan
	if err := decode(r, &plan); err != nil {
		return err
	}
	x, err := s.newSearch(r, plan)
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusCreated, header: []string{"Location", "/v1/searches/" + x.ID, "ETag", etag(1)}, body: viewSavedSearch(x, identityOf(r))}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.Store.CreateSearch(r.Context(), x); err != nil {
		return err
	}
	return answer.write(w)
}

// newSearch makes the saved search that is asked for, and does not keep it yet.
func (s *Server) newSearch(r *http.Request, plan convening.SearchPlan) (*convening.SavedSearch, error) {
	who := identityOf(r)
	if who.Unit == "" {
		return nil, errNoUnit
	}
	x, err := convening.NewSearch(s.Store.NewID(), who.Unit, who.Subject, plan, s.now())
	if err != nil {
		return nil, err
	}
	return x, s.alertable(r, x.Unit, plan)
}

// alertable refuses an alert that would go nowhere: alerts go to the address of
// the unit, which is the only one that is known of an organiser.
func (s *Server) alertable(r *http.Request, unit string, p convening.SearchPlan) error {
	if !p.Alert {
		return nil
	}
	u, err := s.Store.Unit(r.Context(), unit)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil && u.ReplyTo != "" {
		return nil
	}
	var faults fault.List
	faults.Add("/alert", "saved_search.no_address")
	return faults.Err(convening.ErrSearchInvalid.Code)
}

// listSearches lists what the organisers of a unit share, or with own=true what
// who asks keeps alone.
func (s *Server) listSearches(w http.ResponseWriter, r *http.Request) error {
	q, limit, cursor, err := paged(r, "own")
	if err != nil {
		return err
	}
	own, err := flagged(q, "own")
	if err != nil {
		return err
	}
	who := identityOf(r)
	read := func(ctx context.Context) ([]*convening.SavedSearch, string, error) {
		if own {
			return s.Store.OwnSearches(ctx, who.Unit, who.Subject, cursor, limit)
		}
		return s.Store.SharedSearches(ctx, who.Unit, cursor, limit)
	}
	list, next, err := read(r.Context())
	if err != nil {
		return err
	}
	items := make([]savedSearchView, len(list))
	for i, x := range list {
		items[i] = viewSavedSearch(x, who)
	}
	return ok(w, listOf[savedSearchView]{items, next})
}

// savedSearch returns the search of the path to who may see it.
func (s *Server) savedSearch(r *http.Request) (*convening.SavedSearch, error) {
	x, err := s.Store.SavedSearch(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return x, seesSearch(identityOf(r), x)
}

// seesSearch refuses who may not see a saved search: it is its unit's, and unless
// it is shared its owner's.
func seesSearch(who auth.Identity, x *convening.SavedSearch) error {
	if err := ofUnit(who, x.Unit); err != nil {
		return err
	}
	if !x.VisibleTo(who.Subject) && !who.Has(auth.Admin) {
		return errNoRoute
	}
	return nil
}

func (s *Server) getSearch(w http.ResponseWriter, r *http.Request) error {
	x, err := s.savedSearch(r)
	if err != nil {
		return err
	}
	if unchanged(w, r, etag(x.Version)) {
		return nil
	}
	return ok(w, viewSavedSearch(x, identityOf(r)))
}

func (s *Server) putSearch(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	var plan convening.SearchPlan
	if err := decode(r, &plan); err != nil {
		return err
	}
	x, err := s.reviseSearch(r, read, func(p *convening.SearchPlan) { *p = plan })
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(x.Version))
	return ok(w, viewSavedSearch(x, identityOf(r)))
}

// reviseSearch changes what the search of the path says, in the version that was
// read.
func (s *Server) reviseSearch(r *http.Request, read int64, change func(*convening.SearchPlan)) (*convening.SavedSearch, error) {
	who := identityOf(r)
	return s.Store.UpdateSearch(r.Context(), r.PathValue("id"), func(x *convening.SavedSearch) error {
		if err := presentSearch(who, x, read); err != nil {
			return err
		}
		plan := x.SearchPlan
		change(&plan)
		if err := x.Revise(who.Subject, plan, s.now()); err != nil {
			return err
		}
		return s.alertable(r, x.Unit, plan)
	})
}

// presentSearch refuses who may not see the search, and who means another version
// of it.
func presentSearch(who auth.Identity, x *convening.SavedSearch, read int64) error {
	if err := seesSearch(who, x); err != nil {
		return err
	}
	if x.Version != read {
		return errStale
	}
	return nil
}

func (s *Server) deleteSearch(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	err = s.Store.DeleteSearch(r.Context(), r.PathValue("id"), func(x *convening.SavedSearch) error {
		return presentSearch(identityOf(r), x, read)
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// runSearch asks the index what the search finds now.
func (s *Server) runSearch(w http.ResponseWriter, r *http.Request) error {
	q, limit, cursor, err := paged(r, "facet", "sort")
	if err != nil {
		return err
	}
	x, err := s.savedSearch(r)
	if err != nil {
		return err
	}
	sought, err := s.Store.ResolveAudience(r.Context(), x.Query.Audience())
	if err != nil {
		return err
	}
	asked := listing.Query(sought)
	if err := shaped(r, q, &asked); err != nil {
		return err
	}
	asked.Limit, asked.Cursor, asked.Mark = limit, cursor, true
	reader, err := s.searcher(r)
	if err != nil {
		return err
	}
	found, err := s.Index.Search(r.Context(), listing.For(reader, asked))
	if err != nil {
		return searchFault(err)
	}
	return s.writeFound(w, r, listing.Shown(reader, asked, found))
}

// knowsSearch refuses an audience by a saved search that who asks may not see, or
// that is of another unit than what it is for. What an audience named before may
// stay.
func (s *Server) knowsSearch(r *http.Request, at, unit string, a convening.Audience, before string) error {
	if a.Search == "" || a.Search == before {
		return nil
	}
	x, err := s.Store.SavedSearch(r.Context(), a.Search)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil && x.Unit == unit && seesSearch(identityOf(r), x) == nil {
		return nil
	}
	var faults fault.List
	faults.Add(at+"/search", "saved_search.unknown")
	return faults.Err(convening.ErrEventInvalid.Code)
}

// knowsPool is knowsSearch for whom a panel is chosen from.
func (s *Server) knowsPool(r *http.Request, pool *convening.Audience) error {
	if pool == nil || pool.Search == "" {
		return nil
	}
	e, p, err := s.panel(r)
	if err != nil {
		return err
	}
	before := ""
	if p.Pool != nil {
		before = p.Pool.Search
	}
	return s.knowsSearch(r, "/pool", e.Unit, *pool, before)
}

// alerted returns the search whose alerts the link ends.
func (s *Server) alerted(r *http.Request) (string, error) {
	link, err := s.Links.Verify(r.PathValue("token"), auth.PurposeAlert, s.now())
	if err != nil || len(link.IDs) != 1 {
		return "", orInvalid(err)
	}
	return link.IDs[0], nil
}

func (s *Server) alertPage(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.alerted(r); err != nil {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
		title: p.t("alert.title"), texts: []string{p.t("alert.text"), p.t("alert.keeps")}, act: p.t("alert.action"),
	}))
}

// alertForm acts on any POST, as unsubscribeForm does. The alerts of a search that
// is gone have ended.
func (s *Server) alertForm(w http.ResponseWriter, r *http.Request) error {
	id, err := s.alerted(r)
	if err != nil {
		return err
	}
	_, err = s.Store.UpdateSearch(r.Context(), id, func(x *convening.SavedSearch) error {
		x.StopAlert(s.now())
		return nil
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
		title: p.t("alert.stopped.title"), texts: []string{p.t("alert.stopped.text")}, next: p.t("nav.directory"), nextAt: "/",
	}))
}
