package search

import "context"

// MaxTypeahead is how many hits Typeahead returns at most.
const MaxTypeahead = 20

// headOfTypeahead is how many hits it compares name by name.
const headOfTypeahead = 64

// Typeahead returns the best n hits, 1 to MaxTypeahead, for a name that is being
// typed: no counts, no further pages. It takes the same text and filters as
// Search and fails likewise.
func (ix *Index) Typeahead(ctx context.Context, text string, where []Filter, n int) (Result, error) {
	return ix.Search(ctx, Query{Text: text, Where: where, Limit: min(max(n, 1), MaxTypeahead), head: headOfTypeahead})
}
