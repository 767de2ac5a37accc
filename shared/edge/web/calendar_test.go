package web

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-ical"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
)

// entries reads a calendar back with another parser: UID to STATUS.
func entries(t *testing.T, w *httptest.ResponseRecorder) map[string]string {
	t.Helper()
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Fatalf("%d %s %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	c, err := ical.NewDecoder(bytes.NewReader(w.Body.Bytes())).Decode()
	if err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	found := map[string]string{}
	for _, e := range c.Events() {
		found[e.Props.Get("UID").Value] = e.Props.Get("STATUS").Value
	}
	return found
}

func uids(m map[string]string) []string {
	var list []string
	for uid := range m {
		list = append(list, uid)
	}
	slices.Sort(list)
	return list
}

// TestFeedsTellWhatIsPublic holds that each feed has the public events that are
// its own, cancelled ones as such, and nothing of the others.
func TestFeedsTellWhatIsPublic(t *testing.T) {
	s := newPageSite(t)
	series, err := convening.NewSeries("series1", "unit", convening.SeriesPlan{Titles: []directory.Text{{Lang: "en", Text: "Seminars"}}}, s.now)
	noError(t, err)
	noError(t, s.server.Store.CreateSeries(t.Context(), series))
	inSeries := s.another(func(p *convening.Plan) { p.Series = "series1" })
	s.another(func(p *convening.Plan) { p.InviteOnly, p.Series = true, "series1" })
	s.another(func(p *convening.Plan) { p.AtRisk = true })
	_, err = s.server.Store.UpdateEvent(t.Context(), inSeries.ID, func(e *convening.Event) error { return e.Cancel("", s.now) })
	noError(t, err)
	domain := "@convoke.example.org"
	for path, want := range map[string][]string{
		"/calendar/events.ics":                            {s.event.ID + domain, inSeries.ID + domain},
		"/calendar/units/unit.ics":                        {s.event.ID + domain, inSeries.ID + domain},
		"/calendar/units/another.ics":                     nil,
		"/calendar/series/series1.ics":                    {inSeries.ID + domain},
		"/calendar/events/" + s.event.ID + ".ics":         {s.event.ID + domain},
		"/calendar/events/" + inSeries.ID + ".ics":        {inSeries.ID + domain},
		"/calendar/events/" + s.event.ID + ".ics?lang=ar": {s.event.ID + domain},
	} {
		w := s.get(path)
		got := entries(t, w)
		slices.Sort(want)
		if !slices.Equal(uids(got), want) {
			t.Errorf("%s has %v, want %v", path, uids(got), want)
		}
		if status := got[inSeries.ID+domain]; status != "" && status != "CANCELLED" {
			t.Errorf("%s: the cancelled event is %s", path, status)
		}
		if strings.Contains(w.Body.String(), "room.example.org") {
			t.Errorf("%s tells the room", path)
		}
	}
	for _, path := range []string{"/calendar/events/none.ics", "/calendar/events/" + s.event.ID, "/calendar/series/none.ics", "/calendar/units/.ics", "/calendar/events.ics?wrong=1"} {
		if w := s.get(path); w.Code != http.StatusNotFound && w.Code != http.StatusBadRequest {
			t.Errorf("%s is answered %d", path, w.Code)
		}
	}
}

// TestFeedsAreNegotiatedAndConditional asks pages for calendars, and again for
// what is known already.
func TestFeedsAreNegotiatedAndConditional(t *testing.T) {
	s := newPageSite(t)
	ask := func(path string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return s.send(r, nil)
	}
	for _, path := range []string{"/events", "/events/" + s.event.ID} {
		if got := entries(t, ask(path, "Accept", "text/calendar, text/html;q=0.5")); len(got) != 1 {
			t.Errorf("%s: %v", path, got)
		}
		if w := ask(path, "Accept", "text/html, text/calendar;q=0.5"); !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			t.Errorf("%s is answered as %s to who prefers a page", path, w.Header().Get("Content-Type"))
		}
	}
	tag := ask("/calendar/events.ics").Header().Get("ETag")
	if w := ask("/calendar/events.ics", "If-None-Match", tag); w.Code != http.StatusNotModified || w.Body.Len() > 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	s.now = s.now.AddDate(0, 0, 1)
	if w := ask("/calendar/events.ics", "If-None-Match", tag); w.Code != http.StatusNotModified {
		t.Error("another day makes another calendar")
	}
	_, err := s.server.Store.UpdateEvent(t.Context(), s.event.ID, func(e *convening.Event) error {
		p := e.Plan
		p.Place = "Another place"
		return e.Revise(e.Convener, p, s.now)
	})
	noError(t, err)
	if w := ask("/calendar/events.ics", "If-None-Match", tag); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "SEQUENCE:1\r\n") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestTheSecretCalendar holds that one's invitations are read by the secret
