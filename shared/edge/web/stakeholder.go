package web

import (
	"cmp"
	"net/http"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/auth"
)

// profileView is a listed stakeholder as its reader may see it: no contact, no
// evidence, nothing of how it came to be listed but when that was verified.
type profileView struct {
	ID   string `json:"id"`
	Name string `json:"name"` // for the reader's language
	directory.Profile
	Regions []string          `json:"regions"`          // UN M49, derived from the country
	Groups  []string          `json:"groups"`           // 199 least developed, 432 landlocked, 722 small island
	Tier    directory.Tier    `json:"tier"`             // on what its listing rests
	Checks  []directory.Check `json:"checks,omitempty"` // what was looked at, and when; not by whom
	derived
	Process     *processView `json:"process,omitempty"`
	Memberships []membership `json:"memberships,omitempty"`
	Lapsed      bool         `json:"lapsed,omitempty"`
	Unclaimed   bool         `json:"unclaimed,omitempty"` // others made the entry, and nobody acts for it yet
	VerifiedAt  *time.Time   `json:"verified_at,omitempty"`
	RenewedAt   *time.Time   `json:"renewed_at,omitempty"`
	ValidUntil  *time.Time   `json:"valid_until,omitempty"`
	UpdatedAt   time.Time    `json:"updated_at"`
}

func viewProfile(e *directory.Stakeholder, r directory.Reader, lang string, now time.Time) profileView {
	return profileView{
		ID: e.ID, Name: e.DisplayName(lang), Profile: withScripts(e.For(r)), derived: derive(e.For(r), now), Process: viewProcess(e.Process, now),
		Regions: append([]string{}, taxonomy.RegionsOf(e.Country)...),
		Groups:  append([]string{}, taxonomy.GroupsOf(e.Country, now)...), UpdatedAt: e.UpdatedAt,
		Tier: cmp.Or(e.Tier, directory.TierNone), Checks: e.Checks, Lapsed: e.Status == directory.Lapsed, Unclaimed: e.Unclaimed(), VerifiedAt: e.VerifiedAt, RenewedAt: e.RenewedAt, ValidUntil: e.ValidUntil,
	}
}

func (s *Server) getStakeholder(w http.ResponseWriter, r *http.Request) error {
	e, err := s.profile(r)
	if err != nil {
		return err
	}
	reader, err := s.readerOf(r, e)
	if err != nil {
		return err
	}
	lang := string(language(r))
	form := negotiated(r, formJSON, formJSONLD, formVCard)
	w.Header().Set("Vary", "Accept, Accept-Language")
	w.Header().Set("Cache-Control", "private, no-cache")
	if form != formJSON {
		if unchanged(w, r, etag(e.Version, lang, string(reader), formTag(form))) {
			return nil
		}
		return s.writeEntry(w, form, lang, e, reader)
	}
	if unchanged(w, r, etag(e.Version, lang, string(reader))) {
		return nil
	}
	view := viewProfile(e, reader, lang, s.now())
	if view.Memberships, err = s.memberships(r, e); err != nil {
		return err
	}
	return ok(w, view)
}

// profile returns the stakeholder of the path to who may see it, in one read of
// the table. The id of one that was merged leads to the survivor.
func (s *Server) profile(r *http.Request) (*directory.Stakeholder, error) {
	id := r.PathValue("id")
	e, err := s.Store.Resolve(r.Context(), id)
	if err != nil {
		return nil, err
	}
	inDirectory := e.Status == directory.Listed || e.Status == directory.Lapsed
	if inDirectory && (!e.AtRisk || seesHidden(identityOf(r))) || actsFor(identityOf(r), e) {
		return e, nil
	}
	return nil, errNoRoute
}

// seesHidden reports whether who asks may find listed stakeholders at risk.
func seesHidden(who auth.Identity) bool { return staff(who) || who.Has(auth.Organiser) }
