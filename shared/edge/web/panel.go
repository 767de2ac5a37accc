package web

import (
	"context"
	"net/http"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
)

// errNotPublished says that nobody can be invited to a draft.
var errNotPublished = fault.New(fault.Conflict, "panel.not_published")

func (s *Server) panelRoutes() []route {
	return []route{
		{"GET", "/v1/events/{id}/panel", conveners, document, s.getPanel},
		{"PUT", "/v1/events/{id}/panel", conveners, command, s.putPanel},
		{"POST", "/v1/events/{id}/panel/suggestions", conveners, command, s.postSuggestion},
		{"POST", "/v1/events/{id}/panel/conflicts", conveners, command, s.postConflict},
		{"POST", "/v1/events/{id}/panel/seats/{seat}/next", conveners, command, s.postNextAlternate},
		{"POST", "/v1/events/{id}/panel/invitations", conveners, command, s.postPanelInvitations},
	}
}

// panelView is a panel with how it stands to its targets.
type panelView struct {
	Event string `json:"event"`
	convening.PanelPlan
	Conflicts []convening.Person `json:"conflicts,omitempty"`
	Balance   []balanceView      `json:"balance"`
	UpdatedAt *time.Time         `json:"updated_at,omitempty"`
}

// balanceView is one line of the report, with the reason in words.
type balanceView struct {
	convening.Balance
	Text   string `json:"text"`             // what the target asks for
	Reason string `json:"detail,omitempty"` // why it cannot be met
}

func (s *Server) getPanel(w http.ResponseWriter, r *http.Request) error {
	e, p, err := s.panel(r)
	if err != nil {
		return err
	}
	return s.writePanel(w, r, e, p)
}

// writePanel answers with the panel as it stands, and its version.
func (s *Server) writePanel(w http.ResponseWriter, r *http.Request, e *convening.Event, p *convening.Panel) error {
	w.Header().Set("ETag", etag(p.Version))
	view, err := s.viewPanel(r, e, p)
	if err != nil {
		return err
	}
	return ok(w, view)
}

// panel returns the event of the path and its panel to who convenes it.
func (s *Server) panel(r *http.Request) (*convening.Event, *convening.Panel, error) {
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	if err := convenes(identityOf(r), e); err != nil {
		return nil, nil, err
	}
	p, err := s.Store.Panel(r.Context(), e.ID)
	return e, p, err
}

func (s *Server) viewPanel(r *http.Request, e *convening.Event, p *convening.Panel) (panelView, error) {
	view, _, err := s.viewPanelIn(r.Context(), language(r), e, p)
	return view, err
}

// viewPanelIn is the panel in a language, and who is named in it.
func (s *Server) viewPanelIn(ctx context.Context, lang i18n.Lang, e *convening.Event, p *convening.Panel) (panelView, map[string]*directory.Stakeholder, error) {
	view := panelView{Event: p.EventID, PanelPlan: p.PanelPlan, Conflicts: p.Conflicts}
	if view.Seats == nil {
		view.Seats = []convening.Seat{}
	}
	if p.Version > 0 {
		view.UpdatedAt = &p.UpdatedAt
	}
	found, err := s.candidates(ctx, poolOf(e, p, nil), p.Targets)
	if err != nil {
		return view, nil, err
	}
	known, named, err := s.mentioned(ctx, p.Mentioned(), found.list)
	if err != nil {
		return view, nil, err
	}
	view.Balance = viewBalance(lang, p.Targets, p.Balance(known, found.list, s.now()))
	return view, named, nil
}

func viewBalance(lang i18n.Lang, targets []convening.Target, list []convening.Balance) []balanceView {
	views := make([]balanceView, len(list))
	for i, b := range list {
		views[i] = balanceView{Balance: b, Text: targetText(lang, targets[b.Target])}
		if b.Reason != nil {
			views[i].Reason = i18n.T(lang, b.Reason.Code, b.Reason.Params)
		}
	}
	return views
}

// poolOf is whom the panel is chosen from.
func poolOf(e *convening.Event, p *convening.Panel, asked *convening.Audience) convening.Audience {
	switch {
	case asked != nil:
		return *asked
	case p.Pool != nil:
		return *p.Pool
	}
	return e.Sent()
}

// pool is who was found, the best first.
type pool struct {
	list  []convening.Candidate
	total int
}

// candidates resolves a pool on the index alone, but for a saved search and for
// processes that it names, and for what persons declare of themselves when targets
// count it: their speakers who want to be found are read from the table, because no
// index holds it.
func (s *Server) candidates(ctx context.Context, a convening.Audience, targets []convening.Target) (pool, error) {
	found, cursor, best := pool{list: []convening.Candidate{}}, "", 0.0
	a, err := s.Store.ResolveAudience(ctx, a)
	if err != nil {
		return found, err
	}
	speakers := map[string]bool{}
	for {
		page, err := s.Index.Search(ctx, listing.Candidates(a, search.MaxLimit, cursor))
		if err != nil {
			return found, searchFault(err)
		}
		found.total = page.Total
		if cursor == "" && len(page.Hits) > 0 {
			best = page.Hits[0].Score
		}
		for _, h := range page.Hits {
			found.list = append(found.list, listing.CandidateOf(h, best))
			speakers[h.ID] = listing.HasSpeaker(h)
		}
		if cursor = page.Cursor; cursor == "" || len(found.list) >= convening.MaxCandidates {
			return found, s.addSpeakers(ctx, &found, speakers, targets)
		}
	}
}

