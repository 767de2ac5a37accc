// Package convening holds what an organiser brings about: events, their
// audiences, and the invitations that follow from them. It is pure: no clock, no
// input or output, no randomness.
package convening

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
	"convoke/shared/domain/taxonomy"
)

// Limits of an event.
const (
	maxTitleRunes = 300
	maxProseRunes = 8000
	maxPlaceRunes = 500
	longestEvent  = 60 * 24 * time.Hour
	latestYear    = 9000 // RFC 3339 has four digits for a year, and an end, in any zone, must keep to them
)

// How invitations are planned backwards from the start of an event.
const (
	answerBefore = 7 * 24 * time.Hour // the usual answer-by before the start
	remindBefore = 3 * 24 * time.Hour // the one reminder before the answer-by
)

// EventStatus is where an event stands.
type EventStatus string

// The statuses of an event, in the order in which they come.
const (
	Draft     EventStatus = "draft"
	Published EventStatus = "published"
	Closed    EventStatus = "closed"    // takes no more answers
	Held      EventStatus = "held"      // its end has passed
	Cancelled EventStatus = "cancelled" // will not take place
)

// Faults of events.
var (
	ErrEventInvalid  = fault.New(fault.Invalid, "event.invalid")
	ErrNotDraft      = fault.New(fault.Conflict, "event.not_draft")
	ErrAudienceEmpty = fault.New(fault.Invalid, "event.audience_empty")
	ErrEventOver     = fault.New(fault.Conflict, "event.over")
	ErrNotPublished  = fault.New(fault.Conflict, "event.not_published")
)

// Plan is what an organiser says of an event.
type Plan struct {
	Kind       string           `json:"kind"` // see EventKinds
	Titles     []directory.Text `json:"titles"`
	Summaries  []directory.Text `json:"summaries,omitempty"`
	Topics     []string         `json:"topics,omitempty"`
	Observance string           `json:"observance,omitempty"` // see Observances
	Starts     time.Time        `json:"starts"`
	Ends       time.Time        `json:"ends"`
	Zone       string           `json:"zone"` // IANA
	Place      string           `json:"place,omitempty"`
	Online     string           `json:"online,omitempty"` // address of the room, shown only to who accepted
	AnswerBy   *time.Time       `json:"answer_by,omitempty"`
	Audience   Audience         `json:"audience"`
	Outreach
	Terms
}

// Audience says who is invited: whom a search finds, and whom the organiser
// names. The search is one that is kept, or what is said here. Of the latter each
// filter means any of its values; different filters must all hold.
type Audience struct {
	Search  string              `json:"search,omitempty"` // id of a SavedSearch, in the place of all that is searched for here
	Text    string              `json:"text,omitempty"`
	Filters map[string][]string `json:"filters,omitempty"` // see AudienceFilters
	Named
	Narrowing
}

// Searches reports whether the audience has a search, kept or said.
func (a Audience) Searches() bool { return a.Search != "" || a.says() }

// says reports whether the audience says itself what is searched for.
func (a Audience) says() bool { return a.Text != "" || len(a.Filters) > 0 || !a.Narrowing.Empty() }

// As is the audience with what its saved search looks for in the place of its id.
func (a Audience) As(q Query) Audience {
	a.Search, a.Text, a.Filters, a.Narrowing = "", q.Text, q.Filters, q.Narrowing
	return a
}

