package planner_test

import (
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
)

// TestARulePublishesForSomebody opens the event of a rule that publishes by
// itself. It is published when anybody would be invited, whom the rule names
// included, and stays a draft when nobody can be; the unit is told of both.
func TestARulePublishesForSomebody(t *testing.T) {
	d := open(t)
	found, unreachable := d.list(t, 1, "CH")[0], d.list(t, 1, "IT")[0]
	if _, err := d.Store.UpdateStakeholder(t.Context(), unreachable.ID, func(s *directory.Stakeholder) error {
		s.Contacts[0].ConfirmedAt = nil
		s.Record("stakeholder.changed")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name     string
		audience convening.Audience
		want     convening.EventStatus
	}{
		{"whom the search finds", convening.Audience{Filters: map[string][]string{"country": {"CH"}}}, convening.Published},
		{"whom the rule names, and no one else", convening.Audience{
			Filters: map[string][]string{"country": {"AT"}}, Named: convening.Named{Invitees: []convening.Invitee{{Stakeholder: found.ID}}},
		}, convening.Published},
		{"nobody is found", convening.Audience{Filters: map[string][]string{"country": {"AT"}}}, convening.Draft},
		{"who is found cannot be reached", convening.Audience{Filters: map[string][]string{"country": {"IT"}}}, convening.Draft},
		{"who is found is left out", convening.Audience{
			Filters: map[string][]string{"country": {"CH"}}, Named: convening.Named{Exclude: []string{found.ID}},
		}, convening.Draft},
	} {
		t.Run(c.name, func(t *testing.T) {
			told := d.recorded(t)["event.opened"]
			r, err := convening.NewRule(d.Store.NewID(), "unit-1", convening.RulePlan{
				Observance: "international_migrants_day", WeeksAhead: 8, Publish: true,
				Template: convening.Template{
					Convener: "Unit One", Kind: "seminar", Titles: []directory.Text{{Lang: "en", Text: "Rights"}},
					StartsLocal: "15:00", Minutes: 120, Zone: "UTC", Audience: c.audience,
				},
			}, d.now)
			if err == nil {
				err = d.Store.CreateRule(t.Context(), r)
			}
			if err == nil {
				_, err = d.Tick(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			e, err := d.Store.Event(t.Context(), r.EventID(2026))
			if err != nil || e.Status != c.want {
				t.Errorf("the event is %s, want %s: %v", e.Status, c.want, err)
			}
			if n := d.recorded(t)["event.opened"] - told; n != 1 {
				t.Errorf("the unit is told %d times", n)
			}
		})
	}
}
