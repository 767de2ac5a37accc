package listing

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/state/likeness"
	"convoke/shared/state/search"
)

// Reader is who searches.
type Reader string

// The readers. What one may find, those after it may.
const (
	Public     Reader = "public"
	Listed     Reader = "listed" // contacts of a listed stakeholder
	Organisers Reader = "organisers"
	Moderators Reader = "moderators" // who work the directory: they are given every count
)

// Sees is the reader of profiles that the reader of the index is.
func (r Reader) Sees() directory.Reader {
	if r == Moderators {
		return directory.ReaderOrganisers // what only the stakeholder itself may see is in no index
	}
	return directory.Reader(r)
}

// seenBy is the facet that holds a document back from who may not see it. Every
// query of this package filters by it.
const seenBy = "seen_by"

// leastOf is the least of the readers who may find a stakeholder.
func leastOf(e *directory.Stakeholder) directory.Reader {
	if e.AtRisk {
		return directory.ReaderOrganisers
	}
	return directory.ReaderPublic
}

// hideableFacets are the facets whose values a stakeholder can hide, each with
// the field of the profile that they come from.
var hideableFacets = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"topic": "topics", "language": "languages", "works_in": "works_in", "origin": "origin_countries",
		"residence": "residence_countries", "led_by": "led_by", "serves": "serves", "advocates_for": "advocates_for",
		"consultative_status": "consultative_status", "major_group": "led_by", "gfmd": "led_by",
	}
})

// mark parts the value of a facet from the least reader that may find it, where
// that is not everybody. No value of a vocabulary has it.
const mark = "@"

// facets returns the document's facets. A value that not everybody may see is
// written with its least reader, so that it is another value: it is neither found
// nor counted but through For and Shown. What only the stakeholder itself may see
// is not written.
func facets(e *directory.Stakeholder) map[string][]string {
	readers := []string{string(Public), string(Organisers)}
	if e.AtRisk {
		readers = readers[1:]
	}
	if e.Status == directory.Lapsed {
		for i, r := range readers {
			readers[i] = lapsedFor + r
		}
	}
	all := map[string][]string{
		seenBy: readers, likeness.Facet: likeness.Keys(e.Profile, e.Contacts), "category": {e.Category}, "country": {e.Country}, "region": taxonomy.RegionsOf(e.Country),
		"group": taxonomy.GroupsOf(e.Country, e.UpdatedAt), "topic": e.Topics, "language": e.Languages, "works_in": e.WorksIn,
		"status": {string(e.Status)}, "tier": {string(cmp.Or(e.Tier, directory.TierNone))}, "origin": e.OriginCountries, "residence": e.ResidenceCountries, "led_by": e.LedBy, "serves": e.Serves,
		"advocates_for": e.AdvocatesFor, "consultative_status": e.ConsultativeKinds(),
		"member_of": e.TiedTo(directory.RelationMemberOf), "observer_of": e.TiedTo(directory.RelationObserverOf),
	}
	maps.Copy(all, speakers(e))
	byCategory := directory.Profile{Category: e.Category} // what its category says of it, anybody may see
	all["major_group"] = without(e.MajorGroups(), byCategory.MajorGroups())
	all["gfmd"] = without(e.Mechanisms(), byCategory.Mechanisms())
	for facet, field := range hideableFacets() {
		switch least := e.Least(field); {
		case least == directory.ReaderSelf:
			delete(all, facet)
		case !leastOf(e).Sees(least):
			all[facet] = marked(all[facet], least)
		}
	}
	all["major_group"] = append(byCategory.MajorGroups(), all["major_group"]...)
	all["gfmd"] = append(byCategory.Mechanisms(), all["gfmd"]...)
	return all
}

func without(values, others []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(v string) bool { return slices.Contains(others, v) })
}

func marked(values []string, least directory.Reader) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = v + mark + string(least)
	}
	return list
}

// For narrows a query to what the reader may find and what is in force.
func For(r Reader, q search.Query) search.Query { return only(r, q, string(r.documents())) }

