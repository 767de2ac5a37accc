package web

import (
	"net/http"
	"time"

	"convoke/shared/domain/directory"
)

func (s *Server) screeningRoutes() []route {
	return []route{
		{"GET", "/v1/screenings", staffOnly, document, s.listScreenings},
		{"GET", "/v1/stakeholders/{id}/screening", staffOnly, document, s.getScreening},
		{"POST", "/v1/stakeholders/{id}/screening/decision", staffOnly, command, s.postScreeningDecision},
	}
}

// screeningView is what the comparison of a stakeholder with the sanctions list
// found, for those who work the directory and nobody else.
type screeningView struct {
	Stakeholder string           `json:"stakeholder"`
	Name        string           `json:"name"` // for the reader's language
	Country     string           `json:"country,omitempty"`
	Status      directory.Status `json:"status,omitempty"`
	Version     int64            `json:"version"`      // for If-Match
	Open        int              `json:"open"`         // matches that nobody looked at
	At          *time.Time       `json:"at,omitempty"` // when something else was found last
	Matches     []matchView      `json:"matches"`
}

// matchView is an entry of the list that a name may mean.
type matchView struct {
	Reference string     `json:"reference"`
	Kind      string     `json:"kind"`
	Names     []string   `json:"names"`
	Regime    string     `json:"regime,omitempty"`
	ListedOn  string     `json:"listed_on,omitempty"`
	Contact   string     `json:"contact,omitempty"` // whose name it is, when it is a person's
	Score     float64    `json:"score"`
	Reason    string     `json:"reason"`
	Here      string     `json:"here"`
	There     string     `json:"there"`
	Outcome   string     `json:"outcome,omitempty"`
	By        string     `json:"by,omitempty"`
	At        *time.Time `json:"at,omitempty"`
	Note      string     `json:"note,omitempty"`
}

func viewScreening(k *directory.Screening, e *directory.Stakeholder, lang string) screeningView {
	view := screeningView{Stakeholder: k.Stakeholder, Version: k.Version, Open: k.Open(), Matches: []matchView{}}
	if !k.At.IsZero() {
		view.At = &k.At
	}
	if e != nil {
		view.Name, view.Country, view.Status = e.DisplayName(lang), e.Country, e.Status
	}
	for _, m := range k.Matches {
		view.Matches = append(view.Matches, matchView{
			m.Reference, m.Kind, m.Names, m.Regime, m.ListedOn, m.Contact, m.Score, m.Reason, m.Here, m.There, m.Outcome, m.By, m.At, m.Note,
		})
	}
	return view
}

// sanctionsView says which list stakeholders are compared with.
type sanctionsView struct {
	Generated  string     `json:"generated,omitempty"` // as the file says
	ImportedAt *time.Time `json:"imported_at,omitempty"`
	Entries    int        `json:"entries"`
}

// screeningList is one page of screenings, and what they rest on.
type screeningList struct {
	listOf[screeningView]
	List sanctionsView `json:"list"`
}

// listScreenings shows those that wait for somebody to look, or those that are
// settled, the oldest first.
func (s *Server) listScreenings(w http.ResponseWriter, r *http.Request) error {
	q, limit, cursor, err := paged(r, "state")
	if err != nil {
		return err
	}
	state := q.Get("state")
	if state != "" && state != "open" && state != "settled" {
		return badQuery("state", "screening.state_unknown")
	}
	list, next, err := s.Store.ScreeningsIn(r.Context(), state != "settled", cursor, limit)
	if err != nil {
		return err
	}
	known, err := s.Store.SanctionsList(r.Context())
	if err != nil {
		return err
	}
	answer := screeningList{listOf[screeningView]{[]screeningView{}, next}, sanctionsView{Generated: known.Generated, Entries: known.Entries}}
	if known.Edition != "" {
		answer.List.ImportedAt = &known.At
	}
	names, err := s.screened(r, list)
	if err != nil {
		return err
	}
	for _, k := range list {
		answer.Items = append(answer.Items, viewScreening(k, names[k.Stakeholder], string(language(r))))
	}
	return ok(w, answer)
}

// screened returns, by id, the stakeholders of screenings, in one read.
func (s *Server) screened(r *http.Request, list []*directory.Screening) (map[string]*directory.Stakeholder, error) {
	byID := map[string]*directory.Stakeholder{}
	if len(list) == 0 {
		return byID, nil
	}
	ids := make([]string, len(list))
	for i, k := range list {
		ids[i] = k.Stakeholder
	}
	found, err := s.Store.Stakeholders(r.Context(), ids)
	for _, e := range found {
		byID[e.ID] = e
	}
	return byID, err
}

func (s *Server) getScreening(w http.ResponseWriter, r *http.Request) error {
	e, err := s.Store.Stakeholder(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	k, err := s.Store.Screening(r.Context(), e.ID)
	if err != nil {
		return err
	}
	if unchanged(w, r, etag(k.Version)) {
		return nil
	}
	return ok(w, viewScreening(k, e, string(language(r))))
}

// postScreeningDecision remembers what a moderator holds of a match. Nothing
// follows from it by itself.
func (s *Server) postScreeningDecision(w http.ResponseWriter, r *http.Request) error {
	read, err := version(r)
	if err != nil {
		return err
	}
	var d directory.ScreeningDecision
	if err := decode(r, &d); err != nil {
		return err
	}
	e, err := s.Store.Stakeholder(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	d.By = identityOf(r).Subject
	answer := &reply{status: http.StatusOK}
	_, err = s.Store.UpdateScreening(r.Context(), e.ID, func(k *directory.Screening) error {
		if k.Version != read {
			return errStale
		}
		if err := k.Decide(d, s.now()); err != nil {
			return err
		}
		view := viewScreening(k, e, string(language(r)))
		view.Version++
		answer.header, answer.body = []string{"ETag", etag(view.Version)}, view
		return answer.keep(r.Context())
	})
	if err != nil {
		return err
	}
	return answer.write(w)
}
