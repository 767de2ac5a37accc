package convening

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

// Limits of what an organiser says of invitations.
const (
	maxInvitees  = 2000
	maxStandbys  = 5
	maxWaves     = 10
	maxReminders = 5
	maxPlaces    = 100_000
	maxDays      = 365
)

// Roles are the roles in which somebody can be invited.
func Roles() []string {
	return []string{participant, "moderator", "speaker", "discussant", "rapporteur"}
}

const participant = "participant"

// Invitee is somebody that an organiser names: a contact of a stakeholder, or its
// focal point.
type Invitee struct {
	Stakeholder string    `json:"stakeholder"`
	Contact     string    `json:"contact,omitempty"`    // empty is the focal point
	Role        string    `json:"role,omitempty"`       // empty is participant
	Alternates  []Invitee `json:"alternates,omitempty"` // asked one after the other when the one before says no or nothing
}

// Named are the parts of an audience beside the saved search.
type Named struct {
	Invitees []Invitee `json:"invitees,omitempty"`
	Exclude  []string  `json:"exclude,omitempty"` // stakeholders that are left out, whichever part they are in
	Panel    bool      `json:"panel,omitempty"`   // who sits in the panel is invited, in the role of the seat
}

// Outreach says how the invitations of an event go out, and how many places
// there are. The zero value invites everyone at once, reminds once, and has a
// place for all.
type Outreach struct {
	Capacity              int `json:"capacity,omitempty"`                // places; 0 is no limit
	PlacesPerOrganisation int `json:"places_per_organisation,omitempty"` // 0 is no limit

	Waves                      []Wave         `json:"waves,omitempty"`
	Quotas                     map[string]int `json:"quotas,omitempty"`           // invitations at most, by category
	ThankAfter                 *int           `json:"thank_after_days,omitempty"` // days after the end; nil is two, 0 is never
	InvitationsPerOrganisation int            `json:"invitations_per_organisation,omitempty"`
	Reminders                  []int          `json:"reminders,omitempty"` // days before the answer-by, the earliest first
}

// Wave is who is asked at the same time. Somebody belongs to the first wave that
// fits, and to the last one when none does.
type Wave struct {
	DaysBefore int                 `json:"days_before"` // of the start; what is past is now
	NeverAsked bool                `json:"never_asked,omitempty"`
	Roles      []string            `json:"roles,omitempty"`
	Filters    map[string][]string `json:"filters,omitempty"` // see AudienceFilters
}

func (n Named) validate(faults *fault.List, pointer string) {
	if len(n.Invitees) > maxInvitees {
		faults.Add(pointer+"/invitees", "list.too_long", "max", strconv.Itoa(maxInvitees))
		return
	}
	for i, v := range n.Invitees {
		at := pointer + "/invitees/" + strconv.Itoa(i)
		v.validate(faults, at)
		if len(v.Alternates) > maxStandbys {
			faults.Add(at+"/alternates", "list.too_long", "max", strconv.Itoa(maxStandbys))
		}
		for k, a := range v.Alternates {
			a.validate(faults, at+"/alternates/"+strconv.Itoa(k))
			if len(a.Alternates) > 0 {
				faults.Add(at+"/alternates/"+strconv.Itoa(k)+"/alternates", "event.alternate_of_alternate")
			}
		}
	}
	directory.CheckEach(faults, pointer+"/exclude", n.Exclude, maxInvitees, func(s string) string { return unless(idLike(s), "id.malformed") })
}

func (v Invitee) validate(faults *fault.List, at string) {
	if !idLike(v.Stakeholder) {
		faults.Add(at+"/stakeholder", "id.malformed")
	}
	if v.Contact != "" && !idLike(v.Contact) {
		faults.Add(at+"/contact", "id.malformed")
	}
	if v.Role != "" && !slices.Contains(Roles(), v.Role) {
		faults.Add(at+"/role", "event.role_unknown")
	}
}

func (o Outreach) validate(faults *fault.List) {
	for at, n := range map[string]int{"/capacity": o.Capacity, "/places_per_organisation": o.PlacesPerOrganisation, "/invitations_per_organisation": o.InvitationsPerOrganisation} {
		checkCount(faults, at, n, 0, maxPlaces)
	}
	for category, n := range o.Quotas {
		at := "/quotas/" + fault.Token(category)
		if !taxonomy.ValidCategory(category) {
			faults.Add(at, "category.unknown")
		}
		checkCount(faults, at, n, 0, maxPlaces)
	}
	if o.ThankAfter != nil {
		checkCount(faults, "/thank_after_days", *o.ThankAfter, 0, maxThankDays)
	}
	o.validateWaves(faults)
	o.validateReminders(faults)
}

