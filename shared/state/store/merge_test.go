package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
	"convoke/shared/state/table/bolt"
)

var errCrash = errors.New("the process ended")

// failing is a table that ends the process before a write.
type failing struct {
	table.Table
	left int // writes until then; below zero it never does
}

func (f *failing) Transact(ctx context.Context, ops []table.Op) error {
	if f.left == 0 {
		return errCrash
	}
	f.left--
	return f.Table.Transact(ctx, ops)
}

// mergeSite is a store with two stakeholders, invitations of both, and their
// relations to each other and to two more.
type mergeSite struct {
	*rapid.T
	*store.Store
	table       *failing
	now         time.Time
	one, other  string
	all         []string
	merge       string
	invitations [][2]string // event and contact
	relations   []string
	applied     [][2]string // event and stakeholder
	events      int
	merges      int    // that the one survived before
	cursor      string // of the changes that the ledgers know of
}

var sites = 0

func newMergeSite(t *testing.T, r *rapid.T) *mergeSite {
	sites++
	b, err := bolt.Open(filepath.Join(t.TempDir(), fmt.Sprintf("%d.db", sites)), bolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.Cleanup(func() { _ = b.Close() })
	s := &mergeSite{T: r, table: &failing{b, -1}, now: start}
	ids := 0
	s.Store = &store.Store{Table: s.table, Now: func() time.Time { return s.now }, NewID: func() string { ids++; return fmt.Sprintf("ID%08d", ids) }}
	s.one, s.other = s.draw("one"), s.draw("other")
	s.all = []string{s.one, s.other, s.draw("third"), s.draw("fourth")}
	s.relate(8)
	if rapid.Bool().Draw(r, "merged with another before") {
		s.before()
	}
	s.relate(4)
	s.keepLedgers()
	return s
}

// before merges the third with one of the others, which is history then.
func (s *mergeSite) before() {
	order := directory.MergeOrder{Merged: s.all[2], Reason: "They are one."}
	into := rapid.SampledFrom([]string{s.one, s.other, s.all[3]}).Draw(s.T, "into")
	_, err := s.BeginMerge(context.Background(), into, order.Merged, func(survivor, merged *directory.Stakeholder) (*directory.Merge, error) {
		return directory.BeginMerge(s.NewID(), survivor, merged, order, "moderator", s.now)
	})
	s.must(err)
	s.must(s.tick())
	s.all = []string{s.one, s.other, s.all[3]}
	if into == s.one {
		s.merges = 1
	}
}

// relate makes relations of random kinds and days between all of them.
func (s *mergeSite) relate(most int) {
	for range rapid.IntRange(0, most).Draw(s.T, "relations") {
		by := rapid.SampledFrom(s.all).Draw(s.T, "by")
		days := rapid.SampledFrom([][2]string{{"", ""}, {"2020-01-01", ""}, {"2020-01-01", "2026-12-31"}, {"2027-01-01", ""}}).Draw(s.T, "days")
		r, err := directory.Assert(s.NewID(), by, directory.Assertion{
			Kind:        rapid.SampledFrom([]string{"parent", "member_of", "partner_of", "has_member", "parent_of"}).Draw(s.T, "kind"),
			Stakeholder: rapid.SampledFrom(s.all).Draw(s.T, "to"), Since: days[0], Until: days[1],
		}, rapid.Bool().Draw(s.T, "confirmed"), s.now)
		if err != nil {
			continue // itself
		}
		switch err := s.CreateRelation(context.Background(), r); {
		case err == nil:
			s.relations = append(s.relations, r.ID)
		case fault.KindOf(err) == fault.Internal:
			s.must(err)
		}
		if len(s.relations) > 0 && rapid.IntRange(0, 4).Draw(s.T, "end one") == 0 {
			_, err := s.UpdateRelation(context.Background(), rapid.SampledFrom(s.relations).Draw(s.T, "which"), func(r *directory.Relation) error { return r.End("", s.now) })
			if fault.KindOf(err) == fault.Internal {
				s.must(err)
			}
		}
	}
}

// keepLedgers lets the ledgers know of what changed, as the projector does.
func (s *mergeSite) keepLedgers() {
	for {
		changes, next, err := s.Table.Changes(context.Background(), s.cursor, table.MaxPage)
		s.must(err)
		s.must(s.KeepLedgers(context.Background(), changes))
		s.cursor = next
		if len(changes) == 0 {
			return
		}
	}
}

func (s *mergeSite) must(err error) {
	if err != nil {
		s.Fatalf("%+v", err)
	}
}

// draw lists a stakeholder of random parts, with invitations.
func (s *mergeSite) draw(label string) string {
	a := application(rapid.SampledFrom([]string{"Association Exemple", "ASSOCIATION exemple", "Une autre"}).Draw(s.T, label+" name"))
	a.Names = append(a.Names, directory.Name{Text: label, Kind: directory.NameAcronym})
	a.Website = rapid.SampledFrom([]string{"", "https://www.example.org"}).Draw(s.T, label+" website")
	a.Languages = rapid.SampledFrom([][]string{nil, {"fr"}, {"fr", "ar"}, {"en"}}).Draw(s.T, label+" languages")
	a.AtRisk = rapid.Bool().Draw(s.T, label+" at risk")
	if rapid.Bool().Draw(s.T, label+" LEI") {
		a.Identifiers = append(a.Identifiers, directory.Identifier{Scheme: "CH-UID", ID: label})
	}
	a.Contacts[0].Email = label + "@association.example.org"
	for i := range rapid.IntRange(0, 3).Draw(s.T, label+" contacts") {
		a.Contacts = append(a.Contacts, directory.Contact{Name: "Person", Role: directory.RoleSpeaker, Email: fmt.Sprintf("%s%d@association.example.org", label, i), Language: "fr"})
	}
	e, err := directory.Register(s.NewID(), a, s.NewID, s.now)
	s.must(err)
	s.must(s.Register(context.Background(), e))
	e, err = s.UpdateStakeholder(context.Background(), e.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, s.now) })
	s.must(err)
	if rapid.Bool().Draw(s.T, label+" listed") {
		_, err := s.UpdateStakeholder(context.Background(), e.ID, func(e *directory.Stakeholder) error {
			return e.Decide(directory.Decision{Outcome: directory.Listed}, s.now)
		})
		if !errors.Is(err, store.ErrHeld) {
			s.must(err)
		}
	}
	for _, event := range []string{"SUMMIT", "FORUM"} {
		if rapid.Bool().Draw(s.T, label+" applies to "+event) {
			s.apply(event, e.ID, e.Contacts[0].ID)
		}
	}
	for range rapid.IntRange(0, 4).Draw(s.T, label+" invitations") {
		s.invite(e.ID, e.Contacts[rapid.IntRange(0, len(e.Contacts)-1).Draw(s.T, "contact")].ID)
	}
	return e.ID
}

