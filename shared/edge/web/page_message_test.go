package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// speaking makes the listed stakeholder's contact a speaker who wants to be found.
func (s *pageSite) speaking() directory.Contact {
	s.Helper()
	s.listed = s.update(s.listed.ID, func(e *directory.Stakeholder) error {
		e.Contacts[0].Speaking = &directory.SpeakingProfile{Topics: []string{"gcm:1"}, Languages: []string{"fr"}, Findable: true}
		e.Record("test.speaks")
		return nil
	})
	return s.listed.Contacts[0]
}

// Who convenes sees of a stakeholder what it was asked to and who speaks for it,
// can write to it, and can put it on a panel; nobody else sees any of that.
func TestProfileForOrganisers(t *testing.T) {
	s := newPageSite(t)
	speaker, profile := s.speaking(), "/stakeholders/"+s.listed.ID
	draft := s.draft()
	shows := func(session []string, part string) bool {
		return strings.Contains(s.get(profile+"?lang=en", session...).Body.String(), part)
	}
	toFocal, toSpeaker := messagePath(s.listed.ID, directory.ToFocalPoint), messagePath(s.listed.ID, speaker.ID)
	seat := "/desk/events/" + draft.ID + "/panel?lang=en&amp;who=" + s.listed.ID + "." + speaker.ID
	all := []string{`id="organisers"`, toFocal, toSpeaker, seat}
	organiser, another, moderator := s.organiser("unit"), s.organiser("another"), s.moderator("m1")
	waits := s.signedIn()
	s.waiting = s.update(s.waiting.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, s.now) })
	seen := func(who string, session []string, want ...bool) {
		t.Helper()
		for i, part := range all {
			if got := shows(session, part); got != want[i] {
				t.Errorf("%s sees %s: %t", who, part, got)
			}
		}
	}
	seen("public", nil, false, false, false, false)
	seen("a contact who is not listed", waits, false, false, false, false)
	seen("an organiser", organiser, true, true, true, true)
	seen("an organiser of another unit", another, true, true, true, false)
	seen("a moderator", moderator, true, false, false, false)
	s.waiting = s.update(s.waiting.ID, func(e *directory.Stakeholder) error {
		return e.Decide(directory.Decision{Outcome: directory.Listed}, s.now)
	})
	seen("a contact who is listed", waits, false, true, false, false)
	if got := s.get(profile, organiser...).Header().Get("Cache-Control"); got != "no-store" {
		t.Errorf("what only organisers see may be kept: %q", got)
	}
}

// TestMessagePage passes a letter on to a speaker, once, and says what is wrong
// with one.
func TestMessagePage(t *testing.T) {
	s := newPageSite(t)
	path := messagePath(s.listed.ID, s.speaking().ID)
	session := s.organiser("unit")
	form := url.Values{"subject": {"A panel"}, "text": {"Would you join?\r\nOn Friday."}, "language": {"en"}, "reply_to": {"desk@example.org"}, "once": {"1"}}
	for range 2 { // the second press of the button
		want(t, s.post(path+"?lang=en", form, session...), http.StatusSeeOther, path+"?lang=en&sent=1")
	}
	if n := s.letters(); n != 1 {
		t.Errorf("%d letters are on their way, want 1", n)
	}
	if shown := s.get(path+"?lang=en&sent=1", session...); shown.Code != http.StatusOK || !strings.Contains(shown.Body.String(), "on its way") {
		t.Errorf("afterwards: %d %s", shown.Code, shown.Body)
	}
	form.Set("reply_to", "nowhere")
	form.Set("subject", "")
	refused := s.post(path+"?lang=en", form, session...)
	if body := refused.Body.String(); refused.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `href="#subject"`) || !strings.Contains(body, `href="#reply_to"`) || !strings.Contains(body, "On Friday.") {
		t.Errorf("refused: %d %s", refused.Code, body)
	}
	for _, other := range []string{messagePath(s.listed.ID, "nobody"), messagePath("nobody", directory.ToFocalPoint)} {
		if shown := s.get(other, session...); shown.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", other, shown.Code)
		}
	}
	if shown := s.get(path, s.signedIn()...); shown.Code == http.StatusOK {
		t.Error("who is not listed can write to a speaker")
	}
}

// Who is named on a profile takes the open seat of the role.
func TestSeatFromAProfile(t *testing.T) {
	s := newPageSite(t)
	speaker := s.speaking()
	who := convening.Person{Stakeholder: s.listed.ID, Contact: speaker.ID}
	session, path := s.organiser("unit"), "/desk/events/"+s.draft().ID+"/panel"
	for _, c := range []struct{ role, holder string }{{"speaker", ""}, {"moderator", ""}, {"speaker", who.ID()}} {
		version := strings.Split(strings.Split(s.get(path, session...).Body.String(), `name="version" value="`)[1], `"`)[0]
		form := url.Values{"act": {"seat"}, "version": {version}, "role": {c.role}, "holder": {c.holder}}
		if w := s.post(path, form, session...); w.Code != http.StatusSeeOther {
			t.Fatalf("%v: %d %s", c, w.Code, w.Body)
		}
	}
	panel, err := s.server.Store.Panel(t.Context(), strings.Split(path, "/")[3])
	noError(t, err)
	if len(panel.Seats) != 2 || panel.Seats[0].Holder == nil || *panel.Seats[0].Holder != who || panel.Seats[1].Holder != nil {
		t.Errorf("seats %+v", panel.Seats)
	}
	if shown := s.get(path+"?who="+who.ID(), session...).Body.String(); !strings.Contains(shown, `value="`+who.ID()+`"`) {
		t.Error("who is named does not stand in the form")
	}
}

// letters counts the letters that are on their way.
func (s *pageSite) letters() (n int) {
	s.Helper()
	noError(s.T, s.server.Store.Table.Walk(s.Context(), func(it table.Item) error {
		if it.SK == "RELAYED" {
			n++
		}
		return nil
	}))
	return n
}
