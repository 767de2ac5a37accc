package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// prepareMandate makes what the examples of representatives need.
func (s *exampleSite) prepareMandate(op operation) (path string, header []string, ok bool) {
	s.Helper()
	switch op.OperationID {
	case "postRepresentative":
		return "/v1/stakeholders/" + s.kept("Association "+s.Store.NewID(), nil).ID + "/representatives", nil, true
	case "postRepresentativeDecision":
		e := s.kept("Association "+s.Store.NewID(), nil)
		return "/v1/stakeholders/" + e.ID + "/representatives/" + s.asking(e, "person@example.org").ID + "/decision", s.focal(e), true
	}
	return "", nil, false
}

// asking is a person who asks to act for the stakeholder, and proved the address.
func (s *testServer) asking(e *directory.Stakeholder, address string) *directory.Mandate {
	s.Helper()
	m, err := directory.NewMandate(s.Store.NewID(), e, directory.MandateRequest{Name: "A. Person", Email: address, Language: "fr", Message: "Bonjour."}, s.Store.Now())
	if err == nil {
		err = s.Store.AskMandate(s.Context(), m)
	}
	if err == nil {
		m, err = s.Store.UpdateMandate(s.Context(), e.ID, m.ID, func(m *directory.Mandate) (string, error) {
			m.Prove(s.Store.Now())
			return "contact.mandate_waiting", nil
		})
	}
	if err != nil {
		s.Fatal(err)
	}
	return m
}

func TestRepresentativesAreApprovedByTheFocalPoint(t *testing.T) {
	s := newTestServer(t)
	e, other := s.listed("Association Exemple", nil), s.listed("Une autre", nil)
	at, mine := "/v1/stakeholders/"+e.ID+"/representatives", s.session(e.ID, e.Contacts[0].ID)
	ask := func(path, body string) string {
		w := s.do("POST", path, body)
		return strings.TrimSpace(http.StatusText(w.Code) + " " + w.Body.String())
	}
	known := ask(at, `{"name":"A. Person","email":"focal@association.example.org","language":"fr"}`)
	if got := ask(at, `{"name":"A. Person","email":"new@example.org","language":"fr"}`); got != known || !strings.HasPrefix(got, "Accepted") {
		t.Errorf("who is known is answered %s, who is not %s", known, got)
	}
	w := s.do("POST", at, `{"name":"","email":"new","language":"xx"}`)
	wantProblem(t, w.Code, w.Body.Bytes(), 422, "/email", "email.malformed")
	if got := ask("/v1/stakeholders/"+s.imported("Sans contact")+"/representatives", `{"name":"A. Person","email":"new@example.org","language":"fr"}`); !strings.Contains(got, "contact.no_focal_point") {
		t.Errorf("for an entry that nobody acts for: %s", got)
	}
	s.holds(at, `"items":[]`, mine...) // nobody's address is proved

	m := s.asking(e, "person@example.org")
	s.holds(at, m.ID, mine...)
	decide := func(body string, header []string) int {
		return s.do("POST", at+"/"+m.ID+"/decision", body, header...).Code
	}
	if got := [3]int{decide(`{"outcome":"approved"}`, nil), decide(`{"outcome":"approved"}`, s.session(other.ID, other.Contacts[0].ID)), decide(`{"outcome":"refused"}`, mine)}; got != [3]int{401, 404, 200} {
		t.Errorf("answered %v", got) // the last one refuses
	}
	if got := decide(`{}`, mine); got != 422 {
		t.Errorf("no answer is answered %d", got)
	}
	if got := decide(`{"outcome":"approved"}`, mine); got != 410 {
		t.Errorf("what was refused is approved: %d", got)
	}
	m = s.asking(e, "person@example.org")
	for range 2 {
		if got := decide(`{"outcome":"approved"}`, mine); got != 200 {
			t.Fatalf("answered %d", got)
		}
	}
	s.holds(at, `"items":[]`, mine...)
	now, err := s.Store.Stakeholder(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := now.Contact(m.ID); !ok || c.Role != directory.RoleRepresentative || c.ConfirmedAt == nil || len(now.Contacts) != 2 {
		t.Errorf("%+v", now.Contacts)
	}
	representative := s.session(e.ID, m.ID)
	if w := s.do("GET", at, "", representative...); w.Code != http.StatusForbidden {
		t.Errorf("a representative reads who asks: %d", w.Code)
	}
	again := s.asking(e, "PERSON@example.org")
	if w := s.do("POST", at+"/"+again.ID+"/decision", `{"outcome":"approved"}`, mine...); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("who is a contact is one twice: %d %s", w.Code, w.Body)
	}
}

// The pages do the same without a script: ask, prove, approve, hand over.
func TestRepresentativesByPages(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	mine := s.session(e.ID, e.Contacts[0].ID)
	post := func(path string, form url.Values, header ...string) (int, string) {
		w := s.do("POST", path, form.Encode(), append(header, "Content-Type", "application/x-www-form-urlencoded")...)
		return w.Code, w.Body.String()
	}
	at := "/stakeholders/" + e.ID + "/represent?lang=en"
	s.holds(at, "Association Exemple")
	if code, page := post(at, url.Values{"name": {"A. Person"}, "language": {"fr"}}); code != 422 || !strings.Contains(page, `href="#email"`) {
		t.Errorf("%d %s", code, page)
	}
	if code, page := post(at, url.Values{"name": {"A. Person"}, "email": {"person@example.org"}, "language": {"fr"}}); code != 303 {
		t.Errorf("%d %s", code, page)
	}
	m, err := directory.NewMandate(s.Store.NewID(), e, directory.MandateRequest{Name: "A. Person", Email: "person@example.org", Language: "fr"}, s.Store.Now())
	if err == nil {
		err = s.Store.AskMandate(t.Context(), m)
	}
	if err != nil {
		t.Fatal(err)
	}
	link := "/represent/" + s.Links.Sign(auth.Claims{Purpose: auth.PurposeMandate, IDs: []string{e.ID, m.ID}, Expires: m.Expires()})
	s.holds(link+"?lang=en", "Confirm your address")
	s.lacks("/me/representatives?lang=en", "person@example.org", mine...)
	for range 2 {
		if code, page := post(link, nil); code != 200 {
			t.Fatalf("%d %s", code, page)
		}
	}
	s.holds("/me/representatives?lang=en", "person@example.org", mine...)
	if code, page := post("/me/representatives", url.Values{"id": {m.ID}, "act": {"approve"}}, mine...); code != 303 {
		t.Fatalf("%d %s", code, page)
	}
	s.holds("/me/representatives?lang=en", "Make focal point", mine...)
	if code, _ := post("/me/representatives", url.Values{"id": {m.ID}, "act": {"hand_over"}}, mine...); code != 303 {
		t.Errorf("handing over is answered %d", code)
	}
	s.lacks("/me/representatives?lang=en", "Make focal point", mine...)
	if code, _ := post("/me/representatives", url.Values{"id": {m.ID}, "act": {"hand_over"}}, mine...); code != 403 {
		t.Errorf("who handed over does so again: %d", code)
	}
	s.at(testStart.Add(61 * 24 * time.Hour))
	if w := s.do("GET", link, ""); w.Code != http.StatusGone && w.Code != http.StatusNotFound {
		t.Errorf("a link from long ago is answered %d", w.Code)
	}
}
