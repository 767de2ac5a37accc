package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
)

// TestAnnounceByPage holds that a message goes out once, to as many as were shown,
// and in the languages in which it was written.
func TestAnnounceByPage(t *testing.T) {
	s := newPageSite(t)
	at := "/desk/events/" + s.event.ID + "/announcements"
	good := func() url.Values {
		return url.Values{
			"once": {"form-1"}, "to": {"invited"}, "reached_invited": {"1"}, "subject_en": {"Another room"}, "text_en": {"We meet in Room XXI.\r\nThird floor."},
			"subject_fr": {"Autre salle"}, "text_fr": {"Salle XXI."},
		}
	}
	for field, change := range map[string]url.Values{
		"to":         {"to": {""}},
		"subject_en": {"subject_en": nil, "subject_fr": nil},
		"text_en":    {"text_en": nil, "text_fr": nil},
		"text_fr":    {"text_fr": {"a\u202eb"}},
		"subject_fr": {"text_fr": nil},
	} {
		form := good()
		for name, values := range change {
			form[name] = values
		}
		w := s.byOrganiser("POST", at, form)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="`+field+`-fault"`) {
			t.Errorf("%v: %d, no message at %s", change, w.Code, field)
		}
	}
	form := good()
	form.Set("reached_invited", "2")
	if w := s.byOrganiser("POST", at, form); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "no longer the one you confirmed") {
		t.Errorf("another number: %d", w.Code)
	}
	sent := func() []*convening.Announcement {
		list, _, err := s.server.Store.Announcements(t.Context(), s.event.ID, "", 10)
		noError(t, err)
		return list
	}
	if list := sent(); len(list) != 0 {
		t.Fatalf("%d went out that were refused", len(list))
	}
	for range 2 { // the button is pressed twice
		want(t, s.byOrganiser("POST", at, good()), http.StatusSeeOther, "/desk/events/"+s.event.ID+"?done=announced&n=1")
	}
	list := sent()
	if len(list) != 1 || list[0].Recipients != 1 || list[0].Texts[0].Text != "We meet in Room XXI.\nThird floor." || list[0].Subjects[1].Lang != "fr" {
		t.Fatalf("%+v", list)
	}
	if body := s.byOrganiser("GET", at, nil).Body.String(); !strings.Contains(body, "Another room") || !strings.Contains(body, "have not declined (1)") {
		t.Error("the page does not tell of it, or of how many it reached")
	}
	for n, status := range []int{http.StatusSeeOther, http.StatusSeeOther, http.StatusTooManyRequests} {
		form := good()
		form.Set("once", "form-"+string(rune('a'+n)))
		if w := s.byOrganiser("POST", at, form); w.Code != status {
			t.Errorf("message %d of the day: %d", n+2, w.Code)
		}
	}
	s.now = s.now.Add(24 * time.Hour)
	if w := s.byOrganiser("POST", at, good()); w.Code != http.StatusSeeOther || len(sent()) != 3 {
		t.Errorf("the first form again on the next day: %d, %d", w.Code, len(sent()))
	}
}

// TestTestByPage holds that a test goes to the address of the unit, if it has one.
func TestTestByPage(t *testing.T) {
	s := newPageSite(t)
	at := "/desk/events/" + s.event.ID + "/test"
	form := url.Values{"letter": {"reminder"}, "language": {"ar"}}
	if w := s.byOrganiser("POST", at, form); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "no address for answers") {
		t.Errorf("a unit without an address: %d", w.Code)
	}
	u, err := convening.NewUnit("unit", convening.UnitPlan{Names: texts("en", "Unit"), Zone: "Europe/Zurich", Language: "en", ReplyTo: "unit@example.org"}, s.now)
	noError(t, err)
	noError(t, s.server.Store.CreateUnit(t.Context(), u))
	want(t, s.byOrganiser("POST", at, form), http.StatusSeeOther, "/desk/events/"+s.event.ID+"?done=tested")
	form.Set("letter", "poem")
	if w := s.byOrganiser("POST", at, form); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("another letter: %d", w.Code)
	}
	if w := s.deskOf(auth.Organiser, "another", "POST", at, form); w.Code != http.StatusNotFound {
		t.Errorf("another unit's organiser: %d", w.Code)
	}
}
