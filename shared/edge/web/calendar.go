package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/ics"
	"convoke/shared/state/store"
)

// What a feed tells of: events that ended not long ago, and at most so many.
const (
	feedLooksBack = 90 * 24 * time.Hour
	feedEntries   = 500
	feedFresh     = time.Hour // how long a program may keep its copy
)

// calendarSuffix is how the address of a calendar ends, so that programs know it
// for one.
const calendarSuffix = ".ics"

func (s *Server) calendarRoutes() []route {
	return []route{
		{"GET", "/calendar/events.ics", anyone, document, s.getEventsCalendar},
		{"GET", "/calendar/units/{file}", anyone, document, s.getUnitCalendar},
		{"GET", "/calendar/series/{file}", anyone, document, s.getSeriesCalendar},
		{"GET", "/calendar/events/{file}", anyone, document, s.getEventCalendar},
		{"GET", "/calendar/invitations/{file}", anyone, asset, s.getInvitationsCalendar},
		{"GET", "/v1/calendar", access{auth.Contact}, document, s.getCalendarLink},
		{"POST", "/v1/calendar", access{auth.Contact}, command, s.postCalendarLink},
		{"DELETE", "/v1/calendar", access{auth.Contact}, document, s.deleteCalendarLink},
	}
}

// named returns what a calendar's file is named for; false for what is no
// calendar.
func calendarOf(r *http.Request) (string, bool) {
	name, ok := strings.CutSuffix(r.PathValue("file"), calendarSuffix)
	return name, ok && name != ""
}

// feedLanguage is that of the address, else the reader's.
func feedLanguage(r *http.Request) (i18n.Lang, error) {
	q, err := query(r, "lang")
	if err != nil {
		return "", err
	}
	if lang, ok := spoken(q.Get("lang")); ok {
		return lang, nil
	}
	return language(r), nil
}

// getEventsCalendar is the calendar of all public events.
func (s *Server) getEventsCalendar(w http.ResponseWriter, r *http.Request) error {
	lang, err := feedLanguage(r)
	if err != nil {
		return err
	}
	var list []*convening.Event
	for cursor, more := "", true; more && len(list) < feedEntries; more = cursor != "" {
		var some []*convening.Event
		some, cursor, err = s.Store.PublicEvents(r.Context(), s.now().Add(-feedLooksBack), cursor, 100)
		if err != nil {
			return err
		}
		list = append(list, some...)
	}
	return s.writeFeed(w, r, lang, i18n.T(lang, "page.calendar.events", nil), list)
}

// getUnitCalendar is the calendar of one unit's public events. A unit of which
// nothing is public has an empty one, as has one that there is not.
func (s *Server) getUnitCalendar(w http.ResponseWriter, r *http.Request) error {
	unit, ok := calendarOf(r)
	if !ok {
		return errNoRoute
	}
	lang, err := feedLanguage(r)
	if err != nil {
		return err
	}
	name := unit
	u, err := s.Store.Unit(r.Context(), unit)
	if err == nil {
		name = directory.In(u.Names, string(lang), string(i18n.English))
	} else if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	list, err := s.recent(func(cursor string) ([]*convening.Event, string, error) {
		return s.Store.Events(r.Context(), unit, cursor, 100)
	})
	if err != nil {
		return err
	}
	return s.writeFeed(w, r, lang, name, list)
}

// getSeriesCalendar is the calendar of the public events of a series.
func (s *Server) getSeriesCalendar(w http.ResponseWriter, r *http.Request) error {
	id, ok := calendarOf(r)
	if !ok {
		return errNoRoute
	}
	lang, err := feedLanguage(r)
	if err != nil {
		return err
	}
	e, err := s.Store.Series(r.Context(), id)
	if err == nil && e.Private {
		err = errNoRoute
	}
	if err != nil {
		return err
	}
	list, err := s.recent(func(cursor string) ([]*convening.Event, string, error) {
		return s.Store.SeriesEvents(r.Context(), id, cursor, 100)
	})
	if err != nil {
		return err
	}
	return s.writeFeed(w, r, lang, directory.In(e.Titles, string(lang), string(i18n.English)), list)
}

// recent reads a list of events, the latest start first, as far back as feeds look.
func (s *Server) recent(read func(cursor string) ([]*convening.Event, string, error)) (list []*convening.Event, err error) {
	for cursor, more := "", true; more && len(list) < feedEntries; more = cursor != "" {
		var some []*convening.Event
		if some, cursor, err = read(cursor); err != nil {
			return nil, err
		}
		list = append(list, some...)
		if n := len(some); n > 0 && some[n-1].Starts.Before(s.now().Add(-feedLooksBack)) {
			break
		}
	}
	return list, nil
}