// Event is a seminar, a panel discussion and the like.
type Event struct {
	ID      string `json:"id"`
	Version int64  `json:"-"`
	Unit    string `json:"unit"` // the organising unit that may change it
	Plan
	Convener         string      `json:"convener"` // who invites, as the mail says it
	Status           EventStatus `json:"status"`
	Sequence         int         `json:"sequence"`         // RFC 5546 section 2.1.4: grows when what was sent out changes
	Sought           *Query      `json:"sought,omitempty"` // what the saved search of its audience looked for when it went out
	Notices          []Notice    `json:"notices,omitempty"`
	Pending          bool        `json:"pending,omitempty"`            // its invitations are to be told what became of it
	Widened          bool        `json:"widened,omitempty"`            // it has places that are to be offered to who waits
	NamesForgottenAt *time.Time  `json:"names_forgotten_at,omitempty"` // of those who were named and are no contacts
	Counting         int         `json:"counting,omitempty"`           // how often its places began to be counted after it was out; see Seats
	CreatedAt        time.Time   `json:"created_at"`
	UpdatedAt        time.Time   `json:"updated_at"`
	PublishedAt      *time.Time  `json:"published_at,omitempty"`
	PlannedAt        *time.Time  `json:"planned_at,omitempty"` // when the last invitation was written
	ClosedAt         *time.Time  `json:"closed_at,omitempty"`
	HeldAt           *time.Time  `json:"held_at,omitempty"`
	CancelledAt      *time.Time  `json:"cancelled_at,omitempty"`
	ThankedAt        *time.Time  `json:"thanked_at,omitempty"` // when those who came were thanked
	Announced        []time.Time `json:"announced,omitempty"`  // when it was announced something, the last day's
	DueAt            *time.Time  `json:"due_at,omitempty"`     // when the planner looks at it next

	journal.Log `json:"-"`
}

// EventKinds are the kinds of event.
func EventKinds() []string {
	return []string{"seminar", "panel_discussion", "expert_group_meeting", "course", "consultation"}
}

// AudienceFilters are the fields that an audience can be narrowed by; they are
// the facets of the index.
func AudienceFilters() []string {
	return []string{
		"category", "country", "region", "group", "topic", "language", "works_in", "origin", "residence", "led_by", "serves", "tier",
		"advocates_for", "consultative_status", "major_group", "gfmd", "member_of", "observer_of", MemberStatesOf, ObserverStatesOf,
	}
}

// EngagementFilters are the further fields, of the engagement ledger and of what
// contacts say of themselves as speakers, by which
// an organiser alone can narrow a search or an audience.
func EngagementFilters() []string {
	return []string{"invited_series", "has_speaker", "speaker_topic", "speaker_language"}
}

// NewEvent makes a draft of a valid plan.
func NewEvent(id, unit, convener string, p Plan, now time.Time) (*Event, error) {
	if err := validate(convener, p, now); err != nil {
		return nil, err
	}
	e := &Event{ID: id, Unit: unit, Convener: directory.Tidy(convener), Plan: p.tidied(), Status: Draft, CreatedAt: now, UpdatedAt: now}
	e.Record("event.drafted", "event", id)
	return e, nil
}

// tidied normalises texts for storage, and keeps instants in UTC; the zone says
// how they are shown.
func (p Plan) tidied() Plan {
	p.Titles, p.Summaries = directory.TidyTexts(p.Titles), directory.TidyTexts(p.Summaries)
	p.Starts, p.Ends = p.Starts.UTC(), p.Ends.UTC()
	if p.AnswerBy != nil {
		t := p.AnswerBy.UTC()
		p.AnswerBy = &t
	}
	p.Terms = p.Terms.tidied()
	return p
}

// Over reports whether nothing is said of the event any more.
func (e *Event) Over() bool { return e.Status == Held || e.Status == Cancelled }

// Revise replaces what an event says. Once it was sent out, what matters to who
// was invited is told to them: see Notice.
func (e *Event) Revise(convener string, p Plan, now time.Time) error {
	if e.Over() {
		return ErrEventOver
	}
	if err := validate(convener, p, now); err != nil {
		return err
	}
	if err := e.keepsItself(p); err != nil {
		return err
	}
	before := e.Plan
	if before.Audience.Search != p.Audience.Search {
		e.Sought = nil
	}
	e.Convener, e.Plan, e.UpdatedAt = directory.Tidy(convener), p.tidied(), now
	e.Record("event.revised", "event", e.ID)
	if e.Status != Draft {
		e.amend(before, now)
	}
	return nil
}

