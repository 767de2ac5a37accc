package projector_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/table"
)

// counting counts what it passes on to the index.
type counting struct {
	*search.Writer
	applied, documents int
}

func (c *counting) Apply(ctx context.Context, changes []search.Change) error {
	c.applied, c.documents = c.applied+1, c.documents+len(changes)
	return c.Writer.Apply(ctx, changes)
}

// all returns every change of the projector's own table.
func (l *line) all(t *testing.T, from string) (changes []table.Change, next string) {
	t.Helper()
	for next = from; ; {
		page, after, err := l.Store.Table.Changes(t.Context(), next, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			return changes, next
		}
		changes, next = append(changes, page...), after
	}
}

func (l *line) project(t *testing.T, changes []table.Change) {
	t.Helper()
	if err := l.Project(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
}

// TestAThousandInvitationsAreFewDeltas invites six hundred stakeholders, and
// holds that their ledgers and their entries in the search follow in batches.
func TestAThousandInvitationsAreFewDeltas(t *testing.T) {
	const invited = 600
	l, ctx := open(t), t.Context()
	index := &counting{Writer: l.Index.(*search.Writer)}
	l.Index = index
	by := start.AddDate(0, 0, 20)
	event := &convening.Event{ID: "EVENT1", Status: convening.Published, Plan: convening.Plan{AnswerBy: &by, Starts: by, Ends: by}}
	var invitations []*convening.Invitation
	for n := range invited {
		e := &directory.Stakeholder{
			ID: fmt.Sprintf("S%04d", n), Status: directory.Listed, Source: "test",
			Profile: directory.Profile{Category: "ngo", Country: "CH", Names: []directory.Name{{Text: fmt.Sprintf("Association %d", n), Lang: "fr", Kind: directory.NameLegal}}},
		}
		if err := l.Store.Register(ctx, e); err != nil {
			t.Fatal(err)
		}
		invitations = append(invitations, convening.NewInvitation(event, e.ID, fmt.Sprintf("C%04d", n), start))
	}
	if _, err := l.Store.PlanInvitations(ctx, invitations); err != nil {
		t.Fatal(err)
	}
	changes, at := l.all(t, "")
	l.project(t, changes)
	index.applied, index.documents = 0, 0
	for _, i := range invitations {
		if _, err := l.Store.UpdateInvitation(ctx, i.EventID, i.Contact, func(i *convening.Invitation) error { i.Advance(start); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // the second round is of what the first wrote itself
		changes, at = l.all(t, at)
		for batch := range slices.Chunk(changes, 500) {
			l.project(t, batch)
		}
	}
	if index.documents != invited || index.applied > 4 {
		t.Errorf("%d entries in %d changes of the index, want %d in 4 at most", index.documents, index.applied, invited)
	}
	never := l.find(t, convening.NeverAsked, "")
	if len(never) != 0 {
		t.Errorf("%d were never invited", len(never))
	}
}

// find returns who has the series in the ledger, in the order of a number.
func (l *line) find(t *testing.T, series, by string) (ids []string) {
	t.Helper()
	if err := l.index.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	q := search.Query{Limit: 1000, Sort: search.Sort{By: by}}
	if series != "" {
		q.Where = []search.Filter{{Field: listing.InvitedSeries, AnyOf: []string{series}}}
	}
	found, err := l.index.Search(t.Context(), listing.For(listing.Organisers, q))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range found.Hits {
		ids = append(ids, h.ID)
	}
	return ids
}

// TestLedgersSurviveReplays lets the changes of a history come again, cut and in
// another order of events: the ledgers say what the invitations say.
func TestLedgersSurviveReplays(t *testing.T) {
	_, changes := history(t)
	l := open(t)
	for _, ch := range changes { // the table of the projector has them too
		if ch.New != nil && (ch.New.Type == "STAKEHOLDER" || ch.New.Type == "INVITATION") {
			if err := l.Store.Table.Transact(t.Context(), []table.Op{{Verb: table.Put, Item: *ch.New}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	l.project(t, changes)
	for range 20 {
		from := rand.IntN(len(changes))
		l.project(t, changes[from:])
	}
	written, _ := l.all(t, "")
	l.project(t, written)
	invitations, _, err := l.Store.Invitations(t.Context(), "EVENT1", "", 100)
	if err != nil || len(invitations) != 3 {
		t.Fatalf("%d invitations, %v", len(invitations), err)
	}
	for _, i := range invitations {
		ledger, err := l.Store.Ledger(t.Context(), i.Stakeholder)
		if err != nil {
			t.Fatal(err)
		}
		got, want := ledger.Engagement().Tally, convening.Tally{Invited: 1, Answered: 1}
		switch i.Status {
		case convening.Accepted:
			want.Accepted = 1
		case convening.Declined:
			want.Declined = 1
		}
		if got != want {
			t.Errorf("%s: ledger %+v, want %+v", i.Status, got, want)
		}
	}
	if never := l.find(t, convening.NeverAsked, ""); len(never) != 0 { // of those listed, each was asked
		t.Errorf("never asked: %v", never)
	}
	if order := l.find(t, "", "accepted"); len(order) != 2 || order[1] != invitations[0].Stakeholder {
		t.Errorf("by acceptances: %v", order)
	}
}
