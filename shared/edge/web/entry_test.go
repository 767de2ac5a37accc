package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
)

// TestAnswersByOrganiser enters what came by telephone, notes who came, and takes
// an invitation back; another unit can do none of it.
func TestAnswersByOrganiser(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	event, i := s.invited(e)
	at := "/v1/events/" + event.ID + "/invitations/" + i.Contact
	for _, c := range []struct {
		name, path, body string
		unit             string
		status           int
		shows            string
	}{
		{"another unit", "/answer", `{"answer":"accepted","channel":"phone"}`, "new-york", http.StatusNotFound, "not_found"},
		{"no way", "/answer", `{"answer":"accepted","channel":"dream"}`, "geneva", http.StatusUnprocessableEntity, "invitation.channel_unknown"},
		{"a need that is none", "/answer", `{"answer":"accepted","channel":"phone","needs":["gold"]}`, "geneva", http.StatusUnprocessableEntity, "speaking.need_unknown"},
		{"by telephone", "/answer", `{"answer":"accepted","channel":"phone","needs":["interpretation","travel"]}`, "geneva", http.StatusOK, `"channel":"phone"`},
		{"absent and spoke", "/attendance", `{"attendance":"absent","spoke":true}`, "geneva", http.StatusUnprocessableEntity, "invitation.absent_spoke"},
		{"came and spoke", "/attendance", `{"attendance":"attended","spoke":true}`, "geneva", http.StatusOK, `"spoke":true`},
	} {
		w := s.do("POST", at+c.path, c.body, s.as(auth.Organiser, c.unit)...)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.shows) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
	if w := s.do("GET", "/v1/events/"+event.ID+"/needs", "", s.as(auth.Organiser, "geneva")...); !strings.Contains(w.Body.String(), `{"accepted":1,"needs":{"interpretation":1,"travel":1}}`) {
		t.Errorf("needs: %d %s", w.Code, w.Body)
	}
	if w := s.do("GET", "/v1/events/"+event.ID+"/needs", "", s.as(auth.Organiser, "new-york")...); w.Code != http.StatusNotFound {
		t.Errorf("needs, for another unit: %d", w.Code)
	}
	trail, _, err := s.Store.Audit(t.Context(), "INVITATION", event.ID+"."+i.Contact, "", 100)
	if err != nil || len(trail) < 2 {
		t.Fatalf("%d entries, %v", len(trail), err)
	}
	if last := trail[len(trail)-1]; last.For != e.ID || last.Role != string(auth.Organiser) {
		t.Errorf("entered by %s for %q, want an organiser for %s", last.Role, last.For, e.ID)
	}
	for range 2 { // again changes nothing
		if w := s.do("POST", at+"/withdrawal", "", s.as(auth.Organiser, "geneva")...); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"status":"withdrawn"`) {
			t.Errorf("withdrawal: %d %s", w.Code, w.Body)
		}
	}
	if w := s.do("POST", at+"/answer", `{"answer":"declined","channel":"letter"}`, s.as(auth.Organiser, "geneva")...); w.Code != http.StatusGone {
		t.Errorf("an answer after it: %d %s", w.Code, w.Body)
	}
}

// TestNeedsOnTheAnswerPage says what is needed, sees it kept, and takes it away.
func TestNeedsOnTheAnswerPage(t *testing.T) {
	s := newPageSite(t)
	form := url.Values{"answer": {"accepted"}, "needs": {"childcare", "safety"}}
	path := s.answerPath()
	want(t, s.post(path, form), http.StatusSeeOther, path)
	page := s.get(path).Body.String()
	if n := strings.Count(page, " checked"); n != 2 {
		t.Errorf("%d needs are ticked, want 2", n)
	}
	want(t, s.post(path, url.Values{"answer": {string(convening.Accepted)}}), http.StatusSeeOther, path)
	if page = s.get(path).Body.String(); strings.Contains(page, " checked") {
		t.Error("a need that was taken away is ticked still")
	}
	want(t, s.post(s.answerPath(), url.Values{"answer": {"accepted"}, "needs": {"gold"}}), http.StatusUnprocessableEntity, "")
}
