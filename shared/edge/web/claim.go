package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/auth"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
)

func (s *Server) claimRoutes() []route {
	return []route{
		{"POST", "/v1/stakeholders/{id}/claims", anyone, command, s.postClaim},
		{"GET", "/v1/claims", access{auth.Organiser, auth.Moderator, auth.Admin}, document, s.listClaims},
		{"GET", "/v1/claims/{id}", staffOnly, document, s.getClaim},
		{"POST", "/v1/claims/{id}/sponsorship", access{auth.Organiser}, command, s.postClaimSponsorship},
		{"POST", "/v1/claims/{id}/decision", staffOnly, command, s.postClaimDecision},
		{"GET", "/stakeholders/{id}/claim", anyone, webPage, s.claimPage},
		{"POST", "/stakeholders/{id}/claim", anyone, webPage, s.claimForm},
		{"GET", "/claim/{token}", anyone, webPage, s.claimStatePage},
		{"POST", "/claim/{token}", anyone, webPage, s.claimStateForm},
	}
}

// entered is an entry that an organiser made, with whom it may repeat: those that
// are listed, for the organiser to look at.
type entered struct {
	ID         string           `json:"id"`
	Name       string           `json:"name"`
	Status     directory.Status `json:"status"`
	Duplicates []duplicateView  `json:"possible_duplicates,omitempty"`
}

// postStakeholder makes an entry of an organisation that does not know of it yet.
func (s *Server) postStakeholder(w http.ResponseWriter, r *http.Request) error {
	var p directory.Profile
	if err := decode(r, &p); err != nil {
		return err
	}
	e, err := directory.Enter(s.Store.NewID(), p, s.now())
	if err != nil {
		return err
	}
	view := entered{ID: e.ID, Name: e.DisplayName(string(language(r))), Status: e.Status}
	if view.Duplicates, err = s.listedLike(r, e); err != nil {
		return err
	}
	answer := &reply{status: http.StatusCreated, header: []string{"Location", "/v1/stakeholders/" + e.ID}, body: view}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.Store.Register(r.Context(), e); err != nil {
		return s.whichHeld(r, e, err)
	}
	return answer.write(w)
}

// whichHeld says of an entry that is refused because others are listed with what it
// has which identifiers these are: the organiser can find them in the directory.
func (s *Server) whichHeld(r *http.Request, e *directory.Stakeholder, refused error) error {
	if !errors.Is(refused, store.ErrHeld) {
		return refused
	}
	held, err := s.Store.HolderOf(r.Context(), slices.DeleteFunc(slices.Clone(e.Identifiers), func(id directory.Identifier) bool { return !id.Unique() }))
	if err != nil {
		return err
	}
	var faults fault.List
	for i, id := range e.Identifiers {
		if held[id] != "" {
			faults.Add("/identifiers/"+strconv.Itoa(i), store.ErrHeld.Code)
		}
	}
	if err := faults.Err(directory.ErrInvalid.Code); err != nil {
		return err
	}
	return refused
}

// listedLike returns the listed stakeholders that may be the same as e. While the
// search cannot be read there are none to show.
func (s *Server) listedLike(r *http.Request, e *directory.Stakeholder) ([]duplicateView, error) {
	found, err := s.finder().Candidates(r.Context(), e, duplicatesShown)
	if errors.Is(err, search.ErrUnavailable) {
		return nil, nil
	}
	if err != nil {
		return nil, searchFault(err)
	}
	var views []duplicateView
	for _, c := range found {
		if c.Stakeholder.Status == directory.Listed {
			views = append(views, viewDuplicate(c, string(language(r))))
		}
	}
	return views, nil
}

// claimReceived is what a claimant is told: the same, whoever it is and whoever
// else claims the entry.
type claimReceived struct {
	ID    string               `json:"id"`
	State directory.ClaimState `json:"state"`
}

func (s *Server) postClaim(w http.ResponseWriter, r *http.Request) error {
	if err := s.limited(w, "claim", r); err != nil {
		return err
	}
	var request directory.ClaimRequest
	if err := decode(r, &request); err != nil {
		return err
	}
	c, err := s.newClaim(r, request, "api")
	if err != nil {
		return err
	}
	if err := s.limitedTo(w, c.Email); err != nil {
		return err
	}
	answer := &reply{status: http.StatusAccepted, body: claimReceived{c.ID, c.State}}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.Store.CreateClaim(r.Context(), c); err != nil {
		return err
	}
	return answer.write(w)
}

