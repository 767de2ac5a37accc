package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

// meView is how an organisation stands, as its contact sees it.
type meView struct {
	*directory.Stakeholder
	shown   directory.Name // for the reader's language
	saved   bool           // a correction was taken just now
	reader  string         // the contact who looks
	invited []invitedLine
	appeal  formView // against the decision that stands
}

// mePage is where a contact comes in: how the organisation stands, and what to
// do next.
func (s *Server) mePage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.own(r)
	if err != nil {
		return err
	}
	return s.showMe(w, r, http.StatusOK, e, formView{values: url.Values{}})
}

func (s *Server) showMe(w http.ResponseWriter, r *http.Request, status int, e *directory.Stakeholder, appeal formView) (err error) {
	p := pageOf(r)
	view := meView{Stakeholder: e, shown: shownName(e.Profile, p.lang), saved: p.query.Has("saved"), reader: identityOf(r).Subject, appeal: appeal}
	view.appeal.labels = "me.appeal"
	if view.invited, err = s.invitedLines(r.Context(), p, e.ID, view.reader); err != nil {
		return err
	}
	return s.show(w, r, p, status, me(p, view))
}

// appealPath is where a contact appeals against a refusal or a suspension.
const appealPath = "/me/appeal"

// appealForm takes the one appeal.
func (s *Server) appealForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.own(r)
	if err != nil {
		return err
	}
	_, err = s.Store.UpdateStakeholder(r.Context(), e.ID, func(e *directory.Stakeholder) error { return e.Object(prose(form, "text"), s.now()) })
	p := pageOf(r)
	if err == nil {
		return p.see(w, "/me", nil)
	}
	again := formView{values: form}
	if again.faults, err = faultsOf(p, err, formFields{labels: "me.appeal", of: func(pointer string) string { return strings.TrimPrefix(pointer, "/") }}); err != nil {
		return err
	}
	return s.showMe(w, r, http.StatusUnprocessableEntity, e, again)
}

// appealable reports whether there is a decision that was not appealed against.
func (v meView) appealable() bool {
	return v.Appeal == nil && (v.Status == directory.Declined || v.Status == directory.Suspended)
}

// own returns the stakeholder that the reader acts for. Who is no contact of it
// any more has to sign in again.
func (s *Server) own(r *http.Request) (*directory.Stakeholder, error) {
	who := identityOf(r)
	e, err := s.Store.Resolve(r.Context(), who.Stakeholder)
	if errors.Is(err, store.ErrNotFound) || err == nil && !actsFor(who, e) {
		return nil, auth.ErrSignInRequired
	}
	return e, err
}

// correctable reports whether the contact may still change the registration.
func (v meView) correctable() bool {
	return v.Status == directory.AwaitingEmail || v.Status == directory.AwaitingReview || v.Status == directory.Returned
}

// decided reports whether reasons of a moderator stand with the status.
func (v meView) decided() bool {
	return v.Status == directory.Returned || v.Status == directory.Declined || v.Status == directory.Suspended
}

// standing is the status in words, and next what happens or is to be done next.
func (v meView) standing(p page) string {
	if key := "me.status." + string(v.Status); i18n.Has(i18n.English, "page."+key) {
		return p.t(key)
	}
	return p.t("status." + string(v.Status))
}

func (v meView) next(p page) string {
	if key := "me.next." + string(v.Status); i18n.Has(i18n.English, "page."+key) {
		return p.t(key)
	}
	return ""
}
