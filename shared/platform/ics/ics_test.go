package ics_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	arran "github.com/arran4/golang-ical"
	emersion "github.com/emersion/go-ical"
	"github.com/google/go-cmp/cmp"

	"convoke/shared/platform/ics"
)

func at(value string) time.Time {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		panic(err)
	}
	return t
}

// full is a calendar with everything that is hard to write.
func full() ics.Calendar {
	return ics.Calendar{
		Name: "Séminaires; migrations, développement", Source: "https://convoke.example.org/calendar/events.ics", Refresh: time.Hour,
		Entries: []ics.Entry{
			{
				UID: "E1@convoke.example.org", Sequence: 3, Status: ics.Confirmed, Starts: at("2026-12-18T15:00:00Z"), Ends: at("2026-12-18T17:00:00Z"),
				Zone: "America/New_York", Changed: at("2026-11-25T09:00:00Z"), Title: `Rights, "voice"; and\or choice`, Organizer: "Migration Programme",
				Description: strings.Repeat("اليوم الدولي للمهاجرين ", 12) + "\r\nSecond\x00 line", Location: "Conference Room 4\nUN Headquarters",
				URL: "https://convoke.example.org/events/E1?lang=ar", Room: "https://meet.example.org/room",
			},
			{UID: "E2@convoke.example.org", Status: ics.Cancelled, Starts: at("2027-03-28T00:30:00Z"), Ends: at("2027-03-28T02:30:00Z"), Zone: "Europe/Zurich", Changed: at("2026-11-25T09:00:00Z"), Title: "国际移民日"},
			{UID: "E3@convoke.example.org", Status: ics.Tentative, Starts: at("2027-06-20T09:00:00Z"), Ends: at("2027-06-20T10:00:00Z"), Zone: "Europe/Zurich", Changed: at("2026-11-25T09:00:00Z"), Title: "A", URL: "https://x.example.org/\r\nATTENDEE:mailto:a@example.org"},
			{UID: "E4@convoke.example.org", Status: ics.Confirmed, Starts: at("2027-06-20T09:00:00Z"), Ends: at("2027-06-20T10:00:00Z"), Zone: "UTC", Changed: at("2026-11-25T09:00:00Z"), Title: "U"},
		},
	}
}

// TestLinesKeepTheGrammar holds the bytes to what a content line is: CRLF, at most
// 75 octets, folded between characters.
func TestLinesKeepTheGrammar(t *testing.T) {
	b := full().Bytes()
	if bytes.Contains(bytes.ReplaceAll(b, []byte("\r\n"), nil), []byte("\n")) || !bytes.HasSuffix(b, []byte("END:VCALENDAR\r\n")) {
		t.Error("a line does not end with CRLF")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(string(b), "\r\n"), "\r\n") {
		if len(line) > 75 || line == "" || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r == '\uFFFD' }) {
			t.Errorf("%d octets: %q", len(line), line)
		}
	}
	if bytes.Contains(b, []byte("METHOD")) || bytes.Contains(b, []byte("ATTENDEE")) {
		t.Errorf("somebody is asked for something: %s", b)
	}
	if !bytes.Equal(b, full().Bytes()) {
		t.Error("the same calendar is other bytes")
	}
}

// TestAnotherParserReadsItBack reads the calendar with a parser that shares no
// code with the writer.
func TestAnotherParserReadsItBack(t *testing.T) {
	c, err := emersion.NewDecoder(bytes.NewReader(full().Bytes())).Decode()
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range c.Events() {
		want := full().Entries[i]
		starts, err := e.DateTimeStart(nil)
		if err != nil || !starts.Equal(want.Starts) {
			t.Errorf("%s starts at %v (%v)", want.UID, starts, err)
		}
		ends, err := e.DateTimeEnd(nil)
		if err != nil || !ends.Equal(want.Ends) {
			t.Errorf("%s ends at %v (%v)", want.UID, ends, err)
		}
		got := map[string]string{}
		for _, name := range []string{"UID", "SEQUENCE", "STATUS", "SUMMARY", "LOCATION", "DESCRIPTION", "CONTACT", "URL", "CONFERENCE"} {
			if p := e.Props.Get(name); p != nil {
				got[name] = p.Value
				if text, err := p.Text(); err == nil && p.ValueType() == emersion.ValueText {
					got[name] = text
				}
			}
		}
		if got["UID"] != want.UID || got["STATUS"] != string(want.Status) || got["SUMMARY"] != want.Title {
			t.Errorf("entry %d: %v", i, got)
		}
		if i == 0 {
			if diff := cmp.Diff(strings.Repeat("اليوم الدولي للمهاجرين ", 12)+"\nSecond line", got["DESCRIPTION"]); diff != "" {
				t.Error(diff)
			}
			if got["SEQUENCE"] != "3" || got["LOCATION"] != want.Location || got["URL"] != want.URL || got["CONFERENCE"] != want.Room {
				t.Errorf("entry 0: %v", got)
			}
		}
		if i == 2 && got["URL"] != "" {
			t.Errorf("a malformed address is written: %q", got["URL"])
		}
	}
}

// TestClocksAreDescribedOnce reads the clocks with a second parser: each zone
// stands once, and says the offsets that hold at each event.
func TestClocksAreDescribedOnce(t *testing.T) {
	c, err := arran.ParseCalendar(bytes.NewReader(full().Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var zones []string
	for _, z := range c.Timezones() {
		zones = append(zones, z.GetProperty(arran.ComponentPropertyTzid).Value)
		if len(z.Components) < 3 {
			t.Errorf("%d stretches around two years of changes", len(z.Components))
		}
	}
	if want := []string{"America/New_York", "Europe/Zurich"}; !slices.Equal(zones, want) {
		t.Errorf("zones %v", zones)
	}
	for _, o := range ics.Observances(mustZone(t, "Europe/Zurich"), at("2027-03-28T00:30:00Z"), at("2027-03-28T02:30:00Z")) {
		if o.Onset == "20270328T020000" && (o.From != "+0100" || o.To != "+0200" || !o.Daylight) {
			t.Errorf("the change of March: %+v", o)
		}
	}
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestAnEmptyCalendar(t *testing.T) {
	want := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Convoke//Convoke//EN\r\nEND:VCALENDAR\r\n"
	if diff := cmp.Diff(want, string(ics.Calendar{}.Bytes())); diff != "" {
		t.Error(diff)
	}
}
