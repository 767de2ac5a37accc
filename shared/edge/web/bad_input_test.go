package web

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/table"
)

// badProfiles are profiles of which one thing is wrong: what is put in the place of a
// field, and where and by which code it is refused, wherever a profile comes in.
var badProfiles = map[string]struct{ fields, pointer, code string }{
	"checksum of a ROR id":         {`{"identifiers":[{"scheme":"ror","id":"04wxnsj80"}]}`, "/identifiers/0", "identifier.checksum"},
	"checksum of an LEI":           {`{"identifiers":[{"scheme":"local","id":"1"},{"scheme":"XI-LEI","id":"5493001KJTIIGC8Y1R13"}]}`, "/identifiers/1", "identifier.checksum"},
	"checksum of an LEI by name":   {`{"identifiers":[{"scheme":"lei","id":"5493001KJTIIGC8Y1R13"}]}`, "/identifiers/0", "identifier.checksum"},
	"one LEI by two names":         {`{"identifiers":[{"scheme":"lei","id":"5493001KJTIIGC8Y1R12"},{"scheme":"XI-LEI","id":"5493001KJTIIGC8Y1R12"}]}`, "/identifiers/1", "list.repeated"},
	"scheme":                       {`{"identifiers":[{"scheme":"XX-NOPE","id":"1"}]}`, "/identifiers/0", "identifier.scheme_unknown"},
	"no scheme":                    {`{"identifiers":[{"scheme":"","id":"1"}]}`, "/identifiers/0", "identifier.scheme_unknown"},
	"identifier twice":             {`{"identifiers":[{"scheme":"ror","id":"04wxnsj81"},{"scheme":"ror","id":"https://ror.org/04WXNSJ81"}]}`, "/identifiers/1", "list.repeated"},
	"country":                      {`{"country":"ZZ"}`, "/country", "country.unknown"},
	"country in small letters":     {`{"country":"ch"}`, "/country", "country.unknown"},
	"country of work":              {`{"works_in":["CH","XK1"]}`, "/works_in/1", "country.unknown"},
	"country of origin":            {`{"origin_countries":["UK"]}`, "/origin_countries/0", "country.unknown"},
	"country of residence":         {`{"residence_countries":["EU"]}`, "/residence_countries/0", "country.unknown"},
	"country twice":                {`{"works_in":["CH","CH"]}`, "/works_in/1", "list.repeated"},
	"working language":             {`{"languages":["fr","klingonese"]}`, "/languages/1", "language.unknown"},
	"language of a name":           {`{"names":[{"text":"Association","lang":"xx-nope","kind":"legal"}]}`, "/names/0/lang", "language.unknown"},
	"language of a text":           {`{"descriptions":[{"lang":"zz9","text":"A text."}]}`, "/descriptions/0/lang", "language.unknown"},
	"year to come":                 {`{"founded":2027}`, "/founded", "year.impossible"},
	"year before organisations":    {`{"founded":12}`, "/founded", "year.impossible"},
	"year of the status to come":   {`{"consultative_status":{"kind":"special","year":2027}}`, "/consultative_status/year", "year.impossible"},
	"year of the status before it": {`{"consultative_status":{"kind":"special","year":1945}}`, "/consultative_status/year", "year.impossible"},
}

// kept are the keys and versions of all items.
func (s *testServer) kept() map[table.Key]int64 {
	s.Helper()
	all := map[table.Key]int64{}
	if err := s.table.Walk(s.Context(), func(it table.Item) error { all[it.Key] = it.Version; return nil }); err != nil {
		s.Fatal(err)
	}
	return all
}

// Whatever is wrong with a profile is refused in the same place by the same code
// whichever way it comes in, and nothing is kept of it.
func TestBadProfilesAreRefusedAtEveryEntrance(t *testing.T) {
	s := newTestServer(t)
	returned := s.returned("Association rendue")
	listed := s.listed("Association inscrite", nil)
	entrances := map[string]struct {
		method, path string
		whole        any
		headers      []string
	}{
		"registration": {"POST", "/v1/registrations", testApplication("Association Exemple"), nil},
		"correction":   {"PUT", "/v1/registrations/" + returned.ID, testApplication("Association rendue"), s.own(returned)},
		"amendment":    {"PUT", "/v1/stakeholders/" + listed.ID, listed.Profile, s.own(listed)},
		"entry":        {"POST", "/v1/stakeholders", testApplication("Association Exemple").Profile, s.as(auth.Organiser, "geneva")},
	}
	before := s.kept()
	for way, in := range entrances {
		for what, bad := range badProfiles {
			t.Run(way+"/"+what, func(t *testing.T) {
				body, fields := map[string]any{}, map[string]any{}
				if err := json.Unmarshal([]byte(encodeTest(t, in.whole)), &body); err != nil {
					t.Fatal(err)
				}
				if err := json.Unmarshal([]byte(bad.fields), &fields); err != nil {
					t.Fatal(err)
				}
				maps.Copy(body, fields)
				w := s.do(in.method, in.path, encodeTest(t, body), in.headers...)
				wantProblem(t, w.Code, w.Body.Bytes(), http.StatusUnprocessableEntity, bad.pointer, bad.code)
			})
		}
	}
	if after := s.kept(); !maps.Equal(before, after) {
		t.Errorf("something is kept: %d items before, %d after", len(before), len(after))
	}
}

