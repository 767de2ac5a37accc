package web

import (
	"net/http"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// TestASeriesNamesNobodyAtRisk holds that a stakeholder that is not public is not
// named with a series or an event to the public, and is to the units.
func TestASeriesNamesNobodyAtRisk(t *testing.T) {
	s := newTestServer(t)
	open := s.listed("Association ouverte", nil)
	hidden := s.listed("Association cachée", func(a *directory.Application) { a.AtRisk = true })
	bodies := `[{"stakeholder":"` + open.ID + `"},{"stakeholder":"` + hidden.ID + `","name":"A name"},{"name":"A foundation"}]`
	w := s.do("POST", "/v1/series", `{"titles":[{"lang":"en","text":"Seminars"}],"co_organisers":`+bodies+`,"hosts":[{"year":2026,"stakeholder":"`+hidden.ID+`","topics":["gcm:1"]}]}`,
		s.as(auth.Organiser, "geneva")...)
	series := idOf(t, w)
	event, _ := s.invited(open)
	_, err := s.Store.UpdateEvent(t.Context(), event.ID, func(e *convening.Event) error {
		p := e.Plan
		p.CoOrganisers = []convening.CoOrganiser{{Stakeholder: hidden.ID, Name: "A name"}, {Stakeholder: open.ID}}
		return e.Revise(e.Convener, p, s.Store.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who    string
		header []string
		told   bool
	}{
		{"public", nil, false},
		{"the hidden one's contact", s.session(hidden.ID, hidden.Contacts[0].ID), false},
		{"another unit", s.as(auth.Organiser, "nairobi"), false},
		{"its unit", s.as(auth.Organiser, "geneva"), true},
	} {
		for _, path := range []string{"/v1/series/" + series, "/v1/events/" + event.ID} {
			body := s.do("GET", path, "", c.header...).Body.String()
			if strings.Contains(body, hidden.ID) != c.told || strings.Contains(body, "A name") != c.told || !strings.Contains(body, open.ID) {
				t.Errorf("%s reads at %s: %s", c.who, path, body)
			}
		}
	}
}

// TestWhoCopiesASeries asks for copies as everyone who might.
func TestWhoCopiesASeries(t *testing.T) {
	s := newTestServer(t)
	admin := s.as(auth.Admin, "")
	for _, body := range []string{
		`{"id":"geneva","names":[{"lang":"en","text":"Geneva"}],"zone":"UTC","language":"en","delegates":["bangkok"]}`,
		`{"id":"nairobi","names":[{"lang":"en","text":"Nairobi"}],"zone":"UTC","language":"en","delegates":["geneva"]}`,
	} {
		if w := s.do("POST", "/v1/units", body, admin...); w.Code != http.StatusCreated {
			t.Fatal(w.Body)
		}
	}
	plan := `{"titles":[{"lang":"en","text":"Seminars"}]`
	open := idOf(t, s.do("POST", "/v1/series", plan+`}`, s.as(auth.Organiser, "newyork")...))
	private := idOf(t, s.do("POST", "/v1/series", plan+`,"private":true}`, s.as(auth.Organiser, "newyork")...))
	for _, c := range []struct {
		who, series, to string
		header          []string
		want            int
	}{
		{"its own unit", open, "newyork", s.as(auth.Organiser, "newyork"), 201},
		{"another for itself", open, "geneva", s.as(auth.Organiser, "geneva"), 201},
		{"a delegate for the unit", open, "geneva", s.as(auth.Organiser, "bangkok"), 201},
		{"a delegate on its behalf", open, "geneva", append(s.as(auth.Organiser, "bangkok"), "On-Behalf-Of", "geneva"), 201},
		{"a delegate of a delegate", open, "nairobi", append(s.as(auth.Organiser, "bangkok"), "On-Behalf-Of", "geneva"), 403},
		{"the owner for a unit that did not ask", open, "geneva", s.as(auth.Organiser, "newyork"), 403},
		{"anyone for a unit that is not known", open, "vienna", s.as(auth.Organiser, "newyork"), 403},
		{"another of what is private", private, "geneva", s.as(auth.Organiser, "geneva"), 404},
		{"a moderator", open, "geneva", s.as(auth.Moderator, ""), 403},
		{"the public", open, "geneva", nil, 401},
	} {
		w := s.do("POST", "/v1/series/"+c.series+"/copies", `{"unit":"`+c.to+`"}`, c.header...)
		if w.Code != c.want {
			t.Errorf("%s: %d %s", c.who, w.Code, w.Body)
		}
	}
}

// TestTheExportTellsOfSeries holds that a stakeholder is told where it is named.
func TestTheExportTellsOfSeries(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	series := idOf(t, s.do("POST", "/v1/series", `{"titles":[{"lang":"en","text":"Seminars"}],"hosts":[{"year":2026,"stakeholder":"`+e.ID+`"}]}`, s.as(auth.Organiser, "geneva")...))
	held, err := s.Store.HeldOf(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	named, err := held.Series(t.Context())
	if err != nil || len(named) != 1 || named[0].ID != series {
		t.Fatalf("%v %v", named, err)
	}
	if w := s.do("GET", "/v1/stakeholders/"+e.ID+"/export", "", s.session(e.ID, e.Contacts[0].ID)...); !strings.Contains(w.Body.String(), `"hosted":[2026]`) {
		t.Errorf("the export does not tell of it: %s", w.Body)
	}
}
