package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/ics"
	"convoke/shared/platform/interchange"
	"convoke/shared/state/store"
)

func (s *Server) eventPageRoutes() []route {
	return []route{
		{"GET", "/events", anyone, webPage, s.eventsPage},
		{"GET", "/events/{id}", anyone, webPage, s.eventPage},
		{"GET", "/series/{id}", anyone, webPage, s.seriesPage},
		{"GET", "/me/calendar", access{auth.Contact}, webPage, s.calendarPage},
		{"POST", "/me/calendar", access{auth.Contact}, webPage, s.calendarForm},
	}
}

// Of how many events one page tells, and for how long after its start an event
// that still goes on is among those to come.
const (
	eventsShown = 20
	goingOn     = 7 * 24 * time.Hour
)

// bodyView is who organises something, with where to read of it.
type bodyView struct {
	name directory.Text
	path string // empty for one that is only named
}

// eventCard is one event in a list.
type eventCard struct {
	id, kind, when, place, convener string
	title                           directory.Text
	online, cancelled               bool
}

func (p page) eventCard(e *convening.Event) eventCard {
	return eventCard{
		id: e.ID, kind: i18n.T(p.lang, "event_kind."+e.Kind, nil), when: i18n.Span(p.lang, e.Starts, e.Ends, e.Zone), place: e.Place,
		convener: e.Convener, title: textIn(e.Titles, p.lang), online: e.Online != "", cancelled: e.Status == convening.Cancelled,
	}
}

func (p page) eventCards(list []*convening.Event) []eventCard {
	cards := make([]eventCard, len(list))
	for i, e := range list {
		cards[i] = p.eventCard(e)
	}
	return cards
}

// eventsView is a page of the events to come.
type eventsView struct {
	cards []eventCard
	next  url.Values // nil on the last page
	later bool       // this is not the first
}

// eventsPage lists the public events to come, the next first.
func (s *Server) eventsPage(w http.ResponseWriter, r *http.Request) error {
	if asksCalendar(r) {
		return s.getEventsCalendar(w, r)
	}
	p := pageOf(r)
	p.private = p.signedIn
	q, err := query(r, "cursor", "lang")
	if err != nil {
		return err
	}
	list, next, err := s.Store.PublicEvents(r.Context(), s.now().Add(-goingOn), q.Get("cursor"), eventsShown)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(e *convening.Event) bool { return !e.Public() || !e.Ends.After(s.now()) })
	view := eventsView{cards: p.eventCards(list), later: q.Get("cursor") != ""}
	if next != "" {
		view.next = url.Values{"cursor": {next}}
	}
	return s.show(w, r, p, http.StatusOK, eventsPageBody(p, view))
}

// eventPageView is an event as its reader may see it.
type eventPageView struct {
	eventCard
	summary        directory.Text
	status         convening.EventStatus
	readerWhen     string       // in the reader's zone, when its clock shows another time
	zone           string       // the reader's; empty while it is not known
	unknownZone    bool         // what the reader gave is none
	room           string       // for who accepted
	invited        bool         // the reader is invited, or organises it
	own            *invitedLine // the reader's invitation
	organisers     []bodyView
	series         *bodyView
	prepares       *bodyView // the event that comes after it
	topics         []string
	interpretation []string
	capacity       int
	chathamHouse   bool
	sessions       []sessionLine
	tracks         []trackView
	linkedAs       string // JSON-LD, empty when not public
}

// trackView is a way of being accredited.
type trackView struct {
	id               string
	title, document  directory.Text
	url              string
	until, objecting string
}

type sessionLine struct {
	title directory.Text
	when  string
}

func (p page) sessionLines(e *convening.Event) []sessionLine {
	var lines []sessionLine
	for _, part := range e.Sessions {
		lines = append(lines, sessionLine{textIn(part.Titles, p.lang), i18n.Span(p.lang, part.Starts, part.Ends, e.Zone)})
	}
	return lines
}

