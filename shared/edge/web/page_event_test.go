package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
)

// event keeps a published event of the site, changed.
func (s *pageSite) another(change func(*convening.Plan)) *convening.Event {
	s.Helper()
	plan := s.event.Plan
	change(&plan)
	e, err := convening.NewEvent(s.server.Store.NewID(), "unit", "Seminar series", plan, s.now)
	noError(s.T, err)
	noError(s.T, s.server.Store.CreateEvent(s.Context(), e))
	e, err = s.server.Store.UpdateEvent(s.Context(), e.ID, func(e *convening.Event) error { return e.Publish(s.now) })
	noError(s.T, err)
	return e
}

// linkedIn returns the linked data that stands in a page.
func linkedIn(t *testing.T, body string) map[string]any {
	t.Helper()
	for _, n := range all(parsePage(t, body), "script") {
		var doc map[string]any
		noError(t, json.Unmarshal([]byte(n.FirstChild.Data), &doc))
		return doc
	}
	t.Fatalf("no linked data in %s", body)
	return nil
}

// TestEventPageSaysWhatIsPublic holds what the page and its linked data tell of a
// public event, and that they tell neither the room nor who is not public.
func TestEventPageSaysWhatIsPublic(t *testing.T) {
	s := newPageSite(t)
	w := s.get("/events/" + s.event.ID + "?lang=en&zone=America/New_York")
	body := w.Body.String()
	want(t, w, http.StatusOK, "")
	for _, there := range []string{"Friday, 18 December 2026", "10:00–12:00", "Europe/Zurich, UTC+01:00", "04:00–06:00", "America/New_York", "Palais des Nations", "Chatham House Rule", "French", "/stakeholders/" + s.listed.ID} {
		if !strings.Contains(body, there) {
			t.Errorf("%q is not there", there)
		}
	}
	for _, hidden := range []string{"room.example.org", s.waiting.ID, "رابطة المهاجرين"} {
		if strings.Contains(body, hidden) {
			t.Errorf("%q is there", hidden)
		}
	}
	doc := linkedIn(t, body)
	at := "https://convoke.example.org/events/" + s.event.ID
	organiser := "https://convoke.example.org/stakeholders/" + s.listed.ID
	if diff := cmp.Diff(map[string]any{
		"@context": "https://schema.org", "@type": "EducationEvent", "@id": at, "url": at, "mainEntityOfPage": at,
		"name": hostile, "description": "First.\nSecond.", "startDate": "2026-12-18T10:00:00+01:00", "endDate": "2026-12-18T12:00:00+01:00",
		"eventStatus": "https://schema.org/EventScheduled", "eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode",
		"location": []any{
			map[string]any{"@type": "Place", "name": "Palais des Nations", "address": "Palais des Nations"},
			map[string]any{"@type": "VirtualLocation", "url": at},
		},
		"organizer": []any{
			map[string]any{"@type": "Organization", "name": hostile},
			map[string]any{"@type": "Organization", "name": hostile, "@id": organiser, "url": organiser},
			map[string]any{"@type": "Organization", "name": hostile},
		},
		"about":                   []any{map[string]any{"@type": "DefinedTerm", "termCode": "gcm:1", "name": "Data"}},
		"maximumAttendeeCapacity": 40.0,
	}, doc); diff != "" {
		t.Errorf("linked data (-want +got):\n%s", diff)
	}
	if again := s.get("/events/"+s.event.ID+"?lang=en", zoneCookie, "Asia/Kathmandu").Body.String(); !strings.Contains(again, "14:45–16:45") {
		t.Errorf("the reader's zone is not remembered: %s", again)
	}
}

// TestWhoSeesAnEventPage holds that nothing is public of what is not, that who is
// invited sees it, and that the room is shown to who accepted alone.
func TestWhoSeesAnEventPage(t *testing.T) {
	s := newPageSite(t)
	inviteOnly := s.another(func(p *convening.Plan) { p.InviteOnly = true })
	risky := s.another(func(p *convening.Plan) { p.AtRisk = true })
	draft, err := convening.NewEvent(s.server.Store.NewID(), "unit", "Seminar series", s.event.Plan, s.now)
	noError(t, err)
	noError(t, s.server.Store.CreateEvent(t.Context(), draft))
	contact := s.waiting.Contacts[0].ID
	answered := func(e *convening.Event, answer convening.InvitationStatus) {
		_, err := s.server.Store.PlanInvitations(t.Context(), []*convening.Invitation{convening.NewInvitation(e, s.waiting.ID, contact, s.now)})
		noError(t, err)
		_, err = s.server.Store.UpdateInvitation(t.Context(), e.ID, contact, func(i *convening.Invitation) error {
			i.Advance(s.now)
			return i.Answer(convening.Answer{Answer: answer}, s.now)
		})
		noError(t, err)
	}
	answered(inviteOnly, convening.Accepted)
	answered(s.event, convening.Tentative)
	session := s.signedIn()
	for _, c := range []struct {
		what    string
		event   *convening.Event
		session []string
		code    int
		room    bool
	}{
		{"a public event for anyone", s.event, nil, http.StatusOK, false},
		{"a public event for who may come", s.event, session, http.StatusOK, false},
		{"an invite-only event for anyone", inviteOnly, nil, http.StatusNotFound, false},
		{"an invite-only event for who accepted", inviteOnly, session, http.StatusOK, true},
		{"an event at risk for a contact that is not invited", risky, session, http.StatusNotFound, false},
		{"a draft for a contact", draft, session, http.StatusNotFound, false},
	} {
		w := s.get("/events/"+c.event.ID, c.session...)
		if w.Code != c.code || strings.Contains(w.Body.String(), "room.example.org") != c.room {
			t.Errorf("%s: %d %s", c.what, w.Code, w.Body)
		}
		if private := w.Header().Get("Cache-Control") == "no-store"; w.Code == http.StatusOK && private != (c.session != nil) {
			t.Errorf("%s: cached as %s", c.what, w.Header().Get("Cache-Control"))
		}
		if linked := strings.Contains(w.Body.String(), "application/ld+json"); linked != (c.event == s.event) {
			t.Errorf("%s: linked data %t", c.what, linked)
		}
	}
	list := s.get("/events?lang=en").Body.String()
	for _, e := range []*convening.Event{inviteOnly, risky, draft} {
		if strings.Contains(list, e.ID) {
			t.Errorf("%s is listed", e.ID)
		}
	}
	if !strings.Contains(list, "/events/"+s.event.ID) {
		t.Errorf("the public event is not listed: %s", list)
	}
}

