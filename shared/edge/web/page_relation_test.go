package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"convoke/shared/domain/directory"
)

// joined makes the stakeholder that waits a listed one.
func (s *pageSite) joined() {
	s.Helper()
	s.waiting = s.update(s.waiting.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, s.now) })
	s.waiting = s.update(s.waiting.ID, func(e *directory.Stakeholder) error {
		return e.Decide(directory.Decision{Outcome: directory.Listed}, s.now)
	})
}

// One organisation proposes a relation on its page, the other confirms it, both
// profiles show it, and either ends it.
func TestRelationsPage(t *testing.T) {
	s := newPageSite(t)
	s.joined()
	one, other := s.signedIn(), s.session(s.listed.ID, s.listed.Contacts[0].ID)
	shows := func(path, part string, session ...string) bool {
		return strings.Contains(s.get(path+"?lang=en", session...).Body.String(), part)
	}
	propose := url.Values{"act": {"add"}, "kind": {"member_of"}, "other": {"https://convoke.example.org/stakeholders/" + s.listed.ID + "?lang=fr"}, "role": {"Vice-Chair"}, "since": {"2020-01-01"}}
	done := relationsPath + "?done=saved&lang=en"
	want(t, s.post(relationsPath+"?lang=en", propose, one...), http.StatusSeeOther, done)
	if again := s.post(relationsPath+"?lang=en", propose, one...); again.Code != http.StatusConflict || !strings.Contains(again.Body.String(), "is known already") {
		t.Errorf("the same once more: %d", again.Code)
	}
	toListed, toJoined := `href="/stakeholders/`+s.listed.ID+`?lang=en"`, `href="/stakeholders/`+s.waiting.ID+`?lang=en"`
	if shows("/stakeholders/"+s.waiting.ID, toListed) || !shows(relationsPath, toListed, one...) || shows(relationsPath, `value="confirm"`, one...) {
		t.Error("a proposal is shown to others, or not to its maker, or can be confirmed by it")
	}
	press := func(session []string, act string) {
		t.Helper()
		page := s.get(relationsPath+"?lang=en", session...).Body.String()
		id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(page)
		version := regexp.MustCompile(`name="version" value="([^"]+)"`).FindStringSubmatch(page)
		if id == nil || !strings.Contains(page, `value="`+act+`"`) {
			t.Fatalf("nothing to %s in %s", act, page)
		}
		want(t, s.post(relationsPath+"?lang=en", url.Values{"act": {act}, "id": {id[1]}, "version": {version[1]}}, session...), http.StatusSeeOther, done)
		stale := s.post(relationsPath+"?lang=en", url.Values{"act": {act}, "id": {id[1]}, "version": {version[1]}}, session...)
		if stale.Code != http.StatusPreconditionFailed {
			t.Errorf("%s of a former version: %d", act, stale.Code)
		}
	}
	press(other, "confirm")
	if !shows("/stakeholders/"+s.waiting.ID, toListed) || !shows("/stakeholders/"+s.listed.ID, toJoined) || !shows("/stakeholders/"+s.listed.ID, "Vice-Chair") {
		t.Error("what was confirmed is not shown by both")
	}
	press(one, "end")
	if shows("/stakeholders/"+s.waiting.ID, toListed) || shows(relationsPath, toListed, one...) {
		t.Error("what has ended is shown")
	}
}

// What is wrong with a relation is said at its field, and nothing is kept.
func TestRelationsPageRefuses(t *testing.T) {
	s := newPageSite(t)
	s.joined()
	session := s.signedIn()
	for name, c := range map[string]struct {
		form  url.Values
		field string
	}{
		"nothing":          {url.Values{}, "kind"},
		"itself":           {url.Values{"kind": {"parent"}, "other": {s.waiting.ID}}, "other"},
		"nobody":           {url.Values{"kind": {"partner_of"}, "other": {"nobody"}}, "other"},
		"a day of no kind": {url.Values{"kind": {"parent"}, "other": {s.listed.ID}, "since": {"2026-02-30"}}, "since"},
	} {
		c.form.Set("act", "add")
		w := s.post(relationsPath+"?lang=en", c.form, session...)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `href="#`+c.field+`"`) {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := s.post(relationsPath, url.Values{"act": {"end"}, "id": {"none"}, "version": {"1"}}, session...); w.Code != http.StatusNotFound {
		t.Errorf("an unknown relation: %d", w.Code)
	}
	if all, err := s.server.Store.RelationsOf(t.Context(), s.waiting); err != nil || len(all) > 0 {
		t.Errorf("kept %v, %v", all, err)
	}
}
