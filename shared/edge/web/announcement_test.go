package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"convoke/shared/platform/auth"
)

// TestAnnouncements says what is refused of an announcement, and that three are
// taken within a day.
func TestAnnouncements(t *testing.T) {
	s := newTestServer(t)
	event, _ := s.invited(s.listed("Association Exemple", nil))
	at := "/v1/events/" + event.ID + "/announcements"
	const good = `{"to":"invited","recipients":1,"subjects":[{"lang":"en","text":"Another room"}],"texts":[{"lang":"en","text":"We meet in Room XXI."}]}`
	for _, c := range []struct {
		name, body, unit string
		status           int
		shows            string
	}{
		{"another unit", good, "new-york", http.StatusNotFound, "not_found"},
		{"to whom", strings.Replace(good, "invited", "friends", 1), "geneva", http.StatusUnprocessableEntity, "announcement.to_unknown"},
		{"a text in another language", strings.Replace(good, `"texts":[{"lang":"en"`, `"texts":[{"lang":"fr"`, 1), "geneva", http.StatusUnprocessableEntity, "announcement.languages_differ"},
		{"nobody", strings.Replace(good, "invited", "accepted", 1), "geneva", http.StatusUnprocessableEntity, "announcement.nobody"},
		{"another number", strings.Replace(good, `"recipients":1`, `"recipients":2`, 1), "geneva", http.StatusConflict, "It is 1 now."},
		{"one", good, "geneva", http.StatusAccepted, `"recipients":1`},
		{"two", good, "geneva", http.StatusAccepted, `"recipients":1`},
		{"three", good, "geneva", http.StatusAccepted, `"recipients":1`},
		{"four", good, "geneva", http.StatusTooManyRequests, "announcement.too_many"},
	} {
		w := s.do("POST", at, c.body, s.as(auth.Organiser, c.unit)...)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.shows) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
	s.at(testStart.Add(24 * time.Hour))
	key := append([]string{"Idempotency-Key", "k1"}, s.as(auth.Organiser, "geneva")...)
	first, again := s.do("POST", at, good, key...), s.do("POST", at, good, key...)
	if first.Code != http.StatusAccepted || again.Body.String() != first.Body.String() {
		t.Errorf("on the next day: %d %s, again %s", first.Code, first.Body, again.Body)
	}
	list := s.do("GET", at, "", s.as(auth.Organiser, "geneva")...)
	if n := strings.Count(list.Body.String(), `"created_at"`); n != 4 || !strings.Contains(list.Body.String(), `"recipients":{"accepted":0,"invited":1,"planned":0,"unanswered":1}`) {
		t.Errorf("%d announcements: %s", n, list.Body)
	}
}

// TestTestMail goes to the unit's own address alone.
func TestTestMail(t *testing.T) {
	s := newTestServer(t)
	event, _ := s.invited(s.listed("Association Exemple", nil))
	at, organiser := "/v1/events/"+event.ID+"/test-mails", s.as(auth.Organiser, "geneva")
	ask := func(body string, status int, shows string) {
		t.Helper()
		if w := s.do("POST", at, body, organiser...); w.Code != status || !strings.Contains(w.Body.String(), shows) {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
	ask(`{"letter":"invitation"}`, http.StatusConflict, "test_mail.no_address")
	unit := `{"id":"geneva","names":[{"lang":"fr","text":"Genève"}],"zone":"Europe/Zurich","language":"fr","reply_to":"unit@example.org"}`
	if w := s.do("POST", "/v1/units", unit, s.as(auth.Admin, "")...); w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	ask(`{"letter":"invitation"}`, http.StatusAccepted, `{"unit":"geneva","languages":["fr"]}`)
	ask(`{"letter":"poem","languages":["ar","ar","xx"]}`, http.StatusUnprocessableEntity, "test_mail.letter_unknown")
	ask(`{"letter":"reminder","languages":["ar","zh"]}`, http.StatusAccepted, `["ar","zh"]`)
}
