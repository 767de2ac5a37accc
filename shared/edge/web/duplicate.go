package web

import (
	"errors"
	"math"
	"net/http"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/state/likeness"
	"convoke/shared/state/store"
)

// duplicatesShown is how many candidates a moderator is shown.
const duplicatesShown = 10

func (s *Server) duplicateRoutes() []route {
	return []route{
		{"GET", "/v1/stakeholders/{id}/duplicates", staffOnly, document, s.listDuplicates},
		{"GET", "/v1/stakeholders/{id}/duplicates/{other}", staffOnly, document, s.getComparison},
		{"POST", "/v1/stakeholders/{id}/distinctions", staffOnly, command, s.postDistinction},
	}
}

// duplicateView is one who may be the same organisation, for moderators alone.
type duplicateView struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Category string            `json:"category"`
	Country  string            `json:"country"`
	Status   directory.Status  `json:"status"`
	Score    float64           `json:"score"` // 0 to 1
	Likely   bool              `json:"likely"`
	Reasons  []likeness.Reason `json:"reasons"`
}

func viewDuplicate(c likeness.Candidate, lang string) duplicateView {
	e := c.Stakeholder
	return duplicateView{
		ID: e.ID, Name: e.DisplayName(lang), Category: e.Category, Country: e.Country, Status: e.Status,
		Score: rounded(c.Score), Likely: c.Score >= likeness.Warns, Reasons: append([]likeness.Reason{}, c.Reasons...),
	}
}

// rounded shows a score as finely as it means anything.
func rounded(score float64) float64 { return math.Round(score*1000) / 1000 }

// duplicates returns who may be the same as e. Who registered and is not listed
// yet is in no index, and is found by what it lays claim to.
func (s *Server) duplicates(r *http.Request, e *directory.Stakeholder) ([]duplicateView, error) {
	claimants, err := s.Store.Claimants(r.Context(), e)
	if err != nil {
		return nil, err
	}
	found, err := s.finder().Candidates(r.Context(), e, duplicatesShown, claimants...)
	if err != nil {
		return nil, searchFault(err)
	}
	views := make([]duplicateView, len(found))
	for i, c := range found {
		views[i] = viewDuplicate(c, string(language(r)))
	}
	return views, nil
}

func (s *Server) finder() likeness.Finder { return likeness.Finder{Store: s.Store, Index: s.Index} }

func (s *Server) listDuplicates(w http.ResponseWriter, r *http.Request) error {
	e, err := s.Store.Stakeholder(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	views, err := s.duplicates(r, e)
	if err != nil {
		return err
	}
	return ok(w, listOf[duplicateView]{Items: views})
}

// comparisonView is two stakeholders side by side.
type comparisonView struct {
	Here     sideView               `json:"here"`
	There    sideView               `json:"there"`
	Score    float64                `json:"score"`
	Reasons  []likeness.Reason      `json:"reasons"`
	Fields   []directory.Comparison `json:"fields"`
	Distinct *distinctionView       `json:"distinct,omitempty"` // when a moderator held them to be
}

// sideView is what stands over a column.
type sideView struct {
	ID          string           `json:"id"`
	Name        string           `json:"name"`
	Status      directory.Status `json:"status"`
	Source      string           `json:"source"`
	SubmittedAt time.Time        `json:"submitted_at"`
	Contacts    int              `json:"contacts"`
	Version     int64            `json:"version"` // for the If-Match of a merge
}

func viewSide(e *directory.Stakeholder, lang string) sideView {
	return sideView{e.ID, e.DisplayName(lang), e.Status, e.Source, e.SubmittedAt, len(e.Contacts), e.Version}
}

type distinctionView struct {
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

func (s *Server) getComparison(w http.ResponseWriter, r *http.Request) error {
	here, there, err := s.pair(r, r.PathValue("id"), r.PathValue("other"))
	if err != nil {
		return err
	}
	result := likeness.Compare(likeness.Of(here.Profile, here.Contacts), likeness.Of(there.Profile, there.Contacts))
	lang := string(language(r))
	view := comparisonView{
		Here: viewSide(here, lang), There: viewSide(there, lang), Score: rounded(result.Score),
		Reasons: append([]likeness.Reason{}, result.Reasons...), Fields: directory.Beside(here.Profile, there.Profile),
	}
	distinct, err := s.Store.Distinction(r.Context(), here.ID, there.ID)
	switch {
	case err == nil:
		view.Distinct = &distinctionView{distinct.By, distinct.At, distinct.Reason}
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	return ok(w, view)
}

// pair reads two stakeholders, which must be two.
func (s *Server) pair(r *http.Request, one, other string) (here, there *directory.Stakeholder, err error) {
	if one == other {
		return nil, nil, directory.ErrItself
	}
	if here, err = s.Store.Stakeholder(r.Context(), one); err == nil {
		there, err = s.Store.Stakeholder(r.Context(), other)
	}
	return here, there, err
}

// distinctionGiven is a moderator's word that two are distinct.
type distinctionGiven struct {
	Other  string `json:"other"`
	Reason string `json:"reason"`
}

func (s *Server) postDistinction(w http.ResponseWriter, r *http.Request) error {
	var given distinctionGiven
	if err := decode(r, &given); err != nil {
		return err
	}
	here, there, err := s.pair(r, r.PathValue("id"), given.Other)
	if err != nil {
		return err
	}
	d, err := directory.Distinguish(here.ID, there.ID, identityOf(r).Subject, given.Reason, s.now())
	if err != nil {
		return err
	}
	answer := &reply{status: http.StatusCreated, body: distinctionView{d.By, d.At, d.Reason}}
	if err := answer.keep(r.Context()); err != nil {
		return err
	}
	if err := s.Store.Distinguish(r.Context(), d); err != nil {
		return err
	}
	return answer.write(w)
}
