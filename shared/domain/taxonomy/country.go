// Package taxonomy holds the vocabularies that a directory is sorted and
// searched by: countries and their regions, categories, topics, languages, and
// the registers that identify organisations. It is data with the questions asked
// of it; nothing here changes at run time.
package taxonomy

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// CountryInfo is one entry of ISO 3166-1.
type CountryInfo struct {
	Alpha2  string
	Alpha3  string
	Numeric string // three digits, the same as the UN M49 code; empty for XK, which has none
	Region  string // M49 code of the smallest region that holds it
}

// Assigned reports whether ISO 3166-1 assigns the code. XK is user-assigned:
// in wide use for Kosovo, and never to be officially assigned.
func (c CountryInfo) Assigned() bool { return c.Numeric != "" }

// Country returns the entry of an alpha-2 code in capitals.
func Country(code string) (CountryInfo, bool) {
	c, ok := atlas().countries[code]
	return c, ok
}

// ValidCountry reports whether code is an alpha-2 code of ISO 3166-1, in
// capitals, or XK.
func ValidCountry(code string) bool {
	_, ok := atlas().countries[code]
	return ok
}

// Countries returns the alpha-2 codes of all countries and areas, sorted: the
// 249 of ISO 3166-1 and XK.
func Countries() []string { return slices.Sorted(maps.Keys(atlas().countries)) }

// RegionsOf returns the M49 codes of the regions that hold a country, smallest
// first and ending with 001, the World; nothing for an unknown country. TW and
// XK, which M49 does not list, stand where their neighbours do.
func RegionsOf(country string) []string { return slices.Clone(atlas().paths[country]) }

// InRegion reports whether the region holds the country.
func InRegion(country, region string) bool {
	return slices.Contains(atlas().paths[country], region)
}

// GroupsOf returns the M49 codes of the groups of countries (LDC, LLDC, SIDS)
// that a country belongs to on the day of at, in UTC.
func GroupsOf(country string, at time.Time) []string {
	day := at.UTC().Format(time.DateOnly)
	var groups []string
	for _, m := range atlas().memberships[country] {
		if m.holds(day) {
			groups = append(groups, m.Group)
		}
	}
	return groups
}

// Memberships returns what is known of a country's membership of the groups.
func Memberships(country string) []Membership {
	return slices.Clone(atlas().memberships[country])
}

type countryIndex struct {
	countries   map[string]CountryInfo
	paths       map[string][]string
	memberships map[string][]Membership
}

var atlas = sync.OnceValue(func() countryIndex {
	x := countryIndex{map[string]CountryInfo{}, map[string][]string{}, map[string][]Membership{}}
	for _, leaf := range leaves() {
		path := pathOf(leaf[0])
		for entry := range strings.SplitSeq(leaf[1], ",") {
			f := append(strings.Fields(entry), "")
			x.countries[f[0]] = CountryInfo{f[0], f[1], f[2], leaf[0]}
			x.paths[f[0]] = path
		}
	}
	for group, entries := range groupMembers() {
		for entry := range strings.FieldsSeq(entries) {
			m := membership(group, entry)
			x.memberships[m.Country] = append(x.memberships[m.Country], m)
		}
	}
	for _, ms := range x.memberships {
		slices.SortFunc(ms, func(a, b Membership) int { return strings.Compare(a.Group, b.Group) })
	}
	return x
})
