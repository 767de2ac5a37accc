package web

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// TestThePreviewSaysWhyEachIsLeftOut names somebody for every reason there is not
// to invite them, and one who is invited: the preview says which is which, and
// where nobody is left, the event cannot be published.
func TestThePreviewSaysWhyEachIsLeftOut(t *testing.T) {
	s := newTestServer(t)
	change := func(name string, change func(*directory.Stakeholder)) string {
		t.Helper()
		e := s.listed(name, nil)
		_, err := s.Store.UpdateStakeholder(t.Context(), e.ID, func(e *directory.Stakeholder) error {
			change(e)
			e.Record("stakeholder.changed")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return e.ID
	}
	want := map[string]string{
		change("Association invitée", func(*directory.Stakeholder) {}):                                                         "",
		change("Association suspendue", func(e *directory.Stakeholder) { e.Status = directory.Suspended }):                     "not_listed",
		change("Association sans adresse confirmée", func(e *directory.Stakeholder) { e.Contacts[0].ConfirmedAt = nil }):       "no_confirmed_contact",
		change("Association importée", func(e *directory.Stakeholder) { e.Contacts[0].Email = "用户@example.org" }):              "address_unusable",
		change("Association retirée", func(e *directory.Stakeholder) { e.Contacts[0].Email = "stopped@example.org" }):          "opted_out",
		change("Association laissée de côté", func(e *directory.Stakeholder) { e.Contacts[0].Email = "excluded@example.org" }): "excluded",
	}
	if err := s.Store.Suppress(t.Context(), store.AddressHash("stopped@example.org"), store.OptedOut); err != nil {
		t.Fatal(err)
	}
	var invitees []map[string]string
	excluded := ""
	for id, why := range want {
		invitees = append(invitees, map[string]string{"stakeholder": id})
		if why == "excluded" {
			excluded = id
		}
	}
	organiser := s.as(auth.Organiser, "geneva")
	draft := func(invitees []map[string]string) string {
		t.Helper()
		return idOf(t, s.do("POST", "/v1/events", encodeTest(t, map[string]any{
			"kind": "seminar", "convener": "Seminars", "titles": []map[string]string{{"lang": "en", "text": "Rights"}}, "zone": "UTC",
			"starts": testStart.AddDate(0, 1, 0), "ends": testStart.AddDate(0, 1, 1),
			"audience": map[string]any{"invitees": invitees, "exclude": []string{excluded}},
		}), organiser...))
	}
	w := s.do("GET", "/v1/events/"+draft(invitees)+"/audience", "", organiser...)
	var view audienceView
	if err := json.Unmarshal(w.Body.Bytes(), &view); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range view.Items {
		got[p.Stakeholder] = p.LeftOut
	}
	if diff := cmp.Diff(want, got); diff != "" || view.Invitations != 1 {
		t.Errorf("%d invitations, %s", view.Invitations, diff)
	}
	var nobody []map[string]string
	for id, why := range want {
		if why != "" {
			nobody = append(nobody, map[string]string{"stakeholder": id})
		}
	}
	w = s.do("POST", "/v1/events/"+draft(nobody)+"/publication", "", append(organiser, "If-Match", etag(1))...)
	var problem problemDocument
	if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || w.Code != http.StatusUnprocessableEntity || problem.Code != "event.audience_empty" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
