package web

import (
	"encoding/json"
	"strings"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// TestATrailNamesNoModeratorToTheStakeholder holds what each reader of a trail is
// told: all of it, that a moderator acted, or nothing.
func TestATrailNamesNoModeratorToTheStakeholder(t *testing.T) {
	s := newTestServer(t)
	e, err := s.register(testApplication("Association"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.Register(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.UpdateStakeholder(t.Context(), e.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, s.Store.Now()) }); err != nil {
		t.Fatal(err)
	}
	decided := s.do("POST", "/v1/registrations/"+e.ID+"/decision", `{"outcome":"returned","reasons":["incomplete"],"note":"Please add the statutes."}`,
		append(s.as(auth.Moderator, ""), "If-Match", etag(2))...)
	if decided.Code != 200 {
		t.Fatal(decided.Body)
	}
	path := "/v1/stakeholders/" + e.ID + "/audit"
	read := func(header []string) []auditView {
		w := s.do("GET", path, "", header...)
		var page listOf[auditView]
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return page.Items
	}
	moderators, own := read(s.as(auth.Moderator, "")), read(s.session(e.ID, e.Contacts[0].ID))
	if len(moderators) != 3 || len(own) != 3 || moderators[2].Actor == "" || moderators[2].Actor == "system" {
		t.Fatalf("moderators are told %+v", moderators)
	}
	if own[2].Actor != "" || own[2].Role != "moderator" || !strings.Contains(own[2].Reason, "statutes") || len(own[2].Changes) == 0 {
		t.Errorf("the stakeholder is told %+v", own[2])
	}
	other := s.listed("Another association", func(a *directory.Application) { a.Contacts[0].Email = "focal@other.example.org" })
	if w := s.do("GET", path, "", s.session(other.ID, other.Contacts[0].ID)...); w.Code != 404 {
		t.Errorf("another stakeholder is answered %d", w.Code)
	}
	if w := s.do("GET", path, ""); w.Code != 401 {
		t.Errorf("nobody is answered %d", w.Code)
	}
}