// keepsItself refuses an event that would precede itself.
func (e *Event) keepsItself(p Plan) error {
	var faults fault.List
	if p.Precedes == e.ID {
		faults.Add("/precedes", "event.precedes_itself")
	}
	return faults.Err(ErrEventInvalid.Code)
}

// Publish makes the event known and lets its invitations go out.
func (e *Event) Publish(now time.Time) error {
	if e.Status != Draft {
		return ErrNotDraft
	}
	if err := validate(e.Convener, e.Plan, now); err != nil {
		return err
	}
	by := e.answerBy(now)
	e.Status, e.PublishedAt, e.DueAt, e.AnswerBy, e.UpdatedAt = Published, &now, &now, &by, now
	e.Record("event.published", "event", e.ID)
	return nil
}

// Seeks returns the id of the saved search whose query the event has yet to take
// over, as one that went out must; "" when there is none.
func (e *Event) Seeks() string {
	if e.Status == Draft || e.Sought != nil {
		return ""
	}
	return e.Audience.Search
}

// Seek takes over what the saved search looks for, so that whatever becomes of
// that one changes nothing any more.
func (e *Event) Seek(q Query) { e.Sought = &q }

// Sent is the audience of an event with the query that it took over, if it did.
func (e *Event) Sent() Audience {
	if e.Sought == nil {
		return e.Audience
	}
	return e.Audience.As(*e.Sought)
}

// answerBy is the organiser's date, else a week before the start, else, when
// that is too near, half the time that is left.
func (e *Event) answerBy(now time.Time) time.Time {
	if e.AnswerBy != nil {
		return *e.AnswerBy
	}
	if by := e.Starts.Add(-answerBefore); by.Sub(now) > remindBefore {
		return by
	}
	return now.Add(e.Starts.Sub(now) / 2)
}

// Planned notes that every invitation has been written. Again changes nothing:
// the planner may see for a moment longer that the event was due.
func (e *Event) Planned(now time.Time) {
	if e.PlannedAt != nil {
		return
	}
	e.PlannedAt, e.UpdatedAt = &now, now
	e.dueNext(now)
	e.Record("event.planned", "event", e.ID)
}

// validate returns nil or one Invalid fault with every refused field.
func validate(convener string, p Plan, now time.Time) error {
	var faults fault.List
	directory.CheckLine(&faults, "/convener", convener, maxTitleRunes)
	p.validate(&faults, now)
	return faults.Err(ErrEventInvalid.Code)
}

func (p Plan) validate(faults *fault.List, now time.Time) {
	if !slices.Contains(EventKinds(), p.Kind) {
		faults.Add("/kind", "event.kind_unknown")
	}
	if len(p.Titles) == 0 {
		faults.Add("/titles", "event.title_missing")
	}
	for i, t := range p.Titles {
		directory.CheckLine(faults, "/titles/"+strconv.Itoa(i)+"/text", t.Text, maxTitleRunes)
	}
	directory.CheckTextLanguages(faults, "/titles", p.Titles)
	directory.CheckTexts(faults, "/summaries", p.Summaries, maxProseRunes)
	directory.CheckEach(faults, "/topics", p.Topics, 60, func(s string) string { return unless(taxonomy.ValidTopic(s), "topic.unknown") })
	if p.Observance != "" && !slices.Contains(Observances(), p.Observance) {
		faults.Add("/observance", "event.observance_unknown")
	}
	if p.Place != "" {
		directory.CheckLine(faults, "/place", p.Place, maxPlaceRunes)
	}
	if p.Online != "" && !directory.WebAddress(p.Online) {
		faults.Add("/online", "website.not_http")
	}
	p.validateTimes(faults, now)
	p.Audience.validate(faults, "/audience")
	p.Outreach.validate(faults)
	p.Terms.validate(faults, p)
}

