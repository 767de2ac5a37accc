package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

// walker does random things to aggregates of its own, one at a time.
type walker struct {
	*opened
	*rand.Rand
	name         int
	stakeholders []string
	events       []*convening.Event
	invitations  [][2]string
}

// step does one thing. What the domain refuses is a step too: it must leave no
// entry.
func (w *walker) step(t *testing.T) {
	var err error
	switch k := w.IntN(10); {
	case k < 2 || len(w.stakeholders) == 0:
		w.name++
		w.stakeholders = append(w.stakeholders, w.register(t.Context(), t, fmt.Sprintf("Association %p %d", w, w.name)).ID)
	case k < 6:
		_, err = w.UpdateStakeholder(t.Context(), w.stakeholders[w.IntN(len(w.stakeholders))], w.change)
	case k < 7 || len(w.events) == 0:
		w.events = append(w.events, w.publish(t))
	case k < 8:
		e, contact := w.events[w.IntN(len(w.events))], w.NewID()
		_, err = w.PlanInvitations(t.Context(), []*convening.Invitation{convening.NewInvitation(e, w.stakeholders[0], contact, w.now)})
		w.invitations = append(w.invitations, [2]string{e.ID, contact})
	case len(w.invitations) > 0:
		i := w.invitations[w.IntN(len(w.invitations))]
		_, err = w.UpdateInvitation(t.Context(), i[0], i[1], func(i *convening.Invitation) error {
			i.Advance(w.now)
			return i.Answer(convening.Answer{Answer: []convening.InvitationStatus{convening.Accepted, convening.Declined}[w.IntN(2)]}, w.now)
		})
	}
	if err != nil && !errors.Is(err, store.ErrHeld) {
		t.Error(err)
	}
}

func (w *walker) change(e *directory.Stakeholder) error {
	switch w.IntN(3) {
	case 0:
		return e.ConfirmAddress(e.Contacts[0].ID, w.now)
	case 1:
		outcomes := []directory.Status{directory.Listed, directory.Returned, directory.Declined}
		err := e.Decide(directory.Decision{Outcome: outcomes[w.IntN(3)], Reasons: []string{"incomplete"}, Note: "Please add the statutes."}, w.now)
		if errors.Is(err, directory.ErrNotInReview) {
			return nil
		}
		return err
	default:
		a := application(e.DisplayName())
		a.Founded = 1900 + w.IntN(100)
		if err := e.Correct(a, w.NewID, w.now); !errors.Is(err, directory.ErrNotCorrectable) {
			return err
		}
		return nil
	}
}

// TestEveryChangeHasItsEntry makes ten thousand random steps, by eight at the
// same time, and holds the trail against the table's own log of changes.
func TestEveryChangeHasItsEntry(t *testing.T) {
	o := open(t)
	const steps, walkers = 10_000, 8
	var group sync.WaitGroup
	for n := range walkers {
		w := &walker{opened: o, Rand: rand.New(rand.NewPCG(1, uint64(n)))}
		group.Go(func() {
			for range steps / walkers {
				w.step(t)
			}
		})
	}
	group.Wait()
	changes, entries := 0, 0
	for cursor := ""; ; {
		list, next, err := o.Table.Changes(t.Context(), cursor, table.MaxPage)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			break
		}
		cursor = next
		for _, ch := range list {
			switch {
			case ch.New == nil:
			case ch.New.Type == "AUDIT":
				entries++
				if ch.Old != nil {
					t.Errorf("entry %s %s was written over", ch.PK, ch.SK)
				}
			case ch.New.Type == "STAKEHOLDER", ch.New.Type == "EVENT", ch.New.Type == "INVITATION":
				changes++
			}
		}
	}
	aggregates, verified, err := o.VerifyTrails(t.Context())
	if err != nil {
		t.Error(err)
	}
	t.Attr("scorecard", fmt.Sprintf("21 audit: a verified entry for each change: injected %d, held %d", changes, verified))
	t.Logf("audit: %d steps, %d changes, %d entries, %d of them verified in %d trails", steps, changes, entries, verified, aggregates)
	if changes != entries || verified != entries || changes < steps/2 {
		t.Errorf("%d changes, %d entries, %d verified", changes, entries, verified)
	}
}

// TestAnEntrySaysWhatChanged holds that only what changed is in an entry, with
// who did it, for whom, and why.
func TestAnEntrySaysWhatChanged(t *testing.T) {
	o := open(t)
	e := o.register(t.Context(), t, "Association Exemple")
	as := store.As(t.Context(), store.Actor{ID: e.Contacts[0].ID, Role: "contact", For: e.ID})
	if _, err := o.UpdateStakeholder(as, e.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, o.now) }); err != nil {
		t.Fatal(err)
	}
	as = store.As(t.Context(), store.Actor{ID: "moderator-1", Role: "moderator"})
	returned := directory.Decision{Outcome: directory.Returned, Reasons: []string{"incomplete"}, Note: "Please add the statutes."}
	if _, err := o.UpdateStakeholder(as, e.ID, func(e *directory.Stakeholder) error { return e.Decide(returned, o.now) }); err != nil {
		t.Fatal(err)
	}
	list, _, err := o.StakeholderAudit(t.Context(), e.ID, "", 10)
	if err != nil || len(list) != 3 {
		t.Fatalf("%d entries, %v", len(list), err)
	}
	at := json.RawMessage(`"2026-11-02T09:00:00Z"`)
	want := []store.Change{
		{Pointer: "/contacts/0/confirmed_at", After: at},
		{Pointer: "/status", Before: json.RawMessage(`"awaiting_email"`), After: json.RawMessage(`"awaiting_review"`)},
	}
	if diff := cmp.Diff(want, list[1].Values.Changes); diff != "" {
		t.Errorf("changes of the confirmation (-want +got):\n%s", diff)
	}
	if list[1].Actor != e.Contacts[0].ID || list[1].For != e.ID || list[2].For != "" {
		t.Errorf("by %s for %q, then for %q", list[1].Actor, list[1].For, list[2].For)
	}
	if list[2].Values.Reason != "incomplete Please add the statutes." {
		t.Errorf("reason %q", list[2].Values.Reason)
	}
}

