package web

import (
	"net/http"
	"net/url"

	"convoke/shared/platform/auth"
)

func (s *Server) signInPage(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	if p.query.Has("sent") {
		return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
			title: p.t("sent.title"), texts: []string{p.t("sent.text")}, next: p.t("sent.again"), nextAt: "/sign-in",
		}))
	}
	return s.show(w, r, p, http.StatusOK, signIn(p, formView{labels: "sign_in"}))
}

// signInForm asks for a link by mail. Whether the address is known makes no
// difference to the answer.
func (s *Server) signInForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.limited(w, "sign-in", r); err != nil {
		return err
	}
	if err := s.limitedTo(w, line(form, "email")); err != nil {
		return err
	}
	if err := s.requestSignIn(r, line(form, "email")); err != nil {
		faults, err := faultsOf(p, err, formFields{labels: "sign_in", of: func(string) string { return "email" }})
		if err != nil {
			return err
		}
		return s.show(w, r, p, http.StatusUnprocessableEntity, signIn(p, formView{values: form, faults: faults, labels: "sign_in"}))
	}
	return p.see(w, "/sign-in", url.Values{"sent": {"1"}})
}

// enterPage is where a mailed link leads. It spends nothing: scanners of mail
// fetch what they find.
func (s *Server) enterPage(w http.ResponseWriter, r *http.Request) error {
	if _, err := s.Store.SignInLink(r.Context(), auth.Hash(r.PathValue("token"))); err != nil {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
		title: p.t("enter.title"), texts: []string{p.t("enter.text")}, act: p.t("enter.action"),
	}))
}

func (s *Server) enterForm(w http.ResponseWriter, r *http.Request) error {
	if err := s.enter(w, r, r.PathValue("token")); err != nil {
		return err
	}
	return pageOf(r).see(w, "/me", nil)
}

// signOutForm ends the session, for shared computers above all. Staff are told that
// their issuer still knows them, and led there: a form may not lead away from us.
func (s *Server) signOutForm(w http.ResponseWriter, r *http.Request) error {
	if token, ok := s.cookie().Token(r); ok {
		if err := s.Store.EndSession(r.Context(), auth.Hash(token)); err != nil {
			return err
		}
	}
	http.SetCookie(w, s.cookie().End())
	p := pageOf(r)
	if !p.desk || s.SignOutAt == "" {
		return p.see(w, "/", nil)
	}
	p.signedIn, p.desk, p.path, p.query = false, false, "/", nil
	return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
		title: p.t("staff.left"), texts: []string{p.t("staff.left.text")}, next: p.t("staff.leave"), nextAt: s.SignOutAt,
	}))
}
