package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

func (s *Server) relationRoutes() []route {
	return []route{
		{"GET", "/v1/stakeholders/{id}/relations", anyone, document, s.listRelations},
		{"POST", "/v1/stakeholders/{id}/relations", applicant, command, s.postRelation},
		{"POST", "/v1/stakeholders/{id}/relations/{relation}/confirmation", applicant, command, s.postRelationConfirmation},
		{"POST", "/v1/stakeholders/{id}/relations/{relation}/end", applicant, command, s.postRelationEnd},
		{"PUT", "/v1/stakeholders/{id}/process", applicant, command, s.putProcess},
		{"GET", relationsPath, access{auth.Contact}, webPage, s.relationsPage},
		{"POST", relationsPath, access{auth.Contact}, webPage, s.relationsForm},
	}
}

// relationView is a relation from the side of one of its ends. Version is what
// If-Match takes.
type relationView struct {
	ID          string                  `json:"id"`
	Version     int64                   `json:"version"`
	Kind        string                  `json:"kind"` // as it is called from this side
	Stakeholder string                  `json:"stakeholder"`
	Name        string                  `json:"name,omitempty"` // of the other end, for the reader's language
	Role        string                  `json:"role,omitempty"`
	Since       string                  `json:"since,omitempty"`
	Until       string                  `json:"until,omitempty"`
	State       directory.RelationState `json:"state"`
}

func viewRelation(rel *directory.Relation, side string) relationView {
	other, kind := rel.Other(side)
	return relationView{ID: rel.ID, Version: rel.Version, Kind: kind, Stakeholder: other, Role: rel.Role, Since: rel.Since, Until: rel.Until, State: rel.State}
}

// listRelations shows what holds now between stakeholders that the reader may
// see; to the stakeholder itself and to who works the directory, proposals too.
func (s *Server) listRelations(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	e, err := s.profile(r)
	if err != nil {
		return err
	}
	all, err := s.Store.RelationsOf(r.Context(), e)
	if err != nil {
		return err
	}
	inside := staff(identityOf(r)) || actsFor(identityOf(r), e)
	all = slices.DeleteFunc(all, func(rel *directory.Relation) bool {
		return !rel.Current(s.now()) && (!inside || rel.State == directory.RelationEnded)
	})
	views, err := s.withNames(r, language(r), all, e.ID)
	if err != nil {
		return err
	}
	w.Header().Set("Vary", "Accept-Language")
	return ok(w, listOf[relationView]{Items: views})
}

// withNames shows the relations whose other end the reader may see, in one read.
func (s *Server) withNames(r *http.Request, lang i18n.Lang, list []*directory.Relation, side string) ([]relationView, error) {
	ids := make([]string, len(list))
	for i, rel := range list {
		ids[i], _ = rel.Other(side)
	}
	seen, err := s.visible(r, ids)
	if err != nil {
		return nil, err
	}
	views := []relationView{}
	for _, rel := range oneOfEach(list, side, seen) {
		view := viewRelation(rel, side)
		view.Name = seen[view.Stakeholder].DisplayName(string(lang))
		views = append(views, view)
	}
	return views, nil
}

// oneOfEach shows the relations of a stakeholder with those that their other ends
// lead to, where the reader may see them. While a merge is under way one can lead back
// to the stakeholder itself, or say what another says already: it is left out, as it
// will be set aside.
func oneOfEach(list []*directory.Relation, side string, seen map[string]*directory.Stakeholder) []*directory.Relation {
	var led []*directory.Relation
	came := map[*directory.Relation]bool{}
	for _, rel := range list {
		other, _ := rel.Other(side)
		if e := seen[other]; e != nil && e.ID != side {
			r := rel.Leading(side, e.ID)
			led, came[r] = append(led, r), e.ID != other
		}
	}
	all := slices.Clone(led)
	return slices.DeleteFunc(led, func(r *directory.Relation) bool {
		return came[r] && slices.ContainsFunc(all, func(o *directory.Relation) bool { return !came[o] && r.Same(o) && r.YieldsTo(o) })
	})
}

