package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
)

// waitingContacts reads who acts for the stakeholder that waits.
func (s *pageSite) waitingContacts() []directory.Contact {
	s.Helper()
	e, err := s.server.Store.Stakeholder(s.Context(), s.waiting.ID)
	noError(s.T, err)
	s.waiting = e
	return e.Contacts
}

func (s *pageSite) version() string { return strconv.FormatInt(s.waiting.Version, 10) }

// A contact says what it speaks on; what the form does not show stays.
func TestContactPage(t *testing.T) {
	s := newPageSite(t)
	session := s.signedIn()
	s.waiting = s.update(s.waiting.ID, func(e *directory.Stakeholder) error {
		e.Contacts[0].Speaking = &directory.SpeakingProfile{
			Topics: []string{"gcm:20"}, Languages: []string{"fr", "wo"}, Levels: map[string]string{"fr": "fluent"}, Bios: []directory.Text{{Lang: "fr", Text: "Juriste."}},
		}
		e.Record("test.speaks")
		return nil
	})
	own := s.waiting.Contacts[0]
	path := contactPath(own.ID) + "?lang=en"
	shown := s.get(path, session...).Body.String()
	for _, part := range []string{`name="level_wo"`, `<option value="fluent" selected>`, `name="findable"`, `name="gender"`} {
		if !strings.Contains(shown, part) {
			t.Errorf("the form lacks %s", part)
		}
	}
	form := url.Values{
		"version": {s.version()}, "name": {"Amina Example"}, "language": {"ar"}, "topics": {"topic:labour_migration"}, "level_fr": {"native"}, "level_wo": {"spoken"},
		"language_other": {"sw"}, "level_other": {"working"}, "formats": {"panel"}, "travel": {"regional"}, "needs": {"childcare"},
		"bio": {"A lawyer.\r\nAnd a teacher."}, "gender": {"woman"}, "experience": {"women"}, "findable": {"yes"},
	}
	want(t, s.post(path, form, session...), http.StatusSeeOther, "/me/representatives?done=saved&lang=en")
	wanted := own
	wanted.Name, wanted.Language = "Amina Example", "ar"
	wanted.Speaking = &directory.SpeakingProfile{
		Topics: []string{"topic:labour_migration", "gcm:20"}, Languages: []string{"fr", "wo", "sw"}, Levels: map[string]string{"fr": "native", "sw": "working"},
		Formats: []string{"panel"}, Travel: "regional", Needs: []string{"childcare"}, Gender: "woman", Experience: []string{"women"}, Findable: true,
		Bios: []directory.Text{{Lang: "fr", Text: "Juriste."}, {Lang: "en", Text: "A lawyer.\nAnd a teacher."}},
	}
	if diff := cmp.Diff(wanted, s.waitingContacts()[0]); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	form.Set("version", "1")
	if w := s.post(path, form, session...); w.Code != http.StatusPreconditionFailed {
		t.Errorf("a former version: %d", w.Code)
	}
	none := url.Values{"version": {s.version()}, "name": {"Amina Example"}, "language": {"ar"}}
	want(t, s.post(contactPath(own.ID)+"?lang=fr", none, session...), http.StatusSeeOther, "/me/representatives?done=saved&lang=fr")
	if sp := s.waitingContacts()[0].Speaking; sp == nil || len(sp.Topics) != 1 || len(sp.Bios) != 1 || sp.Bios[0].Lang != string(i18n.English) || sp.Findable {
		t.Errorf("emptied in French: %+v", sp)
	}
}

// The focal point adds people, changes and removes them; they change themselves.
func TestFocalPointKeepsContacts(t *testing.T) {
	s := newPageSite(t)
	focal := s.signedIn()
	s.waitingContacts()
	add := contactPath(newContact) + "?lang=en"
	wrong := url.Values{"version": {s.version()}, "name": {""}, "email": {"nowhere"}, "role": {"focal_point"}, "language": {"en"}, "level_fr": {"perfect"}}
	refused := s.post(add, wrong, focal...)
	for _, field := range []string{"name", "email", "role", "languages"} {
		if refused.Code != http.StatusUnprocessableEntity || !strings.Contains(refused.Body.String(), `href="#`+field+`"`) {
			t.Errorf("refused %d without %s", refused.Code, field)
		}
	}
	if len(s.waitingContacts()) != 1 {
		t.Error("what was refused is kept")
	}
	form := url.Values{"version": {s.version()}, "name": {"Omar Example"}, "email": {"omar@example.org"}, "role": {"speaker"}, "language": {"en"}, "travel": {"none"}, "gender": {"man"}, "findable": {"yes"}}
	want(t, s.post(add, form, focal...), http.StatusSeeOther, "/me/representatives?done=saved&lang=en")
	added := s.waitingContacts()[1]
	if sp := added.Speaking; added.ConfirmedAt != nil || sp == nil || sp.Travel != "none" || sp.Gender != "" || sp.Findable {
		t.Errorf("added %+v", added)
	}
	if list := s.get("/me/representatives?lang=en", focal...).Body.String(); !strings.Contains(list, "not confirmed yet") || !strings.Contains(list, contactPath(added.ID)) {
		t.Errorf("the list: %s", list)
	}
	own := contactPath(s.waiting.Contacts[0].ID)
	s.waiting = s.update(s.waiting.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(added.ID, s.now) })
	omar := s.session(s.waiting.ID, added.ID)
	for path, code := range map[string]int{contactPath(added.ID): 200, own: 403, contactPath(newContact): 403} {
		if w := s.get(path, omar...); w.Code != code {
			t.Errorf("%s answers %d to who is no focal point, want %d", path, w.Code, code)
		}
	}
	act := func(session []string, id string) int {
		return s.post("/me/representatives", url.Values{"act": {"remove"}, "id": {id}}, session...).Code
	}
	if code := act(omar, s.waiting.Contacts[0].ID); code != http.StatusForbidden {
		t.Errorf("the focal point is removed by another: %d", code)
	}
	if code := act(focal, s.waiting.Contacts[0].ID); code != http.StatusConflict {
		t.Errorf("the focal point leaves: %d", code)
	}
	if code := act(omar, added.ID); code != http.StatusSeeOther || len(s.waitingContacts()) != 1 {
		t.Errorf("leaves: %d, %d contacts", code, len(s.waiting.Contacts))
	}
}
