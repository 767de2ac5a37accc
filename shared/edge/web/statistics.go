package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
)

// statistics is what came of events: how many were asked, and who they were.
type statistics struct {
	Events int `json:"events"`
	convening.Tally
	FirstTimers       int                        `json:"first_timers"`     // of who accepted
	FirstTimeShare    float64                    `json:"first_time_share"` // 0 to 1; 0 while nobody accepted
	FirstTimeSpeakers int                        `json:"first_time_speakers"`
	Categories        map[string]convening.Tally `json:"categories"`
	Regions           map[string]convening.Tally `json:"regions"` // M49, each with what is in it
}

func (t *statistics) add(c store.Counts) {
	t.Events++
	t.Tally = t.Add(c.Tally)
	t.FirstTimers += c.Newcomers[convening.Accepted]
	t.FirstTimeSpeakers += c.Debuts
	t.Categories, t.Regions = plus(t.Categories, c.Categories), plus(t.Regions, c.Regions)
	if t.Accepted > 0 {
		t.FirstTimeShare = float64(t.FirstTimers) / float64(t.Accepted)
	}
}

func plus(sum, more map[string]convening.Tally) map[string]convening.Tally {
	if sum == nil {
		sum = map[string]convening.Tally{}
	}
	for key, t := range more {
		sum[key] = sum[key].Add(t)
	}
	return sum
}

// getEventStatistics tells an event's unit what came of it so far.
func (s *Server) getEventStatistics(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	e, err := s.Store.Event(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := convenes(identityOf(r), e); err != nil {
		return err
	}
	c, err := s.Store.Counts(r.Context(), e.ID)
	if err != nil {
		return err
	}
	var t statistics
	t.add(c)
	return ok(w, t)
}

// seriesYear is what came of the events of a year, by the calendar of the place
// of each.
type seriesYear struct {
	Year int `json:"year"`
	statistics
}

// seriesStatistics is what came of a series over the years.
type seriesStatistics struct {
	Total statistics   `json:"total"`
	Years []seriesYear `json:"years"` // the latest first
	// Represented counts who was ever asked, by what they say of themselves; small
	// groups are not counted, as in a search.
	Represented map[string]map[string]int `json:"represented"`
}

// representedBy are the fields by which who was asked is counted.
func representedBy() []string { return []string{"led_by", "serves"} }

// getSeriesStatistics sums up the events of a series for the units that organise
// it. What never took place does not count.
func (s *Server) getSeriesStatistics(w http.ResponseWriter, r *http.Request) error {
	if _, err := query(r); err != nil {
		return err
	}
	e, organises, err := s.seriesAsked(r)
	if err != nil {
		return err
	}
	if !organises {
		return errNoRoute
	}
	sum, err := s.sumSeries(r.Context(), e.ID)
	if err != nil {
		return err
	}
	if sum.Represented, err = s.represented(r, e.ID); err != nil {
		return err
	}
	return ok(w, sum)
}

func (s *Server) sumSeries(ctx context.Context, id string) (seriesStatistics, error) {
	sum := seriesStatistics{Total: statistics{Categories: map[string]convening.Tally{}, Regions: map[string]convening.Tally{}}, Years: []seriesYear{}}
	for cursor, more := "", true; more && sum.Total.Events < eventsSummed; more = cursor != "" {
		list, next, err := s.Store.SeriesEvents(ctx, id, cursor, 100)
		if err != nil {
			return sum, err
		}
		list = slices.DeleteFunc(list, func(e *convening.Event) bool { return !tookPlace(e) })
		if err := s.sumEvents(ctx, &sum, list); err != nil {
			return sum, err
		}
		cursor = next
	}
	return sum, nil
}

func (s *Server) sumEvents(ctx context.Context, sum *seriesStatistics, list []*convening.Event) error {
	ids := make([]string, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	counts, err := s.Store.CountsByEvent(ctx, ids)
	if err != nil {
		return err
	}
	for _, e := range list {
		sum.year(yearOf(e)).add(counts[e.ID])
		sum.Total.add(counts[e.ID])
	}
	return nil
}

// year is the row of a year, a new one where it belongs when there is none yet.
// Events come by their instants, which around midnight of New Year is not the
// order of the years where they take place.
func (t *seriesStatistics) year(year int) *seriesYear {
	at, there := slices.BinarySearchFunc(t.Years, year, func(y seriesYear, year int) int { return year - y.Year })
	if !there {
		t.Years = slices.Insert(t.Years, at, seriesYear{Year: year})
	}
	return &t.Years[at]
}

// tookPlace reports whether an event counts: what is no more than a draft, or was
// called off, does not.
func tookPlace(e *convening.Event) bool {
	return e.Status != convening.Draft && e.Status != convening.Cancelled
}

// yearOf is the year in which an event starts where it takes place.
func yearOf(e *convening.Event) int {
	place, err := time.LoadLocation(e.Zone)
	if err != nil {
		place = time.UTC // the zone was known when the event was written
	}
	return e.Starts.In(place).Year()
}

// represented counts who was asked to the series by what they say of themselves,
// as the index has them and as an organiser is told of a search.
func (s *Server) represented(r *http.Request, series string) (map[string]map[string]int, error) {
	asked := search.Query{
		Where: []search.Filter{{Field: listing.InvitedSeries, AnyOf: []string{series}}}, Facets: representedBy(), Limit: 1,
	}
	found, err := s.Index.Search(r.Context(), listing.For(listing.Organisers, asked))
	if err != nil {
		return nil, searchFault(err)
	}
	found = listing.Shown(listing.Organisers, asked, found)
	counts := map[string]map[string]int{}
	for _, field := range representedBy() {
		counts[field] = map[string]int{}
		for _, c := range found.Facets[field] {
			counts[field][c.Value] = c.N
		}
	}
	return counts, nil
}
