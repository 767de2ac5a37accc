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
	form   formView
	id     string // of the event that is changed; empty for a new one
	state  string
	stale  bool // it was changed since the form was opened
	search bool // its audience is a saved search, which the form leaves as it is
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
	values := url.Values{"title_lang": {string(p.lang)}}
	u, err := s.Store.Unit(r.Context(), unit)
	switch {
	case err == nil:
		values.Set("convener", textIn(u.Names, p.lang).Text)
		values.Set("zone", u.Zone)
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	return s.show(w, r, p, http.StatusOK, draftEvent(p, draftView{form: s.eventForm(values, formFaults{})}))
}

func (s *Server) eventForm(values url.Values, faults formFaults) formView {
	return formView{values: values, faults: faults, labels: "desk.event", once: s.Store.NewID()}
}

// newEventForm makes a draft. The same form that comes twice makes one.
func (s *Server) newEventForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	request, late := eventOf(form, convening.Plan{})
	e, err := s.draftEvent(r, request)
	if err = alongside(late, err); err != nil {
		return s.refuseEvent(w, r, p, draftView{form: s.eventForm(form, formFaults{})}, err)
	}
	made := e.ID
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
func (s *Server) refuseEvent(w http.ResponseWriter, r *http.Request, p page, view draftView, err error) error {
	if errors.Is(err, errStale) {
		view.stale = true
		return s.show(w, r, p, http.StatusPreconditionFailed, draftEvent(p, view))
	}
	view.form.faults, err = faultsOf(p, err, formFields{labels: "desk.event", order: eventFields(), of: eventField})
	if err != nil {
		return err
	}
	return s.show(w, r, p, http.StatusUnprocessableEntity, draftEvent(p, view))
}

func (s *Server) changeEventPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.board(r)
	if err != nil {
		return err
	}
	if e.Status == convening.Held || e.Status == convening.Cancelled {
		return convening.ErrEventOver
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, draftEvent(p, s.changeView(p, e, eventValues(p, e))))
}

func (s *Server) changeView(_ page, e *convening.Event, values url.Values) draftView {
	return draftView{form: s.eventForm(values, formFaults{}), id: e.ID, state: string(e.Status), search: e.Audience.Search != ""}
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
		return s.refuseEvent(w, r, p, s.changeView(p, e, form), err)
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
	p.InviteOnly = form.Get("invite_only") == "yes"
	p.Titles = textsWith(p.Titles, line(form, "title_lang"), line(form, "title"))
	p.Summaries = textsWith(p.Summaries, line(form, "title_lang"), prose(form, "summary"))
	p.Starts, p.Ends, p.AnswerBy = time.Time{}, time.Time{}, nil
	var faults fault.List
	if given := line(form, "capacity"); given == "" {
		p.Capacity = 0
	} else if n, err := strconv.Atoi(given); err != nil {
		faults.Add("/capacity", "query.number")
	} else {
		p.Capacity = n
	}
	if by := line(form, "answer_by"); by != "" {
		if at := convening.Moment(&faults, "/answer_by", by, p.Zone, line(form, "when_twice")); !at.IsZero() {
			p.AnswerBy = &at
		}
	}
	if p.Audience.Search == "" {
		p.Audience = audienceOf(form, p.Audience)
	}
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
		heard := func(g fault.Field) bool { return eventField(g.Pointer) == eventField(f.Pointer) }
		if !slices.ContainsFunc(a.Fields, heard) {
			both.Fields = append(both.Fields, f)
		}
	}
	return &both
}

// textsWith is the texts with one of them in a language, or without it when it is
// empty.
func textsWith(texts []directory.Text, lang, text string) []directory.Text {
	rest := slices.DeleteFunc(slices.Clone(texts), func(t directory.Text) bool { return t.Lang == lang })
	if text == "" {
		return rest
	}
	return append([]directory.Text{{Lang: lang, Text: text}}, rest...)
}

// audienceOf reads whom the form looks for over an audience, of which it leaves
// alone what it has no field for.
func audienceOf(form url.Values, a convening.Audience) convening.Audience {
	a.Text, a.Panel = line(form, "text"), form.Get("panel") == "yes"
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
		"starts": {wallClock(e.Starts, e.Zone)}, "ends": {wallClock(e.Ends, e.Zone)},
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
		"invite_only": e.InviteOnly, "panel": e.Audience.Panel, "never_asked": e.Audience.InvitedAtMost != nil && *e.Audience.InvitedAtMost == 0,
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
		"invite_only", "text", "category", "country", "topic", "never_asked", "panel",
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
		if parts[1] == "filters" && slices.Contains(eventFields(), parts[2]) {
			return parts[2]
		}
		return "text"
	case "kind", "convener", "zone", "place", "online", "capacity", "answer_by":
		return parts[0]
	}
	return ""
}

// The choices of the form, in the reader's language.

func (p page) eventKinds() []option {
	var list []option
	for _, kind := range convening.EventKinds() {
		list = append(list, option{kind, i18n.T(p.lang, "event_kind."+kind, nil)})
	}
	return list
}

// zones are those offered, and the one that stands in the field.
func (p page) zones(standing string) []option {
	names := zonesOffered()
	if standing != "" && !slices.Contains(names, standing) && knownZone(standing) {
		names = append([]string{standing}, names...)
	}
	list := make([]option, len(names))
	for i, name := range names {
		list[i] = option{name, name}
	}
	return list
}

func (p page) twiceChoices() []option {
	return []option{{convening.Earlier, p.t("desk.event.when_twice.earlier")}, {convening.Later, p.t("desk.event.when_twice.later")}}
}

// audienceTopics are those offered, and any other that the audience has.
func (p page) audienceTopics(standing []string) []option {
	list := p.topics()
	for _, code := range standing {
		if !slices.ContainsFunc(list, func(o option) bool { return o.value == code }) {
			list = append(list, option{code, p.valueName("topic", code)})
		}
	}
	return list
}