// TestSeriesPage holds what the page of a series tells, in every language, and
// that a private one has none.
func TestSeriesPage(t *testing.T) {
	s := newPageSite(t)
	series, err := convening.NewSeries("series1", "unit", convening.SeriesPlan{
		Titles: []directory.Text{{Lang: "en", Text: hostile}}, Summaries: []directory.Text{{Lang: "en", Text: "About it."}}, Topics: []string{"gcm:1"},
		CoOrganisers: []convening.CoOrganiser{{Stakeholder: s.waiting.ID}, {Stakeholder: s.listed.ID}},
		Hosts:        []convening.Host{{Year: 2026, CoOrganiser: convening.CoOrganiser{Name: "A host"}, Topics: []string{"gcm:2"}}, {Year: 2027, CoOrganiser: convening.CoOrganiser{Stakeholder: s.waiting.ID}}},
	}, s.now)
	noError(t, err)
	noError(t, s.server.Store.CreateSeries(t.Context(), series))
	shown := s.another(func(p *convening.Plan) { p.Series = "series1" })
	hidden := s.another(func(p *convening.Plan) { p.Series, p.InviteOnly = "series1", true })
	for _, lang := range i18n.All() {
		w := s.get("/series/series1?lang=" + string(lang))
		checkPage(t, lang, w)
		for _, secret := range []string{s.waiting.ID, hidden.ID, "2027"} {
			if strings.Contains(w.Body.String(), secret) {
				t.Errorf("%s: %s is there", lang, secret)
			}
		}
	}
	doc := linkedIn(t, s.get("/series/series1?lang=en").Body.String())
	if part, _ := doc["subEvent"].([]any); doc["@type"] != "EventSeries" || len(part) != 1 || part[0].(map[string]any)["@id"] != "https://convoke.example.org/events/"+shown.ID {
		t.Errorf("linked data: %v", doc)
	}
	if body := s.get("/events/" + shown.ID).Body.String(); !strings.Contains(body, `href="/series/series1"`) {
		t.Errorf("the event does not lead to its series: %s", body)
	}
	plan := series.SeriesPlan
	plan.Private = true
	_, err = s.server.Store.UpdateSeries(t.Context(), "series1", func(e *convening.Series) error { return e.Revise(plan, s.now) })
	noError(t, err)
	if w := s.get("/series/series1"); w.Code != http.StatusNotFound {
		t.Errorf("a private series is answered %d", w.Code)
	}
	if body := s.get("/events/" + shown.ID).Body.String(); strings.Contains(body, "series1") {
		t.Errorf("the event leads to a private series: %s", body)
	}
}

// TestEventsToCome holds the order of the list, its pages, and that what is over
// is no longer on it, and what goes on still is.
func TestEventsToCome(t *testing.T) {
	s := newPageSite(t)
	later := s.another(func(p *convening.Plan) { p.Starts, p.Ends = p.Starts.AddDate(0, 0, 2), p.Ends.AddDate(0, 0, 3) })
	for range eventsShown {
		s.another(func(p *convening.Plan) { p.Starts, p.Ends = p.Starts.AddDate(0, 1, 0), p.Ends.AddDate(0, 1, 0) })
	}
	first := s.get("/events?lang=en").Body.String()
	soon, after := strings.Index(first, "/events/"+s.event.ID), strings.Index(first, "/events/"+later.ID)
	if soon < 0 || after < soon {
		t.Errorf("the next is not first: %d, %d", soon, after)
	}
	if !strings.Contains(first, `rel="next"`) {
		t.Error("there is no next page")
	}
	s.now = later.Starts.Add(time.Hour)
	body := s.get("/events?lang=en").Body.String()
	if strings.Contains(body, "/events/"+s.event.ID+`"`) || !strings.Contains(body, "/events/"+later.ID) {
		t.Errorf("what is over is listed, or what goes on is not: %s", body)
	}
}
