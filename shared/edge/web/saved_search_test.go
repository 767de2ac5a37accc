package web

import (
	"encoding/json"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// signedIn is as for one person of several in a unit.
func (s *testServer) signedIn(subject, group string) []string {
	s.Helper()
	token := s.issuer.Token(s.T, *s.now.Load(), map[string]any{auth.DefaultRolesClaim: []string{group}, "sub": subject})
	return []string{"Authorization", "Bearer " + token}
}

func TestSavedSearchIsItsOwners(t *testing.T) {
	s := newExampleSite(t)
	owner, colleague := s.signedIn("owner", "organiser:unitar"), s.signedIn("colleague", "organiser:unitar")
	stranger, admin := s.signedIn("stranger", "organiser:vienna"), s.signedIn("admin", "admin")
	own := idOf(t, s.do("POST", "/v1/searches", s.body("postSearch words"), owner...))
	shared := idOf(t, s.do("POST", "/v1/searches", s.body("postSearch neverAsked"), owner...))
	for _, c := range []struct {
		who    []string
		id     string
		status int
	}{
		{owner, own, 200},
		{colleague, own, 404},
		{stranger, own, 404},
		{admin, own, 200},
		{owner, shared, 200},
		{colleague, shared, 200},
		{stranger, shared, 404},
		{admin, shared, 200},
	} {
		s.expect(c.status, s.do("GET", "/v1/searches/"+c.id, "", c.who...))
		s.expect(c.status, s.do("GET", "/v1/searches/"+c.id+"/stakeholders?facet=category&sort=name", "", c.who...))
		if c.status == 404 {
			s.expect(404, s.do("PUT", "/v1/searches/"+c.id, s.body("putSearch neverAsked"), append(c.who, "If-Match", etag(1))...))
			s.expect(404, s.do("DELETE", "/v1/searches/"+c.id, "", append(c.who, "If-Match", etag(1))...))
		}
	}
	for _, c := range []struct {
		who    []string
		target string
		lists  string // the one id that is listed
	}{
		{owner, "/v1/searches", shared},
		{colleague, "/v1/searches", shared},
		{stranger, "/v1/searches", ""},
		{owner, "/v1/searches?own=true", own},
		{colleague, "/v1/searches?own=true", ""},
	} {
		w := s.do("GET", c.target, "", c.who...)
		for _, id := range []string{own, shared} {
			if got := strings.Contains(w.Body.String(), id); got != (id == c.lists) {
				t.Errorf("%s lists %s: %v", c.target, id, got)
			}
		}
	}
	unshared := strings.Replace(s.body("postSearch neverAsked"), `"shared":true`, `"shared":false`, 1)
	w := s.do("PUT", "/v1/searches/"+shared, unshared, append(colleague, "If-Match", etag(1))...)
	s.expect(422, w)
	if !strings.Contains(w.Body.String(), "saved_search.owner_only") {
		t.Errorf("refused with %s", w.Body)
	}
	s.expect(200, s.do("PUT", "/v1/searches/"+shared, unshared, append(owner, "If-Match", etag(1))...))
	s.expect(404, s.do("GET", "/v1/searches/"+shared, "", colleague...))
	s.expect(428, s.do("DELETE", "/v1/searches/"+shared, "", owner...))
	s.expect(412, s.do("DELETE", "/v1/searches/"+shared, "", append(owner, "If-Match", etag(1))...))
	s.expect(204, s.do("DELETE", "/v1/searches/"+shared, "", append(owner, "If-Match", etag(2))...))
	s.expect(404, s.do("DELETE", "/v1/searches/"+shared, "", append(owner, "If-Match", etag(3))...))
}

func TestSavedSearchIsRefused(t *testing.T) {
	s := newExampleSite(t)
	organiser := s.as(auth.Organiser, "unitar")
	for body, code := range map[string]string{
		`{"name": "x", "query": {}}`:                                                  "saved_search.empty",
		`{"name": "", "query": {"text": "x"}}`:                                        "text.empty",
		`{"name": "x", "query": {"filters": {"colour": ["blue"]}}}`:                   "event.filter_unknown",
		`{"name": "x", "query": {"filters": {"country": ["XX"]}}}`:                    "country.unknown",
		`{"name": "x", "query": {"text": "x"}, "alert": true}`:                        "saved_search.no_address",
		`{"name": "x", "query": {"filters": {"topic": ["gcm:1"]}, "invitees": []}}`:   "body.unknown_field",
		`{"name": "x", "query": {"filters": {"topic": ["gcm:1"]}}, "unit": "vienna"}`: "body.unknown_field",
	} {
		w := s.do("POST", "/v1/searches", body, organiser...)
		if w.Code/100 != 4 || !strings.Contains(w.Body.String(), code) {
			t.Errorf("%s is answered %d %s instead of %s", body, w.Code, w.Body, code)
		}
	}
}

// TestAudienceBySavedSearch lets a draft, a rule and a panel rest on saved searches.
func TestAudienceBySavedSearch(t *testing.T) {
	s := newExampleSite(t)
	organiser, colleague := s.signedIn("owner", "organiser:unitar"), s.signedIn("colleague", "organiser:unitar")
	hidden := s.listed("Association discrète", func(a *directory.Application) { a.Topics = []string{"gcm:19"} })
	keep := func(who []string, body string) string { return idOf(t, s.do("POST", "/v1/searches", body, who...)) }
	id := keep(organiser, `{"name": "Diaspora", "shared": true, "query": {"filters": {"topic": ["gcm:19"]}}}`)
	own := keep(colleague, `{"name": "Own", "query": {"filters": {"topic": ["gcm:19"]}}}`)
	foreign := keep(s.as(auth.Organiser, "vienna"), `{"name": "Foreign", "shared": true, "query": {"filters": {"topic": ["gcm:19"]}}}`)
	by := func(search string) string {
		return strings.Replace(s.body("postEvent least"), `{"filters":{"topic":["topic:migration_data"]}}`, `{"search":"`+search+`"}`, 1)
	}
	for _, unknown := range []string{own, foreign, "nothing"} {
		w := s.do("POST", "/v1/events", by(unknown), organiser...)
		if w.Code != 422 || !strings.Contains(w.Body.String(), `"pointer":"/audience/search","code":"saved_search.unknown"`) {
			t.Errorf("the audience of %s is answered %d %s", unknown, w.Code, w.Body)
		}
	}
	twice := strings.Replace(by(id), `"search":`, `"text":"x","search":`, 1)
	if w := s.do("POST", "/v1/events", twice, organiser...); w.Code != 422 || !strings.Contains(w.Body.String(), "event.audience_search_alone") {
		t.Errorf("a search beside words is answered %d %s", w.Code, w.Body)
	}
	event := idOf(t, s.do("POST", "/v1/events", by(id), organiser...))
	used := func(status int) {
		t.Helper()
		w := s.do("DELETE", "/v1/searches/"+id, "", append(organiser, "If-Match", etag(1))...)
		s.expect(status, w)
	}
	used(409)
	s.expect(200, s.do("PUT", "/v1/events/"+event, s.body("putEvent revised"), append(organiser, "If-Match", etag(1))...))
	s.expect(200, s.do("PUT", "/v1/events/"+event, by(id), append(organiser, "If-Match", etag(2))...))
	used(409)
	s.expect(202, s.do("POST", "/v1/events/"+event+"/publication", `{"invitations": 1}`, append(organiser, "If-Match", etag(3))...))
	e, err := s.Store.Event(t.Context(), event)
	s.must(err)
	if e.Sought == nil || e.Sought.Filters["topic"][0] != "gcm:19" || e.Audience.Search != id {
		t.Errorf("the event went out with %+v of %q", e.Sought, e.Audience.Search)
	}

	rule := strings.Replace(s.body("postRule migrantsDay"), `{"filters":{"category":["migrant_association"]}}`, `{"search":"`+id+`"}`, 1)
	at := idOf(t, s.do("POST", "/v1/rules", rule, organiser...))
	used(409)
	s.expect(200, s.do("PUT", "/v1/rules/"+at, s.body("putRule migrantsDay"), append(organiser, "If-Match", etag(1))...))

	w := s.do("PUT", "/v1/events/"+event+"/panel", `{"seats": [{"id": "a", "role": "speaker"}], "pool": {"search": "`+id+`"}}`, append(organiser, "If-Match", etag(0))...)
	s.expect(200, w)
	used(409)
	w = s.do("POST", "/v1/events/"+event+"/panel/suggestions", `{"pool": {"search": "`+foreign+`"}}`, organiser...)
	if w.Code != 422 || !strings.Contains(w.Body.String(), `"/pool/search"`) {
		t.Errorf("a foreign pool is answered %d %s", w.Code, w.Body)
	}
	w = s.do("POST", "/v1/events/"+event+"/panel/suggestions", `{}`, organiser...)
	s.expect(200, w)
	var found struct{ Found int }
	s.must(json.Unmarshal(w.Body.Bytes(), &found))
	if found.Found != 1 {
		t.Errorf("the pool has %d, and %s is in it", found.Found, hidden.ID)
	}
	s.expect(200, s.do("PUT", "/v1/events/"+event+"/panel", `{"seats": [{"id": "a", "role": "speaker"}]}`, append(organiser, "If-Match", etag(1))...))
	used(204)

	// What rests on it all the same says so, and invites nobody.
	late, err := convening.NewEvent(s.Store.NewID(), "unitar", "x", convening.Plan{
		Kind: "seminar", Titles: []directory.Text{{Lang: "en", Text: "x"}}, Starts: testStart.AddDate(0, 1, 0), Ends: testStart.AddDate(0, 1, 1), Zone: "UTC",
		Audience: convening.Audience{Search: id},
	}, testStart)
	s.must(err)
	s.must(s.Store.CreateEvent(t.Context(), late))
	w = s.do("POST", "/v1/events/"+late.ID+"/publication", "", append(organiser, "If-Match", etag(1))...)
	if w.Code != 409 || !strings.Contains(w.Body.String(), "saved_search.gone") {
		t.Errorf("the publication is answered %d %s", w.Code, w.Body)
	}
}
