package convening

// The filters by the composition of a process: of its value, a stakeholder's id,
// the search makes the countries that are its member or observer states then.
// They are no facets of the index.
const (
	MemberStatesOf   = "member_states_of"
	ObserverStatesOf = "observer_states_of"
)

// maxIDRunes bounds an opaque id in a filter.
const maxIDRunes = 64
