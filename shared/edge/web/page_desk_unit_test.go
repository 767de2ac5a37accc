package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
)

// An administrator makes a unit and changes it; names in other languages stay, and
// nobody else comes near it.
func TestUnitsPage(t *testing.T) {
	s := newPageSite(t)
	admin := s.cookies(s.staffSignIn(s.withIssuer(), "/desk", url.Values{"role": {"admin"}}))
	if desk := s.get("/desk?lang=en", admin...).Body.String(); !strings.Contains(desk, unitsPath) {
		t.Error("the desk does not lead to the units")
	}
	form := url.Values{"id": {"geneva"}, "name": {"Migration Programme"}, "zone": {"Europe/Zurich"}, "language": {"fr"}, "reply_to": {"geneva@example.org"}, "delegates": {"new-york, vienna"}}
	for field, wrong := range map[string]string{"id": "not an id", "name": "", "zone": "Nowhere", "language": "", "reply_to": "nowhere", "delegates": "geneva"} {
		faulty := url.Values{}
		for k, v := range form {
			faulty[k] = v
		}
		faulty.Set(field, wrong)
		w := s.post(unitsPath+"/new?lang=en", faulty, admin...)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `href="#`+field+`"`) {
			t.Errorf("%s %q: %d %s", field, wrong, w.Code, w.Body)
		}
	}
	done := unitsPath + "?done=saved&lang="
	want(t, s.post(unitsPath+"/new?lang=en", form, admin...), http.StatusSeeOther, done+"en")
	if w := s.post(unitsPath+"/new?lang=en", form, admin...); w.Code != http.StatusConflict {
		t.Errorf("a second of that id: %d", w.Code)
	}
	if list := s.get(unitsPath+"?lang=en", admin...).Body.String(); !strings.Contains(list, "Migration Programme") || !strings.Contains(list, unitPath("geneva")) {
		t.Errorf("the list: %s", list)
	}
	form.Set("name", "Programme des migrations")
	form.Set("version", "1")
	form.Set("from_name", hostile)
	want(t, s.post(unitPath("geneva")+"?lang=fr", form, admin...), http.StatusSeeOther, done+"fr")
	if w := s.post(unitPath("geneva")+"?lang=fr", form, admin...); w.Code != http.StatusPreconditionFailed {
		t.Errorf("a former version: %d", w.Code)
	}
	u, err := s.server.Store.Unit(t.Context(), "geneva")
	noError(t, err)
	wanted := convening.UnitPlan{
		Names: []directory.Text{{Lang: "en", Text: "Migration Programme"}, {Lang: "fr", Text: "Programme des migrations"}}, Zone: "Europe/Zurich", Language: "fr",
		FromName: hostile, ReplyTo: "geneva@example.org", Delegates: []string{"new-york", "vienna"},
	}
	if diff := cmp.Diff(wanted, u.UnitPlan); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	if shown := s.get(unitPath("geneva")+"?lang=fr", admin...).Body.String(); !strings.Contains(shown, "new-york, vienna") || !strings.Contains(shown, "Programme des migrations") {
		t.Errorf("the form: %s", shown)
	}
	if w := s.get(unitPath("nowhere"), admin...); w.Code != http.StatusNotFound {
		t.Errorf("an unknown unit: %d", w.Code)
	}
	for who, session := range map[string][]string{"organiser": s.organiser("geneva"), "moderator": s.moderator("m1")} {
		for _, path := range []string{unitsPath, unitPath("geneva")} {
			if w := s.get(path, session...); w.Code != http.StatusForbidden {
				t.Errorf("%s: %s answers %d", who, path, w.Code)
			}
		}
	}
}
