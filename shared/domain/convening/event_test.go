package convening

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

func days(n float64) time.Duration { return time.Duration(n * 24 * float64(time.Hour)) }

func at(n float64) *time.Time { t := start.Add(days(n)); return &t }

// plan is one that has nothing wrong with it.
func plan() Plan {
	return Plan{
		Kind: "panel_discussion", Titles: []directory.Text{{Lang: "en", Text: "Remittances"}, {Lang: "fr", Text: "Envois de fonds"}},
		Summaries: []directory.Text{{Lang: "en", Text: "Two hours.\nCoffee."}}, Observance: "international_migrants_day",
		Starts: start.Add(days(30)), Ends: start.Add(days(30) + 2*time.Hour), Zone: "Europe/Zurich",
		Place: "Palais", Online: "https://meet.example.org/1",
		Audience: Audience{Filters: map[string][]string{"country": {"CH", "FR"}}},
	}
}

func refused(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind != fault.Invalid {
		t.Fatalf("%v is no fault of the input", err)
	}
	var list []string
	for _, field := range f.Fields {
		list = append(list, field.Pointer+" "+field.Code)
	}
	return list
}

func TestPlanIsValidated(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Plan)
		want   []string
	}{
		{"nothing wrong", func(*Plan) {}, nil},
		{"nothing given", func(p *Plan) { *p = Plan{} }, []string{
			"/audience event.audience_missing", "/ends event.ends_before_start", "/kind event.kind_unknown",
			"/starts event.starts_in_past", "/titles event.title_missing", "/zone event.zone_unknown",
		}},
		{"kind", func(p *Plan) { p.Kind = "party" }, []string{"/kind event.kind_unknown"}},
		{"title of two lines", func(p *Plan) { p.Titles[0].Text = "A\r\nB" }, []string{"/titles/0/text text.control_character"}},
		{"title overridden", func(p *Plan) { p.Titles[0].Text = "\u202eA" }, []string{"/titles/0/text text.bidi_control"}},
		{"title twice in a language", func(p *Plan) { p.Titles[1].Lang = "EN" }, []string{"/titles/1/lang language.repeated"}},
		{"title in no language", func(p *Plan) { p.Titles[1].Lang = "x" }, []string{"/titles/1/lang language.unknown"}},
		{"summary", func(p *Plan) { p.Summaries[0].Text = strings.Repeat("é", 10_000) }, []string{"/summaries/0/text text.too_long"}},
		{"topics", func(p *Plan) { p.Topics = []string{"x"} }, []string{"/topics/0 topic.unknown"}},
		{"observance", func(p *Plan) { p.Observance = "my_birthday" }, []string{"/observance event.observance_unknown"}},
		{"place", func(p *Plan) { p.Place = "\x00" }, []string{"/place text.control_character"}},
		{"room of a private host", func(p *Plan) { p.Online = "http://meet.internal/1" }, []string{"/online website.not_http"}},
		{"no zone", func(p *Plan) { p.Zone = "" }, []string{"/zone event.zone_unknown"}},
		{"the server's zone", func(p *Plan) { p.Zone = "Local" }, []string{"/zone event.zone_unknown"}},
		{"zone in other letters", func(p *Plan) { p.Zone = "Mars/Olympus" }, []string{"/zone event.zone_unknown"}},
		{"zone that is a path", func(p *Plan) { p.Zone = "../../etc/passwd" }, []string{"/zone event.zone_unknown"}},
		{"zone from the root", func(p *Plan) { p.Zone = "/usr/share/zoneinfo/UTC" }, []string{"/zone event.zone_unknown"}},
		{"zone with NUL", func(p *Plan) { p.Zone = "UTC\x00" }, []string{"/zone event.zone_unknown"}},
		{"zone UTC", func(p *Plan) { p.Zone = "UTC" }, nil},
		{"starts now", func(p *Plan) { p.Starts = start }, []string{"/starts event.starts_in_past"}},
		{"starts beyond what can be written", func(p *Plan) {
			p.Starts = time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -12*3600))
			p.Ends = p.Starts.Add(time.Hour)
		}, []string{"/starts year.impossible"}},
		{"ends as it starts", func(p *Plan) { p.Ends = p.Starts }, []string{"/ends event.ends_before_start"}},
		{"61 days", func(p *Plan) { p.Ends = p.Starts.Add(days(61)) }, []string{"/ends event.too_long"}},
		{"60 days", func(p *Plan) { p.Ends = p.Starts.Add(days(60)) }, nil},
		{"answer by now", func(p *Plan) { p.AnswerBy = at(0) }, []string{"/answer_by event.answer_by_outside"}},
		{"answer by the start", func(p *Plan) { p.AnswerBy = at(30) }, nil},
		{"answer by after the start", func(p *Plan) { p.AnswerBy = at(30.1) }, []string{"/answer_by event.answer_by_outside"}},
		{"audience by words", func(p *Plan) { p.Audience = Audience{Text: "remittances"} }, nil},
		{"audience by hostile words", func(p *Plan) { p.Audience = Audience{Text: "a\u202eb"} }, []string{"/audience/text text.bidi_control"}},
		{"filter that is none", func(p *Plan) { p.Audience.Filters = map[string][]string{"seen_by": {"public"}, "a~/b": {"x"}} }, []string{
			"/audience/filters/a~0~1b event.filter_unknown", "/audience/filters/seen_by event.filter_unknown",
		}},
		{"filter without values", func(p *Plan) { p.Audience.Filters["topic"] = nil }, []string{"/audience/filters/topic list.empty"}},
		{"filter value twice", func(p *Plan) { p.Audience.Filters["country"] = []string{"CH", "CH"} }, []string{"/audience/filters/country/1 list.repeated"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := plan()
			tt.change(&p)
			e, err := NewEvent("E1", "unit-1", "Unit One", p, start)
			if diff := cmp.Diff(tt.want, refused(t, err)); diff != "" {
				t.Error(diff)
			}
			if (e == nil) != (err != nil) {
				t.Errorf("%v, %v", e, err)
			}
		})
	}
}

