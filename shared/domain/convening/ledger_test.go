package convening

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestLedgerIgnoresOrderAndRepetition lets the rows of a few invitations come
// more than once and in any order: the ledger is that of the newest of each.
func TestLedgerIgnoresOrderAndRepetition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		newest := map[string]LedgerRow{}
		var rows []LedgerRow
		for n := range rapid.IntRange(1, 12).Draw(t, "rows") {
			row := LedgerRow{
				Event: fmt.Sprintf("E%d", rapid.IntRange(0, 2).Draw(t, "event")), Contact: "C1", Series: "S1", Version: int64(n + 1),
				Asked:  start.Add(time.Duration(n) * time.Hour),
				Answer: rapid.SampledFrom([]InvitationStatus{"", Accepted, Declined, Tentative}).Draw(t, "answer"),
			}
			rows, newest[row.Event] = append(rows, row), row
		}
		var want Engagement
		for _, row := range newest {
			want.add(row)
		}
		var l Ledger
		for _, row := range append(rapid.Permutation(rows).Draw(t, "order"), rows...) {
			l.Note(row)
		}
		if diff := cmp.Diff(want.Tally, l.Engagement().Tally); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if got := l.Engagement().Series["S1"]; got != want.Tally {
			t.Fatalf("the series has %+v, the whole %+v", got, want.Tally)
		}
	})
}

func TestALedgerOfDecadesKeepsItsSums(t *testing.T) {
	var l Ledger
	for n := range 3 * ledgerRows {
		l.Note(LedgerRow{
			Event: fmt.Sprintf("E%d", n), Contact: "C1", Asked: start.AddDate(0, 0, n), Answer: Accepted, Attendance: Attended, Spoke: n%2 == 0, Version: 3,
		})
	}
	got := l.Engagement()
	want := Tally{Invited: 1200, Answered: 1200, Accepted: 1200, Attended: 1200, Spoke: 600}
	if got.Tally != want || len(l.Rows) != ledgerRows {
		t.Errorf("%+v in %d rows, want %+v", got.Tally, len(l.Rows), want)
	}
	if got.FirstEvent != "E0" || got.LastEvent != "E1199" || !got.FirstAsked.Equal(start) {
		t.Errorf("first %s %v, last %s", got.FirstEvent, got.FirstAsked, got.LastEvent)
	}
	if l.Engagement().Contacts["C1"] != want {
		t.Error("a second sum differs from the first")
	}
}

func TestWhoIsANewcomer(t *testing.T) {
	row := LedgerRow{Event: "E1", Contact: "C1", Asked: start, Version: 2}
	for _, c := range []struct {
		name   string
		change func(*LedgerRow)
		want   bool
	}{
		{"asked, without an answer", func(*LedgerRow) {}, true},
		{"declined", func(r *LedgerRow) { r.Answer = Declined }, true},
		{"accepted", func(r *LedgerRow) { r.Answer = Accepted }, false},
		{"accepted this very event", func(r *LedgerRow) { r.Answer, r.Event = Accepted, "E2" }, true},
		{"came without an answer", func(r *LedgerRow) { r.Attendance = Attended }, false},
	} {
		r := row
		c.change(&r)
		if l := (Ledger{Rows: []LedgerRow{r}}); l.NewcomerTo("E2") != c.want {
			t.Errorf("%s: newcomer %v", c.name, !c.want)
		}
	}
}

// Who survived a merge is read with the ledger of the merged one: its sums of long
// ago, and each row once, though it may be on its way from one to the other.
func TestLedgersOfWhoWasMergedAreReadTogether(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	row := func(event string, version int64, answer InvitationStatus) LedgerRow {
		return LedgerRow{Event: event, Contact: "P", Series: "S", Asked: now, Version: version, Answer: answer}
	}
	one, other := &Ledger{Stakeholder: "one", Version: 7}, &Ledger{Stakeholder: "other", Version: 3}
	one.Note(row("own", 2, Accepted))
	one.Note(row("moved", 4, Declined))
	other.Note(row("moved", 3, Accepted))
	other.Note(row("waits", 1, ""))
	other.Folded.add(row("long ago", 1, Accepted))
	sum := one.Joined(other).Engagement()
	want := Tally{Invited: 4, Answered: 3, Accepted: 2, Declined: 1}
	if sum.Tally != want || sum.Series["S"] != want || sum.Contacts["P"] != want || sum.FirstAsked == nil {
		t.Errorf("%+v", sum)
	}
	if own := one.Engagement(); own.Invited != 2 || len(one.Rows) != 2 || other.Engagement().Invited != 3 {
		t.Errorf("reading changed what is kept: %+v", own)
	}
	if !one.Part(other, func(contact string) bool { return contact == "P" }) || one.Engagement().Invited != 0 || other.Engagement().Declined != 1 {
		t.Errorf("parted: %+v and %+v", one, other)
	}
}
