package convening

import (
	"time"

	"convoke/shared/domain/fault"
)

// wallForm is a time as a clock on the wall shows it.
const wallForm = "2006-01-02T15:04"

// Which of two moments that a clock shows alike is meant, when it is put back.
const (
	Earlier = "earlier"
	Later   = "later"
)

// Moment returns the instant at which clocks of the zone show the wall time, such
// as 2026-12-18T15:00. A time that is skipped when clocks go forward is no
// instant; one that comes twice when they go back needs which of the two. What is
// wrong is recorded at the pointer.
func Moment(faults *fault.List, at, wall, zone, which string) time.Time {
	shown, err := time.Parse(wallForm, wall)
	if err != nil {
		faults.Add(at, "time.malformed")
		return time.Time{}
	}
	place, err := time.LoadLocation(zone)
	if err != nil || zone == "" || zone == "Local" {
		return time.Time{} // the zone is refused where it stands
	}
	moments := momentsOf(shown, place)
	switch {
	case len(moments) == 0:
		faults.Add(at, "time.in_gap")
	case len(moments) == 1 || which == Earlier:
		return moments[0]
	case which == Later:
		return moments[1]
	default:
		faults.Add(at, "time.in_fold")
	}
	return time.Time{}
}

// momentsOf returns every instant at which clocks of the place show the wall
// time, the earlier first: the offsets in force around it are tried.
func momentsOf(shown time.Time, place *time.Location) []time.Time {
	var moments []time.Time
	for _, around := range []time.Duration{-30 * time.Hour, 30 * time.Hour} {
		_, offset := shown.Add(around).In(place).Zone()
		t := shown.Add(-time.Duration(offset) * time.Second)
		if t.In(place).Format(wallForm) != shown.Format(wallForm) || len(moments) > 0 && moments[0].Equal(t) {
			continue
		}
		moments = append(moments, t.UTC())
	}
	return moments
}
