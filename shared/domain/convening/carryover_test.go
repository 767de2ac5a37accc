package convening

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWhoIsCarriedOver(t *testing.T) {
	for _, c := range []struct {
		name string
		CarryOver
		i    Invitation
		want bool
	}{
		{"came", CarryOver{Who: WhoAttended}, Invitation{Attendance: Attended}, true},
		{"only accepted", CarryOver{Who: WhoAttended}, Invitation{Status: Accepted}, false},
		{"accepted", CarryOver{Who: WhoAccepted}, Invitation{Status: Accepted}, true},
		{"accepted and stayed away", CarryOver{Who: WhoAccepted}, Invitation{Status: Accepted, Attendance: Absent}, false},
		{"came without an answer", CarryOver{Who: WhoAccepted}, Invitation{Status: Expired, Attendance: Attended}, true},
		{"may come", CarryOver{Who: WhoAccepted}, Invitation{Status: Tentative}, false},
		{"came and was silent", CarryOver{Who: WhoAttended, Spoke: true}, Invitation{Attendance: Attended}, false},
		{"came and spoke", CarryOver{Who: WhoAttended, Spoke: true}, Invitation{Attendance: Attended, Spoke: true}, true},
	} {
		if got := c.Takes(&c.i); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestWhatCannotBeCarriedOver(t *testing.T) {
	meeting := func(change func(*Event)) *Event {
		e := &Event{ID: "E1", Unit: "unit-1", Plan: Plan{Terms: Terms{Precedes: "E2"}}}
		change(e)
		return e
	}
	seminar := &Event{ID: "E2", Unit: "unit-1"}
	ask := CarryOver{From: "E1", Who: WhoAttended, To: ToInvitees, Spoke: true}
	if err := ask.Check(meeting(func(*Event) {}), seminar); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Event){
		"Chatham House": func(e *Event) { e.Attribution = ChathamHouse },
		"at risk":       func(e *Event) { e.AtRisk = true },
	} {
		if diff := cmp.Diff([]string{"/spoke carry_over.not_attributed"}, refused(t, ask.Check(meeting(change), seminar))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff([]string{"/to carry_over.to_unknown", "/who carry_over.who_unknown"}, refused(t, CarryOver{}.Check(meeting(func(*Event) {}), seminar))); diff != "" {
		t.Error(diff)
	}
	for name, change := range map[string]func(*Event){
		"of another unit":  func(e *Event) { e.Unit = "unit-2" },
		"prepares another": func(e *Event) { e.Precedes = "E3" },
	} {
		if err := ask.Check(meeting(change), seminar); !errors.Is(err, ErrNotPrepared) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhoIsNamedAlreadyIsNotNamedAgain(t *testing.T) {
	p := plan()
	p.Audience.Invitees, p.Audience.Exclude = []Invitee{{Stakeholder: "S1", Contact: "C1", Role: "speaker"}}, []string{"S3"}
	e, err := NewEvent("E1", "unit-1", "Unit One", p, start)
	if err != nil {
		t.Fatal(err)
	}
	people := []Person{{"S1", "C1"}, {"S1", "C2"}, {"S2", "C3"}, {"S3", "C4"}, {"S2", "C3"}}
	added, err := e.Invite(people, start)
	if err != nil || added != 2 {
		t.Errorf("%d, %v", added, err)
	}
	want := []Invitee{{Stakeholder: "S1", Contact: "C1", Role: "speaker"}, {Stakeholder: "S1", Contact: "C2"}, {Stakeholder: "S2", Contact: "C3"}}
	if diff := cmp.Diff(want, e.Audience.Invitees); diff != "" {
		t.Error(diff)
	}
	e.Take()
	if added, err := e.Invite(people, start); added != 0 || err != nil || len(e.Take()) > 0 {
		t.Errorf("again: %d, %v", added, err)
	}
}

func TestWhoIsConsideredForAPanel(t *testing.T) {
	p := NewPanel("E1")
	p.Seats = []Seat{{ID: "a", Holder: &Person{"S1", "C1"}}}
	p.Bans, p.Shortlist = []Person{{Stakeholder: "S2"}}, []Person{{"S3", "C3"}}
	added, err := p.Consider([]Person{{"S1", "C1"}, {"S2", "C2"}, {"S3", "C3"}, {"S4", "C4"}}, start)
	if err != nil || added != 1 {
		t.Errorf("%d, %v", added, err)
	}
	if diff := cmp.Diff([]Person{{"S3", "C3"}, {"S4", "C4"}}, p.Shortlist); diff != "" {
		t.Error(diff)
	}
}

func TestEventsPrepareWhatComesAfterThem(t *testing.T) {
	chain := map[string]*Event{
		"late":  {ID: "late", Unit: "unit-1", Plan: Plan{Starts: start.AddDate(0, 3, 0)}},
		"next":  {ID: "next", Unit: "unit-1", Plan: Plan{Starts: start.AddDate(0, 2, 0), Terms: Terms{Precedes: "late"}}},
		"back":  {ID: "back", Unit: "unit-1", Plan: Plan{Starts: start.AddDate(0, 2, 0), Terms: Terms{Precedes: "E1"}}},
		"other": {ID: "other", Unit: "unit-2", Plan: Plan{Starts: start.AddDate(0, 2, 0)}},
		"gone":  {ID: "gone", Unit: "unit-1", Plan: Plan{Starts: start.AddDate(0, 2, 0), Terms: Terms{Precedes: "nothing"}}},
		"loop":  {ID: "loop", Unit: "unit-1", Plan: Plan{Starts: start.AddDate(0, 2, 0), Terms: Terms{Precedes: "loop"}}},
	}
	find := func(id string) (*Event, error) { return chain[id], nil }
	for precedes, want := range map[string]string{
		"": "", "late": "", "next": "", "gone": "", "E1": "event.precedes_cycle", "back": "event.precedes_cycle", "loop": "event.precedes_cycle",
		"other": "event.unknown", "nothing": "event.unknown",
	} {
		p := Plan{Starts: start.AddDate(0, 1, 0), Terms: Terms{Precedes: precedes}}
		got := ""
		if found := refused(t, p.CheckPrecedes("E1", "unit-1", find)); len(found) > 0 {
			got = found[0]
		}
		if want != "" {
			want = "/precedes " + want
		}
		if got != want {
			t.Errorf("%q: %q, want %q", precedes, got, want)
		}
	}
	p := Plan{Starts: start.AddDate(0, 3, 0).Add(time.Hour), Terms: Terms{Precedes: "late"}}
	if diff := cmp.Diff([]string{"/precedes event.precedes_later"}, refused(t, p.CheckPrecedes("E1", "unit-1", find))); diff != "" {
		t.Error(diff)
	}
}
