package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
)

// shownFacets are the facets of the page, in their order.
func shownFacets() []string { return []string{"category", "region", "country", "topic"} }

// homeView is the directory: a search and what it found.
type homeView struct {
	text    string // what was searched for
	asked   bool   // anything was asked at all
	total   int
	entries []entryView
	facets  []facetView
	chosen  []facetLink // filters in force; each leads to the search without it
	next    url.Values  // the following page; nil when this is the last
	later   bool        // this is not the first page
	meant   string      // what may have been meant; empty when nothing suggests itself
	tools   []facetLink // ways that organisers have on
}

// entryView is one hit.
type entryView struct {
	listing.Entry
	shown  directory.Name           // for the reader's language
	topics []string                 // titles of the first few
	marks  map[string][]search.Mark // of each name, the parts that the words met

	Engagement *convening.Engagement // for organisers; nil for others
}

// stretch is a part of a name that the words of a search met as a whole, or not.
type stretch struct {
	text string
	met  bool
}

// parted cuts a name at its marks.
func parted(text string, marks []search.Mark) []stretch {
	var parts []stretch
	at := 0
	for _, m := range marks {
		parts = append(parts, stretch{text[at:m.From], false}, stretch{text[m.From:m.To], true})
		at = m.To
	}
	parts = append(parts, stretch{text[at:], false})
	return slices.DeleteFunc(parts, func(s stretch) bool { return s.text == "" })
}

// homePage is the directory: what it is, a search, and what that found.
func (s *Server) homePage(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	p.private = p.signedIn
	p.query = filled(p.query)
	found, err := s.find(asking(r, p.query))
	if err != nil {
		return err
	}
	if err := s.addEngagement(r, found.Hits); err != nil {
		return err
	}
	view, err := viewHome(p, found)
	if err != nil {
		return err
	}
	if who := identityOf(r); seesHidden(who) {
		view.tools = p.searchTools(who.Has(auth.Organiser) && who.Unit != "")
	}
	return s.show(w, r, p, http.StatusOK, home(p, view))
}

// searchTools narrow a search by who was asked before, and lead on from it to what
// an organiser does with whom it finds.
func (p page) searchTools(convenes bool) []facetLink {
	toggle := func(field, value, label string) facetLink {
		q := p.firstPage()
		if on := p.query.Get(field) == value; on {
			q.Del(field)
			return facetLink{field: "/", value: "true", label: label, query: q}
		}
		q.Set(field, value)
		return facetLink{field: "/", value: "false", label: label, query: q}
	}
	tools := []facetLink{
		toggle("invited_at_most", "0", p.t("tools.never_asked")), toggle("sort", "least_invited", p.t("tools.least_asked")),
	}
	sought := p.firstPage()
	for _, name := range []string{"lang", "sort", "facet", "include", "explain"} {
		sought.Del(name)
	}
	if convenes && len(sought) > 0 {
		tools = append(tools, facetLink{field: keepSearchPath, label: p.t("tools.keep"), query: sought})
	}
	return tools
}

// filled leaves out the fields that a form sent empty, and of the others whatever
// would change the order of what stands around them: a link can bring anything.
func filled(q url.Values) url.Values {
	kept := url.Values{}
	for name, values := range q {
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return strings.TrimSpace(v) == "" })
		for _, v := range values {
			kept.Add(name, i18n.Clean(v))
		}
	}
	return kept
}

// asking is the request with the query of the page as the search knows it: with
// the page's facets unless others are named.
func asking(r *http.Request, q url.Values) *http.Request {
	with := url.Values{"facet": shownFacets()}
	for name, values := range q {
		with[name] = values
	}
	asked := r.Clone(r.Context())
	asked.URL.RawQuery = with.Encode()
	return asked
}

func viewHome(p page, found search.Result) (homeView, error) {
	view := homeView{text: p.query.Get("q"), total: found.Total, meant: found.Suggestion, later: p.query.Has("cursor"), chosen: p.chosenFilters()}
	view.asked = view.text != "" || len(view.chosen) > 0
	for i := range found.Hits {
		entry, err := viewEntry(p, found.Hits[i].Stored)
		if err != nil {
			return homeView{}, err
		}
		entry.mark(&found.Hits[i])
		view.entries = append(view.entries, entry)
	}
	if found.Cursor != "" {
		view.next = p.queryWith("cursor", found.Cursor)
	}
	for _, field := range shownFacets() {
		var counted []facetLink
		for _, c := range found.Facets[field] {
			counted = append(counted, facetLink{value: c.Value, n: c.N})
		}
		if f := p.facet(field, counted); len(f.open) > 0 {
			view.facets = append(view.facets, f)
		}
	}
	return view, nil
}

// shownTopics is how many topics a hit names.
const shownTopics = 3

func viewEntry(p page, stored json.RawMessage) (entryView, error) {
	var view entryView
	told := struct {
		*listing.Entry
		Engagement **convening.Engagement `json:"engagement"`
	}{&view.Entry, &view.Engagement}
	if err := json.Unmarshal(stored, &told); err != nil {
		return view, fmt.Errorf("read hit: %w", err)
	}
	view.shown = directory.Name{Text: view.Name, Lang: view.Lang, Kind: directory.NameLegal}
	own := directory.Profile{Names: append([]directory.Name{view.shown}, view.Names...)}
	if name, ok := nameIn(own, p.lang); ok {
		view.shown = name
	}
	for _, code := range view.Topics[:min(len(view.Topics), shownTopics)] {
		view.topics = append(view.topics, p.valueName("topic", code))
	}
	return view, nil
}

// mark marks the names that the page shows, when there were words.
func (v *entryView) mark(hit *search.Hit) {
	v.marks = map[string][]search.Mark{}
	for _, n := range []search.Name{
		{Text: v.shown.Text, Lang: v.shown.Lang, Kind: search.KindOther}, {Text: v.Name, Lang: v.Lang, Kind: search.KindDisplay}, {Text: v.Acronym, Kind: search.KindAcronym},
	} {
		if n.Text != "" {
			v.marks[n.Text] = hit.Marks(n)
		}
	}
}

// nameIn returns the proper name in the language itself, false when there is
// none.
func nameIn(profile directory.Profile, lang i18n.Lang) (directory.Name, bool) {
	for _, n := range profile.Names {
		proper := n.Kind == directory.NameLegal || n.Kind == directory.NameAlias
		if proper && (n.Lang == string(lang) || strings.HasPrefix(n.Lang, string(lang)+"-")) {
			return n, true
		}
	}
	return directory.Name{}, false
}

// title is the page's own: with a search, what was searched for.
func (v homeView) title(p page) string {
	switch {
	case v.text != "":
		return p.with("results.for", "text", v.text)
	case v.asked:
		return p.t("results.title")
	}
	return p.t("home.title")
}

// unfiltered is the search for the same text without any filter.
func (v homeView) unfiltered() url.Values {
	if v.text == "" {
		return nil
	}
	return url.Values{"q": {v.text}}
}