func (s *mergeSite) invite(stakeholder, contact string) {
	s.events++
	s.now = s.now.Add(time.Second) // so that it is known which was the first
	by := s.now.Add(24 * time.Hour)
	event := &convening.Event{ID: fmt.Sprintf("EVENT%d", s.events)}
	event.AnswerBy = &by
	i := convening.NewInvitation(event, stakeholder, contact, s.now)
	n, err := s.PlanInvitations(context.Background(), []*convening.Invitation{i})
	s.must(err)
	if n == 1 {
		s.invitations = append(s.invitations, [2]string{event.ID, contact})
	}
	if rapid.Bool().Draw(s.T, "asked") {
		_, err := s.UpdateInvitation(context.Background(), event.ID, contact, func(i *convening.Invitation) error { i.Advance(s.now); return nil })
		s.must(err)
		s.name(event.ID, contact)
	}
}

// name lets who was asked name somebody who is no contact, or nobody.
func (s *mergeSite) name(event, contact string) {
	named := convening.Nominee{Contact: s.NewID(), Person: &convening.Colleague{Name: "Person", Email: "person@elsewhere.example.org", Language: "fr"}}
	var err error
	switch rapid.SampledFrom([]string{"nobody", "nobody", "a colleague", "a nominee"}).Draw(s.T, "names") {
	case "nobody":
		return
	case "a colleague":
		_, err = s.HandOn(context.Background(), event, contact, func(i *convening.Invitation) (*convening.Invitation, error) {
			return i.HandOn(named.Contact, named.Person, s.now)
		})
	default:
		_, err = s.Nominate(context.Background(), event, contact, func(i *convening.Invitation) ([]*convening.Invitation, error) {
			return i.Nominate([]convening.Nominee{named}, convening.Vacancies{PerOrganisation: 1}, s.now)
		})
	}
	s.must(err)
	s.invitations = append(s.invitations, [2]string{event, named.Contact})
}

