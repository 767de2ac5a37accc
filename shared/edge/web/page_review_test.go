package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
)

// moderator opens a session for a moderator.
func (s *pageSite) moderator(subject string) []string {
	s.Helper()
	return s.cookies(s.staffSignIn(s.withIssuer(), "/desk", url.Values{"role": {"moderator"}, "subject": {subject}}))
}

// reviewed lets the stakeholder that waits come to review, alike to the one that
// is listed and to one of the sanctions list.
func (s *pageSite) reviewed() (path string) {
	s.Helper()
	s.waiting = s.update(s.waiting.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, s.now) })
	match := directory.Match{SanctionsEntry: directory.SanctionsEntry{Reference: "EXe.001", Kind: "entity", Names: []string{hostile}}, Score: 0.9, Reason: "name.spelling", Here: hostile, There: hostile}
	noError(s.T, s.server.Store.KeepScreening(s.Context(), s.waiting.ID, "1", []directory.Match{match}))
	_, err := s.server.Store.ChangeCase(s.Context(), s.waiting.ID, func(c *directory.Case) error {
		return c.Note(directory.CaseNote{ID: "n1", Text: hostile, By: "another", At: s.now})
	})
	noError(s.T, err)
	return reviewPath + "/" + s.waiting.ID
}

func (s *pageSite) waitingVersion() string {
	s.Helper()
	e, err := s.server.Store.Stakeholder(s.Context(), s.waiting.ID)
	noError(s.T, err)
	return strconv.FormatInt(e.Version, 10)
}

// amended lets the listed stakeholder ask for another name.
func (s *pageSite) amended() {
	s.Helper()
	s.update(s.listed.ID, func(e *directory.Stakeholder) error {
		p := e.Profile
		p.Names = append([]directory.Name{{Text: hostile + " anew", Lang: "fr", Kind: directory.NameLegal}}, p.Names...)
		return e.Revise(p, e.Contacts[0].ID, s.now)
	})
}

// claimed enters an organisation that somebody claims, whose address is proved.
func (s *pageSite) claimed() *directory.Claim {
	s.Helper()
	e, err := directory.Enter(s.server.Store.NewID(), directory.Profile{Category: "ngo", Country: "PH", Names: []directory.Name{{Text: hostile, Lang: "en", Kind: directory.NameLegal}}}, s.now)
	noError(s.T, err)
	noError(s.T, s.server.Store.Register(s.Context(), e))
	request := directory.ClaimRequest{
		Name: hostile, Email: "claimant@example.org", Language: "ar", Text: hostile, Consent: directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText},
	}
	c, err := directory.NewClaim(s.server.Store.NewID(), e, request, "page", s.server.Store.NewID, s.now)
	noError(s.T, err)
	noError(s.T, s.server.Store.CreateClaim(s.Context(), c))
	mailed := "/claim/" + s.link(auth.PurposeClaim, c.ID)
	want(s.T, s.post(mailed, url.Values{"act": {"confirm"}}), http.StatusSeeOther, mailed)
	c, err = s.server.Store.Claim(s.Context(), c.ID)
	noError(s.T, err)
	return c
}

