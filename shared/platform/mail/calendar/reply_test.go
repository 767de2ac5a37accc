package calendar

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answer is a reply as calendars write it, with the lines that matter to a case.
func answer(lines ...string) []byte {
	return []byte("BEGIN:VCALENDAR\r\nPRODID:-//Example//Calendar//EN\r\nVERSION:2.0\r\n" +
		"METHOD:REPLY\r\nBEGIN:VEVENT\r\nDTSTAMP:20251104T101500Z\r\nDTSTART;TZID=Europe/Zurich:20251218T150000\r\n" +
		strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
}

func TestParseReply(t *testing.T) {
	stamp := time.Date(2025, 11, 4, 10, 15, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		in   []byte
		want Reply
	}{
		{
			"accepted",
			answer("UID:01J@example.org", "SEQUENCE:2", "ATTENDEE;CN=\"A: B\";PARTSTAT=ACCEPTED:mailto:Angela@Example.org"),
			Reply{UID: "01J@example.org", Attendee: "angela@example.org", Status: Accepted, Sequence: 2, Stamp: stamp},
		},
		{
			"folded, lower case, with comment",
			answer("UID:01J", "attendee;partstat=tentative;x-num-guests=0:MAIL", " TO:a@example.org", `COMMENT:Perhaps\, later`),
			Reply{UID: "01J", Attendee: "a@example.org", Status: Tentative, Sequence: -1, Stamp: stamp, Comment: "Perhaps, later"},
		},
		{
			"delegated",
			answer("UID:01J", `ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO="mailto:B@example.org":mailto:a@example.org`),
			Reply{UID: "01J", Attendee: "a@example.org", Status: Delegated, Sequence: -1, Stamp: stamp, DelegatedTo: "b@example.org"},
		},
	} {
		got, err := ParseReply(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestParseReplyRefuses(t *testing.T) {
	good := string(answer("UID:1", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@example.org"))
	for name, c := range map[string]struct {
		in   string
		want error
	}{
		"empty":             {"", ErrMalformed},
		"text":              {"Yes, I will come.", ErrMalformed},
		"cut":               {good[:len(good)-30], ErrMalformed},
		"too large":         {good + strings.Repeat(" ", maxReply), ErrMalformed},
		"counter":           {strings.Replace(good, "REPLY", "COUNTER", 1), ErrNotReply},
		"no method":         {strings.Replace(good, "METHOD:REPLY\r\n", "", 1), ErrNotReply},
		"no uid":            {strings.Replace(good, "UID:1\r\n", "", 1), ErrMalformed},
		"no attendee":       {strings.Replace(good, "ATTENDEE", "X-ATTENDEE", 1), ErrMalformed},
		"two attendees":     {strings.Replace(good, "END:VEVENT", "ATTENDEE;PARTSTAT=DECLINED:mailto:b@example.org\r\nEND:VEVENT", 1), ErrMalformed},
		"no status":         {strings.Replace(good, ";PARTSTAT=ACCEPTED", "", 1), ErrMalformed},
		"needs action":      {strings.Replace(good, "ACCEPTED", "NEEDS-ACTION", 1), ErrMalformed},
		"not a mailto":      {strings.Replace(good, "mailto:", "tel:", 1), ErrMalformed},
		"header in address": {strings.Replace(good, "a@example.org", "a%0D%0ABcc:b@example.org", 1), ErrMalformed},
		"sequence":          {strings.Replace(good, "UID:1", "UID:1\r\nSEQUENCE:-1", 1), ErrMalformed},
		"deep":              {strings.Repeat("BEGIN:VEVENT\r\n", 4000), ErrMalformed},
		"open parameter":    {strings.Replace(good, ":mailto:a@example.org", "", 1), ErrMalformed},
	} {
		if got, err := ParseReply([]byte(c.in)); !errors.Is(err, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// FuzzParseReply holds that nothing makes it panic, and that what it accepts has
// what the caller relies on.
func FuzzParseReply(f *testing.F) {
	f.Add(answer("UID:1", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@example.org"))
	f.Add(answer("UID:1", "ATTENDEE;PARTSTAT=ACCEPTED"))
	f.Add(answer("UID:1", `ATTENDEE;CN="x"y;PARTSTAT=ACCEPTED:mailto:a@example.org`))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := ParseReply(in)
		if err == nil && (r.UID == "" || !strings.Contains(r.Attendee, "@") || r.Sequence < -1) {
			t.Errorf("%+v", r)
		}
	})
}
