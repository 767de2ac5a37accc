package directory

import (
	"strconv"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// MaxReasonRunes is the longest reason that a moderator notes, in runes.
const MaxReasonRunes = 1000

// Faults of duplicates.
var (
	ErrItself          = fault.New(fault.Invalid, "duplicate.itself")
	ErrAlreadyDistinct = fault.New(fault.Conflict, "duplicate.already_distinct")
)

// Distinction remembers that a moderator held two stakeholders to be no
// duplicate of each other, so that they are not shown as one again. It has no
// direction: One is the lesser id.
type Distinction struct {
	One     string    `json:"one"`
	Other   string    `json:"other"`
	By      string    `json:"by"` // the moderator's opaque id
	At      time.Time `json:"at"`
	Reason  string    `json:"reason"`
	Version int64     `json:"-"` // kept by the store

	journal.Log `json:"-"`
}

// Distinguish notes that two stakeholders are distinct. A reason is required: who
// looks at the pair next wants to know why.
func Distinguish(a, b, by, reason string, now time.Time) (*Distinction, error) {
	if a == b {
		return nil, ErrItself
	}
	var faults fault.List
	if code := ProseFault(reason, MaxReasonRunes); code != "" {
		faults.Add("/reason", code, "max", strconv.Itoa(MaxReasonRunes))
	}
	if err := faults.Err("duplicate.invalid"); err != nil {
		return nil, err
	}
	d := &Distinction{One: min(a, b), Other: max(a, b), By: by, At: now, Reason: Tidy(reason)}
	d.Explain(d.Reason)
	d.Record("stakeholder.distinguished", "stakeholder", d.One, "other", d.Other)
	return d, nil
}
