package events_test

import (
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/journal"
)

// panels returns what a panel records whose first holder declines, whose
// alternate does too, and of whom one declares a conflict of interest.
func panels(t *testing.T) []journal.Entry {
	t.Helper()
	p := convening.NewPanel(newID())
	holder, alternate := convening.Person{Stakeholder: newID()}, convening.Person{Stakeholder: newID(), Contact: "C1"}
	must(t, p.Revise(convening.PanelPlan{Seats: []convening.Seat{
		{ID: "speaker-1", Role: convening.SeatSpeaker, Holder: &alternate, Alternates: []convening.Person{{Stakeholder: newID(), Contact: "C2"}}},
		{ID: "speaker-2", Role: convening.SeatSpeaker, Holder: &holder},
	}}, today))
	for range 2 {
		_, err := p.NextAlternate("speaker-1", today)
		must(t, err)
	}
	must(t, p.Declare(holder, today))
	_, err := p.PassSeat("speaker-2", holder, nil, today)
	must(t, err)
	return p.Take()
}
