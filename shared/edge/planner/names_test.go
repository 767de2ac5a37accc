package planner_test

import (
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/edge/planner"
)

// TestNamesAreForgotten keeps the name of somebody who is no contact until ninety days
// after the event, of one that was held as of one that was cancelled.
func TestNamesAreForgotten(t *testing.T) {
	for name, end := range map[string]func(*convening.Event) error{
		"held":      func(*convening.Event) error { return nil },
		"cancelled": func(e *convening.Event) error { return e.Cancel("", day(3)) },
	} {
		t.Run(name, func(t *testing.T) {
			d := open(t)
			focal := d.list(t, 1, "CH")[0].Contacts[0].ID
			e := d.publish(t, "CH")
			d.tick(t, planner.Report{Events: 1, Planned: 1, Invitations: 1})
			_, err := d.Store.Nominate(t.Context(), e.ID, focal, func(i *convening.Invitation) ([]*convening.Invitation, error) {
				named := convening.Nominee{Contact: "NOMINEE", Person: &convening.Colleague{Name: "Nominee", Email: "nominee@elsewhere.example.org", Language: "fr"}}
				return i.Nominate([]convening.Nominee{named}, convening.Vacancies{PerOrganisation: 1}, d.now)
			})
			if err != nil {
				t.Fatal(err)
			}
			answer := func(i *convening.Invitation) error {
				return i.Answer(convening.Answer{Answer: convening.Accepted}, d.now)
			}
			if _, err := d.Store.UpdateInvitation(t.Context(), e.ID, "NOMINEE", answer); err != nil {
				t.Fatal(err)
			}
			if _, err := d.Store.UpdateEvent(t.Context(), e.ID, end); err != nil {
				t.Fatal(err)
			}
			named := func() bool {
				t.Helper()
				i, err := d.Store.Invitation(t.Context(), e.ID, "NOMINEE")
				if err != nil || i.Status != convening.Accepted {
					t.Fatalf("%+v, %v", i, err)
				}
				return i.Colleague != nil
			}
			over := e.Ends.Add(convening.NamedKept)
			for _, at := range []int{31, 35, 40} {
				d.now = day(at)
				if _, err := d.Tick(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			d.now = over.Add(-1)
			d.tick(t, planner.Report{})
			if !named() {
				t.Error("forgotten too soon")
			}
			d.now = over
			d.tick(t, planner.Report{Events: 1})
			d.tick(t, planner.Report{})
			if named() {
				t.Error("named still")
			}
		})
	}
}
