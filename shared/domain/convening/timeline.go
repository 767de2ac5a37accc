package convening

import (
	"slices"
	"time"
)

// What comes at a milestone on an event's way.
const (
	AtWave     = "wave"      // invitations go out
	AtReminder = "reminder"  // who has not answered is reminded
	AtAnswerBy = "answer_by" // answers are due
	AtStart    = "start"
	AtThanks   = "thanks" // who came is thanked
)

// Milestone is one point of an event's way from its invitations to its thanks.
type Milestone struct {
	At   time.Time
	What string // AtWave and the others
	N    int    // which wave or reminder, from 1; 0 for what there is one of
}

// Timeline is what happens by itself for an event that is published now, or when
// it was, in the order of time. Somebody who is asked late is reminded only of
// what is yet to come then.
func (e *Event) Timeline(now time.Time) []Milestone {
	from := now
	if e.PublishedAt != nil {
		from = *e.PublishedAt
	}
	by := e.answerBy(from)
	list := []Milestone{{At: by, What: AtAnswerBy}, {At: e.Starts, What: AtStart}}
	for n, w := range e.Waves {
		list = append(list, Milestone{later(from, e.Starts.AddDate(0, 0, -w.DaysBefore)), AtWave, n + 1})
	}
	if len(e.Waves) == 0 {
		list = append(list, Milestone{from, AtWave, 1})
	}
	for n, at := range ladder(e.Reminders, from, by) {
		list = append(list, Milestone{at, AtReminder, n + 1})
	}
	if days := e.thankDays(); days > 0 {
		list = append(list, Milestone{At: e.Ends.AddDate(0, 0, days), What: AtThanks})
	}
	slices.SortStableFunc(list, func(a, b Milestone) int { return a.At.Compare(b.At) })
	return list
}

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
