// Package ics writes calendars to be read and subscribed to (RFC 5545, with the
// properties of RFC 7986): what stands in them, not what is asked of anyone. It
// needs nothing but the standard library, because the API carries it.
package ics

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"convoke/shared/platform/fold"
	"convoke/shared/platform/i18n"
)

// MediaType is that of a calendar (RFC 5545 section 8.1).
const MediaType = "text/calendar"

// product identifies what wrote the calendar (RFC 5545 section 3.7.3).
const product = "-//Convoke//Convoke//EN"

// Calendar is a list of entries under a name. It has no METHOD: nobody is invited
// by reading it.
type Calendar struct {
	Name    string
	Source  string        // address from which it is read again; may be empty
	Refresh time.Duration // how long a copy is good; 0 says nothing
	Entries []Entry
}

// Status is how an entry stands for its reader (RFC 5545 section 3.8.1.11).
type Status string

// The statuses.
const (
	Confirmed Status = "CONFIRMED"
	Tentative Status = "TENTATIVE"
	Cancelled Status = "CANCELLED"
)

// Entry is one event.
type Entry struct {
	UID         string // the same in every calendar and mail about it; printable ASCII
	Sequence    int
	Status      Status
	Starts      time.Time
	Ends        time.Time
	Zone        string // IANA
	Changed     time.Time
	Title       string
	Description string // plain text; may have lines
	Location    string
	URL         string
	Room        string // address of the online room; only for who accepted
	Organizer   string // in words
}

// Bytes writes the calendar. The same calendar is always the same bytes.
func (c Calendar) Bytes() []byte {
	var w writer
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", product)
	w.text("NAME", c.Name)
	w.text("X-WR-CALNAME", c.Name) // what most programs read in place of NAME
	if printable(c.Source) {
		w.line("SOURCE;VALUE=URI", c.Source)
	}
	if c.Refresh > 0 {
		every := fmt.Sprintf("PT%dM", int(c.Refresh.Minutes()))
		w.line("REFRESH-INTERVAL;VALUE=DURATION", every)
		w.line("X-PUBLISHED-TTL", every)
	}
	for _, z := range zonesOf(c.Entries) {
		z.write(&w)
	}
	for _, e := range c.Entries {
		e.write(&w)
	}
	w.line("END", "VCALENDAR")
	return w.b.Bytes()
}

func (e Entry) write(w *writer) {
	zone := i18n.Zone(e.Zone)
	w.line("BEGIN", "VEVENT")
	w.line("UID", e.UID)
	w.line("DTSTAMP", utc(e.Changed)) // without a METHOD it is when the entry was last revised (section 3.8.7.2)
	w.line("LAST-MODIFIED", utc(e.Changed))
	w.line("SEQUENCE", strconv.Itoa(e.Sequence))
	w.moment("DTSTART", e.Starts, zone)
	w.moment("DTEND", e.Ends, zone)
	w.line("STATUS", string(e.Status))
	w.text("SUMMARY", e.Title)
	w.text("DESCRIPTION", e.Description)
	w.text("LOCATION", e.Location)
	w.text("CONTACT", e.Organizer)
	if printable(e.URL) {
		w.line("URL", e.URL)
	}
	if printable(e.Room) {
		w.line("CONFERENCE;VALUE=URI;FEATURE=VIDEO", e.Room)
	}
	if e.Status == Cancelled {
		w.line("TRANSP", "TRANSPARENT")
	}
	w.line("END", "VEVENT")
}

// writer writes content lines, folded.
type writer struct{ b bytes.Buffer }

func (w *writer) line(name, value string) {
	_, _ = fold.Writer{W: &w.b}.Write([]byte(name + ":" + value + "\r\n")) // a buffer takes every write
}

// text writes a property of free text, none when it is empty.
func (w *writer) text(name, value string) {
	if value = clean(value); value != "" {
		w.line(name, escape(value))
	}
}

// moment writes a time as clocks of the zone show it; UTC needs no description of
// a zone.
func (w *writer) moment(name string, t time.Time, zone *time.Location) {
	if zone == time.UTC {
		w.line(name, utc(t))
		return
	}
	w.line(name+";TZID="+zone.String(), t.In(zone).Format(local))
}

func utc(t time.Time) string { return t.UTC().Format(local + "Z") }

// escape writes text as a value (section 3.3.11).
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s)
}

// clean makes line ends LF, and drops other controls and what is not UTF-8.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
}

// printable reports whether s is ASCII without spaces and controls, and not empty.
func printable(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

// zone is a clock that entries name, and from when to when.
type zone struct {
	place        *time.Location
	starts, ends time.Time
}

// zonesOf returns the clocks of the entries by name, each once.
func zonesOf(entries []Entry) []zone {
	known := map[string]*zone{}
	for _, e := range entries {
		place := i18n.Zone(e.Zone)
		if place == time.UTC {
			continue
		}
		z, there := known[place.String()]
		if !there {
			known[place.String()] = &zone{place, e.Starts, e.Ends}
			continue
		}
		if e.Starts.Before(z.starts) {
			z.starts = e.Starts
		}
		if e.Ends.After(z.ends) {
			z.ends = e.Ends
		}
	}
	list := make([]zone, 0, len(known))
	for _, z := range known {
		list = append(list, *z)
	}
	slices.SortFunc(list, func(a, b zone) int { return strings.Compare(a.place.String(), b.place.String()) })
	return list
}

func (z zone) write(w *writer) {
	w.line("BEGIN", "VTIMEZONE")
	w.line("TZID", z.place.String())
	for _, o := range Observances(z.place, z.starts, z.ends) {
		kind := o.Kind()
		w.line("BEGIN", kind)
		w.line("DTSTART", o.Onset)
		w.line("TZOFFSETFROM", o.From)
		w.line("TZOFFSETTO", o.To)
		w.text("TZNAME", o.Name)
		w.line("END", kind)
	}
	w.line("END", "VTIMEZONE")
}