// newClaim makes a claim to the entry of the path.
func (s *Server) newClaim(r *http.Request, request directory.ClaimRequest, channel string) (*directory.Claim, error) {
	e, err := s.profile(r)
	if err != nil {
		return nil, err
	}
	return directory.NewClaim(s.Store.NewID(), e, request, channel, s.Store.NewID, s.now())
}

// claimView is a claim as moderators see it. A unit that is to vouch sees who
// claims what, and not the address.
type claimView struct {
	ID              string               `json:"id"`
	Stakeholder     string               `json:"stakeholder"`
	StakeholderName string               `json:"stakeholder_name"` // for the reader's language
	Name            string               `json:"name,omitempty"`
	Email           string               `json:"email,omitempty"`
	Language        string               `json:"language,omitempty"`
	Text            string               `json:"text,omitempty"`
	Sponsor         string               `json:"sponsor,omitempty"`
	State           directory.ClaimState `json:"state"`
	Way             directory.ClaimWay   `json:"way,omitempty"`
	AskedAt         time.Time            `json:"asked_at"`
	ConfirmedAt     *time.Time           `json:"confirmed_at,omitempty"`
	EndedAt         *time.Time           `json:"ended_at,omitempty"`
	Word            *directory.ClaimWord `json:"word,omitempty"`
	Reasons         []string             `json:"reasons,omitempty"`
	Note            string               `json:"note,omitempty"`
	By              string               `json:"by,omitempty"`
	Domains         []string             `json:"domains,omitempty"` // that the entry declares
	Rivals          []claimView          `json:"rivals,omitempty"`  // that wait too
}

func viewClaim(c *directory.Claim, e *directory.Stakeholder, lang string) claimView {
	view := claimView{
		ID: c.ID, Stakeholder: c.Stakeholder, Name: c.Name, Email: c.Email, Language: c.Language, Text: c.Text, Sponsor: c.Sponsor,
		State: c.State, Way: c.Way, AskedAt: c.AskedAt, ConfirmedAt: c.ConfirmedAt, EndedAt: c.EndedAt, Word: c.Word,
		Reasons: c.Reasons, Note: c.Note, By: c.By,
	}
	if e != nil {
		view.StakeholderName, view.Domains = e.DisplayName(lang), e.WebDomains()
	}
	return view
}

// toUnit is the claim as the unit sees it that is to vouch.
func (v claimView) toUnit() claimView {
	v.Email, v.Word, v.By, v.Note, v.Reasons = "", nil, "", "", nil
	return v
}

// toClaimant is the claim as its claimant reads it.
func (v claimView) toClaimant() claimView {
	v.Word, v.By = nil, ""
	return v
}

// listClaims shows moderators the claims in a state, those that wait for them when
// none is named; an organiser those that name the unit and wait for its word.
func (s *Server) listClaims(w http.ResponseWriter, r *http.Request) error {
	q, limit, cursor, err := paged(r, "state")
	if err != nil {
		return err
	}
	state := directory.ClaimState(q.Get("state"))
	if state == "" {
		state = directory.ClaimAwaitingReview
	}
	if !slices.Contains(directory.ClaimStates(), state) {
		return badQuery("state", "claim.state_unknown")
	}
	who := identityOf(r)
	read := func() ([]*directory.Claim, string, error) { return s.Store.ClaimsIn(r.Context(), state, cursor, limit) }
	if !staff(who) {
		if who.Unit == "" {
			return errNoUnit
		}
		read = func() ([]*directory.Claim, string, error) {
			return s.Store.ClaimsSponsored(r.Context(), who.Unit, cursor, limit)
		}
	}
	list, next, err := read()
	if err != nil {
		return err
	}
	views, err := s.viewClaims(r, list)
	if err != nil {
		return err
	}
	if !staff(who) {
		for i := range views {
			views[i] = views[i].toUnit()
		}
	}
	return ok(w, listOf[claimView]{views, next})
}

