package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/local/importer"
	"convoke/shared/state/store"
)

const (
	intakeBatch   = 100 // records that are looked up and written together
	intakeWorkers = 48  // batches at the same time: the table's writers share commits, and more of them write less
)

// intake takes records over from one source: it makes listed entries of what is
// new, brings up to date what the same source gave before, and leaves alone what
// belongs to somebody else.
type intake struct {
	store  *store.Store
	source string
	byName bool // whether the name and country tell an entry where no identifier does
	dry    bool // judge, and write nothing
	reach  func()

	mu     sync.Mutex
	report report
	news   []candidate // what was made, or would be
	seen   map[string]bool
	fresh  map[directory.Identifier]bool // what a dry run would make or change
	ties   map[tie]int                   // what the records say of each other, and the row that said it first
}

// run takes all records. The report holds what was done even when there is an
// error; what was read before it is taken.
func (in *intake) run(ctx context.Context, records iter.Seq2[importer.Record, error]) (*report, error) {
	started := time.Now()
	in.seen, in.fresh, in.ties = map[string]bool{}, map[directory.Identifier]bool{}, map[tie]int{}
	in.report = report{Source: in.source, DryRun: in.dry, Skipped: map[string]int{}}
	group, working := errgroup.WithContext(ctx)
	group.SetLimit(intakeWorkers)
	readErr := in.read(working, records, func(batch []candidate) {
		group.Go(func() error { return in.take(working, batch) })
	})
	err := group.Wait()
	if err == nil && readErr == nil {
		err = in.relate(ctx) // when both ends are there
	}
	in.report.finish(time.Since(started))
	return &in.report, errors.Join(err, readErr)
}

// read gathers candidates into batches, and settles what needs no look-up.
func (in *intake) read(ctx context.Context, records iter.Seq2[importer.Record, error], take func([]candidate)) error {
	var batch []candidate
	for r, err := range records {
		if err != nil || ctx.Err() != nil {
			if len(batch) > 0 {
				take(batch)
			}
			return errors.Join(err, ctx.Err())
		}
		if c, ok := in.judge(r); ok {
			batch = append(batch, c)
		}
		if len(batch) == intakeBatch {
			take(batch)
			batch = nil
		}
		if in.reach != nil {
			in.reach()
		}
	}
	if len(batch) > 0 {
		take(batch)
	}
	return nil
}

// candidate is a record that may be taken. Fresh is what it would become, nil of
// one that its source calls inactive; existing the entry that it is about.
type candidate struct {
	row      int
	key      directory.Identifier // zero when the source gave none
	unique   []directory.Identifier
	fresh    *directory.Stakeholder
	existing *directory.Stakeholder
	unclear  bool // several entries bear the name
}

// judge says whether a record is a candidate; what is not is in the report.
func (in *intake) judge(r importer.Record) (candidate, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.report.Read++
	c := candidate{row: r.Row, key: r.Source}
	if len(r.Rejected) > 0 {
		in.report.reject(c, r.Rejected)
		return c, false
	}
	for _, id := range r.Profile.Identifiers {
		if id.Unique() {
			c.unique = append(c.unique, id)
		}
	}
	if in.repeated(c, r.Profile) {
		in.report.skip(c, "repeated")
		return c, false
	}
	if r.Status == importer.Inactive {
		return c, true
	}
	fresh, err := directory.Import(in.store.NewID(), in.source, r.Profile, in.store.Now())
	if refusal, ok := errors.AsType[*fault.Error](err); ok {
		in.report.reject(c, refusal.Fields)
		return c, false
	}
	in.report.note(c, outcomeLeftOut, r.Dropped)
	in.tie(r)
	if in.dry {
		in.fresh[r.Source] = true
	}
	c.fresh = fresh
	return c, true
}

// repeated reports whether the same run had the organisation before.
func (in *intake) repeated(c candidate, p directory.Profile) bool {
	keys := make([]string, 0, len(c.unique)+1)
	for _, id := range c.unique {
		keys = append(keys, id.Scheme+":"+id.ID)
	}
	if in.byName && len(keys) == 0 {
		keys = append(keys, p.NameKey())
	}
	found := false
	for _, k := range keys {
		found = found || in.seen[k]
		in.seen[k] = true
	}
	return found
}

// take looks a batch up and writes it.
func (in *intake) take(ctx context.Context, batch []candidate) error {
	if err := in.match(ctx, batch); err != nil {
		return fmt.Errorf("look up what is known: %w", err)
	}
	var news, changed []candidate
	in.mu.Lock()
	for _, c := range batch {
		switch reason := in.leave(c); {
		case reason != "":
			in.report.skip(c, reason)
		case c.existing == nil:
			news = append(news, c)
		case sameProfile(c.existing.Profile, c.fresh.Profile):
			in.report.Unchanged++
		default:
			changed = append(changed, c)
		}
	}
	in.mu.Unlock()
	if in.dry {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.report.Created, in.report.Updated = in.report.Created+len(news), in.report.Updated+len(changed)
		in.news = append(in.news, news...)
		return nil
	}
	if err := in.create(ctx, news); err != nil {
		return fmt.Errorf("write new entries: %w", err)
	}
	if err := in.update(ctx, changed); err != nil {
		return fmt.Errorf("write changed entries: %w", err)
	}
	return nil
}

