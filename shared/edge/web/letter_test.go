package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// coming is an event that one travels to, and the invitation of who has accepted.
func (s *testServer) coming(e *directory.Stakeholder) (*convening.Event, *convening.Invitation) {
	s.Helper()
	event, i := s.invited(e)
	event, err := s.Store.UpdateEvent(s.Context(), event.ID, func(e *convening.Event) error {
		e.Place = "Palais des Nations"
		e.Record("event.revised", "event", e.ID)
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	i, err = s.Store.UpdateInvitation(s.Context(), event.ID, i.Contact, func(i *convening.Invitation) error {
		return i.Answer(convening.Answer{Answer: convening.Accepted}, s.Store.Now())
	})
	if err != nil {
		s.Fatal(err)
	}
	return event, i
}

func (s *testServer) answerLink(purpose string, i *convening.Invitation, until time.Time) string {
	return s.Links.Sign(auth.Claims{Purpose: purpose, IDs: []string{i.EventID, i.Contact}, Expires: until, Generation: 1})
}

// code is that of the letter which stands.
func (s *testServer) code(i *convening.Invitation) string {
	s.Helper()
	i, err := s.Store.Invitation(s.Context(), i.EventID, i.Contact)
	if err != nil {
		s.Fatal(err)
	}
	return i.Letter
}

// TestLetters sends letters to who comes, each in the place of the one before, and
// shows what is on one to who has its code.
func TestLetters(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	event, i := s.coming(e)
	at := "/v1/answers/" + s.answerLink(auth.PurposeAnswer, i, event.Ends) + "/letter"
	by := "/v1/events/" + event.ID + "/invitations/" + i.Contact + "/letter"
	for _, c := range []struct {
		name, path, body string
		header           []string
		status           int
		shows            string
	}{
		{"no link", "/v1/answers/x/letter", `{"name":"Amina Example"}`, nil, http.StatusGone, "link.invalid"},
		{"a link of another purpose", "/v1/answers/" + s.answerLink(auth.PurposeCertificate, i, event.Ends) + "/letter", `{"name":"Amina Example"}`, nil, http.StatusGone, "link.invalid"},
		{"no passport has it", at, `{"name":"أمينة"}`, nil, http.StatusUnprocessableEntity, `letter.name_latin`},
		{"an unknown field", at, `{"name":"Amina Example","passport":"X1"}`, nil, http.StatusBadRequest, `/passport`},
		{"a name of a megabyte", at, `{"name":"` + strings.Repeat("A", 1<<20) + `"}`, nil, http.StatusRequestEntityTooLarge, ""},
		{"a line break", at, `{"name":"Amina\r\nX"}`, nil, http.StatusCreated, ""}, // a run of space is one
		{"who comes", at, `{"name":"Amina Example"}`, nil, http.StatusCreated, `"language":"fr"`},
		{"the organiser", by, `{"name":"Amina  Example-Núñez","language":"en"}`, s.as(auth.Organiser, "geneva"), http.StatusCreated, `"language":"en"`},
		{"another unit", by, `{"name":"Amina Example"}`, s.as(auth.Organiser, "bern"), http.StatusNotFound, ""},
		{"nobody", by, `{"name":"Amina Example"}`, nil, http.StatusUnauthorized, ""},
	} {
		w := s.do("POST", c.path, c.body, c.header...)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.shows) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
		if c.status == http.StatusCreated && (strings.Contains(w.Body.String(), "Amina") || strings.Contains(w.Body.String(), s.code(i))) {
			t.Errorf("%s: the answer says too much: %s", c.name, w.Body)
		}
	}
	code := s.code(i)
	w := s.do("GET", "/v1/letters/"+code, "")
	for _, shows := range []string{`"standing":"valid"`, `"name":"Amina Example-Núñez"`, `"organisation":"Association Exemple"`, `"place":"Palais des Nations"`} {
		if !strings.Contains(w.Body.String(), shows) {
			t.Errorf("no %s in %s", shows, w.Body)
		}
	}
	for _, hides := range []string{e.ID, i.Contact, event.ID, "@"} {
		if strings.Contains(w.Body.String(), hides) {
			t.Errorf("%s in %s", hides, w.Body)
		}
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("kept by caches: %q", w.Header().Get("Cache-Control"))
	}
	for _, guess := range []string{"GUESS", strings.Repeat("A", 65)} {
		if w := s.do("GET", "/v1/letters/"+guess, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", guess, w.Code)
		}
	}
	if got := s.do("GET", "/v1/events/"+event.ID+"/invitations", "", s.as(auth.Organiser, "geneva")...).Body.String(); !strings.Contains(got, `"lettered":true`) || strings.Contains(got, code) {
		t.Error(got)
	}
}

// TestLettersEnd revokes a letter with what it rests on, at once, and forgets whose
// it was.
func TestLettersEnd(t *testing.T) {
	for name, c := range map[string]struct {
		end      func(s *testServer, e *convening.Event, i *convening.Invitation)
		standing string
		forgets  bool
	}{
		"withdrawn": {func(s *testServer, e *convening.Event, i *convening.Invitation) {
			s.do("POST", "/v1/events/"+e.ID+"/invitations/"+i.Contact+"/withdrawal", "", s.as(auth.Organiser, "geneva")...)
		}, "revoked", true},
		"declined": {func(s *testServer, _ *convening.Event, i *convening.Invitation) {
			_, err := s.Store.UpdateInvitation(s.Context(), i.EventID, i.Contact, func(i *convening.Invitation) error {
				return i.Answer(convening.Answer{Answer: convening.Declined}, s.Store.Now())
			})
			if err != nil {
				s.Fatal(err)
			}
		}, "revoked", true},
		"handed on": {func(s *testServer, e *convening.Event, i *convening.Invitation) {
			s.do("POST", "/v1/answers/"+s.answerLink(auth.PurposeAnswer, i, e.Ends)+"/delegation", `{"name":"A colleague","email":"colleague@example.org","language":"fr"}`)
		}, "revoked", true},
		"cancelled, before anybody is told": {func(s *testServer, e *convening.Event, _ *convening.Invitation) {
			if _, err := s.Store.UpdateEvent(s.Context(), e.ID, func(e *convening.Event) error { return e.Cancel("", s.Store.Now()) }); err != nil {
				s.Fatal(err)
			}
		}, "revoked", false},
		"cancelled, when who is invited is told": {func(s *testServer, e *convening.Event, i *convening.Invitation) {
			e, err := s.Store.UpdateEvent(s.Context(), e.ID, func(e *convening.Event) error { return e.Cancel("", s.Store.Now()) })
			if err == nil {
				_, err = s.Store.UpdateInvitation(s.Context(), i.EventID, i.Contact, func(i *convening.Invitation) error { i.Hear(e); return nil })
			}
			if err != nil {
				s.Fatal(err)
			}
		}, "revoked", true},
		"moved": {func(s *testServer, e *convening.Event, _ *convening.Invitation) {
			_, err := s.Store.UpdateEvent(s.Context(), e.ID, func(e *convening.Event) error {
				e.Place = "Elsewhere"
				e.Record("event.revised", "event", e.ID)
				return nil
			})
			if err != nil {
				s.Fatal(err)
			}
		}, "changed", false},
		"another letter": {func(s *testServer, e *convening.Event, i *convening.Invitation) {
			s.do("POST", "/v1/answers/"+s.answerLink(auth.PurposeAnswer, i, e.Ends)+"/letter", `{"name":"Amina Other"}`)
		}, "revoked", true},
		"erased": {func(s *testServer, _ *convening.Event, i *convening.Invitation) {
			err := s.Store.BeginErasure(s.Context(), directory.NewErasure("X1", i.Stakeholder, "", testStart))
			for range 50 {
				if err == nil {
					err = s.Store.AdvanceErasure(store.As(s.Context(), store.Actor{ID: "planner", Role: "system"}), "X1", nil)
				}
			}
			if err != nil {
				s.Fatal(err)
			}
		}, "revoked", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestServer(t)
			event, i := s.coming(s.listed("Association Exemple", nil))
			if w := s.do("POST", "/v1/answers/"+s.answerLink(auth.PurposeAnswer, i, event.Ends)+"/letter", `{"name":"Amina Example"}`); w.Code != http.StatusCreated {
				t.Fatal(w.Code, w.Body)
			}
			code := s.code(i)
			c.end(s, event, i)
			body := s.do("GET", "/v1/letters/"+code, "").Body.String()
			if !strings.Contains(body, `"standing":"`+c.standing+`"`) || strings.Contains(body, "Amina") || strings.Contains(body, "Association") {
				t.Error(body)
			}
			l, err := s.Store.Letter(t.Context(), code)
			if err != nil || (l.Name == "") != c.forgets || (l.Organisation == "") != c.forgets {
				t.Errorf("%+v, %v", l, err)
			}
		})
	}
}

