package store_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

// meeting is a table at which so many writers wait for each other before the first
// write of each: whatever they read, they read before any of them wrote.
type meeting struct {
	table.Table
	all *sync.WaitGroup
	me  sync.Once
}

func (m *meeting) Transact(ctx context.Context, ops []table.Op) error {
	m.me.Do(func() { m.all.Done(); m.all.Wait() })
	return m.Table.Transact(ctx, ops)
}

// house is some listed stakeholders without relations.
func house(t *testing.T, o *opened, names ...string) (ids []string) {
	t.Helper()
	for _, name := range names {
		ids = append(ids, o.list(t, name).ID)
	}
	return ids
}

// under makes a confirmed relation to a parent.
func under(t *testing.T, s *store.Store, child, parent, since, until string) (string, error) {
	t.Helper()
	r, err := directory.Assert(s.NewID(), child, directory.Assertion{Kind: directory.RelationParent, Stakeholder: parent, Since: since, Until: until}, true, s.Now())
	if err != nil {
		t.Fatal(err)
	}
	return r.ID, s.CreateRelation(t.Context(), r)
}

// atOnce makes each of the stakeholders the child of the next, and the last one that of
// the first, all at the same time.
func atOnce(t *testing.T, o *opened, ids []string, since string) (relations []string, errs []error) {
	t.Helper()
	var all, done sync.WaitGroup
	all.Add(len(ids))
	relations, errs = make([]string, len(ids)), make([]error, len(ids))
	for i := range ids {
		s := *o.Store
		s.Table = &meeting{Table: o.table, all: &all}
		done.Go(func() { relations[i], errs[i] = under(t, &s, ids[i], ids[(i+1)%len(ids)], since, "") })
	}
	done.Wait()
	return relations, errs
}

// circle reports whether somebody is their own parent's parent by what the records
// tell.
func circle(t *testing.T, o *opened, ids []string) bool {
	t.Helper()
	return slices.ContainsFunc(ids, func(id string) bool {
		at := id
		for range ids {
			e, err := o.Stakeholder(t.Context(), at)
			if err != nil {
				t.Fatal(err)
			}
			up := e.TiedTo(directory.RelationParent)
			if len(up) == 0 {
				return false
			}
			if at = up[0]; at == id {
				return true
			}
		}
		return false
	})
}

// Parents that each could be, and together are a circle, are not all confirmed, though
// they are at the same moment.
func TestParentsMadeAtOnceAreNoCircle(t *testing.T) {
	for _, names := range [][]string{{"One", "Two"}, {"One", "Two", "Three"}, {"One", "Two", "Three", "Four"}} {
		o := open(t)
		ids := house(t, o, names...)
		_, errs := atOnce(t, o, ids, "")
		refused := 0
		for _, err := range errs {
			switch {
			case err == nil:
			case codeAt(err, "/stakeholder") == "relation.cycle":
				refused++
			default:
				t.Errorf("%d: %v", len(ids), err)
			}
		}
		if refused == 0 || circle(t, o, ids) {
			t.Errorf("%d: %d of them are refused, and a circle is %v", len(ids), refused, circle(t, o, ids))
		}
	}
}

func codeAt(err error, pointer string) string {
	refusal, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return ""
	}
	for _, f := range refusal.Fields {
		if f.Pointer == pointer {
			return f.Code
		}
	}
	return ""
}

// Who was a parent once may be a child now. Who will be one may not, while it is.
func TestParentsOfOtherDays(t *testing.T) {
	for _, c := range []struct {
		what         string
		since, until string // of the second, the other way round
		refused      bool
	}{
		{"on the same days", "2030-01-01", "2030-12-31", true},
		{"from today on", "", "", true},
		{"ending on the first day", "", "2030-01-01", true},
		{"ending before", "", "2029-12-31", false},
		{"beginning on the last day", "2031-12-31", "", true},
		{"beginning after", "2032-01-01", "", false},
	} {
		o := open(t)
		ids := house(t, o, "One", "Two", "Three")
		for i := range 2 {
			if _, err := under(t, o.Store, ids[i], ids[i+1], "2030-01-01", "2031-12-31"); err != nil {
				t.Fatal(err)
			}
		}
		_, err := under(t, o.Store, ids[2], ids[0], c.since, c.until)
		if refused := codeAt(err, "/stakeholder") == "relation.cycle"; refused != c.refused || !refused && err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// Of parents that were agreed on at the same moment for a day to come, and would be a
// circle then, one ends when the day comes.
func TestACircleToComeIsBrokenOnItsDay(t *testing.T) {
	o := open(t)
	ids := house(t, o, "One", "Two", "Three")
	relations, errs := atOnce(t, o, ids, "2026-12-01")
	if slices.ContainsFunc(errs, func(err error) bool { return err != nil }) {
		t.Fatalf("nothing told them apart, and yet: %v", errs)
	}
	o.now = start.AddDate(0, 3, 0)
	states := map[directory.RelationState]int{}
	for _, id := range relations {
		r, err := o.UpdateRelation(t.Context(), id, func(r *directory.Relation) error { r.Advance(o.now); return nil })
		if err != nil {
			t.Fatal(err)
		}
		states[r.State]++
	}
	if circle(t, o, ids) || states[directory.RelationEnded] != 1 || states[directory.RelationConfirmed] != 2 {
		t.Errorf("a circle is %v, states %v", circle(t, o, ids), states)
	}
}
