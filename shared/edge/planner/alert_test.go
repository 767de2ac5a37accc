package planner_test

import (
	"errors"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/edge/planner"
)

// keep keeps a search with an alert for who is in a country.
func (d *desk) keep(t *testing.T, country string) string {
	t.Helper()
	s, err := convening.NewSearch(d.Store.NewID(), "unit-1", "owner", convening.SearchPlan{
		Name: "New ones", Alert: true, Query: convening.Query{Filters: map[string][]string{"country": {country}}},
	}, d.now)
	if err := errors.Join(err, d.Store.CreateSearch(t.Context(), s)); err != nil {
		t.Fatal(err)
	}
	return s.ID
}

// TestAlert holds that a unit is told once of each who is new, once a day at the
// most, and of none who was there before.
func TestAlert(t *testing.T) {
	d := open(t)
	d.list(t, 2, "CH") // listed at the start
	d.now = start.Add(time.Minute)
	id := d.keep(t, "CH")
	d.keep(t, "FR")
	told := func(want int) {
		t.Helper()
		if n := d.recorded(t)["search.matched"]; n != want {
			t.Errorf("on %s it was told %d times, not %d", d.now.Format(time.DateTime), n, want)
		}
	}
	d.tick(t, planner.Report{})
	d.now = start.Add(23 * time.Hour)
	d.tick(t, planner.Report{})
	d.now = day(1).Add(time.Minute)
	d.tick(t, planner.Report{Alerts: 2})
	told(0) // they were listed before the search was kept
	d.tick(t, planner.Report{})

	d.now = day(2)
	d.listedAt(t, 3, "CH", day(1).Add(2*time.Hour))
	d.listedAt(t, 1, "CH", day(2)) // too new to be told of today
	d.tick(t, planner.Report{})
	d.now = day(2).Add(time.Minute)
	d.tick(t, planner.Report{Alerts: 2})
	told(1)
	d.now = day(3).Add(2 * time.Minute)
	d.tick(t, planner.Report{Alerts: 2})
	told(2)
	d.now = day(4).Add(3 * time.Minute)
	d.tick(t, planner.Report{Alerts: 2})
	told(2)

	d.listedAt(t, 1, "CH", d.now)
	if _, err := d.Store.UpdateSearch(t.Context(), id, func(s *convening.SavedSearch) error {
		s.StopAlert(d.now)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	d.now = day(6)
	d.tick(t, planner.Report{Alerts: 1})
	told(2)
}

// TestAlertThatIsInterrupted holds that who is new is told of, whenever the table
// goes down, and once.
func TestAlertThatIsInterrupted(t *testing.T) {
	d := open(t)
	d.keep(t, "CH")
	d.listedAt(t, 1, "CH", start.Add(time.Hour))
	d.now = day(1)
	d.table.left.Store(0)
	d.tick(t, planner.Report{Failed: 1})
	d.table.left.Store(1 << 40)
	d.tick(t, planner.Report{Alerts: 1})
	if n := d.recorded(t)["search.matched"]; n != 1 {
		t.Errorf("it was told %d times", n)
	}
}
