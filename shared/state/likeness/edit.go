package likeness

import "strings"

// nearWords returns how many edits part two words, and whether so few may be
// slips of the pen: one from five letters, two from seven. Numbers are never near
// each other: "Section 2" is not "Section 3".
func nearWords(a, b string) (edits int, near bool) {
	if strings.ContainsAny(a, "0123456789") || strings.ContainsAny(b, "0123456789") {
		return 0, false
	}
	x, y := []rune(a), []rune(b)
	allowed := allowedEdits(max(len(x), len(y)))
	if allowed == 0 || len(x)-len(y) > allowed || len(y)-len(x) > allowed {
		return 0, false
	}
	edits = distance(x, y)
	return edits, edits <= allowed
}

func allowedEdits(letters int) int {
	switch {
	case letters < 5:
		return 0
	case letters < 7:
		return 1
	}
	return 2
}

// distance counts insertions, removals, replacements and swaps of neighbours
// between two short words (optimal string alignment).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
