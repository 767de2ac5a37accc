package web

import (
	"context"
	"net/http"
	"net/url"

	"convoke/shared/domain/directory"
)

// claimFormView is the entry that is claimed, and the form.
type claimFormView struct {
	id, name  string
	languages []option
	form      formView
}

// claimPage shows the form by which an organisation claims an entry that others
// made.
func (s *Server) claimPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.profile(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	if p.query.Has("received") {
		return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
			title: p.t("claim.received.title"), texts: []string{p.t("claim.received.text"), p.t("claim.received.after")},
			next: p.t("me.profile"), nextAt: "/stakeholders/" + url.PathEscape(e.ID),
		}))
	}
	if !e.Unclaimed() {
		return directory.ErrClaimed
	}
	return s.show(w, r, p, http.StatusOK, claimBody(p, s.viewClaimForm(p, e, url.Values{"language": {string(p.lang)}}, formFaults{})))
}

func (s *Server) viewClaimForm(p page, e *directory.Stakeholder, values url.Values, faults formFaults) claimFormView {
	return claimFormView{
		id: e.ID, name: e.DisplayName(string(p.lang)), languages: p.spokenLanguages(values.Get("language")),
		form: formView{values: values, faults: faults, labels: "claim", once: s.Store.NewID()},
	}
}

// claimForm takes a claim. Whoever it is and whoever else claims the entry, the
// answer is the same.
func (s *Server) claimForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	c, err := s.newClaim(r, claimRequestOf(form), "page")
	if err != nil {
		faults, err := faultsOf(p, err, formFields{labels: "claim", order: claimFields(), of: claimField})
		if err != nil {
			return err
		}
		e, err := s.profile(r)
		if err != nil {
			return err
		}
		return s.show(w, r, p, http.StatusUnprocessableEntity, claimBody(p, s.viewClaimForm(p, e, form, faults)))
	}
	if err := s.limited(w, "claim", r); err != nil {
		return err
	}
	if err := s.limitedTo(w, c.Email); err != nil {
		return err
	}
	if err := s.takeOnce(r, form, func(ctx context.Context) error { return s.Store.CreateClaim(ctx, c) }); err != nil {
		return err
	}
	return p.see(w, p.path, url.Values{"received": {"1"}})
}

func claimRequestOf(form url.Values) directory.ClaimRequest {
	return directory.ClaimRequest{
		Name: line(form, "name"), Email: line(form, "email"), Language: line(form, "language"), Text: prose(form, "text"), Sponsor: line(form, "sponsor"),
		Consent: directory.ConsentGiven{Directory: form.Get("consent") == "yes", TextVersion: form.Get("consent_version")},
	}
}

// claimFields are the fields of the form in the order of the page.
func claimFields() []string {
	return []string{"name", "email", "language", "text", "sponsor", "consent"}
}

func claimField(pointer string) string {
	for _, name := range claimFields() {
		if pointer == "/"+name || name == "consent" && len(pointer) > len(name) && pointer[1:len(name)+1] == name {
			return name
		}
	}
	return ""
}

// claimStateView is how a claim stands, for its claimant.
type claimStateView struct {
	name    string
	state   directory.ClaimState
	texts   []string
	reasons []string
	note    string
	open    bool
}

// claimStatePage is where the mailed link leads: it shows what is claimed and how
// that stands.
func (s *Server) claimStatePage(w http.ResponseWriter, r *http.Request) error {
	c, e, err := s.claimOfLink(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, claimStateBody(p, viewClaimState(p, c, e)))
}

func viewClaimState(p page, c *directory.Claim, e *directory.Stakeholder) claimStateView {
	name := e.DisplayName(string(p.lang))
	return claimStateView{
		name: name, state: c.State, reasons: c.Reasons, note: c.Note, open: c.Open(),
		texts: []string{p.with("claim.state."+string(c.State), "organisation", name)},
	}
}

// claimStateForm confirms the address or takes the claim back. A post of neither
// button changes nothing.
func (s *Server) claimStateForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	c, _, err := s.claimOfLink(r)
	if err != nil {
		return err
	}
	switch form.Get("act") {
	case "confirm":
		err = s.confirmClaim(r, c)
	case "withdraw":
		if err := s.withdrawClaim(r, c); err != nil {
			return err
		}
		return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
			title: p.t("claim.withdrawn.title"), texts: []string{p.t("claim.withdrawn.text")}, next: p.t("nav.directory"), nextAt: "/",
		}))
	}
	if err != nil {
		return err
	}
	return p.see(w, p.path, nil)
}
