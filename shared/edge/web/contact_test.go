package web

import (
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/table"
)

// prepareContact makes what the examples of contacts need.
func (s *exampleSite) prepareContact(op operation) (path string, header []string, ok bool) {
	s.Helper()
	at := func(e *directory.Stakeholder, rest string) string { return "/v1/stakeholders/" + e.ID + rest }
	switch op.OperationID {
	case "postContact", "putContact", "postFocalPoint", "postMessage":
	default:
		return "", nil, false
	}
	e := s.kept("Association "+s.Store.NewID(), nil)
	header = append(s.session(e.ID, e.Contacts[0].ID), "If-Match", etag(e.Version))
	switch op.OperationID {
	case "postContact":
		return at(e, "/contacts"), header, true
	case "putContact":
		return at(e, "/contacts/"+e.Contacts[0].ID), header, true
	case "postMessage":
		return at(e, "/contacts/focal-point/messages"), header, true
	}
	e, added := s.represented(e)
	s.rename(op, "01JD4Z7X9M3T5V8B2C6D0E1F4H", added.ID)
	return at(e, "/focal-point"), append(s.session(e.ID, e.Contacts[0].ID), "If-Match", etag(e.Version)), true
}

// represented adds a representative who has proved the address.
func (s *testServer) represented(e *directory.Stakeholder) (*directory.Stakeholder, directory.Contact) {
	s.Helper()
	var added directory.Contact
	e, err := s.Store.UpdateStakeholder(s.Context(), e.ID, func(e *directory.Stakeholder) (err error) {
		c := directory.Contact{Name: "Representative", Role: directory.RoleRepresentative, Email: "representative@association.example.org", Language: "en"}
		if added, err = e.AddContact(c, s.Store.NewID, s.Store.Now()); err != nil {
			return err
		}
		return e.ConfirmAddress(added.ID, s.Store.Now())
	})
	if err != nil {
		s.Fatal(err)
	}
	return e, added
}

const findable = `{"name":"Representative","role":"representative","email":"representative@association.example.org","language":"en",
	"speaking":{"topics":["gcm:20"],"languages":["en"],"levels":{"en":"fluent"},"gender":"woman","findable":true}}`

func TestTheFocalPointNamesContacts(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association", nil)
	focal := s.session(e.ID, e.Contacts[0].ID)
	e, added := s.represented(e)
	representative := s.session(e.ID, added.ID)
	at := "/v1/stakeholders/" + e.ID
	try := func(method, path, body string, version int64, header []string) int {
		w := s.do(method, at+path, body, append(header, "If-Match", etag(version))...)
		return w.Code
	}
	another := `{"name":"Another","role":"representative","email":"another@association.example.org","language":"fr"}`
	for _, c := range []struct {
		method, path, body string
		version            int64
		header             []string
		want               int
	}{
		{"POST", "/contacts", another, e.Version, representative, 403},
		{"POST", "/contacts", strings.Replace(another, "representative\"", "focal_point\"", 1), e.Version, focal, 422},
		{"POST", "/contacts", strings.Replace(another, "another@", "Focal@", 1), e.Version, focal, 422},
		{"POST", "/contacts", another, e.Version - 1, focal, 412},
		{"PUT", "/contacts/" + added.ID, strings.Replace(findable, "representative@", "new@", 1), e.Version, representative, 422},
		{"PUT", "/contacts/" + added.ID, strings.Replace(findable, `"fluent"`, `"good"`, 1), e.Version, representative, 422},
		{"PUT", "/contacts/" + e.Contacts[0].ID, another, e.Version, representative, 403},
		{"DELETE", "/contacts/" + e.Contacts[0].ID, "", e.Version, focal, 409},
		{"DELETE", "/contacts/nobody", "", e.Version, focal, 404},
		{"POST", "/focal-point", `{"contact":"` + added.ID + `"}`, e.Version, representative, 403},
		{"POST", "/contacts", another, e.Version, focal, 201},
		{"PUT", "/contacts/" + added.ID, findable, e.Version + 1, representative, 200},
		{"POST", "/focal-point", `{"contact":"` + added.ID + `"}`, e.Version + 2, focal, 200},
		{"DELETE", "/contacts/" + e.Contacts[0].ID, "", e.Version + 3, representative, 200},
		{"GET", "/contacts", "", e.Version + 4, focal, 404}, // its session has no rights any more
		{"GET", "/contacts", "", e.Version + 4, representative, 200},
	} {
		if got := try(c.method, c.path, c.body, c.version, c.header); got != c.want {
			t.Errorf("%s %s %s is answered %d instead of %d", c.method, c.path, c.body, got, c.want)
		}
	}
}

