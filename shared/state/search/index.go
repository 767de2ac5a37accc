package search

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"convoke/shared/state/blob"
)

// lookEvery is how often a reader looks at the manifest at most.
const lookEvery = time.Second

// Index answers queries. It is safe for concurrent use.
type Index struct {
	// Now is the clock, Report learns of failures to follow the manifest, while
	// the last good state of the index goes on serving. Both may be replaced
	// before the first Search.
	Now    func() time.Time
	Report func(error)

	store   blob.Store
	current atomic.Pointer[snapshot]
	damaged atomic.Bool  // a search came upon damage: nothing is trusted from now on before all of it is verified
	looked  atomic.Int64 // Unix nanoseconds
	looking sync.Mutex
	idle    chan *scorer // kept for the next searches
}

// Open returns the index in the store, for searches at once: of its segments, only
// the heads are verified yet. Each part is when a search first needs it, and none is
// answered from before; Verify does so for all. An absent index is an empty one; a
// damaged one is a *CorruptError.
func Open(ctx context.Context, store blob.Store) (*Index, error) {
	ix := Await(store)
	if err := ix.Refresh(ctx); err != nil {
		return nil, err
	}
	return ix, nil
}

// Await returns the index in the store without looking at it yet: for a process
// that has more to do than search, and is not to be kept from it by an index
// that is damaged or out of reach. Searches are ErrUnavailable until it can be
// read.
func Await(store blob.Store) *Index {
	ix := &Index{Now: time.Now, Report: func(error) {}, store: store, idle: make(chan *scorer, maxIdle)}
	return ix
}

// maxIdle is how many scorers are kept: each has 12 bytes for every document of
// the base. A pool would lose them with each collection of garbage.
const maxIdle = 4

// takeScorer returns one that nobody uses.
func (ix *Index) takeScorer() *scorer {
	select {
	case s := <-ix.idle:
		return s
	default:
		return new(scorer)
	}
}

func (ix *Index) giveBack(s *scorer) {
	select {
	case ix.idle <- s:
	default: // there are enough
	}
}

// Refresh looks at the manifest now, so that every change applied before is in
// the next Search. When it fails, the index goes on serving what it had.
func (ix *Index) Refresh(ctx context.Context) error {
	ix.looking.Lock()
	defer ix.looking.Unlock()
	return ix.look(ctx)
}

// Verify verifies what no search has needed yet. An index that is replaced while it
// serves need not be asked: what replaces a state that can be searched is verified
// whole before it does. Errors: *CorruptError.
func (ix *Index) Verify() error {
	s := ix.current.Load()
	if s == nil {
		return ErrUnavailable
	}
	err := s.verify()
	runtime.KeepAlive(s) // its segments may be mapped
	return err
}

// look replaces the snapshot if the manifest has changed. The caller holds
// looking; searches under way keep the snapshot they began with.
func (ix *Index) look(ctx context.Context) error {
	ix.looked.Store(ix.Now().UnixNano())
	former := ix.current.Load()
	s, err := loadSnapshot(ctx, ix.store, former)
	if err == nil && s != former && (former != nil || ix.damaged.Load()) {
		err = s.verify()
	}
	if err != nil {
		return err
	}
	ix.current.Store(s)
	return nil
}

// follow looks at the manifest if the last look is too long ago. One search does
// it, the others do not wait.
func (ix *Index) follow(ctx context.Context) {
	since := ix.Now().UnixNano() - ix.looked.Load()
	if since >= 0 && since < int64(lookEvery) || !ix.looking.TryLock() {
		return
	}
	defer ix.looking.Unlock()
	if err := ix.look(ctx); err != nil && ctx.Err() == nil {
		ix.Report(err)
	}
}

// Search answers a query from one state of the index. Errors: ErrQuery,
// ErrCursor, ErrUnavailable, that of the context.
func (ix *Index) Search(ctx context.Context, q Query) (Result, error) {
	if err := q.check(); err != nil {
		return Result{}, err
	}
	if q.Limit == 0 {
		q.Limit = defaultLimit
	}
	e := evaluation{query: &q, parsed: parse(q.Text)}
	var after *place
	if q.Cursor != "" {
		var err error
		if after, e.taken, err = placeOf(q.Cursor, q.digest(), len(e.parsed.words)); err != nil {
			return Result{}, err
		}
	}
	ix.follow(ctx)
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	s := ix.current.Load()
	if s == nil {
		return Result{}, ErrUnavailable
	}
	e.snapshot = s
	if e.listing() && len(e.parsed.excluded) == 0 && strings.TrimSpace(q.Text) != "" {
		return Result{Facets: nothing(q.Facets)}, nil // marks without a word were meant to find something, and find nothing
	}
	result, err := ix.answer(&e, after)
	runtime.KeepAlive(s) // its segments may be mapped
	if err != nil {
		ix.damaged.Store(true)
		ix.current.CompareAndSwap(s, nil)
		ix.Report(err)
		return Result{}, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return result, nil
}

// answer runs an evaluation. Errors: *CorruptError, when a part that is read for the
// first time is damaged.
func (ix *Index) answer(e *evaluation, after *place) (result Result, err error) {
	defer caught(&err)
	e.scorer = ix.takeScorer()
	result = e.run(after)
	ix.giveBack(e.scorer)
	return result, nil
}

func (e *evaluation) run(after *place) Result {
	for i := range e.layers {
		e.scopes = append(e.scopes, e.layers[i].scope(e.query, &e.parsed))
	}
	switch {
	case e.listing():
	case after != nil:
		e.matchAsBefore()
	default:
		e.match()
	}
	hits := e.hits()
	result := Result{Facets: e.count(hits)}
	for i := range hits {
		result.Total += hits[i].size()
	}
	page := e.page(hits, after, e.query.Limit)
	if e.query.Suggest && after == nil && len(page) > 0 {
		result.Suggestion = e.suggestion(page[0])
	}
	if len(page) > e.query.Limit {
		page = page[:e.query.Limit]
		result.Cursor = e.place(page[len(page)-1]).cursor(e.query.digest(), e.takenNow())
	}
	result.Hits = make([]Hit, len(page))
	stored := make([]byte, 0, usualStored*len(page)) // of all hits, one after the other
	for i, r := range page {
		stored = e.show(r, &result.Hits[i], stored)
	}
	return result
}

// usualStored is about how many bytes a hit shows.
const usualStored = 256

// show fills in a hit with what the caller keeps of it. What the hit shows is
// appended to stored.
func (e *evaluation) show(r ranked, h *Hit, stored []byte) []byte {
	l, doc, at := e.layers[r.layer], int(r.doc), len(stored)
	id := l.ids().at(doc)
	stored = l.stored().appendTo(stored, doc, id)
	h.ID, h.Score, h.Stored = string(id), e.score(r.rank), json.RawMessage(stored[at:len(stored):len(stored)])
	if e.query.Explain && e.byRelevance() {
		h.Why = e.explain(r)
	}
	if e.query.Mark && !e.listing() {
		h.met = e.met(r)
	}
	if len(e.query.Want) > 0 {
		h.Values, h.Numbers = e.wanted(r)
	}
	return stored
}
