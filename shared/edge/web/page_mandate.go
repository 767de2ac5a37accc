package web

import (
	"net/http"
	"net/url"

	"convoke/shared/domain/directory"
)

// representPage asks who wants to act for a listed stakeholder for name and
// address.
func (s *Server) representPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.profile(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	if p.query.Has("sent") {
		return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
			title: p.t("sent.title"), texts: []string{p.t("represent.sent")}, next: p.t("me.profile"), nextAt: "/stakeholders/" + url.PathEscape(e.ID),
		}))
	}
	values := url.Values{"language": {string(p.lang)}}
	return s.show(w, r, p, http.StatusOK, represent(p, e, formView{values: values, labels: "represent"}))
}

func (s *Server) representForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.limited(w, "representative", r); err != nil {
		return err
	}
	m, err := s.newMandate(r, directory.MandateRequest{
		Name: line(form, "name"), Email: line(form, "email"), Language: line(form, "language"), Message: prose(form, "message"),
	})
	if err == nil {
		if err := s.limitedTo(w, m.Email); err != nil {
			return err
		}
		if err := s.Store.AskMandate(r.Context(), m); err != nil {
			return err
		}
		return p.see(w, p.path, url.Values{"sent": {"1"}})
	}
	e, gone := s.profile(r)
	if gone != nil {
		return gone
	}
	view := formView{values: form, labels: "represent"}
	view.faults, err = faultsOf(p, err, formFields{labels: "represent", of: func(pointer string) string { return pointer[1:] }})
	if err != nil {
		return err
	}
	return s.show(w, r, p, http.StatusUnprocessableEntity, represent(p, e, view))
}

// provePage is where the link in the mail leads. It changes nothing.
func (s *Server) provePage(w http.ResponseWriter, r *http.Request) error {
	m, e, err := s.proving(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	if m.State != directory.MandateAsked {
		return s.show(w, r, p, http.StatusOK, notice(p, proved(p, e)))
	}
	return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
		title: p.t("represent.prove"), act: p.t("confirm.action"),
		texts: []string{p.with("represent.prove.text", "organisation", e.DisplayName(string(p.lang))), p.t("confirm.ignore")},
	}))
}

func (s *Server) proveForm(w http.ResponseWriter, r *http.Request) error {
	e, err := s.prove(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, notice(p, proved(p, e)))
}

func proved(p page, e *directory.Stakeholder) noticeView {
	return noticeView{
		title: p.t("represent.proved"), next: p.t("nav.directory"), nextAt: "/",
		texts: []string{p.with("represent.proved.text", "organisation", e.DisplayName(string(p.lang)))},
	}
}

// representativesView is who acts for a stakeholder, and who asks to.
type representativesView struct {
	*directory.Stakeholder
	waiting []*directory.Mandate
	leads   bool
	reader  string // the contact who looks
	done    string
}

func (s *Server) representativesPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.own(r)
	if err != nil {
		return err
	}
	who := identityOf(r)
	p, view := pageOf(r), representativesView{Stakeholder: e, leads: leads(who, e), reader: who.Subject}
	p.private = true
	if p.query.Get("done") == "saved" {
		view.done = p.t("me.saved")
	}
	if view.leads {
		if view.waiting, err = s.Store.MandatesOf(r.Context(), e); err != nil {
			return err
		}
	}
	return s.show(w, r, p, http.StatusOK, representatives(p, view))
}

// representativesForm takes one press of a button: an answer to who asks, or the
// handing over of the focal point's role; and somebody's leaving, which is for
// themself as well.
func (s *Server) representativesForm(w http.ResponseWriter, r *http.Request) error {
	p, who := pageOf(r), identityOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.own(r)
	if err != nil {
		return err
	}
	id := line(form, "id")
	leaves := form.Get("act") == "remove" && id == who.Subject
	if !leads(who, e) && !leaves {
		return errNotFocalPoint
	}
	switch form.Get("act") {
	case "remove":
		_, err = s.Store.UpdateStakeholder(r.Context(), e.ID, func(e *directory.Stakeholder) error {
			if !leads(who, e) && !leaves {
				return errNotFocalPoint
			}
			return e.RemoveContact(id, s.now())
		})
	case "approve", "refuse":
		err = s.decideMandate(r.Context(), who, e, id, form.Get("act") == "approve", &reply{})
	case "hand_over":
		_, err = s.Store.UpdateStakeholder(r.Context(), e.ID, func(e *directory.Stakeholder) error {
			if !leads(who, e) {
				return errNotFocalPoint
			}
			return e.TransferFocalPoint(id, s.now())
		})
	}
	if err != nil {
		return err
	}
	if leaves {
		return p.see(w, "/", nil)
	}
	return p.see(w, "/me/representatives", nil)
}
