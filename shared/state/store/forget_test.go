package store_test

import (
	"errors"
	"testing"

	"convoke/shared/domain/directory"
)

// A merge whose process ended before the two were written is mentioned and is not
// there: an erasure of either goes on to its end all the same.
func TestAMergeThatDidNotComeAboutHindersNoErasure(t *testing.T) {
	s := open(t)
	one, other := s.list(t, "Une association"), s.list(t, "Une autre")
	whole := s.Table
	s.Table = &failing{whole, 1}
	_, err := s.BeginMerge(t.Context(), one.ID, other.ID, func(a, b *directory.Stakeholder) (*directory.Merge, error) {
		return directory.BeginMerge(s.NewID(), a, b, directory.MergeOrder{Merged: b.ID, Reason: "One."}, "moderator", s.now)
	})
	s.Table = whole
	if !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	for _, id := range []string{one.ID, other.ID} {
		if err := s.BeginErasure(t.Context(), directory.NewErasure("retention-"+id, id, "", s.now)); err != nil {
			t.Fatal(err)
		}
		finish(t, s, id)
		if e, err := s.Stakeholder(t.Context(), id); err != nil || e.Status != directory.Erased {
			t.Errorf("%+v, %v", e, err)
		}
	}
}
