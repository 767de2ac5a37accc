package web

import (
	"slices"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

// counted brings the counts of events up to date, as the projector does.
func (s *testServer) counted(events ...string) {
	s.Helper()
	changes, _, err := s.Store.Table.Changes(s.Context(), "", 1000)
	if err != nil {
		s.Fatal(err)
	}
	for _, id := range events {
		of := slices.DeleteFunc(slices.Clone(changes), func(ch table.Change) bool { event, ok := store.InvitationEvent(ch); return !ok || event != id })
		if err := s.Store.CountChanges(s.Context(), id, of); err != nil {
			s.Fatal(err)
		}
	}
}

// accepts lets an invitation be accepted by who had, or had not, come before.
func (s *testServer) accepts(i *convening.Invitation, newcomer bool) {
	s.Helper()
	_, err := s.Store.UpdateInvitation(s.Context(), i.EventID, i.Contact, func(i *convening.Invitation) error {
		i.Newcomer = newcomer
		return i.Answer(convening.Answer{Answer: convening.Accepted}, s.Store.Now())
	})
	if err != nil {
		s.Fatal(err)
	}
}

// TestShareOfFirstTimersOfAUnit holds what a unit reads of itself: who came to its
// events for the first time, of all who accepted; an event that was called off, and
// those of other units, do not count.
func TestShareOfFirstTimersOfAUnit(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	var ids []string
	for n, newcomer := range []bool{true, false, false, false, true} {
		event, i := s.invited(e)
		s.accepts(i, newcomer)
		ids = append(ids, event.ID)
		if n == 4 {
			if _, err := s.Store.UpdateEvent(t.Context(), event.ID, func(e *convening.Event) error { return e.Cancel("", s.Store.Now()) }); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.counted(ids...)
	for unit, want := range map[string]string{
		"geneva":  `{"events":4,"invited":4,"accepted":4,"first_timers":1,"first_time_share":0.25}`,
		"nairobi": `{"events":0,"invited":0,"accepted":0,"first_timers":0,"first_time_share":0}`,
	} {
		if w := s.do("GET", "/v1/engagement", "", s.as(auth.Organiser, unit)...); w.Body.String() != want {
			t.Errorf("%s: %d %s, want %s", unit, w.Code, w.Body, want)
		}
	}
	if w := s.do("GET", "/v1/events/"+ids[0]+"/statistics", "", s.as(auth.Organiser, "geneva")...); !strings.Contains(w.Body.String(), `"first_timers":1,"first_time_share":1`) {
		t.Errorf("the event: %s", w.Body)
	}
}

// TestAYearIsThatOfThePlace holds that each year of a series is told once, the
// latest first, though at New Year it is another one in each place.
func TestAYearIsThatOfThePlace(t *testing.T) {
	s := newTestServer(t)
	organiser := s.as(auth.Organiser, "geneva")
	series := idOf(t, s.do("POST", "/v1/series", `{"titles":[{"lang":"en","text":"Seminars"}]}`, organiser...))
	newYear := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for zone, after := range map[string]time.Duration{
		"America/New_York": 3 * time.Hour, "Europe/Zurich": 2 * time.Hour, "America/Lima": time.Hour, "Asia/Tokyo": -time.Hour, "UTC": -2 * time.Hour,
	} {
		e, err := convening.NewEvent(s.Store.NewID(), "geneva", "Seminars", convening.Plan{
			Kind: "seminar", Titles: []directory.Text{{Lang: "en", Text: zone}}, Zone: zone, Starts: newYear.Add(after), Ends: newYear.Add(after + time.Hour),
			Audience: convening.Audience{Text: "x"}, Terms: convening.Terms{Series: series},
		}, testStart)
		if err == nil {
			err = e.Publish(testStart)
		}
		if err == nil {
			err = s.Store.CreateEvent(t.Context(), e)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	body := s.do("GET", "/v1/series/"+series+"/statistics", "", organiser...).Body.String()
	_, years, _ := strings.Cut(body, `"years":`)
	if strings.Count(years, `"year":`) != 2 || !strings.HasPrefix(years, `[{"year":2027,"events":2,`) || !strings.Contains(years, `{"year":2026,"events":3,`) {
		t.Errorf("the years are %s", years)
	}
}
