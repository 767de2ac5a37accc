package likeness

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
)

// Finder looks up who may be the same organisation as another. It asks the index
// a few questions and the table two, whatever the directory's size.
type Finder struct {
	Store *store.Store
	Index *search.Index
}

// Candidate is a stakeholder that may be the same.
type Candidate struct {
	Stakeholder *directory.Stakeholder
	Result
}

// What a look-up asks for at most.
const (
	namesAsked = 3  // names of one stakeholder
	hitsAbroad = 6  // hits of one name anywhere
	hitsAtHome = 10 // and in the stakeholder's country
	hitsByKey  = 20
	maxFound   = 100 // stakeholders that are read and compared
	// leastScore is what is worth showing to a moderator.
	leastScore = 0.4
)

// Candidates returns those that may be the same organisation as e, the likeliest
// first, at most limit of them. Also are ids that are to be compared too, such as
// those that lay claim to the same name. Left out are those that a moderator held
// to be distinct, and those that were declined, merged or erased. While the index cannot be
// read, only those of also are looked at.
func (f Finder) Candidates(ctx context.Context, e *directory.Stakeholder, limit int, also ...string) ([]Candidate, error) {
	subject := Of(e.Profile, e.Contacts)
	ids, err := f.look(ctx, subject, e.Names)
	if err != nil && !errors.Is(err, search.ErrUnavailable) { // a moderator goes on, with those that are known otherwise
		return nil, fmt.Errorf("look for duplicates: %w", err)
	}
	ids = without(append(also, ids...), e.ID)
	if len(ids) > maxFound {
		ids = ids[:maxFound]
	}
	found, err := f.Store.Stakeholders(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read possible duplicates: %w", err)
	}
	list := compareAll(subject, found)
	if len(list) > limit {
		list = list[:limit]
	}
	return f.notDistinct(ctx, e.ID, list)
}

// without returns the ids, each once, but for one.
func without(ids []string, self string) []string {
	seen := map[string]bool{self: true}
	return slices.DeleteFunc(ids, func(id string) bool {
		again := seen[id]
		seen[id] = true
		return again
	})
}

func compareAll(subject Subject, found []*directory.Stakeholder) []Candidate {
	var list []Candidate
	for _, other := range found {
		switch other.Status {
		case directory.Declined, directory.Merged, directory.Erased:
			continue
		}
		if r := Compare(subject, Of(other.Profile, other.Contacts)); r.Score >= leastScore {
			list = append(list, Candidate{other, r})
		}
	}
	shareAcronyms(list)
	slices.SortFunc(list, byScore)
	return list
}

// shareAcronyms lessens what an acronym says by how many it fits equally: of
// three that it may stand for, each is less likely the one.
func shareAcronyms(list []Candidate) {
	fits := 0
	for _, c := range list {
		if c.byAcronym() {
			fits++
		}
	}
	for i, c := range list {
		if fits > 1 && c.byAcronym() {
			list[i].Score *= 1 / math.Sqrt(float64(fits))
		}
	}
}

// byAcronym reports whether an acronym in one country is all that speaks for it.
func (r Result) byAcronym() bool {
	acronym, home := false, false
	for _, reason := range r.Reasons {
		switch reason.Code {
		case Acronym, SameAcronym:
			acronym = true
		case SameCountry:
			home = true
		case SameIdentifier, SameDomain:
			return false
		}
	}
	return acronym && home
}

func (f Finder) notDistinct(ctx context.Context, id string, list []Candidate) ([]Candidate, error) {
	ids := make([]string, len(list))
	for i, c := range list {
		ids[i] = c.Stakeholder.ID
	}
	distinct, err := f.Store.Distinct(ctx, id, ids)
	if err != nil {
		return nil, fmt.Errorf("read who is distinct: %w", err)
	}
	return slices.DeleteFunc(list, func(c Candidate) bool { return distinct[c.Stakeholder.ID] }), nil
}

// look asks the index by keys and by names.
func (f Finder) look(ctx context.Context, s Subject, names []directory.Name) ([]string, error) {
	home := search.Filter{Field: "country", AnyOf: []string{s.country}}
	var queries []search.Query
	if keys := s.own(); len(keys) > 0 {
		queries = append(queries, search.Query{Where: []search.Filter{{Field: Facet, AnyOf: keys}}, Limit: hitsByKey})
	}
	if keys := s.acronyms(); len(keys) > 0 {
		queries = append(queries, search.Query{Where: []search.Filter{{Field: Facet, AnyOf: keys}, home}, Limit: hitsByKey})
	}
	for _, text := range texts(s, names) {
		queries = append(queries, search.Query{Text: text, Where: []search.Filter{home}, Limit: hitsAtHome, Near: true}, search.Query{Text: text, Limit: hitsAbroad, Near: true})
	}
	var ids []string
	for _, q := range queries {
		found, err := f.Index.Search(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, h := range found.Hits {
			ids = append(ids, h.ID)
		}
	}
	return ids, nil
}

// texts returns what to ask the index: the names that are no acronyms, and how
// they are spelt in Latin letters.
func texts(s Subject, names []directory.Name) []string {
	var list []string
	for i, n := range names {
		if len(list) >= namesAsked {
			break
		}
		if s.forms[i].short != "" {
			continue
		}
		list = append(list, plain(n.Text))
		if latin, ok := search.InLatin(n.Text, n.Lang); ok {
			list = append(list, latin+" ")
		}
	}
	if len(list) == 0 && len(names) > 0 {
		list = append(list, plain(names[0].Text))
	}
	return list
}

// plain leaves out what a query gives a meaning to: quotation marks, and hyphens
// that would exclude a word. The space at the end says that the last word is
// whole.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`"“”«»„-`, r) {
			return ' '
		}
		return r
	}, text) + " "
}