func (p Plan) validateTimes(faults *fault.List, now time.Time) {
	checkZone(faults, "/zone", p.Zone)
	if !p.Starts.After(now) {
		faults.Add("/starts", "event.starts_in_past")
	} else if p.Starts.UTC().Year() > latestYear {
		faults.Add("/starts", "year.impossible")
	}
	if !p.Ends.After(p.Starts) {
		faults.Add("/ends", "event.ends_before_start")
	} else if p.Ends.Sub(p.Starts) > longestEvent {
		faults.Add("/ends", "event.too_long")
	}
	if by := p.AnswerBy; by != nil && (!by.After(now) || by.After(p.Starts)) {
		faults.Add("/answer_by", "event.answer_by_outside")
	}
}

// Check returns nil, or one fault with everything that is wrong with the audience
// where it stands in a body.
func (a Audience) Check(pointer string) error {
	var faults fault.List
	a.validate(&faults, pointer)
	return faults.Err(ErrEventInvalid.Code)
}

func (a Audience) validate(faults *fault.List, pointer string) {
	if a.Text != "" {
		directory.CheckLine(faults, pointer+"/text", a.Text, maxTitleRunes)
	}
	if !a.Searches() && len(a.Invitees) == 0 && !a.Panel {
		faults.Add(pointer, "event.audience_missing")
	}
	if a.Search != "" && a.says() {
		faults.Add(pointer+"/search", "event.audience_search_alone")
	} else if a.Search != "" && !idLike(a.Search) {
		faults.Add(pointer+"/search", "saved_search.unknown")
	}
	validateFilters(faults, pointer+"/filters", a.Filters)
	a.Named.validate(faults, pointer)
	a.Narrowing.validate(faults, pointer)
}

func validateFilters(faults *fault.List, below string, filters map[string][]string) {
	for field, values := range filters {
		at := below + "/" + fault.Token(field)
		if !slices.Contains(AudienceFilters(), field) && !slices.Contains(EngagementFilters(), field) {
			faults.Add(at, "event.filter_unknown")
			continue
		}
		if len(values) == 0 {
			faults.Add(at, "list.empty")
		}
		directory.CheckEach(faults, at, values, 250, func(s string) string { return filterFault(field, s) })
	}
}

// filterFault returns the code of what is wrong with a value of a filter, or "",
// so that a misspelt value is never an audience of nobody.
func filterFault(field, value string) string {
	switch field {
	case "category":
		return unless(taxonomy.ValidCategory(value), "category.unknown")
	case "has_speaker":
		return unless(value == "yes", "filter.yes_only")
	case "topic", "speaker_topic":
		return unless(taxonomy.ValidTopic(value), "topic.unknown")
	case "language", "speaker_language":
		canonical, known := taxonomy.CanonicalLanguage(value)
		return unless(known && canonical == value, "language.unknown") // the index holds canonical tags
	case "region":
		return unless(taxonomy.ValidRegion(value), "region.unknown")
	case "group":
		return unless(slices.Contains(taxonomy.Groups(), value), "group.unknown")
	case "invited_series":
		return unless(idLike(value), "event.series_unknown")
	case "led_by", "serves", "advocates_for":
		return unless(slices.Contains(directory.Groups(), value), "group.unknown")
	case "consultative_status":
		return unless(slices.Contains(directory.ConsultativeStatuses(), value), "consultative_status.unknown")
	case "major_group":
		return unless(slices.Contains(taxonomy.MajorGroups(), value), "major_group.unknown")
	case "gfmd":
		return unless(slices.Contains(taxonomy.Mechanisms(), value), "mechanism.unknown")
	case "member_of", "observer_of", MemberStatesOf, ObserverStatesOf:
		return directory.LineFault(value, maxIDRunes) // whose it is, the search finds out
	default: // country, works_in, origin, residence
		return unless(taxonomy.ValidCountry(value), "country.unknown")
	}
}

func unless(ok bool, code string) string {
	if ok {
		return ""
	}
	return code
}