// viewClaims names what is claimed, in one read.
func (s *Server) viewClaims(r *http.Request, list []*directory.Claim) ([]claimView, error) {
	views, names := []claimView{}, map[string]*directory.Stakeholder{}
	if len(list) == 0 {
		return views, nil
	}
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.Stakeholder
	}
	found, err := s.Store.Stakeholders(r.Context(), distinct(ids))
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		names[e.ID] = e
	}
	for _, c := range list {
		views = append(views, viewClaim(c, names[c.Stakeholder], string(language(r))))
	}
	return views, nil
}

func (s *Server) getClaim(w http.ResponseWriter, r *http.Request) error {
	c, err := s.Store.Claim(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	rivals, err := s.Store.Rivals(r.Context(), c)
	if err != nil {
		return err
	}
	views, err := s.viewClaims(r, append([]*directory.Claim{c}, rivals...))
	if err != nil {
		return err
	}
	view := views[0]
	view.Rivals = views[1:]
	w.Header().Set("ETag", etag(c.Version)) // never a 304: rivals come and go without a new version
	return ok(w, view)
}

// postClaimSponsorship takes the word of the unit that a claim names. Who was not
// named is answered as if there were no such claim.
func (s *Server) postClaimSponsorship(w http.ResponseWriter, r *http.Request) error {
	unit := identityOf(r).Unit
	if unit == "" {
		return errNoUnit
	}
	var given directory.Word
	if err := decode(r, &given, "vouch"); err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK}
	err := s.sponsorClaim(r.Context(), r.PathValue("id"), unit, given, func(c *directory.Claim) error {
		answer.body = claimReceived{c.ID, c.State}
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// sponsorClaim keeps the word of a unit for a claim.
func (s *Server) sponsorClaim(ctx context.Context, id, unit string, given directory.Word, done func(*directory.Claim) error) error {
	c, err := s.Store.Claim(ctx, id)
	if err != nil {
		return err
	}
	rivals, err := s.Store.Rivals(ctx, c)
	if err != nil {
		return err
	}
	_, _, err = s.Store.UpdateClaim(ctx, c.ID, func(c *directory.Claim, e *directory.Stakeholder) error {
		if err := c.Vouch(e, unit, given, len(rivals) > 0, s.VerificationLasts, s.now()); err != nil {
			return err
		}
		return done(c)
	})
	return err
}

func (s *Server) postClaimDecision(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	var d directory.ClaimDecision
	if err := decode(r, &d); err != nil {
		return err
	}
	d.By, d.Lasts = identityOf(r).Subject, s.VerificationLasts
	answer := &reply{status: http.StatusOK}
	_, _, err = s.Store.UpdateClaim(r.Context(), r.PathValue("id"), func(c *directory.Claim, e *directory.Stakeholder) error {
		if c.Version != read {
			return errStale
		}
		if err := c.Decide(e, d, s.now()); err != nil {
			return err
		}
		answer.header, answer.body = []string{"ETag", etag(c.Version + 1)}, viewClaim(c, e, string(language(r)))
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// claimOfLink returns the claim that a mailed link leads to, and its entry.
func (s *Server) claimOfLink(r *http.Request) (*directory.Claim, *directory.Stakeholder, error) {
	link, err := s.Links.Verify(r.PathValue("token"), auth.PurposeClaim, s.now())
	if err != nil || len(link.IDs) != 1 {
		return nil, nil, orInvalid(err)
	}
	c, err := s.Store.Claim(r.Context(), link.IDs[0])
	if err != nil {
		return nil, nil, err
	}
	if c.Forgotten {
		return nil, nil, directory.ErrLinkSuperseded
	}
	e, err := s.Store.Stakeholder(r.Context(), c.Stakeholder)
	return c, e, err
}

// confirmClaim proves the claimant's address through the link.
func (s *Server) confirmClaim(r *http.Request, c *directory.Claim) error {
	ctx := store.As(r.Context(), store.Actor{ID: c.Contact, Role: string(auth.Contact), For: c.Stakeholder})
	_, _, err := s.Store.UpdateClaim(ctx, c.ID, func(c *directory.Claim, e *directory.Stakeholder) error {
		return c.Confirm(e, s.VerificationLasts, s.now())
	})
	return err
}

// withdrawClaim takes the claim back through the link.
func (s *Server) withdrawClaim(r *http.Request, c *directory.Claim) error {
	ctx := store.As(r.Context(), store.Actor{ID: c.Contact, Role: string(auth.Contact), For: c.Stakeholder})
	return s.Store.WithdrawClaim(ctx, c.ID)
}
