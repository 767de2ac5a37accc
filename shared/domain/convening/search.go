package convening

import (
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
)

// Faults of saved searches.
var (
	ErrSearchInvalid = fault.New(fault.Invalid, "saved_search.invalid")
	ErrSearchUsed    = fault.New(fault.Conflict, "saved_search.used")
	ErrSearchGone    = fault.New(fault.Conflict, "saved_search.gone") // an audience names one that there is no more
)

// Query is what a saved search looks for, in the terms of an audience.
type Query struct {
	Text    string              `json:"text,omitempty"`
	Filters map[string][]string `json:"filters,omitempty"` // see AudienceFilters
	Narrowing
}

// Audience is the audience of whom the query finds.
func (q Query) Audience() Audience {
	return Audience{Text: q.Text, Filters: q.Filters, Narrowing: q.Narrowing}
}

// SavedSearch is a search that a unit, or one of its organisers, keeps to ask it
// again, to invite whom it finds, and to be told who is new in it.
type SavedSearch struct {
	ID      string `json:"id"`
	Version int64  `json:"-"`
	Unit    string `json:"unit"`
	Owner   string `json:"owner"` // opaque id of who keeps it
	SearchPlan
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	DeletedAt *time.Time `json:"deleted_at,omitempty"` // its content is gone since

	journal.Log `json:"-"`
}

// SearchPlan is what an organiser says of a saved search.
type SearchPlan struct {
	Name   string `json:"name"`
	Query  Query  `json:"query"`
	Shared bool   `json:"shared,omitempty"` // with all organisers of the unit; otherwise it is its owner's own
	Alert  bool   `json:"alert,omitempty"`  // the unit is told who is new in it
}

// NewSearch keeps a search for a unit.
func NewSearch(id, unit, owner string, p SearchPlan, now time.Time) (*SavedSearch, error) {
	s := &SavedSearch{ID: id, Unit: unit, Owner: owner, CreatedAt: now}
	if err := s.set(p, now); err != nil {
		return nil, err
	}
	s.record("search.kept")
	return s, nil
}

// Revise replaces what is said of the search. Who it is not of cannot make it the
// owner's own: it would be gone from them.
func (s *SavedSearch) Revise(by string, p SearchPlan, now time.Time) error {
	if s.Shared && !p.Shared && by != s.Owner {
		var faults fault.List
		faults.Add("/shared", "saved_search.owner_only")
		return faults.Err(ErrSearchInvalid.Code)
	}
	if err := s.set(p, now); err != nil {
		return err
	}
	s.record("search.revised")
	return nil
}

// Delete takes away what the search says. That there was one stays in its trail.
func (s *SavedSearch) Delete(now time.Time) {
	s.SearchPlan, s.DeletedAt, s.UpdatedAt = SearchPlan{}, &now, now
	s.record("search.deleted")
}

// StopAlert ends the alerts. Again changes nothing.
func (s *SavedSearch) StopAlert(now time.Time) {
	if !s.Alert {
		return
	}
	s.Alert, s.UpdatedAt = false, now
	s.record("search.alert_stopped")
}

// VisibleTo reports whether an organiser of the unit may see the search.
func (s *SavedSearch) VisibleTo(organiser string) bool {
	return s.DeletedAt == nil && (s.Shared || organiser == s.Owner)
}

func (s *SavedSearch) record(kind string) { s.Record(kind, "search", s.ID, "unit", s.Unit) }

func (s *SavedSearch) set(p SearchPlan, now time.Time) error {
	if err := p.validate(); err != nil {
		return err
	}
	p.Name = directory.Tidy(p.Name)
	s.SearchPlan, s.UpdatedAt = p, now
	return nil
}

func (p SearchPlan) validate() error {
	var faults fault.List
	directory.CheckLine(&faults, "/name", p.Name, maxTitleRunes)
	if a := p.Query.Audience(); a.Searches() {
		a.validate(&faults, "/query")
	} else {
		faults.Add("/query", "saved_search.empty")
	}
	return faults.Err(ErrSearchInvalid.Code)
}

// How alerts go out.
const (
	alertEvery = 24 * time.Hour
	// alertSettles is for how long the index may lag behind the table: who was listed
	// within it is left to the next alert, so that nobody falls between two.
	alertSettles = time.Hour
)

// MaxAlerted is how many stakeholders an alert names; it counts them all.
const MaxAlerted = 20

// Alert is how far a unit has been told who is new in one of its searches. It is
// there for as long as the search has its alert on.
type Alert struct {
	Search  string    `json:"search"`
	Version int64     `json:"-"`
	Unit    string    `json:"unit"`
	Since   time.Time `json:"since"` // who was listed from then on is to be told of
	DueAt   time.Time `json:"due_at"`
}

// AlertOf is the alert of a search whose alert has just been turned on: of who is
// listed from now on.
func AlertOf(s *SavedSearch) *Alert {
	return &Alert{Search: s.ID, Unit: s.Unit, Since: s.UpdatedAt.UTC().Truncate(time.Second), DueAt: s.UpdatedAt.Add(alertEvery)}
}

// Until is up to when, exclusively, who was listed since Since is told of at now.
func (a *Alert) Until(now time.Time) time.Time {
	return now.Add(-alertSettles).UTC().Truncate(time.Second)
}

// Looked moves the alert on to the next day. It returns what is to be told of the
// stakeholders that were found, the newest first, and of how many there are; nil
// when there is none.
func (a *Alert) Looked(until, now time.Time, found []string, total int) *journal.Entry {
	a.Since, a.DueAt = until, now.Add(alertEvery)
	if total == 0 {
		return nil
	}
	var log journal.Log
	log.Record("search.matched", "search", a.Search, "unit", a.Unit, "stakeholders", strings.Join(found, ","), "count", strconv.Itoa(total))
	return &log.Take()[0]
}
