package web

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

// draftView is an event as a form: a new one, or one that is changed.
type draftView struct {
	form     formView
	id       string // of the event that is changed; empty for a new one
	state    string
	stale    bool // it was changed since the form was opened
	series   []option
	searches []option
}

func (v draftView) title(p page) string {
	if v.id == "" {
		return p.t("desk.make")
	}
	return p.t("desk.change.title")
}

// twice reports whether the form asks which of two equal times of a day is meant.
func (v draftView) twice() bool {
	return v.form.filled("when_twice") || len(v.form.faults.at("starts"))+len(v.form.faults.at("ends"))+len(v.form.faults.at("answer_by")) > 0
}

// countryFields are the fields in which a country of the audience is chosen.
func countryFields() []string { return []string{"country", "country2", "country3"} }

func (s *Server) newEventPage(w http.ResponseWriter, r *http.Request) error {
	p, unit := pageOf(r), identityOf(r).Unit
	if unit == "" {
		return errNoUnit
	}
	values := url.Values{"title_lang": {string(p.lang)}, "search": {r.URL.Query().Get("search")}}
	if err := s.startOf(r, p, unit, values); err != nil {
		return err
	}
	return s.showDraft(w, r, http.StatusOK, draftView{form: s.eventForm(values)}, unit)
}

// startOf fills a form with what the unit says of itself.
func (s *Server) startOf(r *http.Request, p page, unit string, values url.Values) error {
	u, err := s.Store.Unit(r.Context(), unit)
	switch {
	case err == nil:
		values.Set("convener", textIn(u.Names, p.lang).Text)
		values.Set("zone", u.Zone)
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	return nil
}

// showDraft shows the form, with the series and the saved searches of the unit to
// choose from.
func (s *Server) showDraft(w http.ResponseWriter, r *http.Request, status int, view draftView, unit string) error {
	p := pageOf(r)
	var err error
	if view.series, view.searches, err = s.choicesOf(r, p, unit, view.form.values); err != nil {
		return err
	}
	return s.show(w, r, p, status, draftEvent(p, view))
}

// choicesOf are the series and the saved searches of a unit, with those that stand
// in the form.
func (s *Server) choicesOf(r *http.Request, p page, unit string, values url.Values) (series, searches []option, err error) {
	list, _, err := s.Store.SeriesOf(r.Context(), unit, "", choicesRead)
	if err != nil {
		return nil, nil, err
	}
	for _, x := range list {
		series = append(series, option{x.ID, textIn(x.Titles, p.lang).Text})
	}
	kept, err := s.keptSearches(r, unit)
	if err != nil {
		return nil, nil, err
	}
	for _, x := range kept {
		searches = append(searches, option{x.ID, x.Name})
	}
	return withStanding(series, values.Get("series")), withStanding(searches, values.Get("search")), nil
}

// keptSearches are the saved searches of a unit that who asks may see, first those
// that its organisers share.
func (s *Server) keptSearches(r *http.Request, unit string) ([]*convening.SavedSearch, error) {
	shared, _, err := s.Store.SharedSearches(r.Context(), unit, "", choicesRead)
	if err != nil {
		return nil, err
	}
	own, _, err := s.Store.OwnSearches(r.Context(), unit, identityOf(r).Subject, "", choicesRead)
	return slices.Concat(shared, own), err
}

// choicesRead is how many series and saved searches are offered to choose from.
const choicesRead = 200

// withStanding also offers what stands in the field, by its id when nothing else
// is known of it.
func withStanding(list []option, standing string) []option {
	if standing == "" || slices.ContainsFunc(list, func(o option) bool { return o.value == standing }) {
		return list
	}
	return append(list, option{standing, standing})
}

func (s *Server) eventForm(values url.Values) formView {
	return formView{values: values, labels: "desk.event", once: s.Store.NewID()}
}

// newEventForm makes a draft. The same form that comes twice makes one.
func (s *Server) newEventForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	request, late := eventOf(form, convening.Plan{})
	e, err := s.draftEvent(r, request)
	if err = alongside(late, err); err != nil {
		return s.refuseEvent(w, r, identityOf(r).Unit, draftView{form: s.eventForm(form)}, err)
	}
	p, made := pageOf(r), e.ID
	err = s.takeOnce(r, form, func(ctx context.Context) error { return s.Store.CreateEvent(ctx, e) })
	if err != nil {
		return err
	}
	if _, err := s.Store.Event(r.Context(), made); errors.Is(err, store.ErrNotFound) {
		return p.see(w, "/desk", nil) // the form had been taken before
	}
	return p.see(w, boardPath(made), url.Values{"done": {"made"}})
}

