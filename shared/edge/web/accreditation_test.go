package web

import (
	"net/http"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// TestAnObjectionIsNeutral takes applications through their dates as everyone who
// reads them: neither the objection nor who made it shows to the applicant or to
// others, and who is at risk is on no list but the organiser's.
func TestAnObjectionIsNeutral(t *testing.T) {
	s := newTestServer(t)
	applicant, member := s.listed("Association candidate", nil), s.listed("Association invitée", nil)
	hidden := s.listed("Association cachée", func(a *directory.Application) { a.AtRisk = true })
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
	path := "/v1/events/" + event.ID + "/accreditations"
	session := func(e *directory.Stakeholder) []string { return s.session(e.ID, e.Contacts[0].ID) }
	organiser := func() []string { return s.as(auth.Organiser, "geneva") }
	expect := func(what string, want int, method, path, body string, header ...string) string {
		t.Helper()
		w := s.do(method, path, body, header...)
		if w.Code != want {
			t.Errorf("%s: %d instead of %d: %s", what, w.Code, want, w.Body)
		}
		return w.Body.String() + w.Header().Get("ETag")
	}
	apply, object := `{"track":"civil_society"}`, `{"text":"We know of no such association."}`
	at, its := path+"/"+applicant.ID, session(applicant)
	expect("an unknown track", 404, "POST", path, `{"track":"another"}`, its...)
	expect("an application", 201, "POST", path, apply, its...)
	expect("a second one", 409, "POST", path, apply, its...)
	expect("one of who is at risk", 201, "POST", path, apply, session(hidden)...)
	expect("an objection before the window", 404, "POST", at+"/objections", object, session(member)...)
	before := expect("the applicant reads", 200, "GET", at, "", its...)

	s.at(testStart.AddDate(0, 0, 12))
	its = session(applicant)
	expect("an application too late", 409, "POST", path, apply, session(member)...)
	if list := expect("a member lists", 200, "GET", path, "", session(member)...); !strings.Contains(list, applicant.ID) || strings.Contains(list, hidden.ID) {
		t.Errorf("a member sees %s", list)
	}
	expect("an objection", 202, "POST", at+"/objections", object, session(member)...)
	expect("an objection to oneself", 409, "POST", at+"/objections", object, its...)
	expect("an objection by who is not invited", 404, "POST", at+"/objections", object, session(hidden)...)
	if after := expect("the applicant reads", 200, "GET", at, "", its...); after != before {
		t.Errorf("the objection shows: %s, before %s", after, before)
	}
	for who, header := range map[string][]string{"the applicant": its, "the member": session(member)} {
		if list := expect(who+" lists", 200, "GET", path, "", header...); strings.Contains(list, "no such association") || strings.Contains(list, member.ID) {
			t.Errorf("%s sees the objection: %s", who, list)
		}
	}
	if list := expect("the organiser lists", 200, "GET", path, "", organiser()...); !strings.Contains(list, "no such association") || !strings.Contains(list, hidden.ID) {
		t.Errorf("the organiser does not see all: %s", list)
	}
	expect("another unit", 404, "GET", path, "", s.as(auth.Organiser, "nairobi")...)
	decide := func(outcome string) string {
		return `{"outcome":"` + outcome + `","reason":"The documents are in order."}`
	}
	expect("a decision in the window", 409, "POST", at+"/decision", decide("accredited"), append(organiser(), "If-Match", etag(2))...)

	s.at(testStart.AddDate(0, 0, 21))
	its = session(applicant)
	expect("an objection after the window", 404, "POST", at+"/objections", object, session(member)...)
	expect("a stale decision", 412, "POST", at+"/decision", decide("accredited"), append(organiser(), "If-Match", etag(1))...)
	expect("a decision without a reason", 422, "POST", at+"/decision", `{"outcome":"not_accredited"}`, append(organiser(), "If-Match", etag(2))...)
	expect("the decision", 200, "POST", at+"/decision", decide("accredited"), append(organiser(), "If-Match", etag(2))...)
	expect("another decision", 409, "POST", at+"/decision", decide("not_accredited"), append(organiser(), "If-Match", etag(3))...)
	if read := expect("the applicant reads", 200, "GET", at, "", its...); !strings.Contains(read, `"status":"accredited"`) || strings.Contains(read, "no such association") {
		t.Errorf("the applicant is told %s", read)
	}
	export := expect("the applicant's export", 200, "GET", "/v1/stakeholders/"+applicant.ID+"/export", "", its...)
	if !strings.Contains(export, `"accreditations":[{"event":"`+event.ID) || strings.Contains(export, "no such association") {
		t.Errorf("the export tells %s", export)
	}
	if export := expect("the member's export", http.StatusOK, "GET", "/v1/stakeholders/"+member.ID+"/export", "", session(member)...); !strings.Contains(export, "no such association") {
		t.Errorf("who objected is not told of it: %s", export)
	}
}
