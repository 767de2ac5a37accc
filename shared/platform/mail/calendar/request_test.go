package calendar

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"pgregory.net/rapid"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
)

// localTime is a time without a zone (RFC 5545 section 3.3.5, form 1).
const localTime = "20060102T150405"

var now = time.Date(2025, 11, 3, 8, 30, 0, 0, time.UTC)

func sample() Event {
	return Event{
		UID:         "01JBQ8Z6V0-7@example.org",
		Sequence:    2,
		Starts:      time.Date(2025, 12, 18, 14, 0, 0, 0, time.UTC),
		Ends:        time.Date(2025, 12, 18, 17, 0, 0, 0, time.UTC),
		Zone:        "Europe/Zurich",
		Title:       "Political rights; migrants, \\ diaspora",
		Description: "First line\r\nSecond, line",
		Location:    "Palais des Nations, Room XX",
		URL:         "https://convoke.example.org/events/1?a=b,c;d",
		Organizer:   mail.Address{Name: `Seminar "Series", Geneva`, Addr: "reply@example.org"},
		Attendee:    mail.Address{Name: "Ángela: R.", Addr: "angela@bücher.example"},
	}
}

// parse reads with another library than the one that writes.
func parse(t interface{ Fatal(...any) }, raw []byte) *ics.Calendar {
	c, err := ics.ParseCalendar(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRequest(t *testing.T) {
	raw, err := Request(sample(), now)
	if err != nil {
		t.Fatal(err)
	}
	c := parse(t, raw)
	var method string
	for _, p := range c.CalendarProperties {
		if p.IANAToken == "METHOD" {
			method = p.Value
		}
	}
	if method != "REQUEST" || len(c.Events()) != 1 || len(c.Timezones()) != 1 {
		t.Fatalf("method %q, %d events, %d zones", method, len(c.Events()), len(c.Timezones()))
	}
	e := c.Events()[0]
	for property, want := range map[ics.ComponentProperty]string{
		ics.ComponentPropertyUniqueId:    "01JBQ8Z6V0-7@example.org",
		ics.ComponentPropertySequence:    "2",
		ics.ComponentPropertyDtstamp:     "20251103T083000Z",
		ics.ComponentPropertyDtStart:     "20251218T150000",
		ics.ComponentPropertyDtEnd:       "20251218T180000",
		ics.ComponentPropertySummary:     "Political rights; migrants, \\ diaspora",
		ics.ComponentPropertyDescription: "First line\nSecond, line",
		ics.ComponentPropertyLocation:    "Palais des Nations, Room XX",
		ics.ComponentPropertyUrl:         "https://convoke.example.org/events/1?a=b,c;d",
		ics.ComponentPropertyStatus:      "CONFIRMED",
		ics.ComponentPropertyOrganizer:   "mailto:reply@example.org",
		ics.ComponentPropertyAttendee:    "mailto:angela@xn--bcher-kva.example",
	} {
		if got := e.GetProperty(property); got == nil || got.Value != want {
			t.Errorf("%s: %v, want %q", property, got, want)
		}
	}
	attendee := e.GetProperty(ics.ComponentPropertyAttendee).ICalParameters
	for name, want := range map[string]string{"RSVP": "TRUE", "PARTSTAT": "NEEDS-ACTION", "ROLE": "REQ-PARTICIPANT", "CN": "Ángela: R."} {
		if got := attendee[name]; !slices.Equal(got, []string{want}) {
			t.Errorf("attendee %s: %q, want %q", name, got, want)
		}
	}
	if got := e.GetProperty(ics.ComponentPropertyOrganizer).ICalParameters["CN"]; !slices.Equal(got, []string{"Seminar 'Series', Geneva"}) {
		t.Errorf("organizer CN: %q", got)
	}
	if got := e.GetProperty(ics.ComponentPropertyDtStart).ICalParameters["TZID"]; !slices.Equal(got, []string{"Europe/Zurich"}) {
		t.Errorf("TZID: %q", got)
	}
}

func TestCancel(t *testing.T) {
	raw, err := Cancel(sample(), now)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, want := range []string{"METHOD:CANCEL\r\n", "STATUS:CANCELLED\r\n", "SEQUENCE:2\r\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "RSVP") {
		t.Error("a cancellation asks for an answer")
	}
}

func TestRefused(t *testing.T) {
	for name, change := range map[string]func(*Event){
		"no uid":            func(e *Event) { e.UID = "" },
		"uid with new line": func(e *Event) { e.UID = "a\r\nX:b" },
		"sequence":          func(e *Event) { e.Sequence = -1 },
		"ends first":        func(e *Event) { e.Ends = e.Starts },
		"url":               func(e *Event) { e.URL = "https://a\r\nX:b" },
		"organizer":         func(e *Event) { e.Organizer.Addr = "nobody" },
		"name with line":    func(e *Event) { e.Attendee.Name = "a\r\nATTENDEE:mailto:b@example.org" },
		"local part":        func(e *Event) { e.Attendee.Addr = "ü@example.org" },
	} {
		e := sample()
		change(&e)
		if raw, err := Request(e, now); !errors.Is(err, mail.ErrUnsendable) {
			t.Errorf("%s: %v\n%s", name, err, raw)
		}
	}
}

// TestFolding is the law of RFC 5545 section 3.1, whatever is written.
func TestFolding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := sample()
		e.Title = rapid.String().Draw(t, "title")
		e.Description = rapid.StringN(0, 400, -1).Draw(t, "description")
		e.Location = rapid.StringOf(rapid.SampledFrom([]rune("a é中🎉;,\\\n"))).Draw(t, "location")
		raw, err := Request(e, now)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(string(raw), "\r\n"), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n\x00") {
				t.Fatalf("%d octets: %q", len(line), line)
			}
		}
		got := parse(t, raw).Events()[0].GetProperty(ics.ComponentPropertyLocation)
		if e.Location != "" && (got == nil || got.Value != clean(e.Location)) {
			t.Fatalf("location %q came back as %v", e.Location, got)
		}
	})
}