// interpretation names the languages that is interpreted into.
func (p page) interpretation(e *convening.Event) []string {
	var names []string
	for _, tag := range e.Interpretation {
		names = append(names, i18n.Language(p.lang, tag))
	}
	return names
}

// eventPage shows a public event to anyone, and any that is published to who is
// invited to it. The address of the online room is shown to who accepted.
func (s *Server) eventPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if asksCalendar(r) {
		return s.writeEvent(w, r, e, pageOf(r).lang)
	}
	i, err := s.invitation(r, e)
	if err != nil {
		return err
	}
	var status convening.InvitationStatus
	if i != nil {
		status = i.Status
	}
	organises := convenes(identityOf(r), e) == nil
	if !e.Public() && status == "" && !organises {
		return errNoRoute
	}
	p := pageOf(r)
	p.private = !e.Public() || p.signedIn
	view, err := s.viewEventPage(r, p, e)
	if err != nil {
		return err
	}
	view.invited = status != "" || organises
	if status == convening.Accepted {
		view.room = e.Online
	}
	if i != nil {
		line := s.invitedLine(p, i, e)
		view.own = &line
	}
	s.readZone(w, r, e, p, &view)
	return s.show(w, r, p, http.StatusOK, eventPageBody(p, view))
}

// invitation returns the invitation of the reader, a contact that is signed in;
// nil when it has none, or none that went out.
func (s *Server) invitation(r *http.Request, e *convening.Event) (*convening.Invitation, error) {
	who := identityOf(r)
	if !who.Has(auth.Contact) {
		return nil, nil
	}
	i, err := s.Store.Invitation(r.Context(), e.ID, who.Subject)
	if errors.Is(err, store.ErrNotFound) || err == nil && (i.AskedAt == nil || i.Status == convening.Withdrawn) {
		return nil, nil
	}
	return i, err
}

// asksCalendar reports whether a page is asked for as a calendar.
func asksCalendar(r *http.Request) bool {
	return negotiated(r, "text/html", ics.MediaType) == ics.MediaType
}

func (s *Server) viewEventPage(r *http.Request, p page, e *convening.Event) (eventPageView, error) {
	view := eventPageView{
		eventCard: p.eventCard(e), summary: textIn(e.Summaries, p.lang), status: e.Status, capacity: e.Capacity,
		chathamHouse: e.Attribution == convening.ChathamHouse, topics: p.topicNames(e.Topics),
	}
	view.sessions, view.interpretation = p.sessionLines(e), p.interpretation(e)
	view.tracks = p.tracks(e, func(convening.Track) bool { return true })
	known, err := s.publicBodies(r, e.CoOrganisers)
	if err != nil {
		return view, err
	}
	view.organisers = known.view(p, e.CoOrganisers)
	series, err := s.publicSeriesOf(r, e)
	if err != nil {
		return view, err
	}
	if series != nil {
		view.series = &bodyView{textIn(series.Titles, p.lang), "/series/" + url.PathEscape(series.ID)}
	}
	next, err := s.publicPrecedes(r, e)
	if err != nil {
		return view, err
	}
	if next != nil {
		view.prepares = &bodyView{textIn(next.Titles, p.lang), "/events/" + url.PathEscape(next.ID)}
	}
	if !e.Public() {
		return view, nil
	}
	view.linkedAs, err = linkedData(interchange.EventJSONLD(interchange.Gathering{
		Event: e, Base: s.BaseURL, Organisers: s.linked(view.organisers), Series: series,
	}, string(p.lang), string(i18n.English)))
	return view, err
}

// linkedData is JSON to stand in a page: Marshal writes <, > and & as escapes.
func linkedData(doc map[string]any) (string, error) {
	b, err := json.Marshal(doc)
	if err != nil {
		return "", fmt.Errorf("encode linked data: %w", err)
	}
	return string(b), nil
}