// refuseEvent shows the form again with what was refused of it.
func (s *Server) refuseEvent(w http.ResponseWriter, r *http.Request, unit string, view draftView, err error) error {
	if errors.Is(err, errStale) {
		view.stale = true
		return s.showDraft(w, r, http.StatusPreconditionFailed, view, unit)
	}
	view.form.faults, err = faultsOf(pageOf(r), err, formFields{labels: "desk.event", order: eventFields(), of: eventField})
	if err != nil {
		return err
	}
	return s.showDraft(w, r, http.StatusUnprocessableEntity, view, unit)
}

func (s *Server) changeEventPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.board(r)
	if err != nil {
		return err
	}
	if e.Over() {
		return convening.ErrEventOver
	}
	return s.showDraft(w, r, http.StatusOK, s.changeView(e, eventValues(pageOf(r), e)), e.Unit)
}

func (s *Server) changeView(e *convening.Event, values url.Values) draftView {
	return draftView{form: s.eventForm(values), id: e.ID, state: string(e.Status)}
}

// changeEventForm changes exactly the version that the form was filled with. What
// the form does not speak of stays as it is.
func (s *Server) changeEventForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.board(r)
	if err != nil {
		return err
	}
	_, err = s.changeEvent(r, readVersion(form), func(e *convening.Event) error {
		request, late := eventOf(form, e.Plan)
		return alongside(late, s.reviseEvent(r, e, request))
	})
	if err != nil {
		return s.refuseEvent(w, r, e.Unit, s.changeView(e, form), err)
	}
	return p.see(w, boardPath(e.ID), url.Values{"done": {"changed"}})
}

