package web

import (
	"net/http"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// TestTargetsOnWhatPersonsSay counts speakers by the gender and the experience
// that they declare, when they want to be found, and shows neither.
func TestTargetsOnWhatPersonsSay(t *testing.T) {
	s := newTestServer(t)
	speaker := func(name string, says directory.SpeakingProfile) {
		says.Languages = []string{"en"}
		e := s.listed(name, func(a *directory.Application) { a.Contacts[0].Speaking = &says })
		s.indexAgain(e.ID)
	}
	speaker("Association One", directory.SpeakingProfile{Gender: "woman", Experience: []string{"refugees"}, Findable: true})
	speaker("Association Two", directory.SpeakingProfile{Gender: "man", Findable: true})
	speaker("Association Three", directory.SpeakingProfile{Gender: "woman"}) // who does not want to be found
	s.listed("Association Four", nil)
	e, err := convening.NewEvent(s.Store.NewID(), "geneva", "Seminar series", convening.Plan{
		Kind: "panel_discussion", Titles: []directory.Text{{Lang: "en", Text: "Rights"}}, Zone: "UTC", Starts: testStart.AddDate(0, 1, 0), Ends: testStart.AddDate(0, 1, 1),
		Audience: convening.Audience{Filters: map[string][]string{"category": {"migrant_association"}}},
	}, testStart)
	if err == nil {
		err = s.Store.CreateEvent(t.Context(), e)
	}
	if err != nil {
		t.Fatal(err)
	}
	organiser, at := s.as(auth.Organiser, "geneva"), "/v1/events/"+e.ID+"/panel"
	put := func(target string) {
		t.Helper()
		tag := s.do("GET", at, "", organiser...).Header().Get("ETag")
		w := s.do("PUT", at, `{"seats":[{"id":"one","role":"speaker"},{"id":"two","role":"speaker"}],"targets":[`+target+`]}`, append([]string{"If-Match", tag}, organiser...)...)
		if w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	for _, c := range []struct{ target, missed string }{
		{`{"rule":"at_least","count":1,"of":"gender","values":["woman"]}`, `"missed":0`},
		{`{"rule":"at_least","count":1,"of":"lived_experience","values":["refugees"]}`, `"missed":0`},
		{`{"rule":"at_least","count":2,"of":"gender","values":["woman"]}`, `"missed":1`},
	} {
		put(c.target)
		w := s.do("POST", at+"/suggestions", `{}`, organiser...)
		body := w.Body.String()
		if w.Code != http.StatusOK || !strings.Contains(body, c.missed) {
			t.Errorf("%s: %d %s", c.target, w.Code, body)
		}
		if strings.Contains(body, `"gender":`) || strings.Contains(body, `"experience":`) {
			t.Errorf("what persons say of themselves is shown: %s", body)
		}
	}
}
