package convening

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestTimeline(t *testing.T) {
	now := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
	starts := time.Date(2026, 12, 18, 15, 0, 0, 0, time.UTC)
	published, never, due := now.AddDate(0, 0, -7), 0, time.Date(2026, 12, 4, 9, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		e    Event
		want string
	}{
		"plain":       {Event{}, "wave1 2026-10-01 reminder1 2026-12-08 answer_by 2026-12-11 start 2026-12-18 thanks 2026-12-20"},
		"no thanks":   {Event{Plan: Plan{Outreach: Outreach{ThankAfter: &never}}}, "wave1 2026-10-01 reminder1 2026-12-08 answer_by 2026-12-11 start 2026-12-18"},
		"published":   {Event{PublishedAt: &published}, "wave1 2026-09-24 reminder1 2026-12-08 answer_by 2026-12-11 start 2026-12-18 thanks 2026-12-20"},
		"in waves":    {Event{Plan: Plan{Outreach: Outreach{Waves: []Wave{{DaysBefore: 300}, {DaysBefore: 40}}}}}, "wave1 2026-10-01 wave2 2026-11-08 reminder1 2026-12-08 answer_by 2026-12-11 start 2026-12-18 thanks 2026-12-20"},
		"a ladder":    {Event{Plan: Plan{AnswerBy: &due, Outreach: Outreach{Reminders: []int{90, 10, 2}}}}, "wave1 2026-10-01 reminder1 2026-11-24 reminder2 2026-12-02 answer_by 2026-12-04 start 2026-12-18 thanks 2026-12-20"},
		"a late wave": {Event{Plan: Plan{Outreach: Outreach{Waves: []Wave{{DaysBefore: 5}}}}}, "reminder1 2026-12-08 answer_by 2026-12-11 wave1 2026-12-13 start 2026-12-18 thanks 2026-12-20"},
	} {
		c.e.Starts, c.e.Ends = starts, starts.Add(2*time.Hour)
		var got []string
		for _, m := range c.e.Timeline(now) {
			what := m.What
			if m.N > 0 {
				what += strconv.Itoa(m.N)
			}
			got = append(got, what, m.At.Format(time.DateOnly))
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s:\n%s, want\n%s", name, s, c.want)
		}
	}
}