// publicSeriesOf returns the series of an event, nil when it has none that anyone
// may know of.
func (s *Server) publicSeriesOf(r *http.Request, e *convening.Event) (*convening.Series, error) {
	if e.Series == "" {
		return nil, nil
	}
	series, err := s.Store.Series(r.Context(), e.Series)
	if errors.Is(err, store.ErrNotFound) || err == nil && series.Private {
		return nil, nil
	}
	return series, err
}

// view names those of the bodies that may be shown.
func (b bodies) view(p page, list []convening.CoOrganiser) []bodyView {
	var views []bodyView
	for _, o := range b.only(list) {
		if e := b[o.Stakeholder]; e != nil {
			name := shownName(e.Profile, p.lang)
			views = append(views, bodyView{directory.Text{Lang: name.Lang, Text: name.Text}, "/stakeholders/" + url.PathEscape(e.ID)})
			continue
		}
		if o.Name != "" {
			views = append(views, bodyView{name: directory.Text{Text: o.Name}})
		}
	}
	return views
}

// linked are the bodies as linked data names them.
func (s *Server) linked(list []bodyView) []interchange.Body {
	var named []interchange.Body
	for _, b := range list {
		one := interchange.Body{Name: b.name.Text}
		if b.path != "" {
			one.Address = s.BaseURL + b.path
		}
		named = append(named, one)
	}
	return named
}

// seriesPageView is a series as anyone may see it.
type seriesPageView struct {
	id             string
	title, summary directory.Text
	topics         []string
	organisers     []bodyView
	hosts          []hostView
	cards          []eventCard
	next           url.Values
	later          bool
	linkedAs       string
}

type hostView struct {
	year   int
	body   *bodyView
	topics []string
}

// seriesPage shows a series and its public events, the latest first.
func (s *Server) seriesPage(w http.ResponseWriter, r *http.Request) error {
	e, organises, err := s.seriesAsked(r)
	if err != nil {
		return err
	}
	if asksCalendar(r) {
		r.SetPathValue("file", e.ID+calendarSuffix)
		return s.getSeriesCalendar(w, r)
	}
	p := pageOf(r)
	p.private = p.signedIn || organises
	q, err := query(r, "cursor", "lang")
	if err != nil {
		return err
	}
	list, next, err := s.Store.SeriesEvents(r.Context(), e.ID, q.Get("cursor"), eventsShown)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(e *convening.Event) bool { return !e.Public() })
	view, err := s.viewSeriesPage(r, p, e)
	if err != nil {
		return err
	}
	view.cards, view.later = p.eventCards(list), q.Get("cursor") != ""
	if next != "" {
		view.next = url.Values{"cursor": {next}}
	}
	if !e.Private {
		view.linkedAs, err = linkedData(interchange.SeriesJSONLD(e, s.BaseURL, s.linked(view.organisers), list, string(p.lang), string(i18n.English)))
		if err != nil {
			return err
		}
	}
	return s.show(w, r, p, http.StatusOK, seriesPageBody(p, view))
}

func (s *Server) viewSeriesPage(r *http.Request, p page, e *convening.Series) (seriesPageView, error) {
	view := seriesPageView{id: e.ID, title: textIn(e.Titles, p.lang), summary: textIn(e.Summaries, p.lang), topics: p.topicNames(e.Topics)}
	all := slices.Clone(e.CoOrganisers)
	for _, h := range e.Hosts {
		all = append(all, h.CoOrganiser)
	}
	known, err := s.publicBodies(r, all)
	if err != nil {
		return view, err
	}
	view.organisers = known.view(p, e.CoOrganisers)
	for _, h := range e.Hosts {
		host := hostView{year: h.Year, topics: p.topicNames(h.Topics)}
		if named := known.view(p, []convening.CoOrganiser{h.CoOrganiser}); len(named) > 0 {
			host.body = &named[0]
		}
		if host.body != nil || len(host.topics) > 0 {
			view.hosts = append(view.hosts, host)
		}
	}
	return view, nil
}

func (p page) topicNames(codes []string) []string {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = p.valueName("topic", code)
	}
	return names
}
