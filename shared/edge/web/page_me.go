package web

import (
	"errors"
	"net/http"

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
}

// mePage is where a contact comes in: how the organisation stands, and what to
// do next.
func (s *Server) mePage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.own(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	view := meView{Stakeholder: e, shown: shownName(e.Profile, p.lang), saved: p.query.Has("saved"), reader: identityOf(r).Subject}
	if view.invited, err = s.invitedLines(r.Context(), p, e.ID, view.reader); err != nil {
		return err
	}
	return s.show(w, r, p, http.StatusOK, me(p, view))
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
	return v.Status == directory.Returned || v.Status == directory.Declined
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
