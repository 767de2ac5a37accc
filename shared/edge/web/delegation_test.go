package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// TestDelegation hands an invitation on, once and no further, and says what is
// wrong with a colleague.
func TestDelegation(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", func(a *directory.Application) {
		a.Contacts = append(a.Contacts, directory.Contact{Name: "Second", Role: directory.RoleRepresentative, Email: "second@association.example.org", Language: "fr"})
	})
	event, i := s.invited(e)
	link := func(contact string) string {
		return s.Links.Sign(auth.Claims{Purpose: auth.PurposeAnswer, IDs: []string{event.ID, contact}, Expires: event.Ends, Generation: 1})
	}
	at := "/v1/answers/" + link(i.Contact) + "/delegation"
	for _, c := range []struct {
		name, path, body string
		status           int
		shows            string
	}{
		{"no link", "/v1/answers/x/delegation", `{"name":"A","email":"a@example.org","language":"fr"}`, http.StatusGone, "link.invalid"},
		{"nobody", at, `{"name":"","email":"a","language":"xx-yy-zz"}`, http.StatusUnprocessableEntity, `"pointer":"/email"`},
		{"oneself", at, `{"name":"A","email":"Focal@association.example.org","language":"fr"}`, http.StatusConflict, "delegation.already_invited"},
		{"a colleague", at, `{"name":"A colleague","email":"colleague@example.org","language":"fr"}`, http.StatusCreated, `"status":"delegated"`},
		{"again", at, `{"name":"A colleague","email":"other@example.org","language":"fr"}`, http.StatusGone, "invitation.expired"},
	} {
		w := s.do("POST", c.path, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.shows) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
	first, err := s.Store.Invitation(t.Context(), event.ID, i.Contact)
	if err != nil || first.Delegate == nil {
		t.Fatal(first, err)
	}
	second := first.Delegate.Contact
	if w := s.do("POST", "/v1/answers/"+link(second)+"/delegation", `{"name":"B","email":"b@example.org","language":"fr"}`); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "delegation.only_once") {
		t.Errorf("handed on once more: %d %s", w.Code, w.Body)
	}
	organiser := s.as(auth.Organiser, "geneva")
	chain := s.do("GET", "/v1/events/"+event.ID+"/invitations", "", organiser...).Body.String()
	for _, shows := range []string{`"delegated_to":"` + second + `"`, `"delegated_by":"` + i.Contact + `"`, `"name":"A colleague"`} {
		if !strings.Contains(chain, shows) {
			t.Errorf("the organiser does not see %s in %s", shows, chain)
		}
	}
	invitations := "/v1/events/" + event.ID + "/invitations/"
	if w := s.do("POST", invitations+i.Contact+"/withdrawal", "", organiser...); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "delegation.with_colleague") {
		t.Errorf("withdrawal of the first: %d %s", w.Code, w.Body)
	}
	if w := s.do("POST", invitations+second+"/withdrawal", "", organiser...); w.Code != http.StatusOK {
		t.Errorf("withdrawal of the second: %d %s", w.Code, w.Body)
	}
	if w := s.do("POST", strings.TrimSuffix(at, "delegation")+"recall", ""); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "delegation.not_with_colleague") {
		t.Errorf("taken back from nobody: %d %s", w.Code, w.Body)
	}
	// The first's again: it goes to a contact of the organisation, by the contact's own id.
	if w := s.do("POST", at, `{"name":"Whoever","email":"second@association.example.org","language":"fr"}`); w.Code != http.StatusCreated {
		t.Errorf("to a contact: %d %s", w.Code, w.Body)
	}
	if known, err := s.Store.Invitation(t.Context(), event.ID, e.Contacts[1].ID); err != nil || known.Colleague != nil || known.DelegatedBy != i.Contact {
		t.Errorf("the contact's invitation: %+v, %v", known, err)
	}
}

// TestDelegationOnTheAnswerPage names a colleague on the page; the colleague sees
// by whom, and cannot name another.
func TestDelegationOnTheAnswerPage(t *testing.T) {
	s := newPageSite(t)
	path := s.answerPath()
	wrong := s.post(path, url.Values{"answer": {"delegated"}, "name": {"A colleague"}, "email": {"nobody"}, "language": {"fr"}})
	want(t, wrong, http.StatusUnprocessableEntity, "")
	if page := wrong.Body.String(); !strings.Contains(page, `href="#email"`) || !strings.Contains(page, "<details class=\"panel\" open") {
		t.Error("the page does not lead to what is wrong")
	}
	want(t, s.post(path, url.Values{"answer": {"delegated"}, "name": {"A colleague"}, "email": {"colleague@example.org"}, "language": {"fr"}}), http.StatusSeeOther, path)
	if page := s.get(path).Body.String(); !strings.Contains(page, "You have handed the invitation on") || strings.Contains(page, "<form method=\"post\" novalidate") {
		t.Error("the first is asked still")
	}
	first, err := s.server.Store.Invitation(t.Context(), s.event.ID, s.listed.Contacts[0].ID)
	noError(t, err)
	second := "/answer/" + s.link(auth.PurposeAnswer, s.event.ID, first.Delegate.Contact)
	page := s.get(second).Body.String()
	if !strings.Contains(page, "was invited and names you") || strings.Contains(page, `value="delegated"`) {
		t.Error("the second does not see by whom, or can hand on")
	}
	want(t, s.post(second, url.Values{"answer": {string(convening.Declined)}}), http.StatusSeeOther, second)
	if page := s.get(second).Body.String(); strings.Contains(page, `value="accepted"`) {
		t.Error("what was given back can be answered")
	}
	if page := s.get(path).Body.String(); !strings.Contains(page, `value="accepted"`) {
		t.Error("what came back cannot be answered")
	}
}

// TestNamesAreSwapped takes an invitation back from a colleague, by the link of the
// first alone, and names another.
func TestNamesAreSwapped(t *testing.T) {
	s := newPageSite(t)
	path, first := s.answerPath(), s.listed.Contacts[0].ID
	name := func(address string) {
		t.Helper()
		want(t, s.post(path, url.Values{"answer": {"delegated"}, "name": {"A colleague"}, "email": {address}, "language": {"fr"}}), http.StatusSeeOther, path)
	}
	named := func() string {
		t.Helper()
		i, err := s.server.Store.Invitation(t.Context(), s.event.ID, first)
		noError(t, err)
		if i.Delegate == nil {
			return ""
		}
		return i.Delegate.Contact
	}
	name("one@example.org")
	one := named()
	link := "/answer/" + s.link(auth.PurposeAnswer, s.event.ID, one)
	if page := s.get(path).Body.String(); !strings.Contains(page, `value="recall"`) {
		t.Error("the first cannot take it back")
	}
	if page := s.get(link).Body.String(); strings.Contains(page, `value="recall"`) {
		t.Error("the colleague can take it back")
	}
	want(t, s.post(link, url.Values{"answer": {"recall"}}), http.StatusConflict, "")
	want(t, s.post(path, url.Values{"answer": {"recall"}}), http.StatusSeeOther, path)
	if named() != "" {
		t.Error("it is with the colleague still")
	}
	if w := s.post(link, url.Values{"answer": {string(convening.Accepted)}}); w.Code == http.StatusSeeOther {
		t.Error("from whom it was taken answers")
	}
	name("two@example.org")
	if two := named(); two == "" || two == one {
		t.Errorf("it is with %q, after %q", two, one)
	}
}