func TestSpeakersAreFoundByOrganisersAlone(t *testing.T) {
	s := newTestServer(t)
	e, added := s.represented(s.listed("Association", nil))
	at := "/v1/stakeholders/" + e.ID
	organiser := s.as(auth.Organiser, "geneva")
	put := func(body string, header []string) {
		t.Helper()
		e, err := s.Store.Stakeholder(t.Context(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		if w := s.do("PUT", at+"/contacts/"+added.ID, body, append(header, "If-Match", etag(e.Version))...); w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		s.indexAgain(e.ID)
	}
	put(findable, s.session(e.ID, e.Contacts[0].ID)) // the focal point cannot say so for another
	s.holds("/v1/stakeholders?has_speaker=yes", `"total":0`, organiser...)
	put(findable, s.session(e.ID, added.ID))
	for _, target := range []string{"has_speaker=yes", "speaker_topic=gcm:20", "speaker_language=en&facet=speaker_language"} {
		s.holds("/v1/stakeholders?"+target, e.ID, organiser...)
		if w := s.do("GET", "/v1/stakeholders?"+target, ""); w.Code != 400 {
			t.Errorf("anybody asks for %s: %d", target, w.Code)
		}
	}
	s.lacks("/v1/stakeholders?speaker_language=fr", e.ID, organiser...)
	s.holds(at+"/speakers", `"levels":{"en":"fluent"}`, organiser...)
	for _, secret := range []string{"example.org", "woman"} {
		s.lacks(at+"/speakers", secret, organiser...)
		s.lacks(at, secret)
	}
	if w := s.do("GET", at+"/speakers", ""); w.Code != 401 {
		t.Errorf("anybody reads speakers: %d", w.Code)
	}
}

func TestTheRelayTellsNothingAndIsLimited(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association", nil)
	hidden := s.listed("Cachée", func(a *directory.Application) { a.AtRisk = true })
	organiser := s.as(auth.Organiser, "geneva")
	const letter = `{"subject":"Panel","text":"Would you come?\nCordially","language":"en","reply_to":"unit@example.org"}`
	send := func(stakeholder, contact, body string, header []string) (int, table.Requests, string) {
		s.table.Reset()
		w := s.do("POST", "/v1/stakeholders/"+stakeholder+"/contacts/"+contact+"/messages", body, header...)
		return w.Code, s.table.Snapshot(), w.Body.String() + w.Header().Get("Retry-After")
	}
	send(e.ID, "first", letter, organiser) // begins the sender's count
	known, cost, said := send(e.ID, e.Contacts[0].ID, letter, organiser)
	unknown, costUnknown, saidUnknown := send(e.ID, "nobody", letter, organiser)
	if known != 202 || known != unknown || cost != costUnknown || said != saidUnknown {
		t.Errorf("known %d %s %+v, unknown %d %s %+v", known, said, cost, unknown, saidUnknown, costUnknown)
	}
	contact := s.session(e.ID, e.Contacts[0].ID)
	for _, c := range []struct {
		name, stakeholder, body string
		header                  []string
		want                    int
	}{
		{"nobody", e.ID, letter, nil, 401},
		{"a moderator", e.ID, letter, s.as(auth.Moderator, ""), 403},
		{"to one at risk, by a contact", hidden.ID, letter, contact, 404},
		{"to one at risk, by an organiser", hidden.ID, letter, organiser, 202},
		{"a contact with another's address", e.ID, letter, contact, 422},
		{"a contact", e.ID, strings.Replace(letter, "unit@example.org", "Focal@association.example.org", 1), contact, 202},
		{"two lines of subject", e.ID, strings.Replace(letter, "Panel", `A\r\nBcc: all@example.org`, 1), organiser, 422},
		{"an overridden text", e.ID, strings.Replace(letter, "Would", `\u202e`, 1), organiser, 422},
	} {
		if got, _, said := send(c.stakeholder, "focal-point", c.body, c.header); got != c.want {
			t.Errorf("%s: %d instead of %d: %s", c.name, got, c.want, said)
		}
	}
	limited := 0
	for i := range directory.RelayedADay {
		if got, _, said := send(e.ID, "c"+string(rune('a'+i)), letter, organiser); got == 429 {
			limited++
			if !strings.HasSuffix(said, "54001") { // from nine in the morning to midnight
				t.Errorf("Retry-After: %s", said)
			}
		}
	}
	if limited != 4 {
		t.Errorf("%d were refused of %d", limited, directory.RelayedADay)
	}
	if err := s.table.Walk(t.Context(), func(it table.Item) error {
		if it.Type != "RELAYED" && it.Type != "ONCE" && strings.Contains(string(it.Attributes), "Would you come") {
			t.Errorf("%s holds the text", it.Type)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s.at(testStart.Add(24 * time.Hour))
	if got, _, said := send(e.ID, "x", letter, s.as(auth.Organiser, "geneva")); got != 202 {
		t.Errorf("the next day: %d %s", got, said)
	}
	if _, _, err := s.Store.VerifyTrails(t.Context()); err != nil {
		t.Error(err)
	}
}
