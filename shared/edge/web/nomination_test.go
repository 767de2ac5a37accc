package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// withPlaces is an event with places for each organisation, and the invitation to it of
// the focal point of one.
func (s *testServer) withPlaces(e *directory.Stakeholder, places, capacity int) (*convening.Event, *convening.Invitation) {
	s.Helper()
	event, i := s.invited(e)
	event, err := s.Store.UpdateEvent(s.Context(), event.ID, func(e *convening.Event) error {
		e.PlacesPerOrganisation, e.Capacity = places, capacity
		e.Record("event.revised", "event", e.ID)
		return nil
	})
	noError(s.T, err)
	return event, i
}

// taken sends a request that is to be taken.
func (s *testServer) taken(status int, path, body string) {
	s.Helper()
	if w := s.do("POST", path, body); w.Code != status {
		s.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
}

// standing are the names that stand, as who put them sees it.
func (s *testServer) standing(at string) nominationList {
	s.Helper()
	var list nominationList
	if w := s.do("GET", at, ""); w.Code != http.StatusOK {
		s.Fatalf("%d %s", w.Code, w.Body)
	} else if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil {
		s.Fatal(err)
	}
	return list
}

// TestNominations puts two names, swaps one and takes one back, and says at what
// place a list of names is wrong.
func TestNominations(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", func(a *directory.Application) {
		a.Contacts = append(a.Contacts, directory.Contact{Name: "Second", Role: directory.RoleRepresentative, Email: "second@association.example.org", Language: "fr"})
	})
	event, i := s.withPlaces(e, 2, 3)
	at := "/v1/answers/" + s.answerLink(auth.PurposeAnswer, i, event.Ends) + "/nominations"
	body := func(addresses ...string) string {
		names := make([]string, len(addresses))
		for k, a := range addresses {
			names[k] = `{"name":"Nominee ` + a + `","email":"` + a + `","language":"fr"}`
		}
		return `{"names":[` + strings.Join(names, ",") + `]}`
	}
	for _, c := range []struct {
		name, path, body string
		status           int
		shows            string
	}{
		{"no link", "/v1/answers/x/nominations", body("a@example.org"), http.StatusGone, "link.invalid"},
		{"no names", at, `{}`, http.StatusBadRequest, `"pointer":"/names"`},
		{"nobody", at, `{"names":[]}`, http.StatusUnprocessableEntity, `"pointer":"/names","code":"list.empty"`},
		{"an address that is none", at, body("a@example.org", "nobody"), http.StatusUnprocessableEntity, `"pointer":"/names/1/email"`},
		{"the same address twice", at, body("a@example.org", "A@example.org"), http.StatusUnprocessableEntity, `"pointer":"/names/1/email","code":"nomination.twice"`},
		{"too many names", at, body("a@example.org", "b@example.org", "c@example.org"), http.StatusUnprocessableEntity, `"pointer":"/names/2","code":"nomination.too_many"`},
		{"oneself", at, body("Focal@association.example.org"), http.StatusUnprocessableEntity, `"pointer":"/names/0/email","code":"delegation.already_invited"`},
		{"a stranger and a contact", at, body("a@example.org", "second@association.example.org"), http.StatusCreated, `"status":"queued"`},
		{"one more", at, body("c@example.org"), http.StatusUnprocessableEntity, `"pointer":"/names/0","code":"nomination.too_many"`},
		{"a name that does not stand", at + "/" + i.Contact + "/recall", "", http.StatusNotFound, "nomination.unknown"},
		{"one that there is not", at + "/nobody/recall", "", http.StatusNotFound, "nomination.unknown"},
		{"a swap of one that there is not", at + "/nobody/swap", `{"name":"C","email":"c@example.org","language":"fr"}`, http.StatusNotFound, "nomination.unknown"},
	} {
		w := s.do("POST", c.path, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.shows) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
	list := s.standing(at)
	if list.Left != 0 || list.Places != 2 || len(list.Names) != 2 || list.Names[1].Contact != e.Contacts[1].ID {
		t.Fatalf("%+v", list)
	}
	stranger, contact := list.Names[0].Contact, list.Names[1].Contact
	if w := s.do("POST", at+"/"+stranger+"/swap", `{"name":"C","email":"second@association.example.org","language":"fr"}`); w.Code != http.StatusConflict {
		t.Errorf("a swap with who stands: %d %s", w.Code, w.Body)
	}
	s.taken(http.StatusCreated, at+"/"+stranger+"/swap", `{"name":"C","email":"c@example.org","language":"fr"}`)
	s.taken(http.StatusOK, at+"/"+contact+"/recall", "")
	if list = s.standing(at); list.Left != 1 || len(list.Names) != 1 || list.Names[0].Name != "C" {
		t.Errorf("%+v", list)
	}
	s.taken(http.StatusCreated, at, body("second@association.example.org")) // who was taken back is named again
	organiser := s.do("GET", "/v1/events/"+event.ID+"/invitations", "", s.as(auth.Organiser, "geneva")...).Body.String()
	if strings.Count(organiser, `"nominated_by":"`+i.Contact+`"`) != 3 || !strings.Contains(organiser, `"name":"C"`) {
		t.Errorf("the organiser sees %s", organiser)
	}
}