// leave says why a candidate is not taken, "" when it is.
func (in *intake) leave(c candidate) string {
	switch {
	case c.fresh == nil && c.existing == nil:
		return "inactive"
	case c.fresh == nil:
		return "inactive_but_listed"
	case c.unclear:
		return "name_ambiguous"
	case c.existing == nil:
		return ""
	case c.existing.Status == directory.Merged || len(c.existing.Merges) > 0:
		return "merged" // a moderator chose what it says
	case len(c.existing.Contacts) > 0:
		return "claimed"
	case c.existing.Source != in.source:
		return "known_from_" + c.existing.Source
	}
	return ""
}

func (in *intake) create(ctx context.Context, news []candidate) error {
	list := make([]*directory.Stakeholder, len(news))
	for i, c := range news {
		list[i] = c.fresh
	}
	refused, err := in.store.Import(ctx, list)
	if err != nil {
		return err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, c := range news {
		if err, ok := refused[c.fresh.ID]; ok {
			in.report.reject(c, refusal("/identifiers", err))
			continue
		}
		in.report.Created++
		in.news = append(in.news, c)
	}
	return nil
}

// refusal is what the store says of one entry, as a refused field.
func refusal(pointer string, err error) []fault.Field {
	code := "refused"
	if f, ok := errors.AsType[*fault.Error](err); ok {
		code = f.Code
	}
	return []fault.Field{{Pointer: pointer, Code: code}}
}

func (in *intake) update(ctx context.Context, changed []candidate) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(intakeWorkers)
	for _, c := range changed {
		group.Go(func() error {
			_, err := in.store.UpdateStakeholder(ctx, c.existing.ID, func(e *directory.Stakeholder) error {
				e.Reimport(c.fresh.Profile, sameProfile, in.store.Now())
				return nil
			})
			if err != nil && !errors.Is(err, store.ErrHeld) {
				return err
			}
			in.mu.Lock()
			defer in.mu.Unlock()
			if err != nil {
				in.report.reject(c, refusal("/identifiers", err))
				return nil
			}
			in.report.Updated++
			return nil
		})
	}
	return group.Wait()
}

// match finds the entries that the candidates are about: by who holds one of
// their identifiers, else by name and country where that tells.
func (in *intake) match(ctx context.Context, batch []candidate) error {
	var ids []directory.Identifier
	for _, c := range batch {
		ids = append(ids, c.unique...)
	}
	holders, err := in.store.HolderOf(ctx, ids)
	if err != nil {
		return err
	}
	bearers, err := in.bearers(ctx, batch, holders)
	if err != nil {
		return err
	}
	known, err := in.fetch(ctx, holders, bearers)
	if err != nil {
		return err
	}
	for i := range batch {
		c := &batch[i]
		if id := heldBy(c.unique, holders); id != "" {
			c.existing = known[id]
		} else if c.fresh != nil {
			c.existing, c.unclear = in.namesake(c, bearers[c.fresh.NameKey()], known)
		}
	}
	return nil
}

func heldBy(ids []directory.Identifier, holders map[directory.Identifier]string) string {
	for _, id := range ids {
		if holder, ok := holders[id]; ok {
			return holder
		}
	}
	return ""
}

// bearers returns, by name key, the ids of who bears the names of candidates
// that no identifier tells.
func (in *intake) bearers(ctx context.Context, batch []candidate, holders map[directory.Identifier]string) (map[string][]string, error) {
	found := map[string][]string{}
	for _, c := range batch {
		if !in.byName || c.fresh == nil || heldBy(c.unique, holders) != "" {
			continue
		}
		key := c.fresh.NameKey()
		ids, err := in.store.BearersOf(ctx, key)
		if err != nil {
			return nil, err
		}
		found[key] = ids
	}
	return found, nil
}

// fetch reads the entries that were found, by id.
func (in *intake) fetch(ctx context.Context, holders map[directory.Identifier]string, bearers map[string][]string) (map[string]*directory.Stakeholder, error) {
	known := map[string]*directory.Stakeholder{}
	var ids []string
	want := func(id string) {
		if _, twice := known[id]; !twice {
			known[id] = nil
			ids = append(ids, id)
		}
	}
	for _, id := range holders {
		want(id)
	}
	for _, list := range bearers {
		for _, id := range list {
			want(id)
		}
	}
	for chunk := range slices.Chunk(ids, intakeBatch) {
		list, err := in.store.Stakeholders(ctx, chunk)
		if err != nil {
			return nil, err
		}
		for _, e := range list {
			known[e.ID] = e
		}
	}
	return known, nil
}

// namesake returns the listed entry of the candidate's name, one of the same
// source before others. An entry that a register knows under another number is
// another organisation.
func (in *intake) namesake(c *candidate, ids []string, known map[string]*directory.Stakeholder) (_ *directory.Stakeholder, unclear bool) {
	var own, others []*directory.Stakeholder
	for _, id := range ids {
		e := known[id]
		switch {
		case e == nil || e.Status != directory.Listed || distinct(c.unique, e.Identifiers):
		case e.Source == in.source:
			own = append(own, e)
		default:
			others = append(others, e)
		}
	}
	if len(own) == 0 {
		own = others
	}
	if len(own) == 0 {
		return nil, false
	}
	return own[0], len(own) > 1
}

// distinct reports whether a register that numbers each organisation once has
// different numbers for the two.
func distinct(a, b []directory.Identifier) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Scheme == y.Scheme && x.ID != y.ID && x.Unique() {
				return true
			}
		}
	}
	return false
}
