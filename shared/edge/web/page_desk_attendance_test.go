package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/convening"
)

// absentSpeaker is a row that cannot be.
func absentSpeaker(contact string) url.Values {
	return url.Values{"contact": {contact}, cameField(contact): {"absent"}, spokeField(contact): {"yes"}}
}

// TestAttendanceByPage holds that one form notes a page of those who came, all of
// it or nothing.
func TestAttendanceByPage(t *testing.T) {
	s := newPageSite(t)
	_, err := s.server.Store.UpdateEvent(t.Context(), s.event.ID, func(e *convening.Event) error {
		p := e.Plan
		for day := range 2 {
			starts := p.Starts.Add(time.Duration(day) * time.Hour / 2)
			p.Sessions = append(p.Sessions, convening.Session{Titles: texts("en", "Session "+strconv.Itoa(day+1)), Starts: starts, Ends: starts.Add(time.Hour / 2)})
		}
		p.Kind = "course"
		return e.Revise(e.Convener, p, s.now)
	})
	noError(t, err)
	asked := s.now
	var contacts []string
	var list []*convening.Invitation
	for n := range 3 {
		i := convening.NewInvitation(s.event, s.listed.ID, "contact"+strconv.Itoa(n), s.now)
		i.Status, i.AskedAt = convening.Accepted, &asked
		list, contacts = append(list, i), append(contacts, i.Contact)
	}
	_, err = s.server.Store.PlanInvitations(t.Context(), list)
	noError(t, err)
	s.counted(s.event.ID)
	at := "/desk/events/" + s.event.ID + "/attendance"
	body := s.byOrganiser("GET", at, nil).Body.String()
	if strings.Count(body, `name="contact"`) != 3 || !strings.Contains(body, "Session 2") || !strings.Contains(body, "has not begun yet") {
		t.Errorf("the page is %s", body)
	}
	form := absentSpeaker(contacts[0])
	form["contact"] = contacts
	form.Set(cameField(contacts[1]), "attended")
	w := s.byOrganiser("POST", at, form)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="`+cameField(contacts[0])+`-fault"`) {
		t.Errorf("who was absent and spoke: %d", w.Code)
	}
	noted := func() (said []string) {
		for _, contact := range contacts {
			i, err := s.server.Store.Invitation(t.Context(), s.event.ID, contact)
			noError(t, err)
			said = append(said, string(i.Attendance)+strconv.Itoa(len(i.Sessions))+strconv.FormatBool(i.Spoke))
		}
		return said
	}
	if got := noted(); !slices.Equal(got, []string{"0false", "0false", "0false"}) {
		t.Errorf("a refused form noted %v", got)
	}
	form.Del(spokeField(contacts[0]))
	form[sessionField(contacts[1])] = []string{"1", "2"}
	form.Set(spokeField(contacts[1]), "yes")
	want(t, s.byOrganiser("POST", at+"?answer=accepted", form), http.StatusSeeOther, at+"?answer=accepted&done=noted&n=2")
	if got := noted(); !slices.Equal(got, []string{"absent0false", "attended2true", "0false"}) {
		t.Errorf("noted %v", got)
	}
	form.Set("rest", "yes")
	want(t, s.byOrganiser("POST", at, form), http.StatusSeeOther, at+"?done=noted&n=1")
	if got := noted(); !slices.Equal(got, []string{"absent0false", "attended2true", "attended0false"}) {
		t.Errorf("noted %v", got)
	}
	form[sessionField(contacts[1])] = []string{"3"}
	if w := s.byOrganiser("POST", at, form); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a session that there is not: %d", w.Code)
	}
	form["contact"] = append(make([]string, invitationsShown), "more")
	if w := s.byOrganiser("POST", at, form); w.Code < 400 {
		t.Errorf("more rows than a page has: %d", w.Code)
	}
}
