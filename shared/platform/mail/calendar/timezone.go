package calendar

import (
	"fmt"
	"time"

	"github.com/emersion/go-ical"
)

// around is how far on both sides of the event the clock changes are told: a
// year has the pair that most readers expect.
const around = 366 * 24 * time.Hour

// local is a time without a zone (RFC 5545 section 3.3.5, form 1).
const local = "20060102T150405"

// timezone describes the zone's clock around the event from Go's zone database:
// one observance for every stretch between two changes, each with its own
// DTSTART and no recurrence rule. So it is exact also where the changes follow no
// rule, such as Morocco's, and says nothing of times the event does not touch.
func timezone(zone *time.Location, starts, ends time.Time) *ical.Component {
	c := ical.NewComponent(ical.CompTimezone)
	c.Props.SetText(ical.PropTimezoneID, zone.String())
	for at := starts.Add(-around).In(zone); ; {
		from, to := at.ZoneBounds()
		c.Children = append(c.Children, observance(at, from))
		if to.IsZero() || to.After(ends.Add(around)) {
			return c
		}
		at = to
	}
}

// observance is the stretch that at falls in, which began at from; from is zero
// when the zone never had another clock before.
func observance(at, from time.Time) *ical.Component {
	kind := ical.CompTimezoneStandard
	if at.IsDST() {
		kind = ical.CompTimezoneDaylight
	}
	name, to := at.Zone()
	before, onset := to, time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	if !from.IsZero() {
		_, before = from.Add(-time.Second).In(at.Location()).Zone()
		onset = from.UTC().Add(time.Duration(before) * time.Second) // as the old clock showed it
	}
	o := ical.NewComponent(kind)
	o.Props.Set(&ical.Prop{Name: ical.PropDateTimeStart, Value: onset.Format(local)})
	o.Props.Set(&ical.Prop{Name: ical.PropTimezoneOffsetFrom, Value: offset(before)})
	o.Props.Set(&ical.Prop{Name: ical.PropTimezoneOffsetTo, Value: offset(to)})
	o.Props.SetText(ical.PropTimezoneName, name)
	return o
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
