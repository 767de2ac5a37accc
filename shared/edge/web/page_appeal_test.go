package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"convoke/shared/domain/directory"
)

// Who was declined appeals once, on the page that says why.
func TestAppealPage(t *testing.T) {
	s := newPageSite(t)
	session := s.signedIn()
	me := func() string { return s.get("/me?lang=en", session...).Body.String() }
	text := url.Values{"text": {"We are registered since 2001.\r\nPlease look again."}}
	if strings.Contains(me(), appealPath) {
		t.Error("nothing was decided, and can be appealed against")
	}
	if w := s.post(appealPath, text, session...); w.Code != http.StatusConflict {
		t.Errorf("an appeal against nothing: %d", w.Code)
	}
	s.waiting = s.update(s.waiting.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, s.now) })
	s.waiting = s.update(s.waiting.ID, func(e *directory.Stakeholder) error {
		return e.Decide(directory.Decision{Outcome: directory.Declined, Reasons: []string{"out_of_scope"}, By: "m1"}, s.now)
	})
	if page := me(); !strings.Contains(page, appealPath) || !strings.Contains(page, "you can appeal once") {
		t.Errorf("declined: %s", page)
	}
	if w := s.post(appealPath+"?lang=en", url.Values{"text": {""}}, session...); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `href="#text"`) {
		t.Errorf("an empty appeal: %d %s", w.Code, w.Body)
	}
	want(t, s.post(appealPath+"?lang=en", text, session...), http.StatusSeeOther, "/me?lang=en")
	if page := me(); strings.Contains(page, appealPath) || !strings.Contains(page, "waits for another moderator") {
		t.Errorf("appealed: %s", page)
	}
	kept, err := s.server.Store.Stakeholder(t.Context(), s.waiting.ID)
	noError(t, err)
	if kept.Appeal == nil || kept.Appeal.Text != "We are registered since 2001.\nPlease look again." {
		t.Errorf("kept %+v", kept.Appeal)
	}
	if w := s.post(appealPath, text, session...); w.Code != http.StatusConflict {
		t.Errorf("a second appeal: %d", w.Code)
	}
}
