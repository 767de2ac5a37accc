package convening

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

// maxTargets is how many targets a panel can have: more than a person can weigh,
// and few enough to search under.
const maxTargets = 20

// Rule says how the count of a target is meant.
type Rule string

// The rules of a target.
const (
	AtLeast Rule = "at_least"
	AtMost  Rule = "at_most"
	Exactly Rule = "exactly"
)

// Attribute is what a target counts the panel by.
type Attribute string

// The attributes. The last two hold for each organisation or country by itself
// and know AtMost alone; a declared conflict of interest counts for nobody's
// good, so its one target is at most none.
const (
	ByCategory     Attribute = "category"
	ByCountry      Attribute = "country"
	ByRegion       Attribute = "region"               // UN M49, at any level
	ByGroup        Attribute = "group"                // LDC, LLDC, SIDS
	ByGender       Attribute = "gender"               // as the speaker declares it
	ByLedBy        Attribute = "led_by"               // as the stakeholder declares it
	ByExperience   Attribute = "lived_experience"     // as the speaker declares it
	ByLanguage     Attribute = "language"             // working languages
	ByFirst        Attribute = "first_timer"          // never_invited, never_spoke
	ByConflict     Attribute = "conflict_of_interest" // declared; takes no values
	ByOrganisation Attribute = "each_organisation"
	ByEachCountry  Attribute = "each_country"
)

// The values of ByFirst.
const (
	NeverInvited = "never_invited"
	NeverSpoke   = "never_spoke"
)

// Target is one balance rule of a panel: how many of those who sit in it have
// any of the values.
type Target struct {
	Rule   Rule      `json:"rule"`
	Count  int       `json:"count"`
	Of     Attribute `json:"of"`
	Values []string  `json:"values,omitempty"`
}

// Attributes are those that a target can count by.
func Attributes() []Attribute {
	return []Attribute{
		ByCategory, ByCountry, ByRegion, ByGroup, ByGender, ByLedBy, ByExperience, ByLanguage, ByFirst, ByConflict,
		ByOrganisation, ByEachCountry,
	}
}

// Genders are what a speaker can say of themself; nobody is asked to.
func Genders() []string { return []string{"woman", "man", "non_binary", "other"} }

// each reports whether the target limits every organisation or country by
// itself.
func (t Target) each() bool { return t.Of == ByOrganisation || t.Of == ByEachCountry }

// bounds are the least and the most that the target asks for.
func (t Target) bounds(seats int) (lo, hi int) {
	switch t.Rule {
	case AtLeast:
		return t.Count, max(seats, t.Count)
	case AtMost:
		return 0, t.Count
	}
	return t.Count, t.Count
}

func validateTargets(faults *fault.List, targets []Target) {
	if len(targets) > maxTargets {
		faults.Add("/targets", "list.too_long", "max", strconv.Itoa(maxTargets))
		return
	}
	for i, t := range targets {
		at := "/targets/" + strconv.Itoa(i)
		t.validate(faults, at)
		for _, former := range targets[:i] {
			if former.Rule == t.Rule && former.Of == t.Of && slices.Equal(former.Values, t.Values) {
				faults.Add(at, "list.repeated")
			}
		}
	}
}

func (t Target) validate(faults *fault.List, at string) {
	if t.Rule != AtLeast && t.Rule != AtMost && t.Rule != Exactly {
		faults.Add(at+"/rule", "target.rule_unknown")
	}
	if !slices.Contains(Attributes(), t.Of) {
		faults.Add(at+"/of", "target.attribute_unknown")
		return
	}
	least := 0
	if t.Rule == AtLeast || t.each() {
		least = 1 // at least none says nothing, and at most none of every country leaves nobody
	}
	if t.Count < least || t.Count > maxSeats {
		faults.Add(at+"/count", "target.count_outside", "min", strconv.Itoa(least), "max", strconv.Itoa(maxSeats))
	}
	if (t.each() || t.Of == ByConflict) && t.Rule != AtMost {
		faults.Add(at+"/rule", "target.at_most_alone")
	}
	if t.each() || t.Of == ByConflict {
		if len(t.Values) > 0 {
			faults.Add(at+"/values", "target.without_values")
		}
		return
	}
	if len(t.Values) == 0 {
		faults.Add(at+"/values", "list.empty")
	}
	directory.CheckEach(faults, at+"/values", t.Values, 60, func(v string) string { return valueFault(t.Of, v) })
}

// valueFault returns the code of what is wrong with a value of a target, or "".
func valueFault(of Attribute, value string) string {
	switch of {
	case ByRegion:
		return unless(taxonomy.ValidRegion(value) && !slices.Contains(taxonomy.Groups(), value), "region.unknown")
	case ByGender:
		return unless(slices.Contains(Genders(), value), "gender.unknown")
	case ByExperience:
		return unless(slices.Contains(directory.Groups(), value), "group.unknown")
	case ByFirst:
		return unless(value == NeverInvited || value == NeverSpoke, "target.first_timer_unknown")
	}
	return filterFault(string(of), value)
}

// Candidate is who could sit in a panel: a speaker of a stakeholder, or the
// stakeholder itself when it names none. What is declared is as it was declared;
// nothing of it is inferred, and empty is not known.
type Candidate struct {
	ID          string // of the stakeholder, or "stakeholder.contact"
	Stakeholder string
	Contact     string
	Category    string
	Country     string // of the stakeholder, so that the candidates of one share it
	Gender      string
	LedBy       []string
	Experience  []string
	Languages   []string
	Invited     int        // how often this stakeholder was asked before
	Spoke       int        // how often it took part in a panel
	LastInvited *time.Time // nil when never
	Conflict    bool       // a conflict of interest is declared
	Relevance   int        // 0 to 1000, from the search
}

// counts returns whether the target counts a candidate, as of now. It is made
// once for many candidates.
func (t Target) counts(now time.Time) func(*Candidate) bool {
	has := map[string]bool{}
	for _, v := range t.Values {
		has[v] = true
	}
	among := func(values []string) bool { return slices.ContainsFunc(values, func(v string) bool { return has[v] }) }
	switch t.Of {
	case ByCategory:
		return func(c *Candidate) bool { return has[c.Category] }
	case ByCountry, ByRegion, ByGroup:
		within := map[string]bool{}
		return func(c *Candidate) bool {
			in, known := within[c.Country]
			if !known {
				in = t.holdsCountry(c.Country, now)
				within[c.Country] = in
			}
			return in
		}
	case ByGender:
		return func(c *Candidate) bool { return has[c.Gender] }
	case ByLedBy:
		return func(c *Candidate) bool { return among(c.LedBy) }
	case ByExperience:
		return func(c *Candidate) bool { return among(c.Experience) }
	case ByLanguage:
		return func(c *Candidate) bool { return among(c.Languages) }
	case ByFirst:
		return func(c *Candidate) bool { return has[NeverInvited] && c.Invited == 0 || has[NeverSpoke] && c.Spoke == 0 }
	case ByConflict:
		return func(c *Candidate) bool { return c.Conflict }
	}
	return func(*Candidate) bool { return false }
}

// holdsCountry reports whether a target by country, region or group counts a
// country.
func (t Target) holdsCountry(country string, now time.Time) bool {
	in := []string{country}
	switch t.Of {
	case ByRegion:
		in = taxonomy.RegionsOf(country)
	case ByGroup:
		in = taxonomy.GroupsOf(country, now)
	}
	return slices.ContainsFunc(in, func(v string) bool { return slices.Contains(t.Values, v) })
}