// readVersion is the version of what a form was filled with; one that is none
// matches nothing.
func readVersion(form url.Values) int64 {
	n, err := strconv.ParseInt(form.Get("version"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// eventOf reads the form over a plan. What is wrong with its times and numbers
// comes beside it, so that a form is told of everything at once.
func eventOf(form url.Values, p convening.Plan) (eventRequest, error) {
	p.Kind, p.Zone, p.Place, p.Online = line(form, "kind"), line(form, "zone"), line(form, "place"), line(form, "online")
	p.InviteOnly, p.AtRisk = form.Get("invite_only") == "yes", form.Get("at_risk") == "yes"
	p.Topics, p.Series, p.Observance, p.Interpretation = form["about"], line(form, "series"), line(form, "observance"), form["interpretation"]
	if p.Attribution = ""; form.Get("chatham_house") == "yes" {
		p.Attribution = convening.ChathamHouse
	}
	p.Titles = textsWith(p.Titles, line(form, "title_lang"), line(form, "title"))
	p.Summaries = textsWith(p.Summaries, line(form, "title_lang"), prose(form, "summary"))
	p.Starts, p.Ends, p.AnswerBy = time.Time{}, time.Time{}, nil
	var faults fault.List
	p.Capacity = numberOf(&faults, form, "capacity", "/capacity")
	if by := line(form, "answer_by"); by != "" {
		if at := convening.Moment(&faults, "/answer_by", by, p.Zone, line(form, "when_twice")); !at.IsZero() {
			p.AnswerBy = &at
		}
	}
	p.Audience = audienceOf(form, p.Audience)
	request := eventRequest{
		Convener: line(form, "convener"), StartsLocal: line(form, "starts"), EndsLocal: line(form, "ends"), Which: line(form, "when_twice"), Plan: p,
	}
	for field, wall := range map[string]*string{"/starts_local": &request.StartsLocal, "/ends_local": &request.EndsLocal} {
		if *wall == "" {
			faults.Add(field, "text.empty")
		}
	}
	err := alongside(faults.Err(convening.ErrEventInvalid.Code), request.place())
	return request, err
}

// alongside joins two refusals of one form into one; of a field that the first
// speaks of, the second is not heard.
func alongside(first, second error) error {
	a, ok := errors.AsType[*fault.Error](first)
	b, also := errors.AsType[*fault.Error](second)
	switch {
	case first == nil:
		return second
	case !ok || !also || b.Kind != fault.Invalid:
		if second != nil && !also {
			return second
		}
		return first
	}
	both := *a
	both.Fields = slices.Clone(a.Fields)
	for _, f := range b.Fields {
		field := eventField(f.Pointer)
		heard := func(g fault.Field) bool {
			return g.Pointer == f.Pointer || field != "" && field == eventField(g.Pointer)
		}
		if !slices.ContainsFunc(a.Fields, heard) {
			both.Fields = append(both.Fields, f)
		}
	}
	return &both
}

// textsWith is the texts with one of them in a language, or without it when it is
// empty. A new one comes first.
func textsWith(texts []directory.Text, lang, text string) []directory.Text {
	if i := slices.IndexFunc(texts, func(t directory.Text) bool { return t.Lang == lang }); i >= 0 && text != "" {
		texts = slices.Clone(texts)
		texts[i].Text = text
		return texts
	}
	rest := slices.DeleteFunc(slices.Clone(texts), func(t directory.Text) bool { return t.Lang == lang })
	if text == "" {
		return rest
	}
	return append([]directory.Text{{Lang: lang, Text: text}}, rest...)
}

// audienceOf reads whom the form looks for over an audience, of which it leaves
// alone what it has no field for.
func audienceOf(form url.Values, a convening.Audience) convening.Audience {
	a.Search, a.Text, a.Panel = line(form, "search"), line(form, "text"), form.Get("panel") == "yes"
	if a.Search != "" { // in the place of all that was searched for before
		a.Filters, a.Narrowing = nil, convening.Narrowing{}
	}
	filters := maps.Clone(a.Filters)
	if filters == nil {
		filters = map[string][]string{}
	}
	for field, values := range map[string][]string{"category": form["category"], "topic": form["topic"], "country": countriesWith(form, filters["country"])} {
		if filters[field] = values; len(values) == 0 {
			delete(filters, field)
		}
	}
	if a.Filters = filters; len(filters) == 0 {
		a.Filters = nil
	}
	switch never := form.Get("never_asked") == "yes"; {
	case never:
		none := 0
		a.InvitedAtMost = &none
	case a.InvitedAtMost != nil && *a.InvitedAtMost == 0:
		a.InvitedAtMost = nil
	}
	return a
}

// countriesWith are the countries of the form, and those that it had no field for.
func countriesWith(form url.Values, before []string) []string {
	list := chosen(form, countryFields()...)
	for _, country := range before[min(len(countryFields()), len(before)):] {
		if !slices.Contains(list, country) {
			list = append(list, country)
		}
	}
	return list
}

// eventValues is the form as it is filled with an event.
func eventValues(p page, e *convening.Event) url.Values {
	title := textIn(e.Titles, p.lang)
	v := url.Values{
		"version": {strconv.FormatInt(e.Version, 10)}, "kind": {e.Kind}, "title": {title.Text}, "title_lang": {title.Lang}, "convener": {e.Convener},
		"summary": {directory.In(e.Summaries, title.Lang)}, "zone": {e.Zone}, "place": {e.Place}, "online": {e.Online}, "text": {e.Audience.Text},
		"category": e.Audience.Filters["category"], "topic": e.Audience.Filters["topic"],
		"starts": {wallClock(e.Starts, e.Zone)}, "ends": {wallClock(e.Ends, e.Zone)}, "about": e.Topics, "series": {e.Series},
		"observance": {e.Observance}, "interpretation": e.Interpretation, "search": {e.Audience.Search},
	}
	if e.AnswerBy != nil {
		v.Set("answer_by", wallClock(*e.AnswerBy, e.Zone))
	}
	if e.Capacity > 0 {
		v.Set("capacity", strconv.Itoa(e.Capacity))
	}
	for i, country := range e.Audience.Filters["country"] {
		if i < len(countryFields()) {
			v.Set(countryFields()[i], country)
		}
	}
	for field, set := range map[string]bool{
		"invite_only": e.InviteOnly, "at_risk": e.AtRisk, "chatham_house": e.Attribution == convening.ChathamHouse,
		"panel": e.Audience.Panel, "never_asked": e.Audience.InvitedAtMost != nil && *e.Audience.InvitedAtMost == 0,
	} {
		if set {
			v.Set(field, "yes")
		}
	}
	return v
}

// wallClock is what clocks of the zone show, as a form has it.
func wallClock(t time.Time, zone string) string {
	return t.In(i18n.Zone(zone)).Format("2006-01-02T15:04")
}

// eventFields are the fields of the form in the order of the page.
func eventFields() []string {
	return []string{
		"kind", "title", "title_lang", "summary", "convener", "starts", "ends", "zone", "when_twice", "place", "online", "capacity", "answer_by",
		"invite_only", "at_risk", "about", "series", "observance", "interpretation", "search", "text", "category", "country", "topic", "never_asked", "panel",
	}
}

// eventField names the field that a pointer into a request came from, or "" for
// what the form has no field for.
func eventField(pointer string) string {
	parts := strings.Split(strings.TrimPrefix(pointer, "/")+"//", "/")
	switch parts[0] {
	case "titles":
		if parts[2] == "lang" {
			return "title_lang"
		}
		return "title"
	case "summaries":
		return "summary"
	case "starts", "starts_local":
		return "starts"
	case "ends", "ends_local":
		return "ends"
	case "audience":
		switch {
		case parts[1] == "filters" && slices.Contains(eventFields(), parts[2]):
			return parts[2]
		case parts[1] == "search":
			return "search"
		}
		return "text"
	case "topics":
		return "about"
	case "series", "observance", "interpretation", "kind", "convener", "zone", "place", "online", "capacity", "answer_by":
		return parts[0]
	}
	return ""
}
