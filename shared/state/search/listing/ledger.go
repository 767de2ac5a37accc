package listing

import (
	"maps"
	"slices"

	"convoke/shared/domain/convening"
	"convoke/shared/state/search"
)

// The fields of the index that come from the engagement ledger. The series are a
// facet, the others numbers to order by; what a hit shows has none of them, so
// that nobody sees them but who may read the ledger.
const (
	InvitedSeries = "invited_series"
	invited       = "invited"
	accepted      = "accepted"
	lastInvited   = "last_invited" // Unix seconds; 0 for who was never asked, who comes first of those to ask
)

// WithLedger adds to a change what the ledger says. Its version becomes that of
// both.
func WithLedger(c search.Change, l *convening.Ledger) search.Change {
	c.Version += l.Version
	if c.Removed {
		return c
	}
	sum := l.Engagement()
	c.Numbers, c.Facets = orEmpty(c.Numbers), orEmpty(c.Facets)
	c.Numbers[invited], c.Numbers[accepted] = int64(sum.Invited), int64(sum.Accepted)
	c.Facets[InvitedSeries] = slices.Sorted(maps.Keys(sum.Series))
	c.Numbers[lastInvited] = 0
	if sum.LastAsked != nil {
		c.Numbers[lastInvited] = sum.LastAsked.Unix()
	} else {
		c.Facets[InvitedSeries] = []string{convening.NeverAsked}
	}
	return c
}

// orEmpty is the map to write to.
func orEmpty[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return m
}
