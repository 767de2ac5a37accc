package store_test

import (
	"errors"
	"fmt"
	"iter"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// listOf yields n entries, then the error if there is one.
func listOf(n int, after error) iter.Seq2[directory.SanctionsEntry, error] {
	return func(yield func(directory.SanctionsEntry, error) bool) {
		for i := range n {
			e := directory.SanctionsEntry{Reference: fmt.Sprintf("EXe.%04d", i), Kind: directory.SanctionedEntity, Names: []string{"EXAMPLE"}}
			if !yield(e, nil) {
				return
			}
		}
		if after != nil {
			yield(directory.SanctionsEntry{}, after)
		}
	}
}

// sanctions counts the entries that the table holds, by edition.
func (o *opened) sanctions(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	err := o.table.Walk(t.Context(), func(it table.Item) error {
		if it.Type == "SANCTION" {
			counts[it.PK]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func TestANewListReplacesTheOldOneWholly(t *testing.T) {
	o := open(t)
	date := func() string { return "2026-11-20" }
	errCut := errors.New("the file is cut off")
	for _, c := range []struct {
		what, edition string
		entries       iter.Seq2[directory.SanctionsEntry, error]
		fails         bool
		standing      string // the edition that is the one afterwards
		count         int
	}{
		{"a first list that is cut off", "E0", listOf(250, errCut), true, "", 0},
		{"a first list", "E1", listOf(730, nil), false, "E1", 730},
		{"a list that is cut off", "E2", listOf(350, errCut), true, "E1", 730},
		{"an empty list", "E3", listOf(0, nil), true, "E1", 730},
		{"a shorter list", "E4", listOf(120, nil), false, "E4", 120},
	} {
		n, err := o.ReplaceSanctions(t.Context(), c.edition, c.entries, date)
		if (err != nil) != c.fails {
			t.Errorf("%s: %d, %v", c.what, n, err)
		}
		l, err := o.SanctionsList(t.Context())
		if err != nil || l.Edition != c.standing || l.Entries != c.count || len(l.Stale) != 0 {
			t.Errorf("%s: %+v, %v", c.what, l, err)
		}
		entries, err := o.SanctionsEntries(t.Context(), c.standing)
		if err != nil || len(entries) != c.count {
			t.Errorf("%s: %d entries, %v", c.what, len(entries), err)
		}
		if held := o.sanctions(t); len(held) > 1 || c.count > 0 && held["SANCTIONS#"+c.standing] != c.count {
			t.Errorf("%s: the table holds %v", c.what, held)
		}
	}
	if _, _, err := o.VerifyTrails(t.Context()); err != nil {
		t.Error(err)
	}
}

// What a process that died had begun goes with the next import.
func TestWhatWasBegunIsRemoved(t *testing.T) {
	o := open(t)
	left := errors.New("killed")
	kill := func(yield func(directory.SanctionsEntry, error) bool) {
		for e, err := range listOf(250, nil) {
			if !yield(e, err) {
				return
			}
		}
		panic(left)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("it was not killed")
			}
		}()
		_, _ = o.ReplaceSanctions(t.Context(), "E1", kill, func() string { return "" })
	}()
	if held := o.sanctions(t); held["SANCTIONS#E1"] == 0 {
		t.Fatalf("nothing was begun: %v", held)
	}
	if _, err := o.ReplaceSanctions(t.Context(), "E2", listOf(3, nil), func() string { return "" }); err != nil {
		t.Fatal(err)
	}
	if held := o.sanctions(t); len(held) != 1 || held["SANCTIONS#E2"] != 3 {
		t.Errorf("%v", held)
	}
}

// TestToScreenOnceForEachName holds that a name is compared once, and a new name
// again.
func TestToScreenOnceForEachName(t *testing.T) {
	o := open(t)
	due := func() (n int) {
		t.Helper()
		list, err := o.DueBefore(t.Context(), o.now, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			if d.Screening != nil {
				n++
				for _, first := range []bool{true, false} {
					if done, err := o.SettleScreening(t.Context(), d.Screening); err != nil || done != first {
						t.Fatal(done, err)
					}
				}
			}
		}
		return n
	}
	e := o.register(t.Context(), t, "Association Exemple")
	if n := due(); n != 0 {
		t.Errorf("before the proof of the address: %d", n)
	}
	for _, c := range []struct {
		what   string
		change func(*directory.Stakeholder) error
		want   int
	}{
		{"in review", func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, o.now) }, 1},
		{"listed with the same name", func(e *directory.Stakeholder) error {
			return e.Decide(directory.Decision{Outcome: directory.Listed}, o.now)
		}, 0},
		{"another name", func(e *directory.Stakeholder) error {
			e.Names = append(e.Names, directory.Name{Text: "Example", Lang: "en", Kind: directory.NameAlias})
			e.Record("test.changed", "stakeholder", e.ID)
			return nil
		}, 1},
		{"another contact", func(e *directory.Stakeholder) error {
			_, err := e.AddContact(directory.Contact{Name: "Speaker", Role: directory.RoleSpeaker, Email: "speaker@association.example.org", Language: "fr"}, o.NewID, o.now)
			return err
		}, 1},
	} {
		if _, err := o.UpdateStakeholder(t.Context(), e.ID, c.change); err != nil {
			t.Fatal(err)
		}
		if n := due(); n != c.want {
			t.Errorf("%s: %d, want %d", c.what, n, c.want)
		}
	}
}