func TestReviewPages(t *testing.T) {
	s := newPageSite(t)
	s.amended()
	session, path, claim := s.moderator("amal"), s.reviewed(), claimsPath+"/"+s.claimed().ID
	for _, lang := range i18n.All() {
		in := "lang=" + string(lang)
		for name, w := range map[string]*httptest.ResponseRecorder{
			"queue":             s.get(reviewPath+"?"+in, session...),
			"queue, empty":      s.get(reviewPath+"?status=suspended&assigned=me&"+in, session...),
			"queue, no status":  s.get(reviewPath+"?status=listed&"+in, session...),
			"dossier":           s.get(path+"?"+in, session...),
			"dossier, listed":   s.get(reviewPath+"/"+s.listed.ID+"?saved=1&"+in, session...),
			"dossier, none":     s.get(reviewPath+"/none?"+in, session...),
			"dossier, stale":    s.post(path+"?"+in, url.Values{"act": {"decide"}, "version": {"99"}, "outcome": {"decide:listed"}}, session...),
			"dossier, refused":  s.post(path+"?"+in, url.Values{"act": {"decide"}, "version": {s.waitingVersion()}, "outcome": {"decide:declined"}}, session...),
			"dossier, no act":   s.post(path+"?"+in, url.Values{}, session...),
			"amendments":        s.get(amendmentsPath+"?"+in, session...),
			"screenings":        s.get(screeningsPath+"?"+in, session...),
			"claims":            s.get(claimsPath+"?"+in, session...),
			"claim":             s.get(claim+"?saved=1&"+in, session...),
			"claim, none":       s.get(claimsPath+"/none?"+in, session...),
			"claim, refused":    s.post(claim+"?"+in, url.Values{"act": {"decide"}, "version": {"2"}, "outcome": {"refused"}}, session...),
			"claim, stale":      s.post(claim+"?"+in, url.Values{"act": {"decide"}, "version": {"1"}, "outcome": {"granted"}}, session...),
			"document, none":    s.get(path+"/uploads/none?"+in, session...),
			"queue, as contact": s.get(reviewPath+"?"+in, s.signedIn()...),
		} {
			t.Run(name+" "+string(lang), func(t *testing.T) { checkPage(t, lang, w) })
		}
	}
}

func TestModeratorDecidesByPagesAlone(t *testing.T) {
	s := newPageSite(t)
	session, path := s.moderator("amal"), s.reviewed()
	want(t, s.get(path), http.StatusSeeOther, "/sign-in/staff?then="+url.QueryEscape(path))
	queue := s.get(reviewPath, session...).Body.String()
	if !strings.Contains(queue, path) || !strings.Contains(queue, "Nobody has taken it") {
		t.Errorf("the queue shows nothing of it:\n%s", queue)
	}
	done := func(form url.Values, status int) string {
		t.Helper()
		w := s.post(path, form, session...)
		location := ""
		if status == http.StatusSeeOther {
			location = path + "?saved=1"
		}
		want(t, w, status, location)
		return w.Body.String()
	}
	done(url.Values{"act": {"assign"}, "version": {"1"}, "assignee": {"me"}}, http.StatusSeeOther)
	done(url.Values{"act": {"assign"}, "version": {"1"}, "assignee": {"me"}}, http.StatusPreconditionFailed) // pressed twice
	done(url.Values{"act": {"work"}, "version": {"2"}, "check.identity": {"passed"}, "check.scope": {"not_needed"}}, http.StatusSeeOther)
	done(url.Values{"act": {"work"}, "version": {"3"}, "check.identity": {"perhaps"}}, http.StatusUnprocessableEntity)
	done(url.Values{"act": {"note"}, "version": {"3"}, "text": {"The statutes are in Arabic."}}, http.StatusSeeOther)
	done(url.Values{"act": {"screen"}, "version": {"1"}, "reference": {"EXe.001"}, "state": {"not_same"}}, http.StatusUnprocessableEntity) // without a reason
	done(url.Values{"act": {"screen"}, "version": {"1"}, "reference": {"EXe.001"}, "state": {"not_same"}, "reason": {"Another country."}}, http.StatusSeeOther)
	done(url.Values{"act": {"distinguish"}, "other": {s.listed.ID}, "reason": {"Another office."}}, http.StatusSeeOther)
	shown := s.get(path, session...).Body.String()
	for _, text := range []string{"You have taken it", "2 of 7 checks done", "The statutes are in Arabic.", "It is another", "Another country."} {
		if !strings.Contains(shown, text) {
			t.Errorf("%q is not shown", text)
		}
	}
	refused := done(url.Values{"act": {"decide"}, "version": {s.waitingVersion()}, "outcome": {"decide:declined"}, "note": {"Kept <i>words</i>"}}, http.StatusUnprocessableEntity)
	if !strings.Contains(refused, `href="#reasons"`) || !strings.Contains(refused, "Kept &lt;i&gt;words") {
		t.Errorf("a refusal without a reason:\n%s", refused)
	}
	done(url.Values{"act": {"decide"}, "version": {s.waitingVersion()}, "outcome": {"decide:returned"}, "reasons": {"incomplete"}, "note": {"Please say more."}}, http.StatusSeeOther)
	s.stands(directory.Returned)
}

