package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
)

// searchRoutes are the ways to ask the index.
func (s *Server) searchRoutes() []route {
	return []route{
		{"GET", "/v1/stakeholders", anyone, document, s.searchStakeholders},
		{"GET", "/v1/typeahead", anyone, document, s.getTypeahead},
	}
}

// searchStakeholders answers from the index alone: it asks nothing of the table,
// but for a signed-in contact whether that is of a listed stakeholder, for an
// organiser what the hits were asked to before, and for a process which its
// States are.
func (s *Server) searchStakeholders(w http.ResponseWriter, r *http.Request) error {
	found, err := s.find(r)
	if err != nil {
		return err
	}
	return s.writeFound(w, r, found)
}

// find runs the search that the query string describes, within what the reader
// may see.
func (s *Server) find(r *http.Request) (search.Result, error) {
	q, limit, cursor, err := paged(r, searchParameters(seesHidden(identityOf(r)))...)
	if err != nil {
		return search.Result{}, err
	}
	asked, err := s.searched(r, q)
	if err != nil {
		return search.Result{}, err
	}
	asked.Limit, asked.Cursor = limit, cursor
	within := listing.For
	switch q.Get("include") {
	case "":
	case "lapsed":
		within = listing.IncludingLapsed
	default:
		return search.Result{}, badQuery("include", "query.include_unknown")
	}
	reader, err := s.searcher(r)
	if err != nil {
		return search.Result{}, err
	}
	found, err := s.Index.Search(r.Context(), within(reader, asked))
	return listing.Shown(reader, asked, found), searchFault(err)
}

// without stands before the name of a filter whose values are not wanted.
const without = "not."

// searchParameters are those of a search beside limit and cursor. Who was asked to
// what is for those who convene.
func searchParameters(convenes bool) []string {
	names := []string{"q", "facet", "include", "sort", "explain", "verified_since"}
	filters := searchFilters(convenes)
	if convenes {
		names = append(names, "invited_at_most", "not_invited_since")
	}
	for _, f := range filters {
		names = append(names, f, without+f)
	}
	return names
}

func searchFilters(convenes bool) []string {
	filters := convening.AudienceFilters()
	if convenes {
		filters = append(filters, convening.EngagementFilters()...)
	}
	return filters
}

// searched returns the query that the parameters describe.
func (s *Server) searched(r *http.Request, q url.Values) (search.Query, error) {
	a, err := s.audienceOf(r, q)
	if err != nil {
		return search.Query{}, err
	}
	asked := listing.Query(a)
	asked.Suggest, asked.Mark = true, true
	if asked.Explain, err = flagged(q, "explain"); err != nil {
		return asked, err
	}
	return asked, shaped(r, q, &asked)
}

// shaped adds to a query the facets to be counted and the order of what is found.
func shaped(r *http.Request, q url.Values, asked *search.Query) error {
	convenes := seesHidden(identityOf(r))
	for _, field := range q["facet"] {
		if !slices.Contains(searchFilters(convenes), field) || slices.Contains(tiedFields(), field) && !convenes {
			return badQuery("facet", "query.facet_unknown")
		}
	}
	sort := q.Get("sort")
	order, known := listing.Sorts()[sort]
	if sort != "" && (!known || listing.ByEngagement(sort) && !convenes) {
		return badQuery("sort", "query.sort_unknown")
	}
	order.Lang = string(language(r))
	asked.Facets, asked.Sort = q["facet"], order
	return nil
}

// audienceOf reads what is looked for in the terms of an audience.
func (s *Server) audienceOf(r *http.Request, q url.Values) (convening.Audience, error) {
	a := convening.Audience{Text: q.Get("q")}
	unwanted := url.Values{}
	for name, values := range q {
		if field, ok := strings.CutPrefix(name, without); ok {
			unwanted[field] = values
		}
	}
	var err error
	if a.Filters, err = s.resolveFilters(r, q); err != nil {
		return a, err
	}
	if a.Without, err = s.resolveFilters(r, unwanted); err != nil {
		return a, err
	}
	if a.VerifiedSince, err = dayAsked(q, "verified_since"); err != nil {
		return a, err
	}
	if a.NotInvitedSince, err = dayAsked(q, "not_invited_since"); err != nil {
		return a, err
	}
	if text := q.Get("invited_at_most"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return a, badQuery("invited_at_most", "query.number")
		}
		a.InvitedAtMost = &n
	}
	return a, nil
}

// dayAsked reads a parameter that is a day (RFC 3339, full-date), as its beginning
// in UTC.
func dayAsked(q url.Values, name string) (*time.Time, error) {
	text := q.Get(name)
	if text == "" {
		return nil, nil
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.Year() < directory.EarliestYear {
		return nil, badQuery(name, "query.day")
	}
	return &day, nil
}

// searchFault puts the index's refusals into the words of the API.
func searchFault(err error) error {
	switch {
	case errors.Is(err, search.ErrCursor):
		return store.ErrCursor.Because(err)
	case errors.Is(err, search.ErrUnavailable):
		return store.ErrOverloaded.Because(err)
	case errors.Is(err, search.ErrQuery):
		return fault.New(fault.Malformed, "query.malformed").Because(err)
	}
	return err
}

// typed is one hit while a name is being typed.
type typed struct {
	ID       string `json:"id"`
	Name     string `json:"name"` // for the reader's language
	Category string `json:"category"`
	Country  string `json:"country"`
}

// typeaheadShown is how many names are offered.
const typeaheadShown = 8

// getTypeahead offers names for what is being typed, from the index alone. The
// public's may be kept for a minute: it is asked with every key.
func (s *Server) getTypeahead(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r, "q")
	if err != nil {
		return err
	}
	reader, err := s.searcher(r)
	if err != nil {
		return err
	}
	asked := listing.For(reader, search.Query{Text: q.Get("q")})
	items := []typed{}
	if strings.TrimSpace(asked.Text) != "" {
		found, err := s.Index.Typeahead(r.Context(), asked.Text, asked.Where, typeaheadShown)
		if err != nil {
			return searchFault(err)
		}
		if items, err = viewTyped(found.Hits, string(language(r))); err != nil {
			return err
		}
	}
	w.Header().Set("Vary", "Accept-Language, Authorization, Cookie")
	if reader == listing.Public {
		w.Header().Set("Cache-Control", "private, max-age=60")
	}
	return ok(w, listOf[typed]{Items: items})
}

func viewTyped(hits []search.Hit, lang string) ([]typed, error) {
	items := make([]typed, len(hits))
	for i, hit := range hits {
		var e listing.Entry
		if err := json.Unmarshal(hit.Stored, &e); err != nil {
			return nil, err
		}
		own := directory.Profile{Names: append([]directory.Name{{Text: e.Name, Lang: e.Lang, Kind: directory.NameLegal}}, e.Names...)}
		items[i] = typed{e.ID, own.DisplayName(lang), e.Category, e.Country}
	}
	return items, nil
}
