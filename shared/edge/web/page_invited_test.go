package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/convening"
)

// Who is signed in finds the own invitations, and answers one without its mail.
func TestInvitationsOfAContact(t *testing.T) {
	s := newPageSite(t)
	invited, other := s.session(s.listed.ID, s.listed.Contacts[0].ID), s.signedIn()
	answer := regexp.MustCompile(`href="(/answer/[^"?]+)\?lang=en"`)
	link := func(path string, session []string) string {
		t.Helper()
		if m := answer.FindStringSubmatch(s.get(path+"?lang=en", session...).Body.String()); m != nil {
			return m[1]
		}
		return ""
	}
	event := "/events/" + s.event.ID
	for _, path := range []string{"/me", event} {
		if at := link(path, invited); at == "" || s.get(at).Code != http.StatusOK {
			t.Errorf("%s leads to %q", path, at)
		}
		if at := link(path, other); at != "" {
			t.Errorf("%s leads another to %q", path, at)
		}
	}
	if at := link(event, nil); at != "" {
		t.Errorf("the public is led to %q", at)
	}
	if w := s.post(link("/me", invited), url.Values{"answer": {"accepted"}}); w.Code/100 > 3 {
		t.Fatalf("the answer: %d %s", w.Code, w.Body)
	}
	if shown := s.get("/me?lang=en", invited...).Body.String(); !strings.Contains(shown, "You have accepted the invitation.") || !strings.Contains(shown, "Change your answer") {
		t.Errorf("after the answer: %s", shown)
	}
	_, err := s.server.Store.UpdateEvent(t.Context(), s.event.ID, func(e *convening.Event) error { return e.Cancel("", s.now) })
	noError(t, err)
	if shown := s.get("/me?lang=en", invited...).Body.String(); !strings.Contains(shown, "Cancelled") || answer.MatchString(shown) {
		t.Errorf("after the cancellation: %s", shown)
	}
	s.now = s.event.Ends.Add(time.Minute)
	again := s.session(s.listed.ID, s.listed.Contacts[0].ID)
	if shown := s.get("/me?lang=en", again...).Body.String(); strings.Contains(shown, event) {
		t.Error("what is over is shown")
	}
}
