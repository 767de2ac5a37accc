package convening

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
)

func rulePlan() RulePlan {
	return RulePlan{
		Observance: "international_migrants_day", WeeksAhead: 10, Publish: true,
		Template: Template{
			Convener: "Unit One", Kind: "seminar", Titles: []directory.Text{{Lang: "en", Text: "Rights"}},
			StartsLocal: "15:00", Minutes: 120, Zone: "America/New_York", AnswerDays: 14,
			Audience: Audience{Filters: map[string][]string{"country": {"CH"}}},
		},
	}
}

func TestARuleOpensOneEventAYear(t *testing.T) {
	r, err := NewRule("R1", "unit-1", rulePlan(), start) // 2 November 2026: ten weeks before are past
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct{ due, id, starts string }{
		{"2026-11-02T09:00:00Z", "R1-2026", "2026-12-18T20:00:00Z"},
		{"2027-10-09T19:00:00Z", "R1-2027", "2027-12-18T20:00:00Z"}, // 15:00 in summer, ten weeks before 15:00 in winter
		{"2028-10-09T19:00:00Z", "R1-2028", "2028-12-18T20:00:00Z"},
	} {
		if got := r.DueAt.Format(time.RFC3339); got != want.due {
			t.Errorf("due at %s, want %s", got, want.due)
		}
		now := *r.DueAt
		e, err := r.Draft(now)
		if err != nil {
			t.Fatal(err)
		}
		if e.ID != want.id || e.Starts.Format(time.RFC3339) != want.starts || e.Ends.Sub(e.Starts) != 2*time.Hour || e.Observance != r.Observance {
			t.Errorf("%+v", e)
		}
		if by := e.AnswerBy.In(time.UTC).Format(time.DateOnly); by != want.starts[:5]+"12-04" {
			t.Errorf("answers are due on %s", by)
		}
		year := r.Year
		r.Opened(year, e.ID, now)
		r.Opened(year, e.ID, now)
	}
	if diff := cmp.Diff([]string{"unit.rule_made", "event.opened", "event.opened", "event.opened"}, kinds(r.Take())); diff != "" {
		t.Error(diff)
	}
}

