package search

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A set that is kept narrows others as the set itself does, however many it holds.
func TestKeptSetsNarrow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 400).Draw(t, "documents")
		draw := func(label string) bitset {
			set := newBitset(n)
			for range rapid.IntRange(0, 8).Draw(t, label+" runs") {
				from := rapid.IntRange(0, n).Draw(t, label+" from")
				for doc := from; doc < min(n, from+rapid.IntRange(1, 60).Draw(t, label+" length")); doc++ {
					set.set(uint32(doc))
				}
			}
			return set
		}
		kept, set := draw("kept"), draw("set")
		want := set.clone()
		want.and(kept)
		keep(kept).narrow(set)
		if !slices.Equal(set, want) {
			t.Fatalf("%v narrowed to %v, want %v", kept, set, want)
		}
	})
}
