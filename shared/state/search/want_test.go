package search

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a hit carries is what its document was indexed with, whichever of its
// three forms a column has.
func TestHitsCarryWhatIsWanted(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	facets, numbers := map[string]map[string][]string{}, map[string]int64{}
	pairs := map[string][]docValue{}
	const n = 300
	sizes := map[string]int{"one": 9, "few": 40, "many": 900}
	for doc := range n {
		id := fmt.Sprint(doc)
		facets[id] = map[string][]string{}
		numbers[id] = int64(doc) * 7
		for field, size := range sizes {
			count := 1
			if field != "one" {
				count = r.IntN(6)
			}
			var values []int
			for range count {
				values = append(values, r.IntN(size))
			}
			slices.Sort(values)
			for _, v := range slices.Compact(values) {
				facets[id][field] = append(facets[id][field], fmt.Sprintf("v%03d", v))
				pairs[field] = append(pairs[field], docValue{doc: uint32(doc), value: uint32(v)})
			}
		}
	}
	for field, size := range sizes {
		names := func(yield func(string) bool) {
			for v := range size {
				if !yield(fmt.Sprintf("v%03d", v)) {
					return
				}
			}
		}
		values, ok := decodeList(encodeList(size, names))
		if !ok {
			t.Fatal("the values cannot be read back")
		}
		f := &facet{values: values, column: encodeColumn(pairs[field], n, size)}
		for doc := range n {
			if diff := cmp.Diff(facets[fmt.Sprint(doc)][field], f.of(uint32(doc))); diff != "" {
				t.Fatalf("%s of %d: %s", field, doc, diff)
			}
		}
	}
}
