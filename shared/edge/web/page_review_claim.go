package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
)

// claimsPage lists the claims that wait for a moderator.
func (s *Server) claimsPage(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "cursor", "lang")
	if err != nil {
		return err
	}
	list, next, err := s.Store.ClaimsIn(r.Context(), directory.ClaimAwaitingReview, q.Get("cursor"), queueShown)
	if err != nil {
		return err
	}
	views, err := s.viewClaims(r, list)
	if err != nil {
		return err
	}
	p, view := pageOf(r), waitingView{path: claimsPath, title: "review.claims"}
	for _, c := range views {
		view.lines = append(view.lines, waitingLine{claimsPath + "/" + url.PathEscape(c.ID), c.Name, directory.Name{Text: c.StakeholderName}})
	}
	return s.showWaiting(w, r, p, view, next)
}

// claimReviewView is a claim with who else claims the entry, for a moderator.
type claimReviewView struct {
	claimView
	version  int64
	form     formView
	outcomes []option // none when there is nothing to decide
	stale    bool
	saved    bool
}

func (s *Server) claimReviewPage(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	view, err := s.viewClaimReview(r, p)
	if err != nil {
		return err
	}
	view.saved = p.query.Has("saved")
	return s.show(w, r, p, http.StatusOK, claimReviewBody(p, view))
}

func (s *Server) viewClaimReview(r *http.Request, p page) (claimReviewView, error) {
	c, err := s.Store.Claim(r.Context(), r.PathValue("id"))
	if err != nil {
		return claimReviewView{}, err
	}
	rivals, err := s.Store.Rivals(r.Context(), c)
	if err != nil {
		return claimReviewView{}, err
	}
	views, err := s.viewClaims(r, append([]*directory.Claim{c}, rivals...))
	if err != nil {
		return claimReviewView{}, err
	}
	view := claimReviewView{claimView: views[0], version: c.Version, form: formView{values: url.Values{}, labels: "review"}}
	view.Rivals = views[1:]
	if c.State == directory.ClaimAwaitingReview {
		for _, outcome := range []directory.ClaimState{directory.ClaimGranted, directory.ClaimRefused} {
			view.outcomes = append(view.outcomes, option{string(outcome), p.t("review.outcome.claim:" + string(outcome))})
		}
	}
	return view, nil
}

// writtenTo says in which language the claimant is told.
func (v claimReviewView) writtenTo(p page) string {
	return p.with("review.note.hint", "language", i18n.Language(p.lang, v.Language))
}

// claimReviewForm carries out what a moderator decided of exactly the version that
// the page showed.
func (s *Server) claimReviewForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	failed := s.decideClaim(r, form)
	if failed == nil {
		return p.see(w, p.path, url.Values{"saved": {"1"}})
	}
	view, err := s.viewClaimReview(r, p)
	if err != nil {
		return errors.Join(failed, err)
	}
	view.form.values = form
	if errors.Is(failed, errStale) {
		view.stale = true
		return s.show(w, r, p, http.StatusPreconditionFailed, claimReviewBody(p, view))
	}
	if view.form.faults, err = faultsOf(p, failed, formFields{labels: "review", order: decisionFields(), of: decisionField(form)}); err != nil {
		return err
	}
	return s.show(w, r, p, http.StatusUnprocessableEntity, claimReviewBody(p, view))
}

func (s *Server) decideClaim(r *http.Request, form url.Values) error {
	d := directory.ClaimDecision{
		Outcome: directory.ClaimState(form.Get("outcome")), Reasons: form["reasons"], Note: prose(form, "note"),
		By: identityOf(r).Subject, Lasts: s.VerificationLasts,
	}
	_, _, err := s.Store.UpdateClaim(r.Context(), r.PathValue("id"), func(c *directory.Claim, e *directory.Stakeholder) error {
		if form.Get("version") != strconv.FormatInt(c.Version, 10) {
			return errStale
		}
		return c.Decide(e, d, s.now())
	})
	return err
}
