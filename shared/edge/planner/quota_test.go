package planner_test

import (
	"errors"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/edge/planner"
)

// TestQuotas invites no more of a category, and of one organisation, than the
// organiser said: those who come first in the audience.
func TestQuotas(t *testing.T) {
	for _, c := range []struct {
		name string
		plan func(*convening.Plan, []*directory.Stakeholder)
		want int
	}{
		{"none", func(*convening.Plan, []*directory.Stakeholder) {}, 4},
		{"of the category", func(p *convening.Plan, _ []*directory.Stakeholder) {
			p.Quotas = map[string]int{"migrant_association": 3}
		}, 3},
		{"of another category", func(p *convening.Plan, _ []*directory.Stakeholder) { p.Quotas = map[string]int{"ngo": 1} }, 4},
		{"nobody of the category", func(p *convening.Plan, _ []*directory.Stakeholder) {
			p.Quotas = map[string]int{"migrant_association": 0}
		}, 0},
		{"two contacts of one", twoOfOne, 5},
		{"two contacts of one, of which one is invited", func(p *convening.Plan, all []*directory.Stakeholder) {
			twoOfOne(p, all)
			p.InvitationsPerOrganisation = 1
		}, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t)
			all := d.list(t, 4, "CH")
			second := directory.Contact{ID: "SECOND", Name: "Second", Role: directory.RoleRepresentative, Email: "second@ch.example.org", Language: "en", ConfirmedAt: &start}
			_, err := d.Store.UpdateStakeholder(t.Context(), all[0].ID, func(s *directory.Stakeholder) error {
				s.Contacts = append(s.Contacts, second)
				s.Record("stakeholder.changed")
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			by := day(20)
			p := convening.Plan{
				Kind: "seminar", Titles: []directory.Text{{Lang: "en", Text: "Remittances"}}, Starts: day(30), Ends: day(31), Zone: "UTC", AnswerBy: &by,
				Audience: convening.Audience{Filters: map[string][]string{"country": {"CH"}}},
			}
			c.plan(&p, all)
			e, err := convening.NewEvent(d.Store.NewID(), "unit-1", "Unit One", p, start)
			if err = errors.Join(err, e.Publish(d.now), d.Store.CreateEvent(t.Context(), e)); err != nil {
				t.Fatal(err)
			}
			if _, err := d.Tick(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := len(d.invitations(t, e.ID)); got != c.want {
				t.Errorf("%d are invited, want %d", got, c.want)
			}
		})
	}
}

// twoOfOne names a second contact of the first beside those of the saved search.
func twoOfOne(p *convening.Plan, all []*directory.Stakeholder) {
	p.Audience.Invitees = []convening.Invitee{{Stakeholder: all[0].ID, Contact: "SECOND"}}
}

// TestWavesByPriority asks those of an earlier wave first, and the others when their
// own day comes.
func TestWavesByPriority(t *testing.T) {
	d := open(t)
	d.list(t, 2, "SN")
	d.list(t, 3, "CH")
	by := day(50)
	e, err := convening.NewEvent(d.Store.NewID(), "unit-1", "Unit One", convening.Plan{
		Kind: "seminar", Titles: []directory.Text{{Lang: "en", Text: "Remittances"}}, Starts: day(60), Ends: day(61), Zone: "UTC", AnswerBy: &by,
		Audience: convening.Audience{Filters: map[string][]string{"category": {"migrant_association"}}},
		Outreach: convening.Outreach{Waves: []convening.Wave{{DaysBefore: 60, Filters: map[string][]string{"country": {"SN"}}}, {DaysBefore: 40}}},
	}, start)
	if err = errors.Join(err, e.Publish(d.now), d.Store.CreateEvent(t.Context(), e)); err != nil {
		t.Fatal(err)
	}
	d.tick(t, planner.Report{Events: 1, Planned: 5, Invitations: 2})
	d.now = day(19)
	d.tick(t, planner.Report{})
	d.now = day(20)
	d.tick(t, planner.Report{Invitations: 3})
}
