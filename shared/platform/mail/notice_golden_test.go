package mail_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/go-cmp/cmp"

	"convoke/shared/platform/i18n"
	"convoke/shared/platform/mail"
	"convoke/shared/platform/mail/calendar"
)

// notices are what is sent of one event in the language: that it changed, to who
// accepted, and that it is cancelled.
func notices(t testing.TB, lang i18n.Lang) map[string]*mail.Message {
	t.Helper()
	starts := time.Date(2025, 12, 18, 14, 0, 0, 0, time.UTC)
	d := mail.Invitation{
		RecipientName: "Amina Example", Organisation: "رابطة المهاجرين (Example)", Role: "speaker", EventKind: "seminar",
		Title: i18n.T(lang, "observance.international_migrants_day", nil), Starts: starts, Ends: starts.Add(time.Hour), Zone: "Europe/Zurich",
		Place: "Palais des Nations, Room XX", Online: true, Room: "https://meet.example.org/1", ConvenerName: "Migration Programme",
		AnswerURL: "https://convoke.example.org/answer?t=v1.k2.0a1b2c3d4e5f", UnsubscribeURL: "https://convoke.example.org/unsubscribe?t=v1.k2.9f8e7d",
	}
	entry := calendar.Event{
		UID: "01JBQ8Z6V0.C1@example.org", Sequence: 3, Starts: d.Starts, Ends: d.Ends, Zone: d.Zone, Title: d.Title, Location: d.Place, Room: d.Room,
		Organizer: mail.Address{Name: "Migration Programme", Addr: "events@example.org"}, Attendee: mail.Address{Name: "أمينة Example", Addr: "amina@example.org"},
		Answer: calendar.Accepted,
	}
	request, err := calendar.Request(entry, now)
	if err != nil {
		t.Fatal(err)
	}
	cancel, err := calendar.Cancel(entry, now)
	if err != nil {
		t.Fatal(err)
	}
	m := func(kind mail.Kind, l mail.Letter, c mail.Calendar) *mail.Message {
		return &mail.Message{ID: "01JBQ8Z6V0NOTICE", From: entry.Organizer, To: entry.Attendee, Letter: l, Calendar: c, UnsubscribeURL: d.UnsubscribeURL, Kind: kind}
	}
	return map[string]*mail.Message{
		"changed":   m(mail.KindEventChanged, mail.EventChanged{Invitation: d, Changed: []string{"time", "place", "room"}, Answered: true}.Letter(lang), mail.Calendar{Method: "REQUEST", Bytes: request}),
		"cancelled": m(mail.KindEventCancelled, mail.EventCancelled{Invitation: d, Reason: "The airport is on strike."}.Letter(lang), mail.Calendar{Method: "CANCEL", Bytes: cancel}),
	}
}

func TestGoldenNotices(t *testing.T) {
	for _, lang := range i18n.All() {
		for kind, m := range notices(t, lang) {
			for name, raw := range map[string][]byte{kind + "." + string(lang) + ".eml": compose(t, m), kind + "." + string(lang) + ".ics": m.Calendar.Bytes} {
				golden(t, filepath.Join("testdata", name), raw)
			}
			checkNotice(t, m)
			if gap := m.Letter.Text(); strings.Contains(gap, "mail.") || strings.Contains(gap, "{") {
				t.Errorf("%s in %s lacks a text or a value:\n%s", kind, lang, gap)
			}
		}
	}
}

func golden(t *testing.T, name string, raw []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(raw)); diff != "" {
		t.Errorf("%s (-want +got), -update writes it anew:\n%s", name, diff)
	}
}

// checkNotice reads the calendar with another library than the one that writes.
func checkNotice(t *testing.T, m *mail.Message) {
	t.Helper()
	c, err := ics.ParseCalendar(bytes.NewReader(m.Calendar.Bytes))
	if err != nil || len(c.Events()) != 1 {
		t.Fatal(err)
	}
	e := c.Events()[0]
	status := map[string]string{"REQUEST": "CONFIRMED", "CANCEL": "CANCELLED"}[m.Calendar.Method]
	for property, want := range map[ics.ComponentProperty]string{
		ics.ComponentPropertySequence: "3", ics.ComponentPropertyStatus: status, ics.ComponentPropertyUniqueId: "01JBQ8Z6V0.C1@example.org",
	} {
		if got := e.GetProperty(property); got == nil || got.Value != want {
			t.Errorf("%s is %v, want %s", property, got, want)
		}
	}
	if starts, err := e.GetStartAt(); err != nil || !starts.Equal(time.Date(2025, 12, 18, 14, 0, 0, 0, time.UTC)) {
		t.Errorf("starts at %s, %v", starts, err)
	}
}