// TestNominationsRefused refuses names of who is no focal point, where there are no
// places, over the capacity and after the cut-off.
func TestNominationsRefused(t *testing.T) {
	const two = `{"names":[{"name":"A","email":"a@example.org","language":"fr"},{"name":"B","email":"b@example.org","language":"fr"}]}`
	for _, c := range []struct {
		name             string
		places, capacity int
		before           func(*convening.Invitation, time.Time)
		status           int
		shows            string
	}{
		{"no places", 0, 0, nil, http.StatusConflict, "nomination.no_places"},
		{"over the capacity", 2, 1, nil, http.StatusUnprocessableEntity, `"pointer":"/names/1","code":"nomination.over_capacity"`},
		{"after the cut-off", 2, 0, func(i *convening.Invitation, now time.Time) { i.AnswerBy = now }, http.StatusGone, "invitation.expired"},
		{"named by another", 2, 0, func(i *convening.Invitation, _ time.Time) { i.NominatedBy = "01JD4Z7X9M3T5V8B2C6D0E1F4G" }, http.StatusConflict, "nomination.not_focal_point"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newTestServer(t)
			event, i := s.withPlaces(s.listed("Association Exemple", nil), c.places, c.capacity)
			if c.before != nil {
				_, err := s.Store.UpdateInvitation(s.Context(), event.ID, i.Contact, func(i *convening.Invitation) error {
					c.before(i, s.Store.Now())
					i.Record("test.changed", "event", i.EventID, "stakeholder", i.Stakeholder, "contact", i.Contact)
					return nil
				})
				noError(s.T, err)
			}
			w := s.do("POST", "/v1/answers/"+s.answerLink(auth.PurposeAnswer, i, event.Ends)+"/nominations", two)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.shows) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
	s := newTestServer(t)
	e := s.listed("Association Exemple", func(a *directory.Application) {
		a.Contacts = append(a.Contacts, directory.Contact{Name: "Second", Role: directory.RoleRepresentative, Email: "second@association.example.org", Language: "fr"})
	})
	event, _ := s.withPlaces(e, 2, 0)
	i := convening.NewInvitation(event, e.ID, e.Contacts[1].ID, s.Store.Now())
	i.Advance(s.Store.Now())
	_, err := s.Store.PlanInvitations(s.Context(), []*convening.Invitation{i})
	noError(s.T, err)
	if w := s.do("POST", "/v1/answers/"+s.answerLink(auth.PurposeAnswer, i, event.Ends)+"/nominations", two); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "nomination.not_focal_point") {
		t.Errorf("a representative: %d %s", w.Code, w.Body)
	}
}

