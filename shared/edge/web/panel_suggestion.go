package web

import (
	"context"
	"net/http"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/i18n"
)

// reasonView is a reason with its words.
type reasonView struct {
	convening.Reason
	Text string `json:"text"`
}

// proposalView is who could take a seat.
type proposalView struct {
	Seat       string            `json:"seat"`
	Role       string            `json:"role"`
	Person     *convening.Person `json:"person"` // null when nobody is left
	Name       string            `json:"name,omitempty"`
	Kept       bool              `json:"kept"`
	Points     int64             `json:"points"`
	Reasons    []reasonView      `json:"reasons"`
	Alternates []proposalView    `json:"alternates,omitempty"`
}

type suggestionView struct {
	Seats       []proposalView `json:"seats"`
	Candidates  int            `json:"candidates"` // how many were looked at
	Found       int            `json:"found"`      // how many the search has; only the best are looked at
	Points      int64          `json:"points"`
	PointsBound int64          `json:"points_bound"`
	Missed      int            `json:"missed"`
	MissedBound int            `json:"missed_bound"`
	Gap         float64        `json:"gap"`
	Proven      bool           `json:"proven"`
	Balance     []balanceView  `json:"balance"`
}

// suggestionRequest says from whom, and with what in mind.
type suggestionRequest struct {
	convening.Wish
	Pool *convening.Audience `json:"pool,omitempty"` // else the panel's, else the event's audience
}

// postSuggestion changes nothing: it says what the panel could be.
func (s *Server) postSuggestion(w http.ResponseWriter, r *http.Request) error {
	var request suggestionRequest
	if err := decode(r, &request); err != nil {
		return err
	}
	e, p, err := s.panel(r)
	if err != nil {
		return err
	}
	if request.Pool != nil {
		if err := request.Pool.Check("/pool"); err != nil {
			return err
		}
		if err := s.knowsPool(r, request.Pool); err != nil {
			return err
		}
	}
	view, err := s.suggest(r.Context(), language(r), e, p, request)
	if err != nil {
		return err
	}
	return ok(w, view)
}

// suggest says in a language what the panel could be.
func (s *Server) suggest(ctx context.Context, lang i18n.Lang, e *convening.Event, p *convening.Panel, request suggestionRequest) (suggestionView, error) {
	found, err := s.candidates(ctx, poolOf(e, p, request.Pool), p.Targets)
	if err != nil {
		return suggestionView{}, err
	}
	known, _, err := s.mentioned(ctx, append(p.Mentioned(), request.Pins...), found.list)
	if err != nil {
		return suggestionView{}, err
	}
	suggestion, err := p.Suggest(request.Wish, known, shortlisted(p, known, found.list), s.now())
	if err != nil {
		return suggestionView{}, err
	}
	return s.viewSuggestion(ctx, lang, p, suggestion, found)
}

// shortlisted is the pool with who is on the shortlist. A contact on it stands
// beside the stakeholder that the search found, which can send another.
func shortlisted(p *convening.Panel, known map[string]convening.Candidate, found []convening.Candidate) []convening.Candidate {
	list := found[:min(len(found), convening.MaxCandidates-len(p.Shortlist))]
	for _, who := range p.Shortlist {
		if c, ok := known[who.ID()]; ok {
			list = append(list, c)
		}
	}
	return list
}

func (s *Server) viewSuggestion(ctx context.Context, lang i18n.Lang, p *convening.Panel, x *convening.Suggestion, found pool) (suggestionView, error) {
	var persons []convening.Person
	for _, seat := range x.Seats {
		for _, one := range append([]convening.Proposal{seat}, seat.Alternates...) {
			if one.Candidate != nil {
				persons = append(persons, one.Candidate.Person())
			}
		}
	}
	_, stakeholders, err := s.mentioned(ctx, persons, nil)
	if err != nil {
		return suggestionView{}, err
	}
	view := suggestionView{
		Candidates: len(found.list), Found: found.total, Points: x.Points, PointsBound: x.PointsBound, Missed: x.Missed, MissedBound: x.MissedBound,
		Gap: x.Gap, Proven: x.Proven, Balance: viewBalance(lang, p.Targets, x.Balance), Seats: []proposalView{},
	}
	for _, seat := range x.Seats {
		view.Seats = append(view.Seats, viewProposal(lang, seat, stakeholders))
	}
	return view, nil
}

func viewProposal(lang i18n.Lang, p convening.Proposal, stakeholders map[string]*directory.Stakeholder) proposalView {
	view := proposalView{Seat: p.Seat, Role: p.Role, Kept: p.Kept, Points: p.Points, Reasons: []reasonView{}}
	if p.Candidate != nil {
		who := p.Candidate.Person()
		view.Person = &who
		if e := stakeholders[who.Stakeholder]; e != nil {
			view.Name = e.DisplayName(string(lang))
		}
	}
	for _, why := range p.Reasons {
		view.Reasons = append(view.Reasons, reasonView{why, i18n.T(lang, why.Code, why.Params)})
	}
	for _, a := range p.Alternates {
		view.Alternates = append(view.Alternates, viewProposal(lang, a, stakeholders))
	}
	return view
}