// TestLettersLeaveNoTrail looks for the name in everything that the table holds,
// once the letter is revoked.
func TestLettersLeaveNoTrail(t *testing.T) {
	s := newTestServer(t)
	event, i := s.coming(s.listed("Association Exemple", nil))
	at := "/v1/answers/" + s.answerLink(auth.PurposeAnswer, i, event.Ends) + "/letter"
	if w := s.do("POST", at, `{"name":"Amina Uncommon"}`, "Idempotency-Key", "letter-1"); w.Code != http.StatusCreated {
		t.Fatal(w.Code, w.Body)
	}
	s.do("POST", "/v1/events/"+event.ID+"/invitations/"+i.Contact+"/withdrawal", "", s.as(auth.Organiser, "geneva")...)
	changes, _, err := s.Store.Table.Changes(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	last := map[string]string{}
	for _, ch := range changes {
		last[ch.PK+" "+ch.SK] = ""
		if ch.New != nil {
			last[ch.PK+" "+ch.SK] = string(ch.New.Attributes)
		}
	}
	for at, attributes := range last {
		if strings.Contains(attributes, "Uncommon") || strings.Contains(at, "Uncommon") {
			t.Errorf("%s: %s", at, attributes)
		}
	}
}

// TestLettersOfOneselfAreExported shows the name of the passport to its holder, and
// not to a colleague, who does not get the code either.
func TestLettersOfOneselfAreExported(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", func(a *directory.Application) {
		a.Contacts = append(a.Contacts, directory.Contact{Name: "Second", Role: directory.RoleRepresentative, Email: "second@association.example.org", Language: "fr"})
	})
	event, i := s.coming(e)
	if w := s.do("POST", "/v1/answers/"+s.answerLink(auth.PurposeAnswer, i, event.Ends)+"/letter", `{"name":"Amina Example"}`); w.Code != http.StatusCreated {
		t.Fatal(w.Code, w.Body)
	}
	for contact, sees := range map[string]bool{e.Contacts[0].ID: true, e.Contacts[1].ID: false} {
		body := s.do("GET", "/v1/stakeholders/"+e.ID+"/export", "", s.session(e.ID, contact)...).Body.String()
		if !strings.Contains(body, `"letters":[`) || strings.Contains(body, "Amina Example") != sees || strings.Contains(body, s.code(i)) != sees {
			t.Errorf("sees %t: %s", sees, body)
		}
	}
}

