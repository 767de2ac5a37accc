package web

import (
	"errors"
	"net/http"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// unitView is an organising unit.
type unitView struct {
	ID        string    `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
	convening.UnitPlan
}

func viewUnit(u *convening.Unit) unitView {
	return unitView{u.ID, u.CreatedAt, u.UpdatedAt, u.UnitPlan}
}

// unitRequest is what an administrator sends to make a unit known.
type unitRequest struct {
	ID string `json:"id"` // as tokens carry it
	convening.UnitPlan
}

// errUnitKnown says that there is a unit of this id.
var errUnitKnown = fault.New(fault.Conflict, "unit.known")

func (s *Server) unitRoutes() []route {
	admin, staffed := access{auth.Admin}, access{auth.Organiser, auth.Admin}
	return []route{
		{"POST", "/v1/units", admin, command, s.postUnit},
		{"GET", "/v1/units", staffed, document, s.listUnits},
		{"GET", "/v1/units/{id}", staffed, document, s.getUnit},
		{"PUT", "/v1/units/{id}", admin, command, s.putUnit},
		{"GET", unitsPath, admin, webPage, s.unitsPage},
		{"GET", unitsPath + "/new", admin, webPage, s.newUnitPage},
		{"POST", unitsPath + "/new", admin, webPage, s.unitForm},
		{"GET", unitsPath + "/{id}", admin, webPage, s.unitPage},
		{"POST", unitsPath + "/{id}", admin, webPage, s.unitForm},
	}
}

func (s *Server) postUnit(w http.ResponseWriter, r *http.Request) error {
	var request unitRequest
	if err := decode(r, &request); err != nil {
		return err
	}
	u, err := convening.NewUnit(request.ID, request.UnitPlan, s.now())
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusCreated, header: []string{"Location", "/v1/units/" + u.ID, "ETag", etag(1)}, body: viewUnit(u)}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	err = s.Store.CreateUnit(r.Context(), u)
	if errors.Is(err, store.ErrBusy) {
		return errUnitKnown
	}
	if err != nil {
		return err
	}
	return answer.write(w)
}

func (s *Server) listUnits(w http.ResponseWriter, r *http.Request) error {
	_, limit, cursor, err := paged(r)
	if err != nil {
		return err
	}
	list, next, err := s.Store.Units(r.Context(), cursor, limit)
	if err != nil {
		return err
	}
	items := make([]unitView, len(list))
	for i, u := range list {
		items[i] = viewUnit(u)
	}
	return ok(w, listOf[unitView]{items, next})
}

func (s *Server) getUnit(w http.ResponseWriter, r *http.Request) error {
	u, err := s.Store.Unit(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if unchanged(w, r, etag(u.Version)) {
		return nil
	}
	return ok(w, viewUnit(u))
}

func (s *Server) putUnit(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	var plan convening.UnitPlan
	if err := decode(r, &plan); err != nil {
		return err
	}
	u, err := s.Store.UpdateUnit(r.Context(), r.PathValue("id"), func(u *convening.Unit) error {
		if u.Version != read {
			return errStale
		}
		return u.Revise(plan, s.now())
	})
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(u.Version))
	return ok(w, viewUnit(u))
}

// errNotDelegated says that a unit has not given its rights to who asks.
var errNotDelegated = fault.New(fault.Forbidden, "unit.not_delegated")

// onBehalf lets an organiser act for another unit, which the request names in
// On-Behalf-Of and which must have delegated its rights.
func (s *Server) onBehalf(r *http.Request, who auth.Identity) (auth.Identity, error) {
	unit := r.Header.Get("On-Behalf-Of")
	if unit == "" || unit == who.Unit || !who.Has(auth.Organiser) {
		return who, nil
	}
	u, err := s.Store.Unit(r.Context(), unit)
	if errors.Is(err, store.ErrNotFound) || err == nil && !u.Admits(who.Unit) {
		return who, errNotDelegated
	}
	if err != nil {
		return who, err
	}
	who.Unit = unit
	return who, nil
}
