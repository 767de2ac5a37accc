package web

import (
	"net/http"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
)

// TestDeclaration takes the declaration of who is asked to sit in a panel, and of
// nobody else; where the panel admits no such interest, it is an answer.
func TestDeclaration(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	event, i := s.invited(e)
	at := "/v1/answers/" + s.Links.Sign(auth.Claims{Purpose: auth.PurposeAnswer, IDs: []string{event.ID, i.Contact}, Expires: event.Ends, Generation: 1}) + "/conflict"
	declare := func(status int, shows string) {
		t.Helper()
		for range 2 { // the same key is answered the same
			w := s.do("POST", at, "", "Idempotency-Key", shows)
			if w.Code != status || !strings.Contains(w.Body.String(), shows) {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, status, shows)
			}
		}
	}
	declare(http.StatusConflict, "panel.not_seated")
	seat := func(targets ...convening.Target) {
		t.Helper()
		_, err := s.Store.UpdatePanel(t.Context(), event.ID, func(p *convening.Panel) error {
			return p.Revise(convening.PanelPlan{Seats: []convening.Seat{{ID: "one", Role: "speaker", Holder: &convening.Person{Stakeholder: e.ID}}}, Targets: targets}, testStart)
		})
		if err == nil {
			_, err = s.Store.UpdateInvitation(t.Context(), event.ID, i.Contact, func(i *convening.Invitation) error {
				i.TakeSeat(convening.PanelSeat{Seat: "one"}, "speaker", testStart)
				return nil
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	seat()
	declare(http.StatusOK, `{"declared":true,"status":"sent"}`)
	seat(convening.Target{Rule: convening.AtMost, Count: 0, Of: convening.ByConflict})
	declare(http.StatusOK, `{"declared":true,"status":"declined"}`)
	if now, err := s.Store.Invitation(t.Context(), event.ID, i.Contact); err != nil || now.Status != convening.Declined || !now.LeavesSeat() {
		t.Errorf("%+v, %v", now, err)
	}
	if w := s.do("GET", "/v1/events/"+event.ID+"/panel", "", s.as(auth.Organiser, "geneva")...); !strings.Contains(w.Body.String(), `"conflicts":[{"stakeholder":"`+e.ID+`"`) {
		t.Errorf("the organiser does not see it: %s", w.Body)
	}
}
