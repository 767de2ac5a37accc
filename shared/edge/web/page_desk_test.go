package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
)

// organiser opens a session for an organiser of a unit.
func (s *pageSite) organiser(unit string) []string {
	s.Helper()
	return s.cookies(s.staffSignIn(s.withIssuer(), "/desk", url.Values{"role": {"organiser"}, "unit": {unit}}))
}

// eventFormOf is the form of a sound event.
func eventFormOf(title string) url.Values {
	return url.Values{
		"kind": {"panel_discussion"}, "title": {title}, "title_lang": {"en"}, "convener": {"Seminar series"}, "zone": {"America/New_York"},
		"starts": {"2026-12-18T15:00"}, "ends": {"2026-12-18T17:00"}, "capacity": {"40"}, "text": {"migrants"},
	}
}

// made sends the form of a new event and returns the path of its board.
func (s *pageSite) made(session []string) string {
	s.Helper()
	w := s.post("/desk/new-event", eventFormOf(hostile), session...)
	at, err := url.Parse(w.Header().Get("Location"))
	noError(s.T, err)
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(at.Path, "/desk/events/") {
		s.Fatalf("%d to %s\n%s", w.Code, at, w.Body)
	}
	return at.Path
}

// read returns the event of a board.
func (s *pageSite) read(board string) *convening.Event {
	s.Helper()
	e, err := s.server.Store.Event(s.Context(), strings.TrimPrefix(board, "/desk/events/"))
	noError(s.T, err)
	return e
}

func versionOf(n int64) []string { return []string{strconv.FormatInt(n, 10)} }

func TestDeskPages(t *testing.T) {
	s := newPageSite(t)
	session := s.organiser("unit")
	board, draft := "/desk/events/"+s.event.ID, s.made(session)
	s.seated()
	refused := eventFormOf("")
	refused.Set("starts", "2026-03-08T02:30") // which no clock of that zone shows
	refused.Set("capacity", "many")
	for _, lang := range i18n.All() {
		in := "lang=" + string(lang)
		for name, w := range map[string]*httptest.ResponseRecorder{
			"desk":               s.get("/desk?"+in, session...),
			"desk, past":         s.get("/desk?past=1&"+in, session...),
			"desk, moderator":    s.get("/desk?"+in, s.moderator("amal")...),
			"new event":          s.get("/desk/new-event?"+in, session...),
			"new event, refused": s.post("/desk/new-event?"+in, refused, session...),
			"board":              s.get(board+"?needs=1&"+in, session...),
			"board, draft":       s.get(draft+"?done=made&"+in, session...),
			"board, none":        s.get("/desk/events/none?"+in, session...),
			"change":             s.get(board+"/change?"+in, session...),
			"change, stale":      s.post(draft+"/change?"+in, url.Values{"version": {"99"}}, session...),
			"audience":           s.get(draft+"/audience?"+in, session...),
			"audience, refused":  s.post(draft+"/audience?"+in, url.Values{"invitations": {"x"}}, session...),
			"directory":          s.get("/?invited_at_most=0&"+in, session...),
			"keep search":        s.get(keepSearchPath+"?q=x&category=ngo&not.country=FR&invited_at_most=3&not_invited_since=2026-01-01&verified_since=2026-01-01&"+in, session...),
			"keep search, bad":   s.post(keepSearchPath+"?q=x&"+in, url.Values{"name": {""}}, session...),
			"searches":           s.get(searchesPath+"?done=kept&"+in, session...),
			"search, none":       s.post(searchesPath+"/none?"+in, url.Values{"act": {"delete"}}, session...),
			"rules":              s.get(rulesPath+"?done=rule_made&"+in, session...),
			"new rule":           s.get(rulesPath+"/new?"+in, session...),
			"new rule, refused":  s.post(rulesPath+"/new?"+in, url.Values{"minutes": {"long"}}, session...),
			"outreach":           s.get(board+"/outreach?done=changed&"+in, session...),
			"outreach, refused":  s.post(draft+"/outreach?"+in, url.Values{"version": versionOf(s.read(draft).Version), "reminders": {"3, 10, x"}, "wave1_who": {"never_asked"}, "quota_ngo": {"-1"}}, session...),
			"announce":           s.get(board+"/announcements?"+in, session...),
			"announce, draft":    s.get(draft+"/announcements?"+in, session...),
			"announce, refused":  s.post(board+"/announcements?"+in, url.Values{"to": {"invited"}, "subject_ru": {"Зал"}}, session...),
			"attendance":         s.get(board+"/attendance?answer=silent&"+in, session...),
			"attendance, bad":    s.post(board+"/attendance?answer=silent&"+in, absentSpeaker(s.listed.Contacts[0].ID), session...),
			"test, no address":   s.post(board+"/test?"+in, url.Values{"letter": {"invitation"}, "language": {"fr"}}, session...),
			"closure":            s.get(board+"/closure?"+in, session...),
			"cancellation":       s.get(board+"/cancellation?"+in, session...),
			"cancellation, bad":  s.post(board+"/cancellation?"+in, url.Values{"version": versionOf(s.read(board).Version), "reason": {"\x01"}}, session...),
			"invitation":         s.get(board+"/invitations/"+s.listed.Contacts[0].ID+"?"+in, session...),
			"panel":              s.get(board+"/panel?"+in, session...),
			"panel, suggestion":  s.get(board+"/panel?suggest=whole&"+in, session...),
			"panel, refused":     s.post(board+"/panel?"+in, url.Values{"act": {"seat"}, "version": versionOf(2), "role": {"king"}}, session...),
		} {
			t.Run(name+" "+string(lang), func(t *testing.T) { checkPage(t, lang, w) })
		}
	}
}

