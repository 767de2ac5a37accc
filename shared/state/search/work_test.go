package search

import "slices"

// Strange is a query that nobody means; for the tests outside of this package.
var Strange = strange

// WorkOf asks a query and returns what it cost: terms that were compared letter by
// letter, and postings.
func WorkOf(ix *Index, q Query) (terms, postings int) {
	q.Limit = defaultLimit
	e := evaluation{snapshot: ix.current.Load(), query: &q, parsed: parse(q.Text), scorer: ix.takeScorer()}
	e.run(nil)
	ix.giveBack(e.scorer)
	return e.work.terms, e.work.postings
}

// Commonest returns the words of names that come most, the one with the most
// postings first.
func Commonest(ix *Index, n int) []string {
	d := ix.current.Load().layers[0].groups[names]()
	ids := make([]int, d.terms.n)
	for i := range ids {
		ids[i] = i
	}
	size := func(i int) int { return d.size([]span{{i, i + 1, 0}}) }
	slices.SortStableFunc(ids, func(a, b int) int { return size(b) - size(a) })
	var words []string
	for _, i := range ids[:n] {
		words = append(words, string(d.terms.at(i)))
	}
	return words
}
