package search_test

import (
	"slices"
	"testing"

	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// TestKnownItems asks for records by other spellings of their names and counts
// how often they are among the first ten; make relevance asks more of them. Few
// are asked here, so one or two may be missed beyond the share.
func TestKnownItems(t *testing.T) {
	records, ix := ror(t), rorIndex(t)
	n := 300
	if testing.Short() || raceEnabled {
		n = 50
	}
	for _, kind := range searchtest.Kinds() {
		items, found := kind.Items(records, n, 7), 0
		for _, item := range items {
			if placeOf(t, ix, item) >= 0 {
				found++
			} else if testing.Verbose() {
				t.Logf("missed: %q for %q", item.Query, item.Record.Display())
			}
		}
		t.Logf("%-26s %d of %d among the first ten", kind.Name, found, len(items))
		if float64(found+2) < kind.Least*float64(len(items)) {
			t.Errorf("%s: %d of %d among the first ten, want %v", kind.Name, found, len(items), kind.Least)
		}
	}
}

func placeOf(t *testing.T, ix *search.Index, item searchtest.Item) int {
	t.Helper()
	result, err := ix.Search(t.Context(), search.Query{Text: item.Query, Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	return slices.IndexFunc(result.Hits, func(h search.Hit) bool { return h.ID == item.Record.ID })
}