func TestModeratorDecidesAnAmendment(t *testing.T) {
	s := newPageSite(t)
	s.amended()
	session, path := s.moderator("amal"), reviewPath+"/"+s.listed.ID
	if list := s.get(amendmentsPath, session...).Body.String(); !strings.Contains(list, path) {
		t.Errorf("the queue of amendments shows nothing of it:\n%s", list)
	}
	shown := s.get(path, session...).Body.String()
	if !strings.Contains(shown, " anew") || strings.Contains(shown, hostile) {
		t.Errorf("what is asked for is not shown, or not escaped:\n%s", shown)
	}
	e, err := s.server.Store.Stakeholder(t.Context(), s.listed.ID)
	noError(t, err)
	form := url.Values{"act": {"decide"}, "version": {strconv.FormatInt(e.Version, 10)}, "outcome": {"amend:accepted"}}
	want(t, s.post(path, form, session...), http.StatusSeeOther, path+"?saved=1")
	e, err = s.server.Store.Stakeholder(t.Context(), s.listed.ID)
	noError(t, err)
	if e.Amendable() || e.Names[0].Text != hostile+" anew" {
		t.Errorf("an amendment that was accepted: %+v", e.Names)
	}
}

func TestModeratorDecidesAClaim(t *testing.T) {
	s := newPageSite(t)
	c := s.claimed()
	session, path := s.moderator("amal"), claimsPath+"/"+c.ID
	if list := s.get(claimsPath, session...).Body.String(); !strings.Contains(list, path) {
		t.Errorf("the queue of claims shows nothing of it:\n%s", list)
	}
	form := url.Values{"act": {"decide"}, "version": {strconv.FormatInt(c.Version, 10)}, "outcome": {"granted"}}
	want(t, s.post(path, form, session...), http.StatusSeeOther, path+"?saved=1")
	want(t, s.post(path, form, session...), http.StatusPreconditionFailed, "") // pressed twice
	e, err := s.server.Store.Stakeholder(t.Context(), c.Stakeholder)
	noError(t, err)
	if focal, ok := e.FocalPoint(); !ok || focal.Email != c.Email {
		t.Errorf("the claimant does not act for the entry: %+v", e.Contacts)
	}
}

func TestLines(t *testing.T) {
	for given, want := range map[string]string{
		``: ``, `null`: `<nil>`, `"NGO"`: `NGO`, `["a","b"]`: `a|b`, `2026`: `2026`,
		`[{"text":"Name","lang":"fr"},{"text":"Other"}]`: `fr · Name|Other`, `{"kind":"special","year":2020}`: `special · 2020`, `{`: ``,
	} {
		if got := strings.Join(lines(json.RawMessage(given)), "|"); got != want {
			t.Errorf("%s is read as %q, want %q", given, got, want)
		}
	}
}

func TestNobodyElseIsShownADossier(t *testing.T) {
	s := newPageSite(t)
	path := s.reviewed()
	organiser := s.cookies(s.staffSignIn(s.withIssuer(), "/desk", url.Values{"role": {"organiser"}, "unit": {"unit"}}))
	for name, session := range map[string][]string{"organiser": organiser, "contact of it": s.signedIn()} {
		for _, w := range []*httptest.ResponseRecorder{
			s.get(reviewPath, session...), s.get(path, session...), s.get(path+"/uploads/1", session...),
			s.post(path, url.Values{"act": {"decide"}, "version": {s.waitingVersion()}, "outcome": {"decide:listed"}}, session...),
		} {
			if w.Code != http.StatusForbidden || strings.Contains(w.Body.String(), "EXe.001") {
				t.Errorf("%s: %d", name, w.Code)
			}
		}
	}
	s.stands(directory.AwaitingReview)
}
