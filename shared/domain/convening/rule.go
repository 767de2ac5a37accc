package convening

import (
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// Limits of standing rules.
const (
	maxWeeksAhead   = 40
	maxShiftDays    = 14
	maxMinutes      = 14 * 24 * 60
	longestAnswerBy = 120
)

// ErrRuleInvalid says that what was said of a standing rule is refused by a rule.
var ErrRuleInvalid = fault.New(fault.Invalid, "rule.invalid")

// StandingRule lets an observance bring about an event each year, without anybody who
// would have to think of it.
type StandingRule struct {
	ID      string `json:"id"`
	Version int64  `json:"-"`
	Unit    string `json:"unit"`
	RulePlan
	Year      int        `json:"year"`                 // whose event is opened next
	LastEvent string     `json:"last_event,omitempty"` // id of the one that was opened last
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	DueAt     *time.Time `json:"due_at,omitempty"` // when the planner opens the next event

	journal.Log `json:"-"`
}

// RulePlan is what an organiser says of a standing rule.
type RulePlan struct {
	Observance string   `json:"observance"`
	WeeksAhead int      `json:"weeks_ahead"`       // before the event, its draft is opened
	Publish    bool     `json:"publish,omitempty"` // by itself, as soon as it is opened
	Paused     bool     `json:"paused,omitempty"`
	Template   Template `json:"template"`
}

// Template is what each year's event is made from. The time is that of a clock in
// the zone, whatever the season does to clocks.
type Template struct {
	Convener       string           `json:"convener"`
	Kind           string           `json:"kind"`
	Titles         []directory.Text `json:"titles"`
	Summaries      []directory.Text `json:"summaries,omitempty"`
	Topics         []string         `json:"topics,omitempty"`
	ShiftDays      int              `json:"shift_days,omitempty"` // from the day itself, such as -1 for the eve
	StartsLocal    string           `json:"starts_local"`         // 15:00
	Minutes        int              `json:"minutes"`
	Zone           string           `json:"zone"` // IANA
	Place          string           `json:"place,omitempty"`
	Online         string           `json:"online,omitempty"`
	AnswerDays     int              `json:"answer_days,omitempty"` // before the start that answers are due; 0 leaves it to the event
	Audience       Audience         `json:"audience"`
	Series         string           `json:"series,omitempty"`
	Interpretation []string         `json:"interpretation,omitempty"`
	InviteOnly     bool             `json:"invite_only,omitempty"`
	AtRisk         bool             `json:"at_risk,omitempty"`
	Attribution    string           `json:"attribution,omitempty"` // see Attributions
	Documents      []Document       `json:"documents,omitempty"`
	Outreach                        // waves, quotas, the ladder of reminders, places
}

const clockForm = "15:04"

// NewRule makes a standing rule whose first event is the next that can be.
func NewRule(id, unit string, p RulePlan, now time.Time) (*StandingRule, error) {
	r := &StandingRule{ID: id, Unit: unit, CreatedAt: now}
	if err := r.set(p, now); err != nil {
		return nil, err
	}
	r.Record("unit.rule_made", "unit", unit, "rule", id)
	return r, nil
}

// Revise replaces what the rule says. Events that it has opened stay as they are.
func (r *StandingRule) Revise(p RulePlan, now time.Time) error {
	if err := r.set(p, now); err != nil {
		return err
	}
	r.Record("unit.rule_revised", "unit", r.Unit, "rule", r.ID)
	return nil
}

func (r *StandingRule) set(p RulePlan, now time.Time) error {
	if err := p.validate(now); err != nil {
		return err
	}
	p.Template.Titles, p.Template.Summaries = directory.TidyTexts(p.Template.Titles), directory.TidyTexts(p.Template.Summaries)
	p.Template.Convener = directory.Tidy(p.Template.Convener)
	r.RulePlan, r.UpdatedAt = p, now
	r.Year = max(r.Year, now.Year()-1)
	r.dueNext(now)
	return nil
}

// dueNext sets the year whose event comes next, and when it is opened: whole
// weeks before it starts, or at once when that is past.
func (r *StandingRule) dueNext(now time.Time) {
	for !r.starts(r.Year).After(now) {
		r.Year++
	}
	r.DueAt = nil
	if r.Paused {
		return
	}
	due := r.starts(r.Year).AddDate(0, 0, -7*r.WeeksAhead).UTC()
	if due.Before(now) {
		due = now
	}
	r.DueAt = &due
}

// starts is when the event of a year starts. The template is valid, so that the
// zone and the clock can be read. A time that clocks skip on that day is the one
// they show instead; of two alike it is the earlier.
func (p RulePlan) starts(year int) time.Time {
	day, _ := ObservanceOf(p.Observance)
	place, err := time.LoadLocation(p.Template.Zone)
	if err != nil {
		place = time.UTC
	}
	clock, _ := time.Parse(clockForm, p.Template.StartsLocal)
	date := time.Date(year, day.Month, day.Day+p.Template.ShiftDays, clock.Hour(), clock.Minute(), 0, 0, time.UTC)
	if moments := momentsOf(date, place); len(moments) > 0 {
		return moments[0].In(place)
	}
	return time.Date(year, day.Month, day.Day+p.Template.ShiftDays, clock.Hour(), clock.Minute(), 0, 0, place)
}

// EventID is the id of the event of a year: there is one a rule and year, however
// often it is opened.
func (r *StandingRule) EventID(year int) string { return r.ID + "-" + strconv.Itoa(year) }

// Draft makes the event of the rule's next year.
func (r *StandingRule) Draft(now time.Time) (*Event, error) {
	p := r.plan(r.Year)
	if by := p.AnswerBy; by != nil && !by.After(now) {
		p.AnswerBy = nil // the rule came late in the year
	}
	return NewEvent(r.EventID(r.Year), r.Unit, r.Template.Convener, p, now)
}

func (p RulePlan) plan(year int) Plan {
	t := p.Template
	starts := p.starts(year)
	plan := Plan{
		Kind: t.Kind, Titles: t.Titles, Summaries: t.Summaries, Topics: t.Topics, Observance: p.Observance,
		Starts: starts, Ends: starts.Add(time.Duration(t.Minutes) * time.Minute), Zone: t.Zone, Place: t.Place, Online: t.Online,
		Audience: t.Audience, Outreach: t.Outreach, Terms: Terms{
			Series: t.Series, Interpretation: t.Interpretation, InviteOnly: t.InviteOnly, AtRisk: t.AtRisk, Attribution: t.Attribution, Documents: t.Documents,
		},
	}
	if t.AnswerDays > 0 {
		by := starts.AddDate(0, 0, -t.AnswerDays)
		plan.AnswerBy = &by
	}
	return plan
}

// Opened notes that the event of a year was opened, and turns to the next year.
// Again changes nothing.
func (r *StandingRule) Opened(year int, event string, now time.Time) {
	if r.Year != year {
		return
	}
	r.Year, r.LastEvent, r.UpdatedAt = year+1, event, now
	r.dueNext(now)
	r.Record("event.opened", "event", event, "unit", r.Unit, "rule", r.ID)
}

func (p RulePlan) validate(now time.Time) error {
	var faults fault.List
	day, known := ObservanceOf(p.Observance)
	if !known {
		faults.Add("/observance", "event.observance_unknown")
	}
	checkRange(&faults, "/weeks_ahead", p.WeeksAhead, 1, maxWeeksAhead)
	checkRange(&faults, "/template/shift_days", p.Template.ShiftDays, -maxShiftDays, maxShiftDays)
	checkRange(&faults, "/template/minutes", p.Template.Minutes, 1, maxMinutes)
	checkRange(&faults, "/template/answer_days", p.Template.AnswerDays, 0, longestAnswerBy)
	if _, err := time.Parse(clockForm, p.Template.StartsLocal); err != nil {
		faults.Add("/template/starts_local", "time.clock_malformed")
	}
	if err := faults.Err(ErrRuleInvalid.Code); err != nil {
		return err
	}
	p.Observance = day.Code
	p.validateEvent(&faults, now)
	return faults.Err(ErrRuleInvalid.Code)
}

// validateEvent holds the template to what an event of it must be, two years on,
// when all of its dates lie ahead.
func (p RulePlan) validateEvent(faults *fault.List, now time.Time) {
	var found fault.List
	directory.CheckLine(&found, "/convener", p.Template.Convener, maxTitleRunes)
	p.plan(now.Year()+2).validate(&found, now)
	faults.Under("/template", &found)
}

func checkRange(faults *fault.List, at string, n, least, most int) {
	if n < least || n > most {
		faults.Add(at, "number.outside", "min", strconv.Itoa(least), "max", strconv.Itoa(most))
	}
}