// TestNominationsOnTheAnswerPage puts, swaps and takes back a name on the page; who
// was nominated sees by which organisation, and names nobody.
func TestNominationsOnTheAnswerPage(t *testing.T) {
	s := newPageSite(t)
	_, err := s.server.Store.UpdateEvent(t.Context(), s.event.ID, func(e *convening.Event) error {
		e.PlacesPerOrganisation = 1
		e.Record("event.revised", "event", e.ID)
		return nil
	})
	noError(t, err)
	path, focal := s.answerPath(), s.listed.Contacts[0].ID
	stands := func() string {
		t.Helper()
		i, err := s.server.Store.Invitation(t.Context(), s.event.ID, focal)
		noError(t, err)
		return strings.Join(i.Nominees, " ")
	}
	form := func(email, instead string) url.Values {
		return url.Values{"answer": {"nominate"}, "nominee": {"A nominee"}, "nominee_email": {email}, "nominee_language": {"fr"}, "instead": {instead}}
	}
	if page := s.get(path).Body.String(); !strings.Contains(page, "Names for the places of your organisation") {
		t.Fatal("the focal point cannot put names")
	}
	wrong := s.post(path, form("nobody", ""))
	want(t, wrong, http.StatusUnprocessableEntity, "")
	if page := wrong.Body.String(); !strings.Contains(page, `href="#nominee_email"`) {
		t.Error("the page does not lead to what is wrong")
	}
	want(t, s.post(path, form("one@example.org", "")), http.StatusSeeOther, path)
	one := stands()
	many := s.post(path, form("two@example.org", ""))
	want(t, many, http.StatusUnprocessableEntity, "")
	if page := many.Body.String(); !strings.Contains(page, "Your organisation has no place left for this name") || !strings.Contains(page, `value="`+one+`"`) {
		t.Error("the page does not say that there are too many, or whose place it could be")
	}
	link := "/answer/" + s.link(auth.PurposeAnswer, s.event.ID, one)
	if page := s.get(link).Body.String(); !strings.Contains(page, "has nominated you for one of its places") || strings.Contains(page, `value="nominate"`) || strings.Contains(page, `value="delegated"`) {
		t.Error("who is nominated does not see by whom, or can name others")
	}
	want(t, s.post(path, form("two@example.org", one)), http.StatusSeeOther, path)
	two := stands()
	if two == "" || two == one {
		t.Errorf("%q stands, after %q", two, one)
	}
	if w := s.post(link, url.Values{"answer": {string(convening.Accepted)}}); w.Code == http.StatusSeeOther {
		t.Error("who was swapped answers")
	}
	want(t, s.post(path, url.Values{"answer": {"unname"}, "contact": {two}}), http.StatusSeeOther, path)
	if left := stands(); left != "" {
		t.Errorf("%q stands", left)
	}
}

// TestTheDeskSaysWhoNominated says of a name who put it: the name of who did with
// consent to sharing alone.
func TestTheDeskSaysWhoNominated(t *testing.T) {
	s := newPageSite(t)
	s.listed = s.update(s.listed.ID, func(e *directory.Stakeholder) error {
		e.Contacts[0].Name = "Quillfeather"
		e.Record("stakeholder.changed")
		return nil
	})
	board, focal := "/desk/events/"+s.event.ID, s.listed.Contacts[0]
	_, err := s.server.Store.Nominate(t.Context(), s.event.ID, focal.ID, func(i *convening.Invitation) ([]*convening.Invitation, error) {
		named := convening.Nominee{Contact: "NOMINEE", Person: &convening.Colleague{Name: "A nominee", Email: "nominee@example.org", Language: "fr"}}
		return i.Nominate([]convening.Nominee{named}, convening.Vacancies{PerOrganisation: 1}, s.now)
	})
	noError(t, err)
	s.counted(s.event.ID)
	session := s.organiser(s.event.Unit)
	if shown := s.get(board, session...).Body.String(); !strings.Contains(shown, "A nominee") || !strings.Contains(shown, "Nominated by the focal point of the organisation") || strings.Contains(shown, focal.Name) {
		t.Errorf("without consent:\n%s", shown)
	}
	s.update(s.listed.ID, func(e *directory.Stakeholder) error {
		return e.ChangeConsent(directory.ConsentChange{Purpose: directory.ConsentSharing, TextVersion: directory.ConsentText, Given: true}, focal.ID, "api", s.now)
	})
	if shown := s.get(board, session...).Body.String(); !strings.Contains(shown, "Nominated by the focal point "+focal.Name) {
		t.Errorf("with consent:\n%s", shown)
	}
}