// seated gives the public event of the site a panel with a seat, a
// target, and an invitation.
func (s *pageSite) seated() {
	s.Helper()
	ctx, e := s.Context(), s.event
	_, err := s.server.Store.UpdatePanel(ctx, e.ID, func(p *convening.Panel) error {
		return p.Revise(convening.PanelPlan{
			Seats:   []convening.Seat{{ID: "s1", Role: "speaker", Holder: &convening.Person{Stakeholder: s.listed.ID}}, {ID: "s2", Role: "moderator"}},
			Targets: []convening.Target{{Rule: convening.AtLeast, Count: 1, Of: convening.ByCategory, Values: []string{"migrant_association"}}, {Rule: convening.AtLeast, Count: 1, Of: convening.ByCategory, Values: []string{"government"}}},
		}, s.now)
	})
	noError(s.T, err)
	_, err = s.server.Store.PlanInvitations(ctx, []*convening.Invitation{convening.NewInvitation(e, s.listed.ID, s.listed.Contacts[0].ID, s.now)})
	noError(s.T, err)
}

func TestAnEventFromDraftToInvitationsByPagesAlone(t *testing.T) {
	s := newPageSite(t)
	session := s.organiser("unit")
	board := s.made(session)
	if e := s.read(board); e.Capacity != 40 || e.Starts.UTC().Hour() != 20 || e.Unit != "unit" {
		t.Errorf("made %+v", e)
	}
	change := eventFormOf("Another title")
	change["version"] = versionOf(s.read(board).Version)
	want(t, s.post(board+"/change", change, session...), http.StatusSeeOther, board+"?done=changed")
	want(t, s.post(board+"/change", change, session...), http.StatusPreconditionFailed, "") // by somebody who read it before
	shown := s.get(board+"/audience", session...).Body.String()
	if !strings.Contains(shown, "would be invited now") || !strings.Contains(shown, "/stakeholders/"+s.listed.ID) {
		t.Errorf("the preview:\n%s", shown)
	}
	version := versionOf(s.read(board).Version)
	for _, wrong := range []string{"", "x", "2"} {
		w := s.post(board+"/audience", url.Values{"version": version, "invitations": {wrong}}, session...)
		if w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusConflict {
			t.Errorf("%q is taken for the number of those invited: %d", wrong, w.Code)
		}
	}
	want(t, s.post(board+"/audience", url.Values{"version": version, "invitations": {"1"}}, session...), http.StatusSeeOther, board+"?done=published&n=1")
	if e := s.read(board); e.Status != convening.Published {
		t.Errorf("the event is %s", e.Status)
	}
	want(t, s.post(board+"/cancellation", url.Values{"version": versionOf(s.read(board).Version), "reason": {"The room is flooded."}}, session...), http.StatusSeeOther, board+"?done=cancellation")
	if e := s.read(board); e.Status != convening.Cancelled {
		t.Errorf("the event is %s", e.Status)
	}
}

func TestAFormKeepsTheCountriesThatItHasNoFieldFor(t *testing.T) {
	before := convening.Audience{Filters: map[string][]string{"country": {"CH", "FR", "DE", "KE", "MX"}}}
	form := url.Values{"country": {"CH"}, "country2": {"KE"}, "country3": {""}}
	if got := audienceOf(form, before).Filters["country"]; !slices.Equal(got, []string{"CH", "KE", "MX"}) {
		t.Errorf("countries %v", got)
	}
	if got := audienceOf(url.Values{"country": {"CH"}}, convening.Audience{}).Filters["country"]; !slices.Equal(got, []string{"CH"}) {
		t.Errorf("countries of a new form %v", got)
	}
}