func (o Outreach) validateWaves(faults *fault.List) {
	if len(o.Waves) > maxWaves {
		faults.Add("/waves", "list.too_long", "max", strconv.Itoa(maxWaves))
		return
	}
	for i, w := range o.Waves {
		at := "/waves/" + strconv.Itoa(i)
		checkCount(faults, at+"/days_before", w.DaysBefore, 1, maxDays)
		if i > 0 && w.DaysBefore >= o.Waves[i-1].DaysBefore {
			faults.Add(at+"/days_before", "event.waves_disordered")
		}
		directory.CheckEach(faults, at+"/roles", w.Roles, len(Roles()), func(s string) string { return unless(slices.Contains(Roles(), s), "event.role_unknown") })
		validateFilters(faults, at+"/filters", w.Filters)
	}
}

func (o Outreach) validateReminders(faults *fault.List) {
	if len(o.Reminders) > maxReminders {
		faults.Add("/reminders", "list.too_long", "max", strconv.Itoa(maxReminders))
	}
	for i, days := range o.Reminders {
		at := "/reminders/" + strconv.Itoa(i)
		checkCount(faults, at, days, 1, maxDays)
		if i > 0 && days >= o.Reminders[i-1] {
			faults.Add(at, "event.reminders_disordered")
		}
	}
}

func checkCount(faults *fault.List, at string, n, least, most int) {
	if n < least || n > most {
		faults.Add(at, "number.outside", "min", strconv.Itoa(least), "max", strconv.Itoa(most))
	}
}

// Guest is somebody whom an audience leads to, before the waves are formed.
type Guest struct {
	Stakeholder *directory.Stakeholder
	Contact     directory.Contact
	Role        string
	NeverAsked  bool // to anything
	Newcomer    bool // has never accepted an invitation
	Alternates  []string
	Standby     bool // is an alternate of another
	PanelSeat
}

// Wave returns the number of the wave in which the candidate is asked, from 0,
// and when, which is no earlier than now.
func (e *Event) Wave(c Guest, now time.Time) (int, time.Time) {
	if len(e.Waves) == 0 {
		return 0, now
	}
	n := slices.IndexFunc(e.Waves, func(w Wave) bool { return w.fits(c, now) })
	if n < 0 {
		n = len(e.Waves) - 1
	}
	at := e.Starts.AddDate(0, 0, -e.Waves[n].DaysBefore)
	if at.Before(now) {
		at = now
	}
	return n, at
}

func (w Wave) fits(c Guest, now time.Time) bool {
	if w.NeverAsked && !c.NeverAsked || len(w.Roles) > 0 && !slices.Contains(w.Roles, c.Role) {
		return false
	}
	for field, wanted := range w.Filters {
		if !slices.ContainsFunc(valuesOf(c.Stakeholder, field, now), func(v string) bool { return slices.Contains(wanted, v) }) {
			return false
		}
	}
	return true
}

// valuesOf returns what a stakeholder has in a field of AudienceFilters, as the
// index has it.
func valuesOf(s *directory.Stakeholder, field string, now time.Time) []string {
	switch field {
	case "category":
		return []string{s.Category}
	case "country":
		return []string{s.Country}
	case "region":
		return taxonomy.RegionsOf(s.Country)
	case "group":
		return taxonomy.GroupsOf(s.Country, now)
	case "topic":
		return s.Topics
	case "language":
		return s.Languages
	case "works_in":
		return s.WorksIn
	case "origin":
		return s.OriginCountries
	case "residence":
		return s.ResidenceCountries
	case "led_by":
		return s.LedBy
	case "serves":
		return s.Serves
	}
	return nil
}

// ladder returns when to remind, planned back from the answer-by: at the days
// that the organiser chose, else once, three days before or at half of what is
// left when that is less. What is not after from is left out.
func ladder(days []int, from, answerBy time.Time) []time.Time {
	if len(days) == 0 {
		return []time.Time{answerBy.Add(-min(remindBefore, answerBy.Sub(from)/2))}
	}
	var times []time.Time
	for _, d := range days {
		if at := answerBy.AddDate(0, 0, -d); at.After(from) {
			times = append(times, at)
		}
	}
	return times
}