// visible returns, by id, those of the stakeholders that the reader may see: of
// one that was merged, the survivor, which is there by its own id too.
func (s *Server) visible(r *http.Request, ids []string) (map[string]*directory.Stakeholder, error) {
	seen := map[string]*directory.Stakeholder{}
	slices.Sort(ids)
	leading, err := s.Store.Leading(r.Context(), slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	for id, e := range leading {
		if visibleTo(identityOf(r), e) {
			seen[id], seen[e.ID] = e, e
		}
	}
	return seen, nil
}

// visibleTo reports whether the reader may see that the stakeholder is listed.
func visibleTo(who auth.Identity, e *directory.Stakeholder) bool {
	return e.Public() || e.Status == directory.Listed && seesHidden(who)
}

func (s *Server) postRelation(w http.ResponseWriter, r *http.Request) error {
	e, err := s.registration(r)
	if err != nil {
		return err
	}
	var a directory.Assertion
	if err := decode(r, &a); err != nil {
		return err
	}
	rel, err := s.asserted(r, e, a)
	if err != nil {
		return err
	}
	rel.Version = 1
	answer := &reply{status: http.StatusCreated, header: []string{"ETag", etag(1)}, body: viewRelation(rel, e.ID)}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.Store.CreateRelation(r.Context(), rel); err != nil {
		return err
	}
	return answer.write(w)
}

// asserted is the relation that a stakeholder says, to another that who says it may
// see: absent and hidden are told apart by nobody.
func (s *Server) asserted(r *http.Request, e *directory.Stakeholder, a directory.Assertion) (*directory.Relation, error) {
	rel, err := directory.Assert(s.Store.NewID(), e.ID, a, staff(identityOf(r)), s.now())
	if err != nil {
		return nil, err
	}
	seen, err := s.visible(r, []string{a.Stakeholder})
	if err != nil {
		return nil, err
	}
	if seen[a.Stakeholder] == nil {
		return nil, directory.UnknownEnd()
	}
	return rel, nil
}

func (s *Server) postRelationConfirmation(w http.ResponseWriter, r *http.Request) error {
	return s.changeRelation(w, r, func(rel *directory.Relation) error { return rel.Confirm(s.side(r), s.now()) })
}

// relationEnd says from when on a relation holds no more.
type relationEnd struct {
	Until string `json:"until,omitempty"` // last day; today when there is none
}

func (s *Server) postRelationEnd(w http.ResponseWriter, r *http.Request) error {
	var request relationEnd
	if err := decode(r, &request); err != nil {
		return err
	}
	return s.changeRelation(w, r, func(rel *directory.Relation) error { return rel.End(request.Until, s.now()) })
}

// side is the stakeholder that who asks speaks for, "" for who works the
// directory.
func (s *Server) side(r *http.Request) string {
	if staff(identityOf(r)) {
		return ""
	}
	return r.PathValue("id")
}

func (s *Server) changeRelation(w http.ResponseWriter, r *http.Request, change func(*directory.Relation) error) error {
	e, err := s.registration(r)
	if err != nil {
		return err
	}
	read, err := version(r)
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK}
	_, err = s.updateRelation(r.Context(), e, r.PathValue("relation"), read, func(rel *directory.Relation) error {
		if err := change(rel); err != nil {
			return err
		}
		view := viewRelation(rel, e.ID)
		view.Version++
		answer.header, answer.body = []string{"ETag", etag(view.Version)}, view
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// updateRelation changes a relation of the stakeholder in the version that was read.
func (s *Server) updateRelation(ctx context.Context, e *directory.Stakeholder, id string, read int64, change func(*directory.Relation) error) (*directory.Relation, error) {
	return s.Store.UpdateRelation(ctx, id, func(rel *directory.Relation) error {
		switch {
		case !rel.Between(e.ID) || len(rel.Aside) > 0:
			return errNoRoute
		case rel.Version != read:
			return errStale
		}
		return change(rel)
	})
}

// processView is a composition with what follows from it today.
type processView struct {
	directory.Process
	MemberStates   []string             `json:"member_states"`
	ObserverStates []string             `json:"observer_states"`
	Chair          *directory.ChairTerm `json:"current_chair,omitempty"`
}

func viewProcess(p *directory.Process, now time.Time) *processView {
	if p == nil {
		return nil
	}
	return &processView{*p, append([]string{}, p.MemberStates(now)...), append([]string{}, p.ObserverStates(now)...), p.Chair(now)}
}

func (s *Server) putProcess(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.registration(r); err != nil {
		return err
	}
	read, err := version(r)
	if err != nil {
		return err
	}
	var p directory.Process
	if err := decode(r, &p); err != nil {
		return err
	}
	if err := s.chairsExist(r, p); err != nil {
		return err
	}
	e, err := s.Store.UpdateStakeholder(r.Context(), r.PathValue("id"), func(e *directory.Stakeholder) error {
		if e.Version != read {
			return errStale
		}
		return e.Compose(p, s.now())
	})
	if err != nil {
		return err
	}
	w.Header().Set("ETag", etag(e.Version))
	return ok(w, viewProcess(e.Process, s.now()))
}

// chairsExist refuses a chair that the reader cannot see to be there.
func (s *Server) chairsExist(r *http.Request, p directory.Process) error {
	var ids []string
	for _, c := range p.Chairs {
		if c.Stakeholder != "" && directory.LineFault(c.Stakeholder, 64) == "" {
			ids = append(ids, c.Stakeholder)
		}
	}
	seen, err := s.visible(r, slices.Clone(ids))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	for _, id := range ids {
		if seen[id] == nil {
			return p.UnknownChair(id)
		}
	}
	return nil
}

// membership is a confirmed relation as Popolo has it.
type membership struct {
	Label        string `json:"label"` // the kind of relation
	MemberID     string `json:"member_id"`
	Organization string `json:"organization_id"`
	Role         string `json:"role,omitempty"`
	StartDate    string `json:"start_date,omitempty"`
	EndDate      string `json:"end_date,omitempty"`
}

// memberships shows the ties of a stakeholder to those that the reader may see.
// Without ties it reads nothing.
func (s *Server) memberships(r *http.Request, e *directory.Stakeholder) ([]membership, error) {
	ties, err := s.ties(r, e)
	if err != nil {
		return nil, err
	}
	var ids []string
	var said []*directory.Relation
	for _, t := range ties {
		ids = append(ids, t.To)
		said = append(said, &directory.Relation{Kind: t.Kind, From: e.ID, To: t.To, Role: t.Role, Since: t.Since, Until: t.Until, State: directory.RelationConfirmed})
	}
	if len(ids) == 0 {
		return nil, nil
	}
	seen, err := s.visible(r, ids)
	if err != nil {
		return nil, err
	}
	var list []membership
	for _, rel := range oneOfEach(said, e.ID, seen) {
		list = append(list, membership{rel.Kind, e.ID, rel.To, rel.Role, rel.Since, rel.Until})
	}
	return list, nil
}

// ties are those of the stakeholder's own record; of who survived a merge, those
// that are on their way to it too.
func (s *Server) ties(r *http.Request, e *directory.Stakeholder) ([]directory.Tie, error) {
	if len(e.Merges) == 0 {
		return e.Ties, nil
	}
	all, err := s.Store.RelationsOf(r.Context(), e)
	if err != nil {
		return nil, err
	}
	var ties []directory.Tie
	for _, rel := range all {
		if rel.From == e.ID && rel.Current(s.now()) {
			ties = append(ties, directory.Tie{Kind: rel.Kind, To: rel.To, Role: rel.Role, Since: rel.Since, Until: rel.Until})
		}
	}
	return ties, nil
}

// resolveFilters makes of the query's filters what the index is asked. Whoever sees no
// hidden stakeholder finds nothing by one.
func (s *Server) resolveFilters(r *http.Request, q url.Values) (map[string][]string, error) {
	who := identityOf(r)
	filters, err := s.Store.ResolveFilters(r.Context(), q, func(e *directory.Stakeholder) bool { return visibleTo(who, e) })
	if err != nil || seesHidden(who) {
		return filters, err
	}
	for _, field := range tiedFields() {
		if len(filters[field]) == 0 {
			continue
		}
		seen, err := s.visible(r, slices.DeleteFunc(slices.Clone(filters[field]), func(id string) bool { return directory.LineFault(id, 64) != "" }))
		if err != nil {
			return nil, err
		}
		shown := []string{"-"} // no id of ours
		for id := range seen {
			shown = append(shown, id)
		}
		slices.Sort(shown)
		narrowed := url.Values{}
		for name, values := range filters {
			narrowed[name] = values
		}
		narrowed[field], filters = shown, narrowed
	}
	return filters, nil
}

// tiedFields are the filters whose values are ids of stakeholders, which may be
// hidden ones.
func tiedFields() []string {
	return []string{directory.RelationMemberOf, directory.RelationObserverOf}
}