// returned is a registration that a moderator returned to its applicant.
func (s *testServer) returned(name string) *directory.Stakeholder {
	s.Helper()
	e, err := directory.Register(s.Store.NewID(), testApplication(name), s.Store.NewID, s.Store.Now())
	if err == nil {
		err = s.Store.Register(s.Context(), e)
	}
	if err == nil {
		e, err = s.Store.UpdateStakeholder(s.Context(), e.ID, func(e *directory.Stakeholder) error {
			if err := e.ConfirmAddress(e.Contacts[0].ID, s.Store.Now()); err != nil {
				return err
			}
			return e.Decide(directory.Decision{Outcome: directory.Returned, Reasons: []string{"incomplete"}}, s.Store.Now())
		})
	}
	if err != nil {
		s.Fatal(err)
	}
	return e
}

// own are the headers of a stakeholder's contact that changes what it read.
func (s *testServer) own(e *directory.Stakeholder) []string {
	return append(s.session(e.ID, e.Contacts[0].ID), "If-Match", etag(e.Version))
}

// An identifier that belongs to another is refused to an organiser at its place, and
// told to no applicant: the registration is taken as any other, and who is listed
// decides it.
func TestAnIdentifierOfAnotherIsRefusedWhereItCanBeSaid(t *testing.T) {
	s := newTestServer(t)
	taken := []directory.Identifier{{Scheme: "local", ID: "1"}, {Scheme: "ror", ID: "04wxnsj81"}}
	s.listed("Association inscrite", func(a *directory.Application) { a.Identifiers = taken[1:] })
	a := testApplication("Une tout autre association")
	a.Identifiers = taken
	w := s.do("POST", "/v1/stakeholders", encodeTest(t, a.Profile), s.as(auth.Organiser, "geneva")...)
	wantProblem(t, w.Code, w.Body.Bytes(), http.StatusUnprocessableEntity, "/identifiers/1", "stakeholder.already_listed")
	if strings.Contains(w.Body.String(), "/identifiers/0") {
		t.Errorf("what many may have is refused too: %s", w.Body)
	}
	if w := s.do("POST", "/v1/registrations", encodeTest(t, a)); w.Code != http.StatusAccepted {
		t.Errorf("an applicant is told: %d %s", w.Code, w.Body)
	}
}

// Nobody is related to themselves, chairs themselves, refers themselves, or is merged
// into themselves; no parent is a child, however far down; and no day is that is in no
// calendar.
func TestNobodyIsTheirOwn(t *testing.T) {
	s := newTestServer(t)
	var ids []string
	for _, name := range []string{"Grand-mère", "Mère", "Fille"} {
		ids = append(ids, s.listed(name, nil).ID)
	}
	moderator := s.as(auth.Moderator, "")
	for i := range 2 { // the daughter's parent is the mother, whose parent is the grandmother
		w := s.do("POST", "/v1/stakeholders/"+ids[i+1]+"/relations", `{"kind":"parent","stakeholder":"`+ids[i]+`"}`, moderator...)
		if w.Code != http.StatusCreated {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	process := s.process("Dialogue régional")
	at := func(path string) string { return "/v1/stakeholders/" + path }
	match := append(slices.Clone(moderator), "If-Match", etag(s.versionOf(process.ID)))
	for what, c := range map[string]struct {
		method, path, body string
		headers            []string
		pointer, code      string
	}{
		"relation":         {"POST", at(ids[0] + "/relations"), `{"kind":"partner_of","stakeholder":"` + ids[0] + `"}`, moderator, "/stakeholder", "relation.self"},
		"inverse relation": {"POST", at(ids[0] + "/relations"), `{"kind":"has_member","stakeholder":"` + ids[0] + `"}`, moderator, "/stakeholder", "relation.self"},
		"parent of three":  {"POST", at(ids[0] + "/relations"), `{"kind":"parent","stakeholder":"` + ids[2] + `"}`, moderator, "/stakeholder", "relation.cycle"},
		"child of three":   {"POST", at(ids[2] + "/relations"), `{"kind":"parent_of","stakeholder":"` + ids[0] + `"}`, moderator, "/stakeholder", "relation.cycle"},
		"first day":        {"POST", at(ids[0] + "/relations"), `{"kind":"chairs","stakeholder":"` + ids[1] + `","since":"2026-02-30"}`, moderator, "/since", "date.impossible"},
		"last day":         {"POST", at(ids[0] + "/relations"), `{"kind":"chairs","stakeholder":"` + ids[1] + `","until":"2026-13-01"}`, moderator, "/until", "date.impossible"},
		"no day":           {"POST", at(ids[0] + "/relations"), `{"kind":"chairs","stakeholder":"` + ids[1] + `","since":"soon"}`, moderator, "/since", "date.impossible"},
		"chair":            {"PUT", at(process.ID + "/process"), `{"chairs":[{"stakeholder":"` + process.ID + `","since":"2026-01-01"}]}`, match, "/chairs/0/stakeholder", "relation.self"},
		"day of a chair":   {"PUT", at(process.ID + "/process"), `{"chairs":[{"country":"PH","since":"2025-02-29"}]}`, match, "/chairs/0/since", "date.impossible"},
		"country":          {"PUT", at(process.ID + "/process"), `{"members":[{"country":"ZZ"}]}`, match, "/members/0/country", "country.unknown"},
	} {
		t.Run(what, func(t *testing.T) {
			w := s.do(c.method, c.path, c.body, c.headers...)
			wantProblem(t, w.Code, w.Body.Bytes(), http.StatusUnprocessableEntity, c.pointer, c.code)
		})
	}
	w := s.do("POST", at(ids[0]+"/merges"), `{"merged":"`+ids[0]+`","reason":"One."}`, append(slices.Clone(moderator), "If-Match", etag(s.versionOf(ids[0])))...)
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `"code":"duplicate.itself"`) {
		t.Errorf("merged into itself: %d %s", w.Code, w.Body)
	}
}
