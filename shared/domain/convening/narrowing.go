package convening

import (
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
)

// Narrowing is what a search, and an audience, is narrowed by beside the filters
// that name what is wanted. The zero Narrowing narrows nothing.
type Narrowing struct {
	Without         map[string][]string `json:"without,omitempty"`           // none of these values; fields as of filters
	VerifiedSince   *time.Time          `json:"verified_since,omitempty"`    // last held to be true then or later
	InvitedAtMost   *int                `json:"invited_at_most,omitempty"`   // times, 0 for who was never asked
	NotInvitedSince *time.Time          `json:"not_invited_since,omitempty"` // last asked before then, or never
}

// maxInvited bounds a number of times, so that it is one.
const maxInvited = 1_000_000

// Empty reports whether it narrows nothing.
func (n Narrowing) Empty() bool {
	return len(n.Without) == 0 && n.VerifiedSince == nil && n.InvitedAtMost == nil && n.NotInvitedSince == nil
}

func (n Narrowing) validate(faults *fault.List, at string) {
	validateFilters(faults, at+"/without", n.Without)
	if k := n.InvitedAtMost; k != nil && (*k < 0 || *k > maxInvited) {
		faults.Add(at+"/invited_at_most", "query.number")
	}
	for pointer, t := range map[string]*time.Time{"/verified_since": n.VerifiedSince, "/not_invited_since": n.NotInvitedSince} {
		if t != nil && (t.Year() < directory.EarliestYear || t.Year() > latestYear) {
			faults.Add(at+pointer, "year.impossible")
		}
	}
}
