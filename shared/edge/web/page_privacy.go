package web

import (
	"net/http"
	"net/url"
	"strconv"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// privacyView is what a stakeholder shows and to whom, as its contact sees it.
type privacyView struct {
	*directory.Stakeholder
	shown directory.Name // for the reader's language
	done  string         // what was done just now, a key under page.privacy.done; empty when nothing was
	form  formView
}

func (s *Server) privacyPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.own(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, privacy(p, s.viewPrivacy(p, e, formFaults{})))
}

func (s *Server) viewPrivacy(p page, e *directory.Stakeholder, faults formFaults) privacyView {
	values := url.Values{"version": {strconv.FormatInt(e.Version, 10)}}
	for _, field := range directory.HideableFields() {
		values.Set(field, string(e.Stated(field)))
	}
	view := privacyView{Stakeholder: e, shown: shownName(e.Profile, p.lang), form: formView{values: values, faults: faults, labels: "privacy.field"}}
	if done := p.query.Get("done"); done == "protected" || done == "asked" || done == "saved" {
		view.done = done
	}
	return view
}

// readers are the choices of who may see a field.
func (p page) readers() []option {
	var list []option
	for _, r := range directory.Readers() {
		list = append(list, option{string(r), p.t("privacy.reader." + string(r))})
	}
	return list
}

func (s *Server) atRiskForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	on := form.Get("at_risk") != "no"
	if err := s.limitedRequest(w, r, on); err != nil {
		return err
	}
	if err := s.changeOwn(r, func(e *directory.Stakeholder) error { return s.setRisk(e, on) }); err != nil {
		return err
	}
	done := "asked"
	if on {
		done = "protected"
	}
	return p.see(w, "/me/privacy", url.Values{"done": {done}})
}

// changeOwn changes the stakeholder that the reader acts for. Who is no contact of
// it any more has to sign in again.
func (s *Server) changeOwn(r *http.Request, change func(*directory.Stakeholder) error) error {
	who := identityOf(r)
	_, err := s.Store.UpdateStakeholder(r.Context(), who.Stakeholder, func(e *directory.Stakeholder) error {
		if !actsFor(who, e) {
			return auth.ErrSignInRequired
		}
		return change(e)
	})
	return err
}

func (s *Server) visibilityForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	visibility := directory.Visibility{}
	for _, field := range directory.HideableFields() {
		if least := directory.Reader(form.Get(field)); least != "" && least != directory.DefaultVisibility(field) {
			visibility[field] = least
		}
	}
	err = s.changeOwn(r, func(e *directory.Stakeholder) error {
		if form.Get("version") != strconv.FormatInt(e.Version, 10) {
			return errStale
		}
		return e.Show(visibility, s.now())
	})
	if err != nil {
		return err
	}
	return p.see(w, "/me/privacy", url.Values{"done": {"saved"}})
}

// requestPage is where the link in a mail leads that asks to confirm a step. It
// changes nothing.
func (s *Server) requestPage(w http.ResponseWriter, r *http.Request) error {
	e, asked, err := s.requested(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	key := "protect." + string(asked.Kind)
	return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
		title: p.t(key + ".title"), act: p.t(key + ".action"),
		texts: []string{p.with(key+".text", "organisation", e.DisplayName(string(p.lang))), p.t("protect.ignore")},
	}))
}

func (s *Server) requestForm(w http.ResponseWriter, r *http.Request) error {
	e, asked, err := s.requested(r)
	if err != nil {
		return err
	}
	if err := s.carryOut(r, e, asked); err != nil {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
		title: p.t("protect." + string(asked.Kind) + ".done"), texts: []string{p.t("protect." + string(asked.Kind) + ".done.text")},
		next: p.t("nav.directory"), nextAt: "/",
	}))
}