// TestTimezone evaluates what was written, as a calendar does, against Go's zone
// database.
func TestTimezone(t *testing.T) {
	zones := []string{
		"Europe/Zurich", "Europe/Dublin", "America/New_York", "America/St_Johns", "Africa/Casablanca",
		"Africa/Nairobi", "Asia/Kathmandu", "Asia/Manila", "Australia/Lord_Howe", "America/Sao_Paulo",
		"Asia/Tehran", "Pacific/Apia", "Etc/GMT+5", "Africa/Cairo",
	}
	for _, zone := range zones {
		for month := range 24 {
			e := sample()
			e.Zone = zone
			e.Starts = time.Date(2025, time.Month(1+month), 15, 11, 0, 0, 0, time.UTC)
			e.Ends = e.Starts.Add(90 * 24 * time.Hour)
			raw, err := Request(e, now)
			if err != nil {
				t.Fatal(err)
			}
			c := parse(t, raw)
			for _, at := range []time.Time{e.Starts, e.Ends} {
				_, want := at.In(i18n.Zone(zone)).Zone()
				if got := evaluate(t, c.Timezones()[0], at); got != want {
					t.Fatalf("%s at %s: offset %d, want %d\n%s", zone, at, got, want, raw)
				}
			}
		}
	}
}

// evaluate answers the offset of the last observance that began before at.
func evaluate(t *testing.T, zone *ics.VTimezone, at time.Time) int {
	t.Helper()
	var offset int
	var latest time.Time
	for _, o := range zone.Components {
		property := func(name ics.Property) string {
			for _, p := range o.UnknownPropertiesIANAProperties() {
				if p.IANAToken == string(name) {
					return p.Value
				}
			}
			return ""
		}
		from, to := seconds(t, property(ics.PropertyTzoffsetfrom)), seconds(t, property(ics.PropertyTzoffsetto))
		onset, err := time.Parse(localTime, property(ics.PropertyDtstart))
		if err != nil {
			t.Fatal(err)
		}
		onset = onset.Add(-time.Duration(from) * time.Second)
		if !onset.After(at) && onset.After(latest) {
			latest, offset = onset, to
		}
	}
	return offset
}

func seconds(t *testing.T, s string) int {
	t.Helper()
	at, err := time.Parse("-0700", s)
	if err != nil {
		t.Fatal(err)
	}
	_, offset := at.Zone()
	return offset
}

func TestUTCNeedsNoTimezone(t *testing.T) {
	e := sample()
	e.Zone = "UTC"
	raw, err := Request(e, now)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(raw); strings.Contains(s, "VTIMEZONE") || !strings.Contains(s, "DTSTART:20251218T140000Z\r\n") {
		t.Errorf("\n%s", s)
	}
}

// The documents of an event are attached by their addresses, each with its title.
func TestDocumentsAreAttached(t *testing.T) {
	e := sample()
	e.Documents = []mail.Document{
		{Title: `Concept "note", ` + "первая;\r\nATTENDEE:mailto:x@example.org", URL: "https://files.example.org/note.pdf?a=1,2;b"},
		{Title: "", URL: "https://files.example.org/2"},
		{Title: "Elsewhere", URL: "https://files.example.org/ü"},
	}
	raw, err := Request(e, now)
	if err != nil {
		t.Fatal(err)
	}
	var attached, attendees []string
	for _, p := range parse(t, raw).Events()[0].Properties {
		switch p.IANAToken {
		case "ATTACH":
			attached = append(attached, p.Value+" "+strings.Join(p.ICalParameters["FILENAME"], "|"))
		case "ATTENDEE":
			attendees = append(attendees, p.Value)
		}
	}
	want := []string{"https://files.example.org/note.pdf?a=1,2;b Concept 'note', первая; ATTENDEE:mailto:x@example.org", "https://files.example.org/2 "}
	if !slices.Equal(attached, want) || len(attendees) != 1 {
		t.Errorf("%q, %q", attached, attendees)
	}
}