func TestEventIsKeptTidy(t *testing.T) {
	p := plan()
	zurich, err := time.LoadLocation(p.Zone)
	if err != nil {
		t.Fatal(err)
	}
	p.Starts, p.Ends, p.AnswerBy = p.Starts.In(zurich), p.Ends.In(zurich), at(20)
	*p.AnswerBy = p.AnswerBy.In(zurich)
	p.Titles = []directory.Text{{Lang: "FR", Text: " Re\u0301union "}}
	e, err := NewEvent("E1", "unit-1", "  Unit   One ", p, start)
	if err != nil {
		t.Fatal(err)
	}
	if e.Starts.Location() != time.UTC || e.Ends.Location() != time.UTC || e.AnswerBy.Location() != time.UTC {
		t.Error("instants are not in UTC")
	}
	if diff := cmp.Diff([]directory.Text{{Lang: "fr", Text: "Réunion"}}, e.Titles); diff != "" || e.Convener != "Unit One" {
		t.Errorf("%q, %s", e.Convener, diff)
	}
	if p.AnswerBy.Location() == time.UTC || p.Titles[0].Lang != "FR" {
		t.Error("what was given was changed too")
	}
}

func TestPublish(t *testing.T) {
	for _, tt := range []struct {
		name         string
		starts       float64 // days from now
		asked        *time.Time
		wantAnswerBy time.Duration
	}{
		{"a week before", 30, nil, days(23)},
		{"the organiser's date", 30, at(5), days(5)},
		{"eleven days before: four are left", 11, nil, days(4)},
		{"ten days before: half of them", 10, nil, days(5)},
		{"tomorrow", 1, nil, days(0.5)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := plan()
			p.Starts, p.Ends, p.AnswerBy = start.Add(days(tt.starts)), start.Add(days(tt.starts)+time.Hour), tt.asked
			e, err := NewEvent("E1", "unit-1", "Unit One", p, start)
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Publish(start); err != nil {
				t.Fatal(err)
			}
			if got := e.AnswerBy.Sub(start); got != tt.wantAnswerBy {
				t.Errorf("answer by %v from now, want %v", got, tt.wantAnswerBy)
			}
			if e.Status != Published || !e.DueAt.Equal(start) || !e.PublishedAt.Equal(start) {
				t.Errorf("%+v", e)
			}
			if again := e.Publish(start); !errors.Is(again, ErrNotDraft) {
				t.Errorf("published twice: %v", again)
			}
			e.Planned(start)
			if !e.DueAt.Equal(e.Ends) || !e.PlannedAt.Equal(start) {
				t.Errorf("planned, and due at %v", e.DueAt)
			}
		})
	}
}

func TestWhatWasRightOnceIsHeldToTheClockAgain(t *testing.T) {
	e, err := NewEvent("E1", "unit-1", "Unit One", plan(), start)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/starts event.starts_in_past"}, refused(t, e.Publish(start.Add(days(30))))); diff != "" || e.Status != Draft {
		t.Errorf("%s: %s", e.Status, diff)
	}
	p := plan()
	p.Kind = "party"
	if err := e.Revise("Unit One", p, start); err == nil || e.Kind != "panel_discussion" {
		t.Errorf("revised to %s: %v", e.Kind, err)
	}
	p.Kind = "course"
	if err := e.Revise("", p, start); err == nil {
		t.Error("nobody invites")
	}
	if err := e.Revise("Unit Two", p, start); err != nil || e.Kind != "course" || e.Convener != "Unit Two" {
		t.Errorf("%+v: %v", e, err)
	}
}
