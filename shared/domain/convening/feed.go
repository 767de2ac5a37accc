package convening

import (
	"crypto/subtle"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// ErrNoFeed says that an address leads to no calendar, or no longer.
var ErrNoFeed = fault.New(fault.NotFound, "not_found")

// Feed is the calendar of what one contact is invited to, which a program reads
// by a secret address. A contact has one address at a time; only the hash of its
// secret is kept.
type Feed struct {
	Stakeholder string     `json:"stakeholder"`
	Contact     string     `json:"contact"`
	Version     int64      `json:"-"`
	Hash        string     `json:"hash,omitempty"`
	MadeAt      *time.Time `json:"made_at,omitempty"` // the address that is good now

	journal.Log `json:"-"`
}

// NewFeed is the feed of a contact, without an address.
func NewFeed(stakeholder, contact string) *Feed {
	return &Feed{Stakeholder: stakeholder, Contact: contact}
}

// Renew gives the feed a new address. The one before leads nowhere from then on.
func (f *Feed) Renew(stakeholder, hash string, now time.Time) {
	f.Stakeholder, f.Hash, f.MadeAt = stakeholder, hash, &now
	f.Conceal() // the trail says when, and no secret's hash
	f.Record("contact.calendar_renewed", "stakeholder", f.Stakeholder, "contact", f.Contact)
}

// Revoke takes the address away. Again changes nothing.
func (f *Feed) Revoke() {
	if f.Hash == "" {
		return
	}
	f.Hash, f.MadeAt = "", nil
	f.Conceal()
	f.Record("contact.calendar_revoked", "stakeholder", f.Stakeholder, "contact", f.Contact)
}

// Opens reports whether the hash is that of the address, in a time that tells
// nothing of how much of it is right.
func (f *Feed) Opens(hash string) bool {
	return f.Hash != "" && subtle.ConstantTimeCompare([]byte(f.Hash), []byte(hash)) == 1
}
