package i18n

import (
	"fmt"
	"strconv"
	"sync"
	"time"
	_ "time/tzdata" // the same answer on a machine without a zone database, such as a Lambda
)

// Zone returns the IANA time zone of that name, and UTC for one that is unknown:
// a date that names its zone as UTC is still true. The zone of the machine
// ("Local") is nobody's and counts as unknown.
func Zone(name string) *time.Location {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location)
	}
	if name == "Local" {
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	zones.Store(name, zone)
	return zone
}

// zones are those that were read already: reading one parses its file, and every
// line of a letter that names a time asks again. Only names that exist are kept,
// so it stays as small as the zone database.
var zones sync.Map //nolint:gochecknoglobals // a cache of what does not change

// Date is the day on which t falls in the zone, in the long form with weekday:
// "Thursday, 18 December 2025". Digits are Latin in every language.
func Date(lang Lang, t time.Time, zone string) string {
	return date(lang, t.In(Zone(zone)))
}

// Time is the time of day in the zone, which is named with its offset on that
// day: "15:00 (Europe/Zurich, UTC+01:00)".
func Time(lang Lang, t time.Time, zone string) string {
	local := t.In(Zone(zone))
	return zoned(lang, clock(lang, local), local)
}

// DateTime is the day and the time in the zone, which is named with its offset.
func DateTime(lang Lang, t time.Time, zone string) string {
	local := t.In(Zone(zone))
	return zoned(lang, dateTime(lang, local), local)
}

// Span says from when to when something lasts, in the zone, which is named with
// its offset at the start; the day is said once when both ends fall on it.
func Span(lang Lang, starts, ends time.Time, zone string) string {
	from, to := starts.In(Zone(zone)), ends.In(Zone(zone))
	if date(lang, from) != date(lang, to) {
		return zoned(lang, compose(lang, "date.span", map[string]string{"from": dateTime(lang, from), "to": dateTime(lang, to)}), from)
	}
	hours := compose(lang, "time.span", map[string]string{"from": clock(lang, from), "to": clock(lang, to)})
	return zoned(lang, compose(lang, "date.time", map[string]string{"date": date(lang, from), "time": hours}), from)
}

func date(lang Lang, t time.Time) string {
	day := strconv.Itoa(t.Day())
	if first, ok := text(lang, "date.first"); ok && t.Day() == 1 {
		day = first // French writes the first of the month as an ordinal
	}
	return compose(lang, "date.long", map[string]string{
		"weekday": T(lang, "date.weekday."+strconv.Itoa(int(t.Weekday())), nil),
		"day":     day,
		"month":   T(lang, "date.month."+strconv.Itoa(int(t.Month())), nil),
		"year":    strconv.Itoa(t.Year()),
	})
}

func clock(lang Lang, t time.Time) string {
	return compose(lang, "time.clock", map[string]string{
		"hour":   fmt.Sprintf("%02d", t.Hour()),
		"minute": fmt.Sprintf("%02d", t.Minute()),
	})
}

func dateTime(lang Lang, t time.Time) string {
	return compose(lang, "date.time", map[string]string{"date": date(lang, t), "time": clock(lang, t)})
}

func zoned(lang Lang, when string, t time.Time) string {
	return compose(lang, "time.zoned", map[string]string{"time": when, "zone": Isolate(lang, zoneName(t))})
}

// zoneName is "Europe/Zurich, UTC+01:00", and plain "UTC" for itself. The sign
// is the real minus sign, which speech and line breaks treat as one.
func zoneName(t time.Time) string {
	name := t.Location().String()
	_, seconds := t.Zone()
	if name == "UTC" {
		return name
	}
	sign := "+"
	if seconds < 0 {
		sign, seconds = "\u2212", -seconds
	}
	return fmt.Sprintf("%s, UTC%s%02d:%02d", name, sign, seconds/3600, seconds/60%60)
}

// compose fills a text of the catalogue with parts that come from it too: they
// have its direction, and isolating each would only add characters.
func compose(lang Lang, key string, parts map[string]string) string {
	s, ok := text(lang, key)
	if !ok {
		s, _ = text(English, key)
	}
	return expand(s, func(name string) (string, bool) {
		part, ok := parts[name]
		return part, ok
	})
}