// TestLettersOfThoseAtRisk do not name the organisation.
func TestLettersOfThoseAtRisk(t *testing.T) {
	s := newTestServer(t)
	event, i := s.coming(s.listed("Association Exemple", func(a *directory.Application) { a.AtRisk = true }))
	s.do("POST", "/v1/answers/"+s.answerLink(auth.PurposeAnswer, i, event.Ends)+"/letter", `{"name":"Amina Example"}`)
	if body := s.do("GET", "/v1/letters/"+s.code(i), "").Body.String(); !strings.Contains(body, "Amina") || strings.Contains(body, "organisation") {
		t.Error(body)
	}
}

// TestLetterOnTheAnswerPage asks for a letter on the page, which says what is wrong
// and that one was sent, and verifies it on another, in the reader's language.
func TestLetterOnTheAnswerPage(t *testing.T) {
	s := newPageSite(t)
	path := s.answerPath()
	if strings.Contains(s.get(path).Body.String(), `value="letter"`) {
		t.Error("offered to who has not accepted")
	}
	want(t, s.post(path, url.Values{"answer": {"letter"}, "passport": {"Amina Example"}}), http.StatusConflict, "")
	want(t, s.post(path, url.Values{"answer": {"accepted"}}), http.StatusSeeOther, path)
	if !strings.Contains(s.get(path).Body.String(), `value="letter"`) {
		t.Error("not offered to who has accepted")
	}
	wrong := s.post(path, url.Values{"answer": {"letter"}, "passport": {"Амина"}})
	want(t, wrong, http.StatusUnprocessableEntity, "")
	if page := wrong.Body.String(); !strings.Contains(page, `href="#passport"`) || !strings.Contains(page, "Амина") {
		t.Error("the page does not lead to what is wrong")
	}
	want(t, s.post(path, url.Values{"answer": {"letter"}, "passport": {"Amina Example"}, "letter_language": {"fr"}}), http.StatusSeeOther, path)
	if page := s.get(path).Body.String(); !strings.Contains(page, "A letter was sent to you") {
		t.Error("the page does not say that a letter was sent")
	}
	i, err := s.server.Store.Invitation(t.Context(), s.event.ID, s.listed.Contacts[0].ID)
	noError(t, err)
	page := s.get("/letters/" + i.Letter)
	want(t, page, http.StatusOK, "")
	for _, shows := range []string{"This letter is valid", "Amina Example", "noindex"} {
		if !strings.Contains(page.Body.String(), shows) {
			t.Errorf("no %q on the page", shows)
		}
	}
	want(t, s.get("/letters/GUESS"), http.StatusNotFound, "")
}
