package web

import (
	"net/http"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
	"convoke/shared/state/search"
)

func (s *Server) engagementRoutes() []route {
	return []route{
		{"GET", "/v1/stakeholders/{id}/engagement", access{auth.Contact, auth.Organiser, auth.Moderator, auth.Admin}, document, s.getEngagement},
		{"GET", "/v1/engagement", access{auth.Organiser}, document, s.getUnitEngagement},
		{"GET", "/v1/events/{id}/statistics", conveners, document, s.getEventStatistics},
		{"GET", "/v1/series/{id}/statistics", conveners, document, s.getSeriesStatistics},
	}
}

// getEngagement shows what a stakeholder was asked to and what it answered: to
// organisers, to those who work the directory, and to the stakeholder itself.
func (s *Server) getEngagement(w http.ResponseWriter, r *http.Request) error {
	e, err := s.profile(r)
	if err != nil {
		return err
	}
	if who := identityOf(r); !seesHidden(who) && !actsFor(who, e) {
		return errNoRoute
	}
	l, err := s.Store.Ledger(r.Context(), e.ID)
	if err != nil {
		return err
	}
	return ok(w, l.Engagement())
}

// addEngagement adds to what the hits show what each was asked to before, for
// who may see it. It is one request to the table, whatever the number of hits,
// and no index holds it: what the public reads can never have it.
func (s *Server) addEngagement(r *http.Request, hits []search.Hit) error {
	if !seesHidden(identityOf(r)) || len(hits) == 0 {
		return nil
	}
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	ledgers, err := s.Store.Ledgers(r.Context(), ids)
	if err != nil {
		return err
	}
	for i, h := range hits {
		sum := ledgers[h.ID].Engagement()
		sum.Contacts = nil // who of them is for the stakeholder's own page
		if hits[i].Stored, err = withMember(h.Stored, "engagement", sum); err != nil {
			return err
		}
	}
	return nil
}

// unitEngagement is how many were asked to a unit's events, and how many of them
// for the first time.
type unitEngagement struct {
	Events         int     `json:"events"`
	Invited        int     `json:"invited"`
	Accepted       int     `json:"accepted"`
	FirstTimers    int     `json:"first_timers"`     // of who accepted
	FirstTimeShare float64 `json:"first_time_share"` // 0 to 1; 0 while nobody accepted
}

// eventsSummed bounds how many of a unit's events one answer sums up, the latest
// first.
const eventsSummed = 1000

// getUnitEngagement sums up the unit's events. What never took place does not count.
func (s *Server) getUnitEngagement(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	var sum unitEngagement
	var list []*convening.Event
	var err error
	for cursor := ""; sum.Events < eventsSummed; {
		if list, cursor, err = s.Store.Events(r.Context(), identityOf(r).Unit, cursor, 100); err != nil {
			return err
		}
		if err := s.addCounts(r, &sum, list); err != nil {
			return err
		}
		if cursor == "" {
			break
		}
	}
	if sum.Accepted > 0 {
		sum.FirstTimeShare = float64(sum.FirstTimers) / float64(sum.Accepted)
	}
	return ok(w, sum)
}

func (s *Server) addCounts(r *http.Request, sum *unitEngagement, list []*convening.Event) error {
	var ids []string
	for _, e := range list {
		if tookPlace(e) {
			ids = append(ids, e.ID)
		}
	}
	counts, err := s.Store.CountsByEvent(r.Context(), ids)
	if err != nil {
		return err
	}
	for _, c := range counts {
		sum.Events++
		sum.Invited += c.Total() - c.ByStatus[convening.Planned]
		sum.Accepted += c.ByStatus[convening.Accepted]
		sum.FirstTimers += c.Newcomers[convening.Accepted]
	}
	return nil
}