// address alone, with the UIDs of the mails; that a new address voids the one
// before; and that the table never holds the secret.
func TestTheSecretCalendar(t *testing.T) {
	s := newPageSite(t)
	contact := s.waiting.Contacts[0].ID
	hidden := s.another(func(p *convening.Plan) { p.InviteOnly = true })
	declined := s.another(func(*convening.Plan) {})
	for e, answer := range map[*convening.Event]convening.InvitationStatus{hidden: convening.Accepted, declined: convening.Declined} {
		_, err := s.server.Store.PlanInvitations(t.Context(), []*convening.Invitation{convening.NewInvitation(e, s.waiting.ID, contact, s.now)})
		noError(t, err)
		_, err = s.server.Store.UpdateInvitation(t.Context(), e.ID, contact, func(i *convening.Invitation) error {
			i.Advance(s.now)
			return i.Answer(convening.Answer{Answer: answer}, s.now)
		})
		noError(t, err)
	}
	session := s.signedIn()
	renew := func() string {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/calendar", nil)
		r.Header.Set("Idempotency-Key", "one and the same")
		w := s.send(r, session)
		if w.Code != http.StatusCreated {
			t.Fatal(w.Code, w.Body)
		}
		return pathOf(t, w)
	}
	first := renew()
	got := entries(t, s.get(first))
	uid := hidden.ID + "." + contact + "@convoke.example.org"
	if len(got) != 1 || got[uid] != "CONFIRMED" {
		t.Errorf("the calendar holds %v", got)
	}
	if body := s.get(first).Body.String(); !strings.Contains(body, "room.example.org") {
		t.Errorf("who accepted does not see the room: %s", body)
	}
	changes, _, err := s.server.Store.Table.Changes(t.Context(), "", 1000)
	noError(t, err)
	_, secret, _ := strings.Cut(strings.TrimSuffix(first, ".ics"), contact+".")
	for _, ch := range changes {
		if ch.New != nil && (bytes.Contains(ch.New.Attributes, []byte(secret)) || strings.Contains(ch.New.PK+ch.New.SK, secret)) {
			t.Errorf("%s holds the secret", ch.New.PK)
		}
	}
	for i := range len(secret) {
		forged := []byte(secret)
		forged[i] ^= 1
		if w := s.get("/calendar/invitations/" + contact + "." + string(forged) + ".ics"); w.Code != http.StatusNotFound {
			t.Fatalf("a forged address is answered %d", w.Code)
		}
	}
	second := renew()
	if w := s.get(first); w.Code != http.StatusNotFound || first == second {
		t.Errorf("the address before is answered %d", w.Code)
	}
	unknown := s.get("/calendar/invitations/nobody." + secret + ".ics")
	if wrong := s.get(first); unknown.Code != wrong.Code || unknown.Body.String() != wrong.Body.String() {
		t.Errorf("who is unknown is told from who is known: %s %s", unknown.Body, wrong.Body)
	}
	if _, err := s.server.Store.UpdateInvitation(t.Context(), hidden.ID, contact, func(i *convening.Invitation) error { i.Withdraw(s.now); return nil }); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, s.get(second)); got[uid] != "CANCELLED" {
		t.Errorf("the withdrawn invitation is %v", got)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodDelete, "/v1/calendar", nil)
	if w := s.send(r, session); w.Code != http.StatusNoContent {
		t.Error(w.Code, w.Body)
	}
	if w := s.get(second); w.Code != http.StatusNotFound {
		t.Errorf("a revoked address is answered %d", w.Code)
	}
}
