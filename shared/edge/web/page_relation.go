package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/i18n"
)

// relationsPath is where a contact keeps the relations of the own organisation.
const relationsPath = "/me/relations"

// ownRelations are the relations of a stakeholder as its contact keeps them.
type ownRelations struct {
	id   string
	list []ownRelation
	form formView
	done string
}

// ownRelation is one of them, with what can be done about it.
type ownRelation struct {
	relationView
	toConfirm bool // the other end said so, and waits
}

// relationGroup is all relations of one kind, from the side of a stakeholder.
type relationGroup struct {
	kind string
	list []relationView
	more bool // than the page shows
}

// relationsShown is how many relations of one kind a profile names.
const relationsShown = 30

// relationGroups are the relations that hold now, by kind, in the order of kinds.
func (s *Server) relationGroups(r *http.Request, lang i18n.Lang, e *directory.Stakeholder) ([]relationGroup, error) {
	all, err := s.Store.SomeRelationsOf(r.Context(), e)
	if err != nil {
		return nil, err
	}
	views, err := s.withNames(r, lang, slices.DeleteFunc(all, func(rel *directory.Relation) bool { return !rel.Current(s.now()) }), e.ID)
	if err != nil {
		return nil, err
	}
	var groups []relationGroup
	for _, kind := range relationKinds() {
		of := slices.DeleteFunc(slices.Clone(views), func(v relationView) bool { return v.Kind != kind })
		if n := min(len(of), relationsShown); n > 0 {
			groups = append(groups, relationGroup{kind, of[:n], len(of) > n})
		}
	}
	return groups, nil
}

// relationKinds are what a relation can be called, from either side.
func relationKinds() []string {
	var kinds []string
	for _, k := range directory.RelationKinds() {
		kinds = append(kinds, k)
		if inverse := directory.InverseKind(k); inverse != k {
			kinds = append(kinds, inverse)
		}
	}
	return kinds
}

func (s *Server) relationsPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.own(r)
	if err != nil {
		return err
	}
	p, view := pageOf(r), ownRelations{}
	if p.query.Get("done") == "saved" {
		view.done = p.t("me.saved")
	}
	return s.showRelations(w, r, http.StatusOK, e, view)
}

func (s *Server) showRelations(w http.ResponseWriter, r *http.Request, status int, e *directory.Stakeholder, view ownRelations) error {
	p := pageOf(r)
	all, err := s.Store.RelationsOf(r.Context(), e)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(rel *directory.Relation) bool { return rel.State == directory.RelationEnded || len(rel.Aside) > 0 })
	own := map[string]bool{}
	for _, rel := range all {
		own[rel.ID] = rel.AssertedBy == e.ID
	}
	views, err := s.withNames(r, p.lang, all, e.ID)
	if err != nil {
		return err
	}
	for _, v := range views {
		view.list = append(view.list, ownRelation{v, v.State == directory.RelationProposed && !own[v.ID]})
	}
	view.id, view.form.labels, view.form.values = e.ID, "relation", orEmpty(view.form.values)
	return s.show(w, r, p, status, relationsBody(p, view))
}

// relationsForm takes one press of a button: a relation that is proposed, or one
// that is confirmed or ended.
func (s *Server) relationsForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.own(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	if err = s.actOnRelation(r, e, form); err == nil {
		return p.see(w, relationsPath, url.Values{"done": {"saved"}})
	}
	view, status := ownRelations{form: formView{values: form}}, http.StatusUnprocessableEntity
	if f, ok := errors.AsType[*fault.Error](err); ok && (f.Kind == fault.Conflict || f.Kind == fault.Stale) {
		said := describe(p.lang, err)
		view.form.faults.list, status = []formFault{{text: said.Title}}, said.Status
	} else if view.form.faults, err = faultsOf(p, err, formFields{labels: "relation", order: []string{"kind", "other", "role", "since"}, of: relationField}); err != nil {
		return err
	}
	return s.showRelations(w, r, status, e, view)
}

func relationField(pointer string) string {
	if pointer == "/stakeholder" {
		return "other"
	}
	return pointer[min(1, len(pointer)):]
}

func (s *Server) actOnRelation(r *http.Request, e *directory.Stakeholder, form url.Values) (err error) {
	id, read := line(form, "id"), readVersion(form)
	switch form.Get("act") {
	case "confirm":
		_, err = s.updateRelation(r.Context(), e, id, read, func(rel *directory.Relation) error { return rel.Confirm(e.ID, s.now()) })
	case "end":
		_, err = s.updateRelation(r.Context(), e, id, read, func(rel *directory.Relation) error { return rel.End("", s.now()) })
	case "add":
		rel, err := s.asserted(r, e, directory.Assertion{
			Kind: line(form, "kind"), Stakeholder: stakeholderID(line(form, "other")), Role: line(form, "role"), Since: line(form, "since"),
		})
		if err != nil {
			return err
		}
		return s.Store.CreateRelation(r.Context(), rel)
	default:
		return errNoAct
	}
	return err
}
