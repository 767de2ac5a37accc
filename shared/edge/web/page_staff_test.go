package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/local/issuer"
	"convoke/shared/platform/auth"
)

// withIssuer gives the site the issuer for development, with its page.
func (s *pageSite) withIssuer() *issuer.Issuer {
	s.Helper()
	mux := http.NewServeMux()
	there := httptest.NewServer(mux)
	s.Cleanup(there.Close)
	s.server.BaseURL, s.server.Plain = there.URL, true // the issuer leads back to its own origin alone
	now := func() time.Time { return s.now }
	i, err := issuer.Open(issuer.Config{Stage: "local", BaseURL: there.URL, Audience: "convoke-local", Dir: s.TempDir(), Now: now})
	noError(s.T, err)
	mux.Handle("/dev/", i)
	s.server.Tokens, err = auth.NewVerifier(auth.Config{Issuer: i.URL, Audience: []string{"convoke-local"}, PlainHTTP: true, Now: now})
	noError(s.T, err)
	return i
}

// staffSignIn goes the way of a browser that asks for a page of the desk, and
// returns the answer of the address that the issuer leads back to.
func (s *pageSite) staffSignIn(i *issuer.Issuer, page string, form url.Values) *httptest.ResponseRecorder {
	s.Helper()
	begun := s.get(staffSignInPath + "?" + url.Values{thenParam: {page}}.Encode())
	at, err := url.Parse(begun.Header().Get("Location"))
	noError(s.T, err)
	if begun.Code != http.StatusSeeOther || at.Path != issuer.SignInPath {
		s.Fatalf("%d to %s", begun.Code, at)
	}
	for name, values := range at.Query() {
		form[name] = values
	}
	r := httptest.NewRequestWithContext(s.Context(), http.MethodPost, issuer.SignInPath, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Host = at.Host
	led := httptest.NewRecorder()
	i.ServeHTTP(led, r)
	back, err := url.Parse(led.Header().Get("Location"))
	noError(s.T, err)
	if led.Code != http.StatusSeeOther || back.Path != callbackPath {
		s.Fatalf("the issuer answers %d to %s: %s", led.Code, back, led.Body)
	}
	return s.get(back.RequestURI(), s.cookies(begun)...)
}

// cookies are those that an answer sets and does not end.
func (s *pageSite) cookies(w *httptest.ResponseRecorder) (pairs []string) {
	for _, c := range w.Result().Cookies() {
		if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
			s.Errorf("cookie %s: %+v", c.Name, c)
		}
		if c.MaxAge >= 0 {
			pairs = append(pairs, c.Name, c.Value)
		}
	}
	return pairs
}

func TestStaffSignIn(t *testing.T) {
	s := newPageSite(t)
	i := s.withIssuer()
	entered := s.staffSignIn(i, "/desk/events/"+s.event.ID, url.Values{"role": {"organiser"}, "unit": {"unit"}, "subject": {"amal"}})
	want(t, entered, http.StatusSeeOther, "/desk/events/"+s.event.ID)
	session := s.cookies(entered)
	if len(session) != 2 {
		t.Fatalf("cookies %v", session)
	}
	draft := s.draft()
	if shown := s.get("/events/"+draft.ID, session...); shown.Code != http.StatusOK {
		t.Errorf("the unit's own draft answers %d", shown.Code)
	}
	if shown := s.get("/events/" + draft.ID); shown.Code != http.StatusNotFound {
		t.Errorf("a draft answers %d to anyone", shown.Code)
	}
	for _, path := range []string{"/v1/events", "/v1/session"} {
		if w := s.get(path, session...); path == "/v1/events" && w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "amal") {
			t.Errorf("the API takes a cookie of staff: %d %s", w.Code, w.Body)
		}
	}
	s.now = s.now.Add(2*time.Hour + time.Second)
	if shown := s.get("/events/"+draft.ID, session...); shown.Code != http.StatusNotFound {
		t.Errorf("a session of staff holds for more than two hours: %d", shown.Code)
	}
}

