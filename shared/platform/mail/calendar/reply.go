package calendar

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-ical"
)

// maxReply bounds the calendar object that is read, in bytes. Replies are of one
// or two kilobytes.
const maxReply = 64 << 10

// What ParseReply refuses.
var (
	// ErrMalformed: not a calendar, or not one that answers one invitation.
	ErrMalformed = errors.New("malformed calendar reply")
	// ErrNotReply: a calendar for another purpose, such as a counter-proposal.
	ErrNotReply = errors.New("calendar is not a reply")
)

// Status is what an attendee answered (RFC 5545 section 3.2.12).
type Status string

// The statuses that answer something.
const (
	Accepted  Status = "ACCEPTED"
	Declined  Status = "DECLINED"
	Tentative Status = "TENTATIVE"
	Delegated Status = "DELEGATED"
)

// Reply is one attendee's answer to one invitation. Nothing in it is proven: who
// sent the mail is for the caller to judge.
type Reply struct {
	UID         string
	Attendee    string // address in lower case
	Status      Status
	Sequence    int       // of the invitation that was answered; -1 when not said
	Stamp       time.Time // when it was answered, UTC; zero when not said
	Comment     string    // free text, at most 2,000 characters; may be empty
	DelegatedTo string    // address in lower case, with Delegated
}

// ParseReply reads a METHOD:REPLY as calendars send it (RFC 5546 section 3.2.3).
// Errors are ErrMalformed or ErrNotReply, wrapped.
func ParseReply(data []byte) (Reply, error) {
	if len(data) > maxReply {
		return Reply{}, fmt.Errorf("%w: too large", ErrMalformed)
	}
	c, err := decode(data)
	if err != nil {
		return Reply{}, err
	}
	if method := c.Props.Get(ical.PropMethod); method == nil || !strings.EqualFold(method.Value, "REPLY") {
		return Reply{}, ErrNotReply
	}
	events := c.Events()
	if len(events) == 0 {
		return Reply{}, fmt.Errorf("%w: no event", ErrMalformed)
	}
	return reply(events[0].Props) // further ones are instances of a series, which we never send
}

// decode reads the object. The decoder of go-ical panics on some malformed lines
// (a parameter that ends the line), and the object comes from anywhere: so here,
// and here alone, a panic becomes an error.
func decode(data []byte) (c *ical.Calendar, err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%w: broken line", ErrMalformed)
		}
	}()
	c, err = ical.NewDecoder(bytes.NewReader(data)).Decode()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return c, nil
}

func reply(props ical.Props) (Reply, error) {
	attendees := props.Values(ical.PropAttendee)
	uid := text(props, ical.PropUID)
	if uid == "" || len(attendees) != 1 {
		return Reply{}, fmt.Errorf("%w: not one event with one attendee", ErrMalformed)
	}
	r := Reply{UID: uid, Sequence: -1, Comment: comment(props)}
	var ok bool
	if r.Attendee, ok = addressOf(attendees[0].Value); !ok {
		return Reply{}, fmt.Errorf("%w: attendee", ErrMalformed)
	}
	r.Status = Status(strings.ToUpper(attendees[0].Params.Get(ical.ParamParticipationStatus)))
	switch r.Status {
	case Accepted, Declined, Tentative:
	case Delegated:
		r.DelegatedTo, _ = addressOf(attendees[0].Params.Get("DELEGATED-TO"))
	default:
		return Reply{}, fmt.Errorf("%w: status", ErrMalformed)
	}
	if p := props.Get(ical.PropSequence); p != nil {
		n, err := strconv.Atoi(p.Value)
		if err != nil || n < 0 {
			return Reply{}, fmt.Errorf("%w: sequence", ErrMalformed)
		}
		r.Sequence = n
	}
	if p := props.Get(ical.PropDateTimeStamp); p != nil {
		r.Stamp, _ = p.DateTime(time.UTC)
		r.Stamp = r.Stamp.UTC()
	}
	return r, nil
}

// addressOf takes the address out of a mailto URI.
func addressOf(uri string) (string, bool) {
	scheme, addr, ok := strings.Cut(uri, ":")
	if !ok || !strings.EqualFold(scheme, "mailto") {
		return "", false
	}
	addr, err := url.PathUnescape(strings.TrimSpace(addr))
	if err != nil || !strings.Contains(addr, "@") || strings.ContainsFunc(addr, func(r rune) bool { return r <= ' ' || r == 0x7F }) {
		return "", false
	}
	return strings.ToLower(addr), true
}

func comment(props ical.Props) string {
	runes := []rune(clean(text(props, ical.PropComment)))
	return string(runes[:min(len(runes), 2000)])
}

// text is the property's text, "" when it has none. Commas that someone failed
// to escape stay.
func text(props ical.Props, name string) string {
	p := props.Get(name)
	if p == nil {
		return ""
	}
	parts, err := p.TextList()
	if err != nil {
		return ""
	}
	return strings.Join(parts, ",")
}
