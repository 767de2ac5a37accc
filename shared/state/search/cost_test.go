package search_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// What the parts of a query cost at most, measured at 100,000 documents on one core
// of a busy machine: about 125 ns a term that is compared, and from 5 ns a posting,
// where many words have many, to 30 ns, where one word has few. The worst query that
// was found took 7 ms there and counts 37 ms.
const (
	perTerm    = 200 * time.Nanosecond
	perPosting = 20 * time.Nanosecond
	mostTime   = 50 * time.Millisecond
)

// TestNoQueryCostsMuch asks what nobody means, and what is meant to be slow, of
// generated documents, counts the work, and holds that at 100,000 documents it
// would be done within 50 ms. It counts, because a test of time fails on a busy
// machine.
func TestNoQueryCostsMuch(t *testing.T) {
	const documents = 20_000
	asks := 20_000
	if testing.Short() || raceEnabled {
		asks = 1_000
	}
	store, err := dir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := search.Writer{Store: store, Now: time.Now}
	if err := w.Build(ctx, searchtest.Generate(documents, 3)); err != nil {
		t.Fatal(err)
	}
	ix, err := search.Open(ctx, store)
	if err != nil {
		t.Fatal(err)
	}
	worst, which := time.Duration(0), ""
	count := func(text string) {
		terms, postings := search.WorkOf(ix, search.Query{Text: text, Suggest: true})
		cost := (time.Duration(terms)*perTerm + time.Duration(postings)*perPosting) * time.Duration(100_000/documents)
		if cost > worst {
			worst, which = cost, fmt.Sprintf("%.80q: %d terms, %d postings", text, terms, postings)
		}
	}
	for _, text := range slow(search.Commonest(ix, 400)) {
		count(text)
	}
	r := rand.New(rand.NewPCG(7, 8))
	for i := range asks {
		count(search.Strange(r, i))
	}
	t.Logf("the worst counts %v at 100,000 documents, %s", worst, which)
	if worst > mostTime {
		t.Errorf("a query counts %v, more than %v: %s", worst, mostTime, which)
	}
}

// slow returns queries of the words that most documents have: as they are, each
// with an error, and each cut short; few, many, and ten thousand bytes of them.
func slow(words []string) []string {
	var queries []string
	for _, change := range []func(string) string{
		func(w string) string { return w },
		func(w string) string { return "x" + w },
		func(w string) string { return w[:len(w)-1] + "q" },
		func(w string) string { return w + "q" },
		func(w string) string { return w[:1] },
	} {
		var changed []string
		for _, w := range words {
			changed = append(changed, change(w))
		}
		for _, n := range []int{1, 2, 3, 5, 10, 20, 40, len(words)} {
			queries = append(queries, strings.Join(changed[:n], " "), strings.Join(changed[len(changed)-n:], " "), strings.Join(changed[:n], " ")+" zzzzzzzz")
		}
	}
	return append(queries, strings.Repeat("internatoinal ", 800), strings.Repeat("a ", 5000))
}