// apply asks for the accreditation of a stakeholder to an event.
func (s *mergeSite) apply(event, stakeholder, contact string) {
	track := convening.Track{ID: "civil", Until: s.now.AddDate(0, 0, 10), ObjectionsUntil: s.now.AddDate(0, 0, 20)}
	e := &convening.Event{ID: event, Status: convening.Published, Plan: convening.Plan{Ends: s.now.AddDate(0, 1, 0), Terms: convening.Terms{Tracks: []convening.Track{track}}}}
	a, err := convening.Apply(e, track.ID, stakeholder, contact, s.now)
	s.must(err)
	s.must(s.CreateAccreditation(context.Background(), a))
	s.applied = append(s.applied, [2]string{event, stakeholder})
}

// applicationsWhole fails unless every application is found by who made it and by
// who it leads to now, and is none of others.
func (s *mergeSite) applicationsWhole() {
	for _, at := range s.applied {
		a, err := s.AccreditationOf(context.Background(), at[0], at[1])
		s.must(err)
		if a.Stakeholder != at[1] {
			s.Fatalf("the application %v is %+v", at, a)
		}
		now, err := s.Resolve(context.Background(), at[1])
		s.must(err)
		if _, err := s.AccreditationOf(context.Background(), at[0], now.ID); err != nil {
			s.Fatalf("%s has no application to %s, which %s made: %v", now.ID, at[0], at[1], err)
		}
		held, err := s.HeldOf(context.Background(), now)
		s.must(err)
		list, err := held.Accreditations(context.Background())
		s.must(err)
		if !slices.ContainsFunc(list, func(a *convening.Accreditation) bool { return a.EventID == at[0] && a.Stakeholder == at[1] }) {
			s.Fatalf("%v is not held of %s", at, now.ID)
		}
	}
	for _, id := range s.all {
		for _, event := range []string{"SUMMIT", "FORUM"} {
			a, err := s.AccreditationOf(context.Background(), event, id)
			if errors.Is(err, store.ErrNotFound) {
				continue
			}
			s.must(err)
			by, err := s.Resolve(context.Background(), a.Stakeholder)
			s.must(err)
			if of, err := s.Resolve(context.Background(), id); err != nil || of.ID != by.ID {
				s.Fatalf("the application of %s is found with %s: %v", a.Stakeholder, id, err)
			}
		}
	}
}

// state is all that the table holds, but for what only ever grows: the trail, the
// outbox, the merges, and the versions.
func (s *mergeSite) state() map[table.Key]any {
	all := map[table.Key]any{}
	s.must(s.Table.Walk(context.Background(), func(it table.Item) error {
		switch it.Type {
		case "AUDIT", "OUTBOX", "MERGE", "MENTION":
			return nil
		}
		var attributes map[string]any
		if err := json.Unmarshal(it.Attributes, &attributes); err != nil {
			return err
		}
		delete(attributes, "audit")
		if it.Type == "LEDGER" { // its rows are as old as the invitations that they come from; what it says is its sums
			if attributes = s.sums(it.Attributes); attributes == nil {
				return nil
			}
		}
		all[it.Key] = map[string]any{"g1": it.G1, "g2": it.G2, "type": it.Type, "attributes": attributes}
		return nil
	}))
	return all
}

// sums are what a ledger says, nil when it says nothing.
func (s *mergeSite) sums(attributes []byte) map[string]any {
	var l convening.Ledger
	s.must(json.Unmarshal(attributes, &l))
	if sum := l.Engagement(); sum.Invited > 0 {
		return map[string]any{"sum": sum}
	}
	return nil
}

