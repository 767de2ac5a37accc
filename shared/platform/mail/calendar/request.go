// Package calendar writes the invitations that calendars understand (iTIP, RFC
// 5546, over mail as RFC 6047 says) and reads the answers they send back.
package calendar

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-ical"

	"convoke/shared/platform/fold"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
)

// product identifies what wrote the calendar (RFC 5545 section 3.7.3).
const product = "-//Convoke//Convoke//EN"

// Event is one event as one person is asked to it.
type Event struct {
	UID         string // the same for every message about this invitation; up to 200 printable ASCII characters
	Sequence    int    // grows with every change that matters to who was invited
	Starts      time.Time
	Ends        time.Time
	Zone        string // IANA
	Title       string
	Description string          // plain text; may have lines
	Location    string          // may be empty
	URL         string          // may be empty
	Room        string          // address of the online room; only for who accepted
	Documents   []mail.Document // to read before; one whose address is not ASCII is left out
	Answer      Status          // what the attendee said; empty when nothing, and an answer is asked for
	Organizer   mail.Address
	Attendee    mail.Address
}

// Request writes the invitation, or its change when the sequence has grown:
// METHOD:REQUEST with the one attendee, who is asked for an answer. now is its
// DTSTAMP. Errors are *mail.Unsendable.
func Request(e Event, now time.Time) ([]byte, error) { return write(e, "REQUEST", now) }

// Cancel withdraws it: METHOD:CANCEL for the same UID; the sequence must have
// grown (RFC 5546 section 3.2.5).
func Cancel(e Event, now time.Time) ([]byte, error) { return write(e, "CANCEL", now) }

func write(e Event, method string, now time.Time) ([]byte, error) {
	e, err := checked(e)
	if err != nil {
		return nil, err
	}
	c := ical.NewCalendar()
	c.Props.SetText(ical.PropVersion, "2.0")
	c.Props.SetText(ical.PropProductID, product)
	c.Props.SetText(ical.PropMethod, method)
	zone := i18n.Zone(e.Zone)
	if zone != time.UTC {
		c.Children = append(c.Children, timezone(zone, e.Starts, e.Ends))
	}
	c.Children = append(c.Children, event(e, method, zone, now))
	var b bytes.Buffer
	if err := ical.NewEncoder(fold.Writer{W: &b}).Encode(c); err != nil {
		return nil, fmt.Errorf("encode calendar: %w", errors.Join(&mail.Unsendable{Part: "calendar", Reason: "not_writable"}, err))
	}
	return b.Bytes(), nil
}

func event(e Event, method string, zone *time.Location, now time.Time) *ical.Component {
	v := ical.NewComponent(ical.CompEvent)
	v.Props.SetText(ical.PropUID, e.UID)
	v.Props.SetDateTime(ical.PropDateTimeStamp, now.UTC())
	v.Props.Set(&ical.Prop{Name: ical.PropSequence, Value: strconv.Itoa(e.Sequence)})
	v.Props.SetDateTime(ical.PropDateTimeStart, e.Starts.In(zone))
	v.Props.SetDateTime(ical.PropDateTimeEnd, e.Ends.In(zone))
	status := "CONFIRMED"
	if method == "CANCEL" {
		status = "CANCELLED"
	}
	v.Props.SetText(ical.PropStatus, status)
	v.Props.SetText(ical.PropSummary, e.Title)
	optionalText(v, ical.PropDescription, e.Description)
	optionalText(v, ical.PropLocation, e.Location)
	if e.URL != "" {
		v.Props.Set(&ical.Prop{Name: ical.PropURL, Value: e.URL})
	}
	if e.Room != "" {
		v.Props.Set(conference(e.Room))
	}
	for _, d := range e.Documents {
		if printable(d.URL) {
			v.Props.Add(attachment(d))
		}
	}
	v.Props.Set(person(ical.PropOrganizer, e.Organizer))
	attendee := person(ical.PropAttendee, e.Attendee)
	attendee.Params.Set("CUTYPE", "INDIVIDUAL")
	attendee.Params.Set(ical.ParamRole, "REQ-PARTICIPANT")
	if method == "REQUEST" {
		attendee.Params.Set(ical.ParamParticipationStatus, string(cmp.Or(e.Answer, "NEEDS-ACTION")))
		attendee.Params.Set(ical.ParamRSVP, "TRUE")
	}
	v.Props.Set(attendee)
	return v
}

// conference says where the event is joined (RFC 7986 section 5.11).
func conference(room string) *ical.Prop {
	p := &ical.Prop{Name: "CONFERENCE", Value: room, Params: ical.Params{}}
	p.Params.Set(ical.ParamValue, "URI")
	p.Params.Set("FEATURE", "VIDEO")
	return p
}

// attachment leads to a document where it lies (RFC 5545 section 3.8.1.1), with its
// title for a name (RFC 8607 section 4.1).
func attachment(d mail.Document) *ical.Prop {
	p := &ical.Prop{Name: ical.PropAttach, Value: d.URL, Params: ical.Params{}}
	if title := parameter(strings.ReplaceAll(clean(d.Title), "\n", " ")); title != "" {
		p.Params.Set("FILENAME", title)
	}
	return p
}

func optionalText(v *ical.Component, name, s string) {
	if s != "" {
		v.Props.SetText(name, s)
	}
}

// parameter is text as the value of a parameter, which has no escape for a double
// quote that every reader knows: it becomes an apostrophe.
func parameter(s string) string { return strings.ReplaceAll(s, `"`, "'") }

// person writes a calendar address.
func person(name string, a mail.Address) *ical.Prop {
	p := ical.NewProp(name)
	p.Params.Set(ical.ParamCommonName, parameter(cmp.Or(a.Name, a.Addr)))
	p.Value = "mailto:" + a.Addr
	return p
}

// checked refuses what a calendar cannot carry, and drops from free text what
// it must not.
func checked(e Event) (Event, error) {
	var err error
	switch {
	case !printable(e.UID) || len(e.UID) > 200:
		return e, &mail.Unsendable{Part: "calendar.uid", Reason: "malformed"}
	case e.Sequence < 0:
		return e, &mail.Unsendable{Part: "calendar.sequence", Reason: "negative"}
	case !e.Ends.After(e.Starts):
		return e, &mail.Unsendable{Part: "calendar.ends", Reason: "not_after_start"}
	case e.URL != "" && !printable(e.URL):
		return e, &mail.Unsendable{Part: "calendar.url", Reason: "malformed"}
	case e.Room != "" && !printable(e.Room):
		return e, &mail.Unsendable{Part: "calendar.room", Reason: "malformed"}
	}
	if e.Organizer, err = e.Organizer.Checked("calendar.organizer"); err != nil {
		return e, err
	}
	if e.Attendee, err = e.Attendee.Checked("calendar.attendee"); err != nil {
		return e, err
	}
	e.Title, e.Description, e.Location = clean(e.Title), clean(e.Description), clean(e.Location)
	return e, nil
}

// printable reports whether s is ASCII without spaces and controls, and not empty.
func printable(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// clean makes line ends LF, which the encoder escapes, and drops other controls
// and what is not UTF-8.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) || r == utf8.RuneError {
			return -1
		}
		return r
	}, s)
}
