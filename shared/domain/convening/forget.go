package convening

import (
	"slices"
	"time"
)

// Forget takes who is erased from the panel: from seats, which are open then,
// alternates, lists and declared conflicts. Contact is empty for all of the
// stakeholder. Again changes nothing.
func (p *Panel) Forget(stakeholder, contact string, now time.Time) {
	gone := func(who Person) bool {
		return who.Stakeholder == stakeholder && contact == "" || who.Contact != "" && who.Contact == contact
	}
	found := false
	without := func(list []Person) []Person {
		kept := slices.DeleteFunc(slices.Clone(list), gone)
		found = found || len(kept) < len(list)
		return kept
	}
	p.Seats = slices.Clone(p.Seats)
	for i := range p.Seats {
		seat := &p.Seats[i]
		seat.Alternates, seat.Passed = without(seat.Alternates), without(seat.Passed)
		if seat.Holder != nil && gone(*seat.Holder) {
			seat.Holder, seat.Pinned, found = nil, false, true
		}
	}
	p.Shortlist, p.Bans, p.Conflicts = without(p.Shortlist), without(p.Bans), without(p.Conflicts)
	if !found {
		return
	}
	p.UpdatedAt = now
	p.Conceal()
	p.Record("protection.forgotten", "event", p.EventID)
}

// ForgetOrganiser takes a stakeholder that is erased out of who organises the
// event. Again changes nothing.
func (e *Event) ForgetOrganiser(stakeholder string, now time.Time) {
	if !slices.Contains(OrganisersOf(e.CoOrganisers), stakeholder) {
		return
	}
	e.CoOrganisers, e.UpdatedAt = withoutOrganiser(e.CoOrganisers, stakeholder), now
	e.Conceal()
	e.Record("protection.forgotten", "event", e.ID)
}

// Names returns the stakeholders that the panel names anywhere, each once.
func (p *Panel) Names() []string {
	var ids []string
	for _, s := range p.Seats {
		if s.Holder != nil {
			ids = append(ids, s.Holder.Stakeholder)
		}
		for _, who := range slices.Concat(s.Alternates, s.Passed) {
			ids = append(ids, who.Stakeholder)
		}
	}
	for _, who := range slices.Concat(p.Shortlist, p.Bans, p.Conflicts) {
		ids = append(ids, who.Stakeholder)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
