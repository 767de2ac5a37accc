package web

import (
	"net/http"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// TestAnApplicationFollowsAMerge has an association apply and become a part of
// another, which then has its application and cannot apply again, and gives it back
// when the two are parted.
func TestAnApplicationFollowsAMerge(t *testing.T) {
	s := newTestServer(t)
	survivor := s.listed("Une association", nil)
	applicant := s.listed("Une autre", func(a *directory.Application) { a.Contacts[0].Email = "other@association.example.org" })
	member := s.listed("Association invitée", func(a *directory.Application) { a.Contacts[0].Email = "member@association.example.org" })
	event, _ := s.invited(member)
	_, err := s.Store.UpdateEvent(t.Context(), event.ID, func(e *convening.Event) error {
		p := e.Plan
		p.Tracks = []convening.Track{{
			ID: "civil_society", Titles: p.Titles, Document: convening.Document{Titles: p.Titles, URL: "https://documents.example.org/note"},
			Until: testStart.AddDate(0, 0, 10), ObjectionsUntil: testStart.AddDate(0, 0, 20),
		}}
		return e.Revise(e.Convener, p, testStart)
	})
	if err != nil {
		t.Fatal(err)
	}
	path, apply := "/v1/events/"+event.ID+"/accreditations", `{"track":"civil_society"}`
	session := func(e *directory.Stakeholder) []string { return s.session(e.ID, e.Contacts[0].ID) }
	expect := func(what string, want int, method, path, body string, header ...string) string {
		t.Helper()
		w := s.do(method, path, body, header...)
		if w.Code != want {
			t.Errorf("%s: %d instead of %d: %s", what, w.Code, want, w.Body)
		}
		return w.Body.String()
	}
	reads := func(what string, header []string, at ...*directory.Stakeholder) {
		t.Helper()
		for _, e := range at {
			expect(what, http.StatusOK, "GET", path+"/"+e.ID, "", header...)
		}
		if list := expect(what, http.StatusOK, "GET", path, "", header...); !strings.Contains(list, applicant.ID) {
			t.Errorf("%s: the list is %s", what, list)
		}
	}
	expect("an application", http.StatusCreated, "POST", path, apply, session(applicant)...)
	m, err := s.Store.BeginMerge(t.Context(), survivor.ID, applicant.ID, func(a, b *directory.Stakeholder) (*directory.Merge, error) {
		return directory.BeginMerge(s.Store.NewID(), a, b, directory.MergeOrder{Merged: b.ID, Reason: "One."}, "moderator", testStart)
	})
	if err == nil {
		_, err = s.Store.SettleMerge(t.Context(), m.ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	reads("the survivor", session(survivor), survivor, applicant)
	expect("a second application", http.StatusConflict, "POST", path, apply, session(survivor)...)
	if export := expect("the export", http.StatusOK, "GET", "/v1/stakeholders/"+survivor.ID+"/export", "", session(survivor)...); !strings.Contains(export, `"accreditations":[{"event":"`+event.ID) {
		t.Errorf("the export is %s", export)
	}

	s.at(testStart.AddDate(0, 0, 12))
	reads("a member", session(member), survivor, applicant)
	expect("an objection to oneself", http.StatusConflict, "POST", path+"/"+applicant.ID+"/objections", `{"text":"No."}`, session(survivor)...)
	expect("an objection by the other id", http.StatusAccepted, "POST", path+"/"+survivor.ID+"/objections", `{"text":"No."}`, session(member)...)
	s.at(testStart.AddDate(0, 0, 21))
	organiser := s.as(auth.Organiser, "geneva")
	reads("the organiser", organiser, survivor, applicant)
	expect("the decision", http.StatusOK, "POST", path+"/"+survivor.ID+"/decision", `{"outcome":"accredited"}`, append(organiser, "If-Match", etag(2))...)

	if _, err := s.Store.RevertMerge(t.Context(), m.ID, func(m *directory.Merge, a, b *directory.Stakeholder) error {
		return m.Revert(a, b, "moderator", "Two.", s.Store.Now())
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.SettleMerge(t.Context(), m.ID); err != nil {
		t.Fatal(err)
	}
	reads("the applicant again", session(applicant), applicant)
	expect("the survivor after", http.StatusNotFound, "GET", path+"/"+survivor.ID, "", session(survivor)...)
}
