package web

import (
	"net/http"
	"net/url"

	"convoke/shared/domain/directory"
)

// sponsorshipsPath is where organisers vouch for who names their unit.
const sponsorshipsPath = deskPath + "/sponsorships"

// vouchingView is who waits for the word of a unit.
type vouchingView struct {
	applicants []sponsorshipView
	claims     []claimView
	done       string
	faults     formFaults
}

// vouchersShown is how many of each kind the page shows; who got an answer makes
// room for the next.
const vouchersShown = 50

func (s *Server) vouching(r *http.Request, unit string) (view vouchingView, err error) {
	lang := pageOf(r).lang
	list, _, err := s.Store.SponsorshipsAsked(r.Context(), unit, "", vouchersShown)
	if err != nil {
		return view, err
	}
	for _, e := range list {
		if v, asked := e.Word(directory.EvidenceSponsorship, unit); asked && v.State == directory.EvidenceAsked {
			view.applicants = append(view.applicants, viewSponsorship(e, v, string(lang)))
		}
	}
	claims, _, err := s.Store.ClaimsSponsored(r.Context(), unit, "", vouchersShown)
	if err != nil {
		return view, err
	}
	if view.claims, err = s.viewClaims(r, claims); err != nil {
		return view, err
	}
	for i := range view.claims {
		view.claims[i] = view.claims[i].toUnit()
	}
	return view, nil
}

func (s *Server) sponsorshipsPage(w http.ResponseWriter, r *http.Request) error {
	p, view := pageOf(r), vouchingView{}
	if p.query.Get("done") == "saved" {
		view.done = p.t("vouching.done")
	}
	return s.showVouching(w, r, http.StatusOK, view)
}

func (s *Server) showVouching(w http.ResponseWriter, r *http.Request, status int, told vouchingView) error {
	unit := identityOf(r).Unit
	if unit == "" {
		return errNoUnit
	}
	view, err := s.vouching(r, unit)
	if err != nil {
		return err
	}
	view.done, view.faults = told.done, told.faults
	p := pageOf(r)
	return s.show(w, r, p, status, vouchingBody(p, view))
}

// sponsorshipsForm takes the word of the reader's unit. Who did not name it is
// answered as if there were nobody.
func (s *Server) sponsorshipsForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	unit := identityOf(r).Unit
	if unit == "" {
		return errNoUnit
	}
	given := directory.Word{Vouch: form.Get("answer") == "vouch", Note: prose(form, "note")}
	if !given.Vouch && form.Get("answer") != "decline" {
		return errNoAct
	}
	if form.Get("of") == "claim" {
		err = s.sponsorClaim(r.Context(), line(form, "id"), unit, given, func(*directory.Claim) error { return nil })
	} else {
		err = s.sponsor(r.Context(), line(form, "id"), unit, given, func(word) error { return nil })
	}
	p := pageOf(r)
	if err == nil {
		return p.see(w, sponsorshipsPath, url.Values{"done": {"saved"}})
	}
	faults, err := faultsOf(p, err, formFields{labels: "reference", of: func(string) string { return "" }})
	if err != nil {
		return err
	}
	return s.showVouching(w, r, http.StatusUnprocessableEntity, vouchingView{faults: faults})
}
