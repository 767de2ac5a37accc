// Package listing says what of a stakeholder the search holds, what a hit shows,
// and who may find what. It is the one place where the directory and the index
// meet.
package listing

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"golang.org/x/text/language"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/state/search"
)

// Entry is what a hit shows.
type Entry struct {
	ID         string           `json:"id"`
	Name       string           `json:"name"`
	Lang       string           `json:"lang,omitempty"`  // of Name, BCP 47; empty when it belongs to no language
	Names      []directory.Name `json:"names,omitempty"` // further ones, so that a page can choose by language
	Acronym    string           `json:"acronym,omitempty"`
	Category   string           `json:"category"`
	Country    string           `json:"country"`
	Topics     []string         `json:"topics,omitempty"`
	Website    string           `json:"website,omitempty"`
	VerifiedAt *time.Time       `json:"verified_at,omitempty"`
	Tier       directory.Tier   `json:"tier"`             // see directory.Tiers
	Lapsed     bool             `json:"lapsed,omitempty"` // its verification ended; see IncludingLapsed
}

// shownNames is how many further names a hit carries.
const shownNames = 8

// Change returns what the index is to know of the stakeholder: its document
// while it is listed or has lapsed, its removal otherwise.
func Change(e *directory.Stakeholder) search.Change {
	if e.Status != directory.Listed && e.Status != directory.Lapsed {
		return search.Change{Document: search.Document{ID: e.ID, Version: e.Version}, Removed: true}
	}
	return search.Change{Document: Document(e)}
}

// Document returns the index's document of a stakeholder that is listed or has
// lapsed.
func Document(e *directory.Stakeholder) search.Document {
	seen := e.For(leastOf(e))
	d := search.Document{
		ID: e.ID, Version: e.Version, Names: names(e), Topics: topicWords(seen.Topics), Facets: facets(e),
		Numbers: map[string]int64{}, Stored: stored(e, seen), Unweighed: e.AtRisk,
	}
	for _, t := range seen.Descriptions {
		d.Text = append(d.Text, t.Text)
	}
	d.Text = append(d.Text, countryNames(e.Country)...)
	if e.VerifiedAt != nil {
		d.Numbers[verified] = e.VerifiedAt.Unix()
	}
	d.Numbers[listedAt] = e.SubmittedAt.Unix()
	if e.DecidedAt != nil {
		d.Numbers[listedAt] = e.DecidedAt.Unix()
	}
	return d
}

func names(e *directory.Stakeholder) []search.Name {
	list := make([]search.Name, len(e.Names))
	for i, n := range e.Names {
		kind := search.KindOther
		switch {
		case n.Kind == directory.NameAcronym:
			kind = search.KindAcronym
		case i == 0, n.Kind == directory.NameLegal:
			kind = search.KindDisplay
		}
		list[i] = search.Name{Text: n.Text, Lang: n.Lang, Kind: kind}
	}
	return list
}

// stored is the entry of a hit, which is the same for everybody: seen is what the
// least of its readers may see.
func stored(e *directory.Stakeholder, seen directory.Profile) json.RawMessage {
	entry := Entry{
		ID: e.ID, Name: e.DisplayName(), Category: e.Category, Country: e.Country, Topics: seen.Topics, Website: seen.Website, VerifiedAt: e.VerifiedAt,
		Tier: cmp.Or(e.Tier, directory.TierNone), Lapsed: e.Status == directory.Lapsed,
	}
	for _, n := range e.Names {
		switch {
		case n.Kind == directory.NameAcronym && entry.Acronym == "":
			entry.Acronym = n.Text
		case n.Text == entry.Name && entry.Lang == "":
			entry.Lang = n.Lang
		case n.Text != entry.Name && n.Kind != directory.NameAcronym && len(entry.Names) < shownNames:
			entry.Names = append(entry.Names, n)
		}
	}
	b, err := json.Marshal(entry)
	if err != nil {
		panic(fmt.Sprintf("listing: an entry does not encode: %v", err)) // a fault of the program, not of input
	}
	return b
}

// Audience returns the query that resolves an audience: one page of all whom an
// organiser may find.
func Audience(a convening.Audience, limit int, cursor string) search.Query {
	q := Query(a)
	q.Limit, q.Cursor = limit, cursor
	return For(Organisers, q)
}

// Where returns the filters among the values by field; other fields are passed
// over.
func Where(values map[string][]string) []search.Filter {
	var where []search.Filter
	for _, field := range slices.Concat(convening.AudienceFilters(), convening.EngagementFilters()) {
		wanted := values[field]
		switch {
		case len(wanted) == 0:
		case field == convening.MemberStatesOf, field == convening.ObserverStatesOf: // countries, see store.ResolveFilters
			where = append(where, search.Filter{Field: "country", AnyOf: wanted, Fixed: true})
		case field == "topic":
			where = append(where, search.Filter{Field: field, AnyOf: withNarrower(wanted)})
		default:
			where = append(where, search.Filter{Field: field, AnyOf: wanted})
		}
	}
	return where
}

// countryNames returns the country's names in the six languages, for who adds
// the country to a name that many bear.
func countryNames(code string) []string {
	var names []string
	for _, tag := range taxonomy.UNLanguages() {
		names = append(names, taxonomy.CountryName(code, language.Make(tag)))
	}
	return names
}

// topicWords returns the titles of the topics in the six languages, so that a
// stakeholder is found by the words for what it works on.
func topicWords(topics []string) []string {
	var words []string
	for _, code := range topics {
		for _, tag := range taxonomy.UNLanguages() {
			words = append(words, taxonomy.TopicTitle(code, language.Make(tag)))
		}
	}
	return words
}
