package web

import (
	"cmp"
	"embed"
	"slices"
	"strings"

	"convoke/shared/platform/i18n"
)

// orders are the codes of each list that the forms offer, in the order of their
// names in each language. The tables by which the Unicode collation finds it are a
// megabyte, which no function needs to carry for lists that do not change: a test
// makes the files by it, and holds them to it.
//
//go:embed order
var orders embed.FS

// sorted puts the options of a list into the order of the reader's language, which
// is not that of the bytes: É stands by E, and Chinese by its reading. What the
// list did not have when the files were made comes last.
func (p page) sorted(field string, list []option) []option {
	rank := ranks(p.lang, field)
	place := func(code string) int {
		if i, ok := rank[code]; ok {
			return i
		}
		return len(rank)
	}
	slices.SortStableFunc(list, func(a, b option) int {
		return cmp.Or(place(a.value)-place(b.value), strings.Compare(a.value, b.value))
	})
	return list
}

// ranks are the places of the codes of a list.
func ranks(lang i18n.Lang, field string) map[string]int {
	raw, err := orders.ReadFile("order/" + string(lang) + ".txt")
	if err != nil {
		return nil // a language without a file is ordered by its codes
	}
	rank := map[string]int{}
	for line := range strings.Lines(string(raw)) {
		if name, codes, _ := strings.Cut(line, " "); name == field {
			for i, code := range strings.Fields(codes) {
				rank[code] = i
			}
		}
	}
	return rank
}
