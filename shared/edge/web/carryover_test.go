package web

import (
	"net/http"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
)

// TestWhoCarriesParticipantsOver holds that who was at a meeting under the Chatham
// House Rule comes along for the organisers of both events alone, that the answer
// names nobody, and that no reader but they learns of it.
func TestWhoCarriesParticipantsOver(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	organiser := s.as(auth.Organiser, "geneva")
	later, _ := s.invited(s.listed("Association voisine", nil))
	meeting, i := s.invited(e)
	_, err := s.Store.UpdateEvent(t.Context(), meeting.ID, func(m *convening.Event) error {
		p := m.Plan
		p.Attribution, p.Precedes, p.Starts = convening.ChathamHouse, later.ID, p.Starts.AddDate(0, 0, -1)
		return m.Revise(m.Convener, p, s.Store.Now())
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Store.UpdateInvitation(t.Context(), meeting.ID, i.Contact, func(i *convening.Invitation) error {
		return i.Attend(convening.Presence{Attendance: convening.Attended, Spoke: true})
	})
	if err != nil {
		t.Fatal(err)
	}
	path := "/v1/events/" + later.ID + "/carry-over"
	body := func(to, more string) string {
		return `{"from":"` + meeting.ID + `","who":"attended","to":"` + to + `"` + more + `}`
	}
	for _, c := range []struct {
		who, body string
		header    []string
		want      int
	}{
		{"the public", body("invitees", ""), nil, 401},
		{"who was there", body("invitees", ""), s.session(e.ID, e.Contacts[0].ID), 403},
		{"an administrator", body("invitees", ""), s.as(auth.Admin, ""), 403},
		{"another unit", body("invitees", ""), s.as(auth.Organiser, "nairobi"), 404},
		{"who asks who spoke", body("invitees", `,"spoke":true`), organiser, 422},
		{"who asks of another meeting", strings.Replace(body("invitees", ""), meeting.ID, later.ID, 1), organiser, 409},
		{"who asks of none", strings.Replace(body("invitees", ""), meeting.ID, "none", 1), organiser, 409},
		{"its organiser", body("invitees", ""), organiser, 200},
		{"its organiser, for the panel", body("shortlist", ""), organiser, 200},
	} {
		w := s.do("POST", path, c.body, c.header...)
		if w.Code != c.want {
			t.Errorf("%s: %d %s", c.who, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), e.ID) || strings.Contains(w.Body.String(), i.Contact) {
			t.Errorf("%s is told who was there: %s", c.who, w.Body)
		}
	}
	for range 2 {
		w := s.do("POST", path, body("invitees", ""), append(organiser, "Idempotency-Key", "again")...)
		if !strings.Contains(w.Body.String(), `"added":0,"found":1`) {
			t.Errorf("again: %d %s", w.Code, w.Body)
		}
	}
	for name, header := range map[string][]string{"public": nil, "another unit": s.as(auth.Organiser, "nairobi"), "who was there": s.session(e.ID, e.Contacts[0].ID)} {
		for _, path := range []string{"/v1/events/" + later.ID, "/v1/events/" + meeting.ID, "/events/" + later.ID} {
			w := s.do("GET", path, "", header...)
			if w.Code == http.StatusOK && strings.Contains(w.Body.String(), i.Contact) {
				t.Errorf("%s reads at %s who was there: %s", name, path, w.Body)
			}
		}
	}
	named, err := s.Store.Event(t.Context(), later.ID)
	if err != nil || len(named.Audience.Invitees) != 1 || named.Audience.Invitees[0].Contact != i.Contact || named.PlannedAt != nil {
		t.Errorf("invitees %v, planned %v, %v", named.Audience.Invitees, named.PlannedAt, err)
	}
	panel, err := s.Store.Panel(t.Context(), later.ID)
	if err != nil || len(panel.Shortlist) != 1 || panel.Shortlist[0].Contact != i.Contact {
		t.Errorf("shortlist %v, %v", panel.Shortlist, err)
	}
}

// TestALaterEventThatIsNotPublicIsNotNamed holds that an event leads to the one it
// prepares only when anyone may know of that.
func TestALaterEventThatIsNotPublicIsNotNamed(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	later, _ := s.invited(e)
	meeting, _ := s.invited(e)
	change := func(id string, change func(*convening.Plan)) {
		_, err := s.Store.UpdateEvent(t.Context(), id, func(m *convening.Event) error {
			p := m.Plan
			change(&p)
			return m.Revise(m.Convener, p, s.Store.Now())
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	change(meeting.ID, func(p *convening.Plan) { p.Precedes, p.Starts = later.ID, p.Starts.AddDate(0, 0, -1) })
	for _, hidden := range []bool{false, true} {
		change(later.ID, func(p *convening.Plan) { p.InviteOnly = hidden })
		for _, path := range []string{"/v1/events/" + meeting.ID, "/events/" + meeting.ID} {
			if got := strings.Contains(s.do("GET", path, "").Body.String(), later.ID); got == hidden {
				t.Errorf("%s names what is hidden (%t): %t", path, hidden, got)
			}
		}
	}
	body := `{"kind":"seminar","convener":"C","titles":[{"lang":"en","text":"T"}],"zone":"UTC","starts":"2027-05-01T09:00:00Z","ends":"2027-05-01T10:00:00Z","audience":{"text":"x"},"precedes":"` + later.ID + `"}`
	if w := s.do("POST", "/v1/events", body, s.as(auth.Organiser, "geneva")...); w.Code != 422 || !strings.Contains(w.Body.String(), "event.precedes_later") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := s.do("POST", "/v1/events", body, s.as(auth.Organiser, "nairobi")...); w.Code != 422 || !strings.Contains(w.Body.String(), "event.unknown") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