// whole fails unless every reader sees one state: whoever is invited is found
// through the invitation, and nobody's address leads to where it is not.
func (s *mergeSite) whole() {
	for _, at := range s.invitations {
		i, err := s.Invitation(context.Background(), at[0], at[1])
		s.must(err)
		e, err := s.Resolve(context.Background(), i.Stakeholder)
		s.must(err)
		if _, ok := e.Contact(i.Contact); !ok && i.NamedBy() == "" {
			s.Fatalf("the invitation %v leads to %s, which has no such contact", at, e.ID)
		}
	}
	s.relationsWhole()
	s.applicationsWhole()
	one, err := s.Stakeholder(context.Background(), s.one)
	s.must(err)
	other, err := s.Stakeholder(context.Background(), s.other)
	s.must(err)
	if merged := other.Status == directory.Merged; merged != (len(one.Merges) > s.merges) || merged != (other.MergedInto == one.ID) || merged && len(other.Contacts) > 0 {
		s.Fatalf("half merged: %+v and %+v", one.Merging, other.Merging)
	}
}

// relationsWhole fails unless who reads the relations of a stakeholder finds, of
// each that holds between two, one that says so.
func (s *mergeSite) relationsWhole() {
	for _, id := range s.relations {
		r, err := s.Relation(context.Background(), id)
		s.must(err)
		from, err := s.Resolve(context.Background(), r.From)
		s.must(err)
		to, err := s.Resolve(context.Background(), r.To)
		s.must(err)
		if from.ID == to.ID || r.State != directory.RelationConfirmed || len(r.Aside) > 0 {
			continue
		}
		for _, end := range []*directory.Stakeholder{from, to} {
			list, err := s.RelationsOf(context.Background(), end)
			s.must(err)
			found := slices.ContainsFunc(list, func(o *directory.Relation) bool {
				return o.ID == id || o.Kind == r.Kind && o.State == r.State
			})
			if !found {
				s.Fatalf("%+v is not found with %s", r, end.ID)
			}
		}
	}
}

// settledRelations fails unless nothing that is in use leads to the merged one, and
// every record says what the relations say.
func (s *mergeSite) settledRelations() {
	ties := map[string][]directory.Tie{}
	for _, id := range s.relations {
		r, err := s.Relation(context.Background(), id)
		s.must(err)
		if r.Between(s.other) || r.From == r.To && len(r.Aside) == 0 {
			s.Fatalf("%s is left: %+v", id, r)
		}
		if r.Current(s.now) {
			ties[r.From] = append(ties[r.From], directory.Tie{Kind: r.Kind, To: r.To, Since: r.Since, Until: r.Until})
		}
	}
	for _, id := range s.all {
		e, err := s.Stakeholder(context.Background(), id)
		s.must(err)
		sorted := cmpopts.SortSlices(func(a, b directory.Tie) bool { return fmt.Sprint(a) < fmt.Sprint(b) })
		if diff := cmp.Diff(ties[id], e.Ties, sorted, cmpopts.EquateEmpty()); diff != "" {
			s.Fatalf("the ties of %s (-relations +record):\n%s", id, diff)
		}
	}
}

func (s *mergeSite) begin() error {
	choices := rapid.MapOf(rapid.SampledFrom([]string{"names", "identifiers", "languages"}),
		rapid.SampledFrom([]directory.Choice{directory.KeepSurvivor, directory.KeepMerged, directory.KeepBoth})).Draw(s.T, "choices")
	order := directory.MergeOrder{Merged: s.other, Fields: choices, Reason: "They are one."}
	m, err := s.BeginMerge(context.Background(), s.one, s.other, func(survivor, merged *directory.Stakeholder) (*directory.Merge, error) {
		return directory.BeginMerge(s.NewID(), survivor, merged, order, "moderator", s.now)
	})
	if err == nil {
		s.merge = m.ID
	}
	return err
}

// tick carries on what is due, as the planner does, until nothing is.
func (s *mergeSite) tick() error {
	s.now = s.now.Add(2 * time.Minute)
	for range 10 {
		due, err := s.DueBefore(context.Background(), s.now, 100)
		if err != nil {
			return err
		}
		again := false
		for _, d := range due {
			if d.Merge != nil {
				again = true
				if _, err := s.SettleMerge(context.Background(), d.Merge.ID); err != nil {
					return err
				}
			}
		}
		if !again {
			return nil
		}
		s.now = s.now.Add(2 * time.Minute)
	}
	return errors.New("a merge is due for ever")
}

func (s *mergeSite) undo() error {
	_, err := s.RevertMerge(context.Background(), s.merge, func(m *directory.Merge, survivor, merged *directory.Stakeholder) error {
		return m.Revert(survivor, merged, "moderator", "They are two.", s.now)
	})
	if err == nil {
		_, err = s.SettleMerge(context.Background(), s.merge)
	}
	return err
}