// mentioned reads what the table knows of the persons, and their names. Of how
// often they were asked, the pool may know.
func (s *Server) mentioned(ctx context.Context, persons []convening.Person, found []convening.Candidate) (map[string]convening.Candidate, map[string]*directory.Stakeholder, error) {
	var ids []string
	seen := map[string]bool{}
	for _, who := range persons {
		if !seen[who.Stakeholder] {
			seen[who.Stakeholder] = true
			ids = append(ids, who.Stakeholder)
		}
	}
	stakeholders := map[string]*directory.Stakeholder{}
	if len(ids) > 0 {
		leading, err := s.Store.Leading(ctx, ids)
		if err != nil {
			return nil, nil, err
		}
		for id, e := range leading {
			if e.Status == directory.Listed {
				stakeholders[id] = e
			}
		}
	}
	asked := map[string]convening.Candidate{}
	for _, c := range found {
		asked[c.Stakeholder] = c
	}
	known := map[string]convening.Candidate{}
	for _, who := range persons {
		e := stakeholders[who.Stakeholder]
		if e == nil {
			continue
		}
		if _, there := e.Contact(who.Contact); who.Contact != "" && !there {
			continue
		}
		c := listing.CandidateFrom(e, who)
		if a, in := asked[e.ID]; in {
			c.Invited, c.Spoke, c.LastInvited, c.Relevance = a.Invited, a.Spoke, a.LastInvited, a.Relevance
		}
		known[c.ID] = c
	}
	return known, stakeholders, nil
}

func (s *Server) putPanel(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	var plan convening.PanelPlan
	if err := decode(r, &plan); err != nil {
		return err
	}
	e, p, err := s.revisePanel(r, read, plan)
	if err != nil {
		return err
	}
	return s.writePanel(w, r, e, p)
}

// revisePanel replaces what is said of the version of a panel that was read.
func (s *Server) revisePanel(r *http.Request, read int64, plan convening.PanelPlan) (*convening.Event, *convening.Panel, error) {
	if err := s.knowsPool(r, plan.Pool); err != nil {
		return nil, nil, err
	}
	e, p, err := s.changePanel(r, func(p *convening.Panel) error {
		if p.Version != read {
			return errStale
		}
		return p.Revise(plan, s.now())
	})
	if err != nil {
		return nil, nil, err
	}
	_, err = s.Store.UpdateEvent(r.Context(), e.ID, func(e *convening.Event) error { e.PanelRevised(s.now()); return nil })
	return e, p, err
}

// changePanel changes the panel of an event for who convenes it.
func (s *Server) changePanel(r *http.Request, change func(*convening.Panel) error) (*convening.Event, *convening.Panel, error) {
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	if err := convenes(identityOf(r), e); err != nil {
		return nil, nil, err
	}
	p, err := s.Store.UpdatePanel(r.Context(), e.ID, change)
	return e, p, err
}

// postConflict records that somebody declared a conflict of interest.
func (s *Server) postConflict(w http.ResponseWriter, r *http.Request) error {
	var who convening.Person
	if err := decode(r, &who); err != nil {
		return err
	}
	answer := &reply{status: http.StatusOK, body: who}
	_, _, err := s.changePanel(r, func(p *convening.Panel) error {
		if err := p.Declare(who, s.now()); err != nil {
			return err
		}
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// seatView is a seat after it passed on.
type seatView struct {
	Seat   string            `json:"seat"`
	Holder *convening.Person `json:"holder"` // null when no alternate was left
}

// postNextAlternate passes a seat on by hand, as when a holder says no by
// telephone.
func (s *Server) postNextAlternate(w http.ResponseWriter, r *http.Request) error {
	answer := &reply{status: http.StatusOK}
	_, _, err := s.changePanel(r, func(p *convening.Panel) error {
		next, err := p.NextAlternate(r.PathValue("seat"), s.now())
		if err != nil {
			return err
		}
		answer.body = seatView{r.PathValue("seat"), next}
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}

// invitedView says what became of the wish to invite a panel.
type invitedView struct {
	Invited     int      `json:"invited"`     // new invitations
	Unreachable []string `json:"unreachable"` // seats whose holder has no proven address
}

// postPanelInvitations invites who sits, in the roles of their seats. Who is
// invited already is passed over, so that it can be done again.
func (s *Server) postPanelInvitations(w http.ResponseWriter, r *http.Request) error {
	answer, err := s.invitePanel(r)
	if err != nil {
		return err
	}
	return ok(w, answer)
}

func (s *Server) invitePanel(r *http.Request) (invitedView, error) {
	answer := invitedView{Unreachable: []string{}}
	e, p, err := s.panel(r)
	if err != nil {
		return answer, err
	}
	if e.Status != convening.Published {
		return answer, errNotPublished
	}
	_, stakeholders, err := s.mentioned(r.Context(), p.Mentioned(), nil)
	if err != nil {
		return answer, err
	}
	var list []*convening.Invitation
	for _, seat := range p.Seats {
		if seat.Holder == nil {
			continue
		}
		of := stakeholders[seat.Holder.Stakeholder]
		contact, reachable := recipient(of, *seat.Holder)
		if !reachable {
			answer.Unreachable = append(answer.Unreachable, seat.ID)
			continue
		}
		list = append(list, convening.SeatInvitation(e, convening.Guest{
			Stakeholder: of, Contact: contact, Role: seat.Role, PanelSeat: convening.PanelSeat{Seat: seat.ID, Behind: len(seat.Alternates)},
		}, s.now()))
	}
	answer.Invited, err = s.Store.PlanInvitations(r.Context(), list)
	return answer, err
}

// recipient is the contact who is written to: the person, or the focal point.
func recipient(e *directory.Stakeholder, who convening.Person) (c directory.Contact, reachable bool) {
	if e == nil {
		return c, false
	}
	c, ok := e.FocalPoint()
	if who.Contact != "" {
		c, ok = e.Contact(who.Contact)
	}
	return c, ok && c.ConfirmedAt != nil
}
