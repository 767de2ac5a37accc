package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// One sender writes so many letters a day, and so many reach one recipient, whoever
// writes them; the next day all may write again. Who is refused is told for how long.
func TestRelayIsLimited(t *testing.T) {
	s := newTestServer(t)
	organiser, other := s.signedIn("one", "organiser:geneva"), s.signedIn("two", "organiser:nairobi")
	var to []*directory.Stakeholder
	for k := range 4 {
		to = append(to, s.listed(fmt.Sprintf("Association %d", k), nil))
	}
	n := 0
	write := func(e *directory.Stakeholder, as []string) int {
		t.Helper()
		n++
		w := s.do("POST", "/v1/stakeholders/"+e.ID+"/contacts/focal-point/messages",
			fmt.Sprintf(`{"subject":"Letter %d","text":"Would you join a panel?","language":"en","reply_to":%q}`, n, e.Contacts[0].Email), as...)
		if w.Code == http.StatusTooManyRequests && w.Header().Get("Retry-After") == "" {
			t.Error("it is not said when to write again")
		}
		return w.Code
	}
	writes := func(letters int, e *directory.Stakeholder, as []string) {
		t.Helper()
		for range letters {
			if code := write(e, as); code != http.StatusAccepted {
				t.Fatalf("a letter is answered %d", code)
			}
		}
	}
	refused := func(e *directory.Stakeholder, as []string) {
		t.Helper()
		if code := write(e, as); code != http.StatusTooManyRequests {
			t.Fatalf("a letter too many is answered %d", code)
		}
	}
	writes(directory.RelayedToADay, to[0], organiser)
	refused(to[0], organiser)
	refused(to[0], other)
	writes(directory.RelayedADay-directory.RelayedToADay, to[1], organiser)
	refused(to[2], organiser)
	writes(1, to[2], other)
	contact := s.session(to[3].ID, to[3].Contacts[0].ID)
	refused(to[0], contact)
	s.at(testStart.Add(24 * time.Hour))
	writes(1, to[0], s.signedIn("one", "organiser:geneva"))
	writes(1, to[2], s.as(auth.Organiser, "geneva"))
}
