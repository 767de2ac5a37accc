package web

import (
	"net/http"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// TestWhoWasAContactCanBeErased has an administrator erase somebody whom the focal
// point removed: who asks for it is not a contact any more.
func TestWhoWasAContactCanBeErased(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association", nil)
	e, added := s.represented(e)
	if _, err := s.Store.UpdateStakeholder(t.Context(), e.ID, func(e *directory.Stakeholder) error { return e.RemoveContact(added.ID, testStart) }); err != nil {
		t.Fatal(err)
	}
	admin := s.as(auth.Admin, "")
	for contact, want := range map[string]int{added.ID: http.StatusAccepted, "NOBODY": http.StatusNotFound, e.Contacts[0].ID: http.StatusConflict} {
		if w := s.do("POST", "/v1/stakeholders/"+e.ID+"/erasure", `{"contact":"`+contact+`"}`, admin...); w.Code != want {
			t.Errorf("%s: %d %s, want %d", contact, w.Code, w.Body, want)
		}
	}
}