// crashing lets the process end before one of the writes of do, and goes on after
// it has started again.
func (s *mergeSite) crashing(do func() error) {
	s.table.left = rapid.IntRange(0, 16).Draw(s.T, "writes until the crash")
	err := do()
	s.table.left = -1
	if err != nil && !errors.Is(err, errCrash) {
		s.Fatalf("%v", err)
	}
	s.whole()
}

// Merge then undo is the state before, item by item, wherever the process ends in
// between; and at no moment does a reader see half of it.
func TestMergeThenUndoIsTheStateBefore(t *testing.T) {
	undone := 0
	rapid.Check(t, func(r *rapid.T) {
		s := newMergeSite(t, r)
		before := s.state()
		s.table.left = rapid.IntRange(-1, 2).Draw(r, "crash at the beginning")
		err := s.begin()
		s.table.left = -1
		s.whole()
		if err != nil {
			if diff := cmp.Diff(before, s.state()); diff != "" {
				r.Fatalf("a merge that failed (%v) left something:\n%s", err, diff)
			}
			if !errors.Is(err, errCrash) && fault.KindOf(err) == fault.Internal {
				r.Fatalf("%v", err)
			}
			return
		}
		s.crashing(func() error { _, err := s.SettleMerge(context.Background(), s.merge); return err })
		if rapid.Bool().Draw(r, "settled before it is undone") {
			s.must(s.tick())
			s.keepLedgers()
			s.noneWith(s.other)
			s.settledRelations()
		}
		s.crashing(s.undo)
		if m, err := s.Merge(context.Background(), s.merge); err != nil || m.State == directory.MergeMoving || m.State == directory.MergeDone {
			s.must(err)
			s.must(s.undo())
		}
		s.must(s.tick())
		s.whole()
		s.keepLedgers()
		if diff := cmp.Diff(before, s.state()); diff != "" {
			r.Fatalf("the state before and after (-before +after):\n%s", diff)
		}
		_, _, err = s.VerifyTrails(context.Background())
		s.must(err)
		undone++
	})
	if undone < 20 {
		t.Errorf("only %d merges were undone", undone)
	}
}

// noneWith fails when an invitation is the stakeholder's.
func (s *mergeSite) noneWith(id string) {
	for _, at := range s.invitations {
		i, err := s.Invitation(context.Background(), at[0], at[1])
		s.must(err)
		if i.Stakeholder == id {
			s.Fatalf("%v is left with %s", at, i.Stakeholder)
		}
	}
}

// What was edited between merge and undo stays, and is named; who was removed does
// not come back.
func TestUndoCarriesEdits(t *testing.T) {
	s := open(t)
	one, other := s.list(t, "Une association"), s.list(t, "Une autre")
	order := directory.MergeOrder{Merged: other.ID, Reason: "One.", Fields: map[string]directory.Choice{"names": directory.KeepBoth}}
	m, err := s.BeginMerge(t.Context(), one.ID, other.ID, func(a, b *directory.Stakeholder) (*directory.Merge, error) {
		return directory.BeginMerge(s.NewID(), a, b, order, "moderator", s.now)
	})
	if err != nil {
		t.Fatal(err)
	}
	edit := func(e *directory.Stakeholder) error {
		e.Names, e.Contacts = append(e.Names, directory.Name{Text: "Later", Kind: directory.NameAlias}), e.Contacts[:1]
		e.Record("stakeholder.reimported", "stakeholder", e.ID)
		return nil
	}
	if _, err := s.UpdateStakeholder(t.Context(), one.ID, edit); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RevertMerge(t.Context(), m.ID, func(m *directory.Merge, a, b *directory.Stakeholder) error {
		return m.Revert(a, b, "moderator", "Two.", s.now)
	}); err != nil {
		t.Fatal(err)
	}
	m, err = s.SettleMerge(t.Context(), m.ID)
	if err != nil || m.State != directory.MergeUndone {
		t.Fatalf("%+v %v", m, err)
	}
	if diff := cmp.Diff([]string{"names"}, m.Kept); diff != "" {
		t.Error(diff)
	}
	back, err := s.Stakeholder(t.Context(), other.ID)
	if err != nil || len(back.Contacts) != 0 || back.Status != directory.Listed {
		t.Errorf("%+v %v", back, err)
	}
}
