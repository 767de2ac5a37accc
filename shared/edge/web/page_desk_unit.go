package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

// unitsPath is where administrators keep the organising units.
const unitsPath = deskPath + "/units"

func unitPath(id string) string { return unitsPath + "/" + url.PathEscape(id) }

// unitsView are the organising units, a page of them.
type unitsView struct {
	list  []*convening.Unit
	next  url.Values
	later bool
	done  string
}

// unitFormView is a unit as a form: a new one, or one that is changed.
type unitFormView struct {
	id      string
	version int64
	form    formView
}

// unitsShown is how many units a page shows.
const unitsShown = 50

func (s *Server) unitsPage(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	q, err := query(r, "cursor", "done", "lang")
	if err != nil {
		return err
	}
	list, next, err := s.Store.Units(r.Context(), q.Get("cursor"), unitsShown)
	if err != nil {
		return err
	}
	view := unitsView{list: list, later: q.Has("cursor")}
	if next != "" {
		view.next = url.Values{"cursor": {next}}
	}
	if q.Get("done") == "saved" {
		view.done = p.t("me.saved")
	}
	return s.show(w, r, p, http.StatusOK, unitsBody(p, view))
}

func (s *Server) newUnitPage(w http.ResponseWriter, r *http.Request) error {
	return s.showUnit(w, r, http.StatusOK, unitFormView{form: formView{values: url.Values{"language": {string(pageOf(r).lang)}}}})
}

func (s *Server) unitPage(w http.ResponseWriter, r *http.Request) error {
	u, err := s.Store.Unit(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return s.showUnit(w, r, http.StatusOK, unitFormView{id: u.ID, version: u.Version, form: formView{values: url.Values{
		"name": {nameOfUnit(u, pageOf(r).lang)}, "zone": {u.Zone}, "language": {u.Language}, "from_name": {u.FromName}, "reply_to": {u.ReplyTo},
		"delegates": {strings.Join(u.Delegates, ", ")},
	}}})
}

// nameOfUnit is the name in exactly the language, empty when there is none.
func nameOfUnit(u *convening.Unit, lang i18n.Lang) string {
	i := slices.IndexFunc(u.Names, func(t directory.Text) bool { return t.Lang == string(lang) })
	if i < 0 {
		return ""
	}
	return u.Names[i].Text
}

func (s *Server) showUnit(w http.ResponseWriter, r *http.Request, status int, view unitFormView) error {
	p := pageOf(r)
	view.form.labels = "unit"
	return s.show(w, r, p, status, unitBody(p, view))
}

// unitForm keeps a unit as the form says.
func (s *Server) unitForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	p, view := pageOf(r), unitFormView{id: r.PathValue("id"), version: readVersion(form), form: formView{values: form}}
	if view.id == "" {
		err = s.makeUnit(r.Context(), line(form, "id"), unitPlanOf(form, convening.UnitPlan{}, p.lang))
	} else {
		_, err = s.Store.UpdateUnit(r.Context(), view.id, func(u *convening.Unit) error {
			if u.Version != view.version {
				return errStale
			}
			return u.Revise(unitPlanOf(form, u.UnitPlan, p.lang), s.now())
		})
	}
	if err == nil {
		return p.see(w, unitsPath, url.Values{"done": {"saved"}})
	}
	if errors.Is(err, errStale) || errors.Is(err, errUnitKnown) {
		said := describe(p.lang, err)
		view.form.faults.list = []formFault{{text: said.Title}}
		return s.showUnit(w, r, said.Status, view)
	}
	if view.form.faults, err = faultsOf(p, err, formFields{labels: "unit", order: unitFields(), of: unitField}); err != nil {
		return err
	}
	return s.showUnit(w, r, http.StatusUnprocessableEntity, view)
}

// makeUnit keeps a new unit, unless there is one of its id.
func (s *Server) makeUnit(ctx context.Context, id string, plan convening.UnitPlan) error {
	u, err := convening.NewUnit(id, plan, s.now())
	if err != nil {
		return err
	}
	if err = s.Store.CreateUnit(ctx, u); errors.Is(err, store.ErrBusy) {
		return errUnitKnown
	}
	return err
}

// unitPlanOf reads the form over a plan: names in other languages stay.
func unitPlanOf(form url.Values, was convening.UnitPlan, lang i18n.Lang) convening.UnitPlan {
	names := slices.DeleteFunc(slices.Clone(was.Names), func(t directory.Text) bool { return t.Lang == string(lang) })
	return convening.UnitPlan{
		Names: withText(names, lang, line(form, "name")), Zone: line(form, "zone"), Language: line(form, "language"),
		FromName: line(form, "from_name"), ReplyTo: line(form, "reply_to"),
		Delegates: strings.FieldsFunc(form.Get("delegates"), func(r rune) bool { return strings.ContainsRune(", \t\r\n", r) }),
	}
}

func unitFields() []string {
	return []string{"id", "name", "zone", "language", "from_name", "reply_to", "delegates"}
}

func unitField(pointer string) string {
	field, _, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if field == "names" {
		return "name"
	}
	return field
}