// IncludingLapsed narrows a query to what the reader may find, also those whose
// verification has lapsed.
func IncludingLapsed(r Reader, q search.Query) search.Query {
	return only(r, q, string(r.documents()), lapsedFor+string(r.documents()))
}

// lapsedFor stands before a reader who may find a document only by asking for
// what has lapsed. What does not ask, audiences among it, cannot find it.
const lapsedFor = "lapsed:"

// documents is the reader by whose name documents are written that the reader may
// find.
func (r Reader) documents() Reader {
	if r.Sees().Sees(directory.ReaderOrganisers) {
		return Organisers
	}
	return Public
}

// only narrows a query to the documents of the readers, and its values to what r
// may ask for.
func only(r Reader, q search.Query, readers ...string) search.Query {
	where := make([]search.Filter, len(q.Where), len(q.Where)+1)
	for i, f := range q.Where {
		where[i] = f
		where[i].AnyOf, where[i].NoneOf = spellings(r, f.Field, f.AnyOf), spellings(r, f.Field, f.NoneOf)
		if len(f.AnyOf) > 0 && len(where[i].AnyOf) == 0 {
			where[i].NoneOf = nil // the filter asks for nothing that could be there: it must hold for nothing
		}
	}
	q.Where = append(where, search.Filter{Field: seenBy, AnyOf: readers, Fixed: true})
	q.Boost = slices.Clone(q.Boost)
	for i, b := range q.Boost {
		q.Boost[i].AnyOf = spellings(r, b.Field, b.AnyOf)
	}
	return q
}

// spellings are the values under which what the reader asks for can be written.
// A value that is written with a reader by who asks is none.
func spellings(r Reader, field string, wanted []string) []string {
	var list []string
	_, hides := hideableFacets()[field]
	for _, v := range wanted {
		if hides && strings.Contains(v, mark) {
			continue
		}
		list = append(list, v)
		for _, least := range directory.Readers()[1:3] {
			if hides && r.Sees().Sees(least) {
				list = append(list, v+mark+string(least))
			}
		}
	}
	return list
}

// step is the least count of sensitive values that is told, and what counts of
// them are multiples of.
const step = 5

// Shown returns what the reader is told of the result of a query that went
// through For: each value once, whoever may see it, and none that is not the
// reader's to see. Counts of sensitive values, and all counts among who has a
// sensitive value, are told to moderators alone as they are; others are told
// multiples of five, and nothing of fewer, so that no small group is counted,
// and none can be by the difference of two counts.
func Shown(r Reader, q search.Query, found search.Result) search.Result {
	coarse := r != Moderators && slices.ContainsFunc(q.Where, func(f search.Filter) bool { return directory.SensitiveField(hideableFacets()[f.Field]) })
	facets := make(map[string][]search.Count, len(found.Facets))
	for facet, counts := range found.Facets {
		facets[facet] = told(r, counts)
		if coarse || r != Moderators && directory.SensitiveField(hideableFacets()[facet]) {
			facets[facet] = inSteps(facets[facet])
		}
	}
	if found.Facets != nil {
		found.Facets = facets
	}
	return found
}

// told sums the counts of each value that the reader may see.
func told(r Reader, counts []search.Count) []search.Count {
	if !slices.ContainsFunc(counts, func(c search.Count) bool { return strings.Contains(c.Value, mark) }) {
		return counts // as the index counted them: each once, in order
	}
	var list []search.Count
	at := map[string]int{}
	for _, c := range counts {
		value, least, hidden := strings.Cut(c.Value, mark)
		if hidden && !r.Sees().Sees(directory.Reader(least)) {
			continue
		}
		if i, there := at[value]; there {
			list[i].N += c.N
			continue
		}
		at[value] = len(list)
		list = append(list, search.Count{Value: value, N: c.N})
	}
	slices.SortFunc(list, func(a, b search.Count) int {
		return cmp.Or(cmp.Compare(b.N, a.N), strings.Compare(a.Value, b.Value))
	})
	return list
}

func inSteps(counts []search.Count) []search.Count {
	var list []search.Count
	for _, c := range counts {
		if c.N -= c.N % step; c.N > 0 {
			list = append(list, c)
		}
	}
	return list
}