func TestStaffSignOut(t *testing.T) {
	s := newPageSite(t)
	i := s.withIssuer()
	draft := s.draft()
	session := s.cookies(s.staffSignIn(i, "/desk", url.Values{"role": {"organiser"}, "unit": {"unit"}}))
	want(t, s.post("/sign-out", nil, session...), http.StatusSeeOther, "/")
	if shown := s.get("/events/"+draft.ID, session...); shown.Code != http.StatusNotFound {
		t.Errorf("a session that was ended opens a draft: %d", shown.Code)
	}
}

// Where the issuer has an address to sign out at, staff are led there.
func TestStaffSignOutOfTheIssuer(t *testing.T) {
	s := newPageSite(t)
	s.server.SignOutAt = "https://issuer.example.org/logout?client_id=convoke&logout_uri=https%3A%2F%2Fconvoke.example.org%2F"
	session := s.moderator("m1")
	shown := s.post("/sign-out", nil, session...)
	if body := shown.Body.String(); shown.Code != http.StatusOK || !strings.Contains(body, strings.ReplaceAll(s.server.SignOutAt, "&", "&amp;")) || strings.Contains(body, `href="/desk"`) {
		t.Errorf("after the sign-out: %d %s", shown.Code, body)
	}
	want(t, s.post("/sign-out", nil, s.signedIn()...), http.StatusSeeOther, "/")
}

func TestStaffSignInLeadsToTheDeskAlone(t *testing.T) {
	s := newPageSite(t)
	i := s.withIssuer()
	for _, then := range []string{"", "/", "//www.example.org", "https://www.example.org/desk", "/desktop", "/me"} {
		want(t, s.staffSignIn(i, then, url.Values{"role": {"moderator"}}), http.StatusSeeOther, "/desk")
	}
}

func TestStaffSignInRefuses(t *testing.T) {
	s := newPageSite(t)
	s.withIssuer()
	begun := s.get(staffSignInPath)
	attempt := s.cookies(begun)
	at, err := url.Parse(begun.Header().Get("Location"))
	noError(t, err)
	state := at.Query().Get("state")
	for name, w := range map[string]*httptest.ResponseRecorder{
		"another browser":     s.get(callbackPath + "?code=1&state=" + state),
		"another state":       s.get(callbackPath+"?code=1&state=x"+state, attempt...),
		"a code of nobody":    s.get(callbackPath+"?code=1&state="+state, attempt...),
		"the issuer's no":     s.get(callbackPath+"?error=access_denied&state="+state, attempt...),
		"an attempt of two":   s.get(callbackPath+"?code=1&state="+state, append(attempt, attempt...)...),
		"an attempt of noise": s.get(callbackPath+"?code=1&state="+state, attempt[0], "noise"),
	} {
		if w.Code != http.StatusGone || len(s.cookies(w)) != 0 || !strings.Contains(w.Body.String(), `href="/sign-in/staff"`) {
			t.Errorf("%s: %d with %v\n%s", name, w.Code, s.cookies(w), w.Body)
		}
	}
}

func TestWithoutARole(t *testing.T) {
	s := newPageSite(t)
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, callbackPath, nil)
	noError(t, s.server.enterStaff(w, r, auth.Identity{Subject: "somebody"}, "/desk"))
	if w.Code != http.StatusForbidden || len(w.Result().Cookies()) != 0 {
		t.Errorf("%d with %v", w.Code, w.Result().Cookies())
	}
}

// draft is an event of the unit that nobody else may see.
func (s *pageSite) draft() *convening.Event {
	s.Helper()
	e, err := convening.NewEvent(s.server.Store.NewID(), "unit", "Convener", s.event.Plan, s.now)
	noError(s.T, err)
	noError(s.T, s.server.Store.CreateEvent(s.Context(), e))
	return e
}