func TestThePreviewNamesContactsWithConsentAlone(t *testing.T) {
	s := newPageSite(t)
	session := s.organiser("unit")
	board, name := s.made(session), s.listed.Contacts[0].Name
	names := func() bool {
		t.Helper()
		shown := s.get(board+"/audience", session...).Body.String()
		if !strings.Contains(shown, "/stakeholders/"+s.listed.ID) {
			t.Fatalf("the preview shows nobody:\n%s", shown)
		}
		return strings.Contains(shown, ">"+name+"<")
	}
	if names() {
		t.Error("a contact is named without consent to sharing")
	}
	for _, given := range []bool{true, false} {
		s.update(s.listed.ID, func(e *directory.Stakeholder) error {
			change := directory.ConsentChange{Purpose: directory.ConsentSharing, TextVersion: directory.ConsentText, Given: given}
			return e.ChangeConsent(change, e.Contacts[0].ID, "api", s.now)
		})
		if names() != given {
			t.Errorf("consent to sharing is %v, and the contact is named: %v", given, !given)
		}
	}
}

var proposedPattern = regexp.MustCompile(`name="take" value="([^"]+)"`)

func TestAPanelByPagesAlone(t *testing.T) {
	s := newPageSite(t)
	session := s.organiser("unit")
	panel := s.made(session) + "/panel"
	act := func(form url.Values) {
		t.Helper()
		p, err := s.server.Store.Panel(t.Context(), strings.TrimSuffix(strings.TrimPrefix(panel, "/desk/events/"), "/panel"))
		noError(t, err)
		form["version"] = versionOf(p.Version)
		if w := s.post(panel, form, session...); w.Code != http.StatusSeeOther {
			t.Fatalf("%v: %d\n%s", form, w.Code, w.Body)
		}
	}
	act(url.Values{"act": {"seat"}, "role": {"speaker"}})
	act(url.Values{"act": {"aim"}, "rule": {"at_least"}, "count": {"1"}, "what": {"category/migrant_association"}})
	if shown := s.get(panel, session...).Body.String(); !strings.Contains(shown, "Short by 1") {
		t.Errorf("a target that is not met:\n%s", shown)
	}
	proposed := s.get(panel+"?suggest=open", session...).Body.String()
	seat := proposedPattern.FindStringSubmatch(proposed)
	if seat == nil || !strings.Contains(proposed, s.listed.ID) {
		t.Fatalf("nobody is proposed:\n%s", proposed)
	}
	act(url.Values{"act": {"accept"}, "take": {seat[1]}, "who-" + seat[1]: {s.listed.ID}})
	if shown := s.get(panel, session...).Body.String(); !strings.Contains(shown, "Met: 1 of 1") {
		t.Errorf("a target that is met:\n%s", shown)
	}
	act(url.Values{"act": {"seat"}, "role": {"moderator"}})
	act(url.Values{"act": {"unaim"}, "target": {"1"}})
	act(url.Values{"act": {"unseat"}, "seat": {seat[1]}})
}

func TestTheDeskIsTheUnitsAlone(t *testing.T) {
	s := newPageSite(t)
	board := "/desk/events/" + s.event.ID
	other := s.organiser("another")
	for _, path := range []string{board, board + "/change", board + "/audience", board + "/closure", board + "/cancellation", board + "/panel", board + "/invitations/" + s.listed.Contacts[0].ID} {
		if w := s.get(path, other...); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d to another unit", path, w.Code)
		}
		if w := s.get(path, s.signedIn()...); w.Code != http.StatusForbidden {
			t.Errorf("%s answers %d to a contact", path, w.Code)
		}
		if w := s.get(path); w.Code != http.StatusSeeOther {
			t.Errorf("%s answers %d to anyone", path, w.Code)
		}
	}
	for path, form := range map[string]url.Values{
		board + "/change": eventFormOf("Taken over"), board + "/cancellation": {"version": versionOf(s.event.Version)}, board + "/closure": {"version": versionOf(s.event.Version)},
		board + "/audience": {"version": versionOf(s.event.Version), "invitations": {"1"}}, board + "/panel": {"act": {"seat"}, "version": {"0"}, "role": {"speaker"}},
	} {
		if w := s.post(path, form, other...); w.Code != http.StatusNotFound {
			t.Errorf("POST %s answers %d to another unit", path, w.Code)
		}
	}
	if list := s.get("/desk", other...).Body.String(); strings.Contains(list, s.event.ID) {
		t.Error("the desk shows another unit's event")
	}
}
