package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// prepareAmendment makes what the examples of amendments need.
func (s *exampleSite) prepareAmendment(op operation) (path string, header []string, ok bool) {
	s.Helper()
	switch op.OperationID {
	case "putStakeholder":
		e := s.kept("Association "+s.Store.NewID(), nil)
		return "/v1/stakeholders/" + e.ID, append(s.focal(e), "If-Match", etag(e.Version)), true
	case "postAmendmentDecision":
		e := s.amended("Association "+s.Store.NewID(), func(p *directory.Profile) { p.Country = "FR" })
		return "/v1/stakeholders/" + e.ID + "/amendment/decision", append(s.as(auth.Moderator, ""), "If-Match", etag(e.Version)), true
	}
	return "", nil, false
}

// amended is listed and asks for a change.
func (s *testServer) amended(name string, change func(*directory.Profile)) *directory.Stakeholder {
	s.Helper()
	e := s.listed(name, nil)
	e, err := s.Store.UpdateStakeholder(s.Context(), e.ID, func(e *directory.Stakeholder) error {
		given := e.Profile
		change(&given)
		return e.Revise(given, e.Contacts[0].ID, s.Store.Now())
	})
	if err != nil {
		s.Fatal(err)
	}
	return e
}

func TestAListedProfileIsChangedInPartByAModerator(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", nil)
	mine, at := s.session(e.ID, e.Contacts[0].ID), "/v1/stakeholders/"+e.ID
	p := e.Profile
	p.Country, p.Topics = "FR", []string{"gcm:2"}
	body := encodeTest(t, p)
	put := func(body string, version int64, header []string) int {
		return s.do("PUT", at, body, append(header, "If-Match", etag(version))...).Code
	}
	other := s.listed("Une autre", nil)
	if got := [4]int{
		put(body, e.Version+1, mine), put(`{"category":"ngo"}`, e.Version, mine), put(body, e.Version, s.session(other.ID, other.Contacts[0].ID)),
		put(body, e.Version, s.as(auth.Moderator, "")),
	}; got != [4]int{412, 422, 404, 403} {
		t.Errorf("answered %v", got)
	}
	if got := put(body, e.Version, mine); got != 200 {
		t.Fatalf("answered %d", got)
	}
	s.holds(at, `"gcm:2"`)
	s.holds(at, `"country":"CH"`)
	s.lacks(at, `amendment`)
	s.holds(at+"/amendment", `"before":"CH","after":"FR"`, mine...)
	staff := s.as(auth.Moderator, "")
	s.holds("/v1/amendments", `"before":"CH","after":"FR"`, staff...)
	if w := s.do("GET", at+"/amendment", ""); w.Code != http.StatusUnauthorized {
		t.Errorf("anybody is answered %d", w.Code)
	}
	s.holds("/me/profile?lang=en", `<option value="FR" selected`, mine...)
	s.holds("/me?lang=en", "Changes wait for a moderator", mine...)

	version := s.versionOf(e.ID)
	s.send(at+"/amendment/decision", `{"outcome":"returned","reasons":[]}`, 422, "If-Match", etag(version))
	s.send(at+"/amendment/decision", `{"outcome":"returned","reasons":["name_mismatch"],"note":"Les statuts, svp."}`, 200, "If-Match", etag(version))
	s.send(at+"/amendment/decision", `{"outcome":"accepted"}`, 409, "If-Match", etag(version+1))
	s.holds("/me/profile?lang=en", "Les statuts, svp.", mine...)
	s.holds("/v1/amendments", `"items":[]`, staff...)
	if got := put(body, version+1, mine); got != 200 {
		t.Fatalf("asked again it is answered %d", got)
	}
	s.send(at+"/amendment/decision", `{"outcome":"accepted"}`, 200, "If-Match", etag(version+2))
	s.holds(at, `"country":"FR"`)
	if w := s.do("GET", at+"/amendment", "", mine...); w.Code != http.StatusNotFound {
		t.Errorf("what was accepted still waits: %d", w.Code)
	}
}

// Nobody is listed twice by way of a change.
func TestAnAmendmentToAnothersNameIsSeenAndRefused(t *testing.T) {
	s := newTestServer(t)
	known := s.listed("Réseau des migrants de Genève", nil)
	e := s.amended("Association Exemple", func(p *directory.Profile) { p.Names = known.Names })
	at := "/v1/stakeholders/" + e.ID + "/amendment"
	s.holds(at, `"possible_duplicates":[{"id":"`+known.ID+`"`, s.as(auth.Moderator, "")...)
	s.lacks(at, known.ID, s.session(e.ID, e.Contacts[0].ID)...)
	s.send(at+"/decision", `{"outcome":"accepted"}`, 409, "If-Match", etag(e.Version))
	s.holds("/v1/stakeholders/"+e.ID, `"name":"Association Exemple"`)
}

// The page changes what its form shows, and says what waits.
func TestTheProfilePageTakesChanges(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association Exemple", func(a *directory.Application) {
		a.WorksIn, a.Identifiers = []string{"ML"}, []directory.Identifier{{Scheme: "local", ID: "A-1"}}
	})
	mine := s.session(e.ID, e.Contacts[0].ID)
	form := registrationValues(e)
	form.Set("name", "Association Exemplaire")
	form.Set("description", "Nous accueillons.")
	send := func(form url.Values) (int, string) {
		w := s.do("POST", "/me/profile", form.Encode(), append(mine, "Content-Type", "application/x-www-form-urlencoded")...)
		return w.Code, w.Body.String()
	}
	if code, page := send(form); code != http.StatusSeeOther {
		t.Fatalf("%d %s", code, page)
	}
	if code, _ := send(form); code != http.StatusPreconditionFailed {
		t.Errorf("a form from before is answered %d", code)
	}
	now, err := s.Store.Stakeholder(t.Context(), e.ID)
	if err != nil || now.Names[0].Text != "Association Exemple" || now.Proposed().Names[0].Text != "Association Exemplaire" ||
		now.Descriptions[0].Text != "Nous accueillons." || len(now.WorksIn) != 1 || len(now.Identifiers) != 1 {
		t.Errorf("%+v %+v %v", now.Profile, now.Amendment, err)
	}
	form = registrationValues(proposed(now))
	form.Set("name", "")
	if code, page := send(form); code != http.StatusUnprocessableEntity || !strings.Contains(page, `id="name"`) {
		t.Errorf("%d %s", code, page)
	}
}