// An event has all that its template says, the conditions of taking part included.
func TestARuleMakesWhatTheTemplateSays(t *testing.T) {
	p, never := rulePlan(), 0
	p.Template.Kind, p.Template.Summaries, p.Template.Topics = "expert_group_meeting", []directory.Text{{Lang: "en", Text: "Closed"}}, []string{"gcm:1"}
	p.Template.Place, p.Template.Online, p.Template.Series, p.Template.Interpretation = "New York", "https://meet.example.org/1", "S1", []string{"fr"}
	p.Template.InviteOnly, p.Template.AtRisk, p.Template.Attribution = true, true, ChathamHouse
	p.Template.Documents = []Document{{Titles: []directory.Text{{Lang: "en", Text: "Note"}}, URL: "https://files.example.org/note"}}
	p.Template.Outreach = Outreach{
		Capacity: 20, PlacesPerOrganisation: 1, InvitationsPerOrganisation: 2, Quotas: map[string]int{"ngo": 3}, Waves: []Wave{{DaysBefore: 40}}, Reminders: []int{5}, ThankAfter: &never,
	}
	r, err := NewRule("R1", "unit-1", p, start)
	if err != nil {
		t.Fatal(err)
	}
	e, err := r.Draft(start)
	if err != nil {
		t.Fatal(err)
	}
	want := p.Template
	got := Template{
		Convener: e.Convener, Kind: e.Kind, Titles: e.Titles, Summaries: e.Summaries, Topics: e.Topics, Place: e.Place, Online: e.Online, Zone: e.Zone,
		Audience: e.Audience, Series: e.Series, Interpretation: e.Interpretation, InviteOnly: e.InviteOnly, AtRisk: e.AtRisk, Attribution: e.Attribution,
		Documents: e.Documents, Outreach: e.Outreach, StartsLocal: e.Starts.In(r.starts(2026).Location()).Format(clockForm),
		Minutes: int(e.Ends.Sub(e.Starts).Minutes()), AnswerDays: int(e.Starts.Sub(*e.AnswerBy).Hours() / 24),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	p.Template.Attribution, p.Template.Documents = "whispered", []Document{{URL: "ftp://files.example.org"}}
	_, err = NewRule("R1", "unit-1", p, start)
	if diff := cmp.Diff([]string{
		"/template/attribution event.attribution_unknown", "/template/documents/0/titles event.title_missing", "/template/documents/0/url website.not_http",
	}, refused(t, err)); diff != "" {
		t.Error(diff)
	}
}

func TestARuleRests(t *testing.T) {
	p := rulePlan()
	p.Paused = true
	r, err := NewRule("R1", "unit-1", p, start)
	if err != nil || r.DueAt != nil {
		t.Fatalf("due at %v: %v", r.DueAt, err)
	}
	p.Paused = false
	if must(r.Revise(p, *at(60))); r.Year != 2027 { // after this year's day
		t.Errorf("the next is of %d", r.Year)
	}
}

// A rule whose time clocks skip, or show twice, still has one moment.
func TestARuleOnTheDayClocksChange(t *testing.T) {
	p := rulePlan()
	p.Observance, p.Template.Zone = "international_day_of_remembrance_of_slavery", "Europe/Zurich"
	p.Template.ShiftDays, p.Template.StartsLocal = 4, "02:30" // 29 March 2026 and 28 March 2027 lose that hour
	if got := p.starts(2026).UTC().Format(time.RFC3339); got != "2026-03-29T01:30:00Z" {
		t.Errorf("in the gap: %s", got)
	}
	if got := p.starts(2027).UTC().Format(time.RFC3339); got != "2027-03-29T00:30:00Z" {
		t.Errorf("a day after it: %s", got)
	}
}

func TestRulesAreValidated(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*RulePlan)
		want   []string
	}{
		{"nothing wrong", func(*RulePlan) {}, nil},
		{"no such day", func(p *RulePlan) { p.Observance = "birthday" }, []string{"/observance event.observance_unknown"}},
		{"numbers", func(p *RulePlan) {
			p.WeeksAhead, p.Template.Minutes, p.Template.ShiftDays, p.Template.AnswerDays = 0, 0, 15, -1
		}, []string{"/template/answer_days number.outside", "/template/minutes number.outside", "/template/shift_days number.outside", "/weeks_ahead number.outside"}},
		{"the clock", func(p *RulePlan) { p.Template.StartsLocal = "25:00" }, []string{"/template/starts_local time.clock_malformed"}},
		{"the event", func(p *RulePlan) { p.Template.Kind, p.Template.Zone, p.Template.Convener = "party", "Mars", "" }, []string{
			"/template/convener text.empty", "/template/kind event.kind_unknown", "/template/zone event.zone_unknown",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := rulePlan()
			tt.change(&p)
			_, err := NewRule("R1", "unit-1", p, start)
			if diff := cmp.Diff(tt.want, refused(t, err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestObservances(t *testing.T) {
	before := 0
	for _, o := range Calendar() {
		day := int(o.Month)*100 + o.Day
		if day < before || o.Resolution == "" {
			t.Errorf("%s is out of order, or cites nothing", o.Code)
		}
		if before = day; time.Date(2026, o.Month, o.Day, 0, 0, 0, 0, time.UTC).Day() != o.Day {
			t.Errorf("%s is no day of the calendar", o.Code)
		}
	}
}

func TestUnitsAreValidated(t *testing.T) {
	good := UnitPlan{Names: []directory.Text{{Lang: "en", Text: "Geneva"}}, Zone: "Europe/Zurich", Language: "fr", ReplyTo: "geneva@example.org", Delegates: []string{"new-york"}}
	u, err := NewUnit("geneva", good, start)
	if err != nil || !u.Admits("new-york") || u.Admits("geneva") || u.Admits("") {
		t.Fatalf("%+v, %v", u, err)
	}
	bad := UnitPlan{Zone: "Local", Language: "?", FromName: "a\nb", ReplyTo: "nobody", Delegates: []string{"geneva", "a b"}}
	_, err = NewUnit("geneva", bad, start)
	if diff := cmp.Diff([]string{
		"/delegates/0 id.malformed", "/delegates/1 id.malformed", "/from_name text.control_character", "/language language.unknown",
		"/names unit.name_missing", "/reply_to email.malformed", "/zone event.zone_unknown",
	}, refused(t, err)); diff != "" {
		t.Error(diff)
	}
	if err := u.Revise(bad, start); err == nil || u.Zone != "Europe/Zurich" {
		t.Errorf("revised to %+v: %v", u, err)
	}
}