// TestLongValuesAreHashed holds that a change of much keeps its entry far below
// what an item holds.
func TestLongValuesAreHashed(t *testing.T) {
	o := open(t)
	e := o.register(t.Context(), t, "Association Exemple")
	for _, letter := range []string{"а", "б"} {
		_, err := o.UpdateStakeholder(t.Context(), e.ID, func(e *directory.Stakeholder) error {
			a := application("Association Exemple")
			a.Descriptions = []directory.Text{{Lang: "ru", Text: strings.Repeat(letter, 3999) + "."}, {Lang: "en", Text: "Short."}}
			for i := range 250 {
				a.Evidence = append(a.Evidence[:min(len(a.Evidence), 9)], directory.Evidence{Kind: directory.EvidenceCertificate, Note: strings.Repeat(letter, 3000+i)})
			}
			return e.Correct(a, o.NewID, o.now)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	list, _, err := o.StakeholderAudit(t.Context(), e.ID, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		b, _ := json.Marshal(a)
		if len(b) > 140<<10 {
			t.Errorf("entry %d has %d bytes", a.Version, len(b))
		}
	}
	if _, _, err := o.VerifyTrails(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestTamperingIsFound alters the table behind the store's back in every way that
// an entry, its place, and its aggregate can be altered.
func TestTamperingIsFound(t *testing.T) {
	o := open(t)
	e := o.list(t, "Association Exemple")
	if _, err := o.UpdateStakeholder(t.Context(), e.ID, func(e *directory.Stakeholder) error {
		e.Website = "https://association.example.org"
		e.Record("profile.changed")
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	entry := func(version int) table.Key {
		return table.Key{PK: "AUDIT#STAKEHOLDER#" + e.ID, SK: fmt.Sprintf("%020d", version)}
	}
	record := table.Key{PK: "STAKEHOLDER#" + e.ID, SK: "PROFILE"}
	replaced := func(was, becomes string) func(string) string {
		return func(s string) string { return strings.Replace(s, was, becomes, 1) }
	}
	cases := map[string]struct {
		key    table.Key
		change func(string) string // of the attributes; empty is a removal
	}{
		"another actor":           {entry(2), replaced(`"actor":"system"`, `"actor":"nobody"`)},
		"another time":            {entry(2), replaced(`"at":"2026-11-02T09`, `"at":"2026-11-02T08`)},
		"another action":          {entry(2), replaced(`registration.listed`, `registration.declined`)},
		"another value":           {entry(3), replaced(`https://association`, `https://other`)},
		"another reason":          {entry(2), replaced(`"salt"`, `"reason":"another","salt"`)},
		"values gone":             {entry(3), func(s string) string { return s[:strings.Index(s, `,"values":`)] + s[strings.Index(s, `,"hash"`):] }},
		"the first entry gone":    {entry(1), func(string) string { return "" }},
		"an entry gone":           {entry(2), func(string) string { return "" }},
		"the last entry gone":     {entry(3), func(string) string { return "" }},
		"an entry added":          {entry(4), func(string) string { return `{"version":4,"actions":["x"],"at":"2026-11-02T09:00:00Z"}` }},
		"another's entry":         {table.Key{PK: "AUDIT#STAKEHOLDER#NOBODY", SK: entry(1).SK}, func(string) string { return `{"version":1}` }},
		"the aggregate altered":   {record, replaced(`"CH"`, `"FR"`)},
		"the head altered":        {record, replaced(`"hash":"`, `"hash":"x`)},
		"the aggregate's removal": {record, func(string) string { return "" }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			before, err := o.Table.Get(t.Context(), c.key)
			absent := errors.Is(err, table.ErrAbsent)
			if err != nil && !absent {
				t.Fatal(err)
			}
			after := before
			after.Key, after.Type, after.Version = c.key, max(before.Type, "AUDIT"), max(before.Version, 1)
			after.Attributes = json.RawMessage(c.change(string(before.Attributes)))
			verb := table.Put
			if len(after.Attributes) == 0 {
				verb = table.Delete
			}
			if string(after.Attributes) == string(before.Attributes) {
				t.Fatal("nothing was altered")
			}
			if err := o.Table.Transact(t.Context(), []table.Op{{Verb: verb, Item: after}}); err != nil {
				t.Fatal(err)
			}
			if _, _, err := o.VerifyTrails(t.Context()); !errors.Is(err, store.ErrTampered) {
				t.Errorf("verify: %v", err)
			}
			verb = table.Put
			if absent {
				before, verb = after, table.Delete
			}
			if err := o.Table.Transact(t.Context(), []table.Op{{Verb: verb, Item: before}}); err != nil {
				t.Fatal(err)
			}
			if _, _, err := o.VerifyTrails(t.Context()); err != nil {
				t.Errorf("verify after the repair: %v", err)
			}
		})
	}
}
