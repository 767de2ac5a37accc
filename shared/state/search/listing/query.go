package listing

import (
	"slices"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/state/search"
)

// Verified and Listed since are numbers of the index: Unix seconds of when a
// stakeholder was last held to be true, and of when it was listed.
const (
	verified = "verified"
	listedAt = "listed"
)

// Query returns the search that an audience, or what else is asked in its terms,
// describes. Processes among its filters must have been resolved (see
// store.ResolveAudience); the caller narrows it to its reader by For.
func Query(a convening.Audience) search.Query {
	q := search.Query{Text: a.Text, Where: Where(a.Filters)}
	for _, f := range Where(a.Without) {
		q.Where = append(q.Where, search.Filter{Field: f.Field, NoneOf: f.AnyOf, Fixed: true})
	}
	if t := a.VerifiedSince; t != nil {
		q.Ranges = append(q.Ranges, search.Range{Field: verified, From: t.Unix(), To: search.MaxNumber})
	}
	if n := a.InvitedAtMost; n != nil {
		q.Ranges = append(q.Ranges, search.Range{Field: invited, From: 0, To: int64(*n), OrNone: true})
	}
	if t := a.NotInvitedSince; t != nil {
		q.Ranges = append(q.Ranges, search.Range{Field: lastInvited, From: -search.MaxNumber, To: t.Unix() - 1, OrNone: true})
	}
	return q
}

// ListedSince narrows a query to who was listed at the time or later, and before
// another, both to the second; the newest comes first.
func ListedSince(q search.Query, from, until time.Time) search.Query {
	q.Ranges = append(q.Ranges[:len(q.Ranges):len(q.Ranges)], search.Range{Field: listedAt, From: from.Unix(), To: until.Unix() - 1})
	q.Sort = search.Sort{By: listedAt, Descending: true}
	return q
}

// Sorts are the orders of hits that can be asked for, each with what the index
// orders by. "relevance" is the usual one.
func Sorts() map[string]search.Sort {
	return map[string]search.Sort{
		"relevance":           {},
		"name":                {By: search.SortByName},
		"recently_verified":   {By: verified, Descending: true},
		"least_invited":       {By: invited},
		"longest_not_invited": {By: lastInvited},
	}
}

// ByEngagement reports whether an order tells who was asked to what, which only
// who convenes may see.
func ByEngagement(sort string) bool { return sort == "least_invited" || sort == "longest_not_invited" }

// withNarrower adds to topics what stands under them: who asks for the wider one
// means these too.
func withNarrower(topics []string) []string {
	var all []string
	for _, code := range topics {
		closure := taxonomy.TopicClosure(code)
		if len(closure) == 0 {
			closure = []string{code} // unknown, and so found nowhere
		}
		all = append(all, closure...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
