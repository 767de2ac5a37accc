package planner_test

import (
	"context"
	"slices"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/state/table"
)

// noting is a table before whose first write of an event something else is done.
type noting struct {
	table.Table
	event     string
	meanwhile func()
}

func (n *noting) Transact(ctx context.Context, ops []table.Op) error {
	writes := func(op table.Op) bool { return op.Item.PK == "EVENT#"+n.event && op.Item.SK == "EVENT" }
	if do := n.meanwhile; do != nil && slices.ContainsFunc(ops, writes) {
		n.meanwhile = nil
		do()
	}
	return n.Table.Transact(ctx, ops)
}

// Who is noted to have come while others are thanked is thanked too: the planner
// has passed their invitation by then, and says that it is done.
func TestWhoIsNotedDuringTheThanks(t *testing.T) {
	d := open(t)
	d.list(t, 2, "CH")
	e := d.publish(t, "CH")
	for _, n := range []int{0, 0, 32} {
		d.now = day(n)
		if _, err := d.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	came := func(i *convening.Invitation) {
		if _, err := d.Store.UpdateInvitation(t.Context(), e.ID, i.Contact, func(i *convening.Invitation) error {
			return i.Attend(convening.Presence{Attendance: convening.Attended})
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Store.UpdateEvent(t.Context(), e.ID, func(e *convening.Event) error { e.ThankAgain(d.now); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	list := d.invitations(t, e.ID)
	came(list[0])
	d.now = day(34)
	d.Store.Table = &noting{Table: d.table, event: e.ID, meanwhile: func() { came(list[1]) }}
	for range 3 {
		if _, err := d.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range d.invitations(t, e.ID) {
		if i.ThankedAt == nil {
			t.Errorf("%s was not thanked", i.Contact)
		}
	}
	if n := d.recorded(t)["invitation.thanked"]; n != 2 {
		t.Errorf("%d mails of thanks, want 2", n)
	}
}
