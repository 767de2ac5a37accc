package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/local/importer"
)

// tieBatch is how many ties are looked up together. They are written one by one, so
// that the batches are smaller than those of records: the table's writers share commits.
const tieBatch = 20

// tie is what a source says of two organisations, by the numbers that it gave them.
type tie struct{ child, parent directory.Identifier }

// tie notes what a record says of others; most parents and children say the same of
// each other.
func (in *intake) tie(r importer.Record) {
	for _, said := range r.Relations {
		t := tie{child: r.Source, parent: directory.Identifier{Scheme: r.Source.Scheme, ID: said.TargetID}}
		if said.Kind == "child" {
			t.child, t.parent = t.parent, t.child
		}
		if _, twice := in.ties[t]; !twice {
			in.ties[t] = r.Row
		}
	}
}

// relate gives children their parents. What it did before it was interrupted it finds
// done when it is run again; a parent that a person took away stays away.
func (in *intake) relate(ctx context.Context) error {
	ties := make([]tie, 0, len(in.ties))
	for t := range in.ties {
		ties = append(ties, t)
	}
	slices.SortFunc(ties, func(a, b tie) int { return cmp.Compare(in.ties[a], in.ties[b]) })
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(intakeWorkers)
	for batch := range slices.Chunk(ties, tieBatch) {
		group.Go(func() error { return in.relateBatch(ctx, batch) })
	}
	return group.Wait()
}

func (in *intake) relateBatch(ctx context.Context, batch []tie) error {
	var ids []directory.Identifier
	for _, t := range batch {
		ids = append(ids, t.child, t.parent)
	}
	holders, err := in.store.HolderOf(ctx, ids)
	if err != nil {
		return fmt.Errorf("look up who is related: %w", err)
	}
	known, err := in.fetch(ctx, holders, nil)
	if err != nil {
		return fmt.Errorf("read who is related: %w", err)
	}
	for _, t := range batch {
		made, why, err := in.relateTwo(ctx, t, known[holders[t.child]], known[holders[t.parent]])
		if err != nil {
			return fmt.Errorf("relate two that are known: %w", err)
		}
		in.mu.Lock()
		switch {
		case why != "":
			in.report.Unrelated++
			in.report.note(candidate{row: in.ties[t], key: t.child}, outcomeLeftOut, []fault.Field{{Pointer: "/relationships", Code: why}})
		case made:
			in.report.Related++
		}
		in.mu.Unlock()
	}
	return nil
}

// relateTwo reports whether the child has a parent that it had not, or why it was not
// given it.
func (in *intake) relateTwo(ctx context.Context, t tie, child, parent *directory.Stakeholder) (made bool, why string, err error) {
	if child == nil && !in.taken(t.child) || parent == nil && !in.taken(t.parent) {
		return false, "other_unknown", nil
	}
	if child == nil || parent == nil {
		return true, "", nil // a dry run: it would have
	}
	for _, e := range []*directory.Stakeholder{child, parent} {
		if reason := in.leave(candidate{fresh: e, existing: e}); reason != "" {
			return false, reason, nil
		}
		if e.Status != directory.Listed {
			return false, string(e.Status), nil
		}
	}
	said, err := in.store.Relations(ctx, child.ID)
	if err != nil || saidBefore(said, child.ID, parent.ID) {
		return false, "", err
	}
	if in.dry {
		return true, "", nil
	}
	r, err := directory.Assert(in.store.NewID(), child.ID, directory.Assertion{Kind: directory.RelationParent, Stakeholder: parent.ID}, true, in.store.Now())
	if err == nil {
		err = in.store.CreateRelation(ctx, r)
	}
	if refusal, ok := errors.AsType[*fault.Error](err); ok {
		return false, codeOf(refusal), nil
	}
	return err == nil, "", err
}

// saidBefore reports whether the child had the parent at any time.
func saidBefore(said []*directory.Relation, child, parent string) bool {
	return slices.ContainsFunc(said, func(r *directory.Relation) bool {
		return r.Kind == directory.RelationParent && r.From == child && r.To == parent
	})
}

// codeOf is the code of the first field that a refusal names, else its own.
func codeOf(f *fault.Error) string {
	if len(f.Fields) == 0 {
		return f.Code
	}
	return f.Fields[0].Code
}

// taken reports whether a dry run would take the organisation.
func (in *intake) taken(id directory.Identifier) bool { return in.dry && in.fresh[id] }
