package web

import (
	"net/http"
	"net/url"
	"strings"

	"convoke/shared/platform/auth"
	"convoke/shared/state/store"
)

// Where staff sign in, and where the issuer leads them back to: an address that it
// was told of the client (template.yaml).
const (
	staffSignInPath = "/sign-in/staff"
	callbackPath    = "/sign-in/callback"
)

// The desk is where staff work, and thenParam names the page there that was asked
// for before who asked had signed in.
const (
	deskPath  = "/desk"
	thenParam = "then"
)

func (s *Server) staffRoutes() []route {
	return []route{
		{"GET", staffSignInPath, anyone, webPage, s.staffSignInPage},
		{"GET", callbackPath, anyone, webPage, s.callbackPage},
	}
}

func (s *Server) flow() *auth.Flow { return auth.NewFlow(s.Tokens, s.BaseURL+callbackPath) }

func (s *Server) attempt() auth.SessionCookie {
	return auth.SessionCookie{Insecure: s.Plain, Attempt: true}
}

// staffSignInPage leads to the issuer. It is a link and not a form, because a form
// may not lead away from us (form-action).
func (s *Server) staffSignInPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.limited(w, "sign-in", r); err != nil {
		return err
	}
	secret, _, err := auth.NewToken(s.Random)
	if err != nil {
		return err
	}
	at, err := s.flow().Begin(r.Context(), secret, atDesk(r.URL.Query().Get(thenParam)))
	if err != nil {
		return err
	}
	s.keepLanguage(w, pageOf(r))
	http.SetCookie(w, s.attempt().Start(secret, s.now().Add(store.SignInLinkLasts)))
	leadTo(w, at)
	return nil
}

// leadTo sends the browser to a whole address, which no cache keeps.
func leadTo(w http.ResponseWriter, at string) {
	w.Header().Set("Location", at)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
}

// callbackPage is where the issuer leads back to, with a code or a refusal.
func (s *Server) callbackPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.limited(w, "sign-in", r); err != nil {
		return err
	}
	secret, ok := s.attempt().Token(r)
	if !ok {
		return auth.ErrAttemptInvalid
	}
	http.SetCookie(w, s.attempt().End()) // one answer, one attempt
	q := r.URL.Query()
	who, then, err := s.flow().Finish(r.Context(), secret, q.Get("state"), q.Get("code"))
	if err != nil {
		return err
	}
	return s.enterStaff(w, r, who, then)
}

// enterStaff lets in who signed in at the issuer and has a role here.
func (s *Server) enterStaff(w http.ResponseWriter, r *http.Request, who auth.Identity, then string) error {
	if len(who.Roles) == 0 {
		p := pageOf(r)
		p.query = nil
		return s.show(w, r, p, http.StatusForbidden, notice(p, noticeView{
			title: p.t("staff.no_role"), texts: []string{p.t("staff.no_role.text")}, next: p.t("problem.home"), nextAt: "/",
		}))
	}
	if err := s.employ(w, r, who); err != nil {
		return err
	}
	leadTo(w, string(address(atDesk(then), nil)))
	return nil
}

// employ opens a session for one of the staff, in place of the browser's former one.
func (s *Server) employ(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	token, hash, err := auth.NewToken(s.Random)
	if err != nil {
		return err
	}
	if former, ok := s.cookie().Token(r); ok {
		if err := s.Store.EndSession(r.Context(), auth.Hash(former)); err != nil {
			return err
		}
	}
	staff := store.Staff{Subject: who.Subject, Unit: who.Unit}
	for _, role := range who.Roles {
		staff.Roles = append(staff.Roles, string(role))
	}
	session, err := s.Store.KeepStaffSession(r.Context(), hash, staff)
	if err != nil {
		return err
	}
	http.SetCookie(w, s.cookie().Start(token, session.Expires))
	return nil
}

// atDesk is the path if it is one of the desk, and else the desk's first page, so
// that an address can lead nowhere else.
func atDesk(path string) string {
	if path == deskPath || strings.HasPrefix(path, deskPath+"/") {
		return path
	}
	return deskPath
}

// entrance is where who asked for this page signs in first: staff at the issuer,
// others by a mailed link.
func (p page) entrance() (string, url.Values) {
	if path, err := url.PathUnescape(p.path); err == nil && atDesk(path) == path {
		return staffSignInPath, url.Values{thenParam: {path}}
	}
	return "/sign-in", nil
}
