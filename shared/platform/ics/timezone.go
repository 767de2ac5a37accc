package ics

import (
	"fmt"
	"time"
)

// around is how far on both sides of the events the clock changes are told: a
// year has the pair that most readers expect.
const around = 366 * 24 * time.Hour

// local is a time without a zone (RFC 5545 section 3.3.5, form 1).
const local = "20060102T150405"

// Observance is a stretch between two changes of a clock, as a VTIMEZONE writes
// it.
type Observance struct {
	Daylight bool
	Onset    string // as the clock before it showed
	From, To string // offsets before and during it
	Name     string
}

// Kind is the name of its component.
func (o Observance) Kind() string {
	if o.Daylight {
		return "DAYLIGHT"
	}
	return "STANDARD"
}

// Observances describes the zone's clock around the events from Go's zone
// database: one observance for every stretch between two changes, each with its
// own onset and no recurrence rule. So it is exact also where the changes follow
// no rule, such as Morocco's, and says nothing of times the events do not touch.
func Observances(zone *time.Location, starts, ends time.Time) (list []Observance) {
	for at := starts.Add(-around).In(zone); ; {
		from, to := at.ZoneBounds()
		list = append(list, observance(at, from))
		if to.IsZero() || to.After(ends.Add(around)) {
			return list
		}
		at = to
	}
}

// observance is the stretch that at falls in, which began at from; from is zero
// when the zone never had another clock before.
func observance(at, from time.Time) Observance {
	name, to := at.Zone()
	before, onset := to, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	if !from.IsZero() {
		_, before = from.Add(-time.Second).In(at.Location()).Zone()
		onset = from.UTC().Add(time.Duration(before) * time.Second) // as the old clock showed it
	}
	return Observance{Daylight: at.IsDST(), Onset: onset.Format(local), From: offset(before), To: offset(to), Name: name}
}

// offset writes seconds east of UTC as RFC 5545 section 3.3.14 does.
func offset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	s := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}