// writeFeed answers with the calendar of those of the events that are public.
func (s *Server) writeFeed(w http.ResponseWriter, r *http.Request, lang i18n.Lang, name string, list []*convening.Event) error {
	c := ics.Calendar{Name: name, Source: s.BaseURL + r.URL.EscapedPath(), Refresh: feedFresh}
	for _, e := range list {
		if e.Public() && e.Starts.After(s.now().Add(-feedLooksBack)) && len(c.Entries) < feedEntries {
			c.Entries = append(c.Entries, s.publicEntry(e, lang))
		}
	}
	return writeCalendar(w, r, c, "public, max-age=900")
}

// getEventCalendar is one event as a calendar: as everybody may know it, or as who
// is invited knows it from the mail.
func (s *Server) getEventCalendar(w http.ResponseWriter, r *http.Request) error {
	id, ok := calendarOf(r)
	if !ok {
		return errNoRoute
	}
	lang, err := feedLanguage(r)
	if err != nil {
		return err
	}
	e, err := s.Store.Event(r.Context(), id)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", `attachment; filename="event.ics"`)
	return s.writeEvent(w, r, e, lang)
}

func (s *Server) writeEvent(w http.ResponseWriter, r *http.Request, e *convening.Event, lang i18n.Lang) error {
	i, err := s.invitation(r, e)
	if err != nil {
		return err
	}
	if i != nil {
		return writeCalendar(w, r, ics.Calendar{Entries: []ics.Entry{s.ownEntry(e, i, lang)}}, "private, no-cache")
	}
	if !e.Public() {
		return errNoRoute
	}
	return writeCalendar(w, r, ics.Calendar{Entries: []ics.Entry{s.publicEntry(e, lang)}}, "private, no-cache")
}

// publicEntry is an event in a calendar as everybody may know it.
func (s *Server) publicEntry(e *convening.Event, lang i18n.Lang) ics.Entry {
	langs := []string{string(lang), string(i18n.English)}
	entry := ics.Entry{
		UID: e.ID + "@" + s.Domain, Sequence: e.Sequence, Status: ics.Confirmed, Starts: e.Starts, Ends: e.Ends, Zone: e.Zone, Changed: e.UpdatedAt,
		Title: directory.In(e.Titles, langs...), Description: s.about(e, lang), Location: e.Place, Organizer: e.Convener,
		URL: s.BaseURL + "/events/" + url.PathEscape(e.ID) + "?lang=" + string(lang),
	}
	if e.Status == convening.Cancelled {
		entry.Status = ics.Cancelled
	}
	return entry
}

// about is what a calendar says of an event beside its time and place.
func (s *Server) about(e *convening.Event, lang i18n.Lang) string {
	p := page{lang: lang}
	lines := slices.DeleteFunc([]string{directory.In(e.Summaries, string(lang), string(i18n.English))}, func(line string) bool { return line == "" })
	for _, part := range p.sessionLines(e) {
		lines = append(lines, i18n.Isolate(lang, part.title.Text)+": "+part.when)
	}
	if languages := p.interpretation(e); len(languages) > 0 {
		lines = append(lines, p.t("event.interpretation")+": "+i18n.List(lang, languages))
	}
	if e.Attribution == convening.ChathamHouse {
		lines = append(lines, p.t("event.attribution")+": "+p.t("event.chatham_house"))
	}
	return strings.Join(lines, "\n")
}

// ownEntry is an event in the calendar of who is invited: the entry of the mails,
// by its UID.
func (s *Server) ownEntry(e *convening.Event, i *convening.Invitation, lang i18n.Lang) ics.Entry {
	entry := s.publicEntry(e, lang)
	entry.UID, entry.Sequence = i.UID(s.Domain), max(e.Sequence, i.Sequence)
	for _, at := range []*time.Time{i.AskedAt, i.AnsweredAt, i.WithdrawnAt} {
		if at != nil && at.After(entry.Changed) {
			entry.Changed = *at
		}
	}
	switch i.Status {
	case convening.Withdrawn:
		entry.Status = ics.Cancelled
	case convening.Accepted:
		entry.Room = e.Online
	default:
		if entry.Status == ics.Confirmed {
			entry.Status = ics.Tentative
		}
	}
	return entry
}

// writeCalendar answers with a calendar, or with 304 to who has it.
func writeCalendar(w http.ResponseWriter, r *http.Request, c ics.Calendar, cached string) error {
	body := c.Bytes()
	w.Header().Set("Cache-Control", cached)
	w.Header().Add("Vary", "Accept, Accept-Language")
	if unchanged(w, r, contentTag(body)) {
		return nil
	}
	w.Header().Set("Content-Type", ics.MediaType+"; charset=utf-8")
	_, _ = w.Write(body) // the client may be gone
	return nil
}
