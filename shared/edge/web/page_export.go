package web

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// flatten lists the leaves of a tree of JSON, members in their order by name.
func flatten(at string, v any, rows *[][2]string) {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			flatten(strings.TrimPrefix(at+" › "+name, " › "), v[name], rows)
		}
	case []any:
		for i, element := range v {
			flatten(at+" "+strconv.Itoa(i+1), element, rows)
		}
	case nil:
	case float64:
		*rows = append(*rows, [2]string{at, strconv.FormatFloat(v, 'f', -1, 64)})
	default:
		*rows = append(*rows, [2]string{at, fmt.Sprint(v)})
	}
}

// exportPartID is the id of the heading of a part.
func exportPartID(i int) string { return "part-" + strconv.Itoa(i+1) }
