package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/state/likeness"
	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// tally counts what became of what was asked.
type tally struct {
	pairs, first, three     int // of pairs: the one is the first candidate, or among the first three
	warned, right           int // of pairs: the first candidate scores so high that it warns, and is the one
	strangers, falseWarning int // of those that are not listed
}

func (t *tally) add(o tally) {
	t.pairs, t.first, t.three, t.warned, t.right = t.pairs+o.pairs, t.first+o.first, t.three+o.three, t.warned+o.warned, t.right+o.right
	t.strangers, t.falseWarning = t.strangers+o.strangers, t.falseWarning+o.falseWarning
}

func share(n, of int) float64 { return float64(n) / float64(max(1, of)) }

func (t tally) recall() float64 { return share(t.three, t.pairs) }

// precision is of all warnings, about pairs and strangers, how many name the one.
func (t tally) precision() float64 { return share(t.right, t.warned+t.falseWarning) }

func (t tally) print(out io.Writer, name string) {
	fmt.Fprintf(out, "%-28s %6d %8.4f %8.4f %8.4f %9d %7d %10.4f\n", name, t.pairs, share(t.first, t.pairs), t.recall(),
		share(t.right, t.pairs), t.strangers, t.falseWarning, t.precision())
}

// judge prints, by kind, how many of those that are listed are recognised, and
// how many of those that are not are taken for another.
func (d site) judge(ctx context.Context, out io.Writer, listed, absent []searchtest.Record, profiles map[string]directory.Profile, p plan) error {
	fmt.Fprintf(out, "%d listed, %d others; a score of %.2f warns\n", len(listed), len(absent), likeness.Warns)
	fmt.Fprintf(out, "%-28s %6s %8s %8s %8s %9s %7s %10s\n", "kind", "pairs", "first", "in 3", "warned", "strangers", "warned", "precision")
	var all tally
	for _, k := range kinds() {
		t, err := d.ask(ctx, k.asked(listed, profiles, p.n, p.seed), k.asked(absent, profiles, p.n, p.seed), p.misses)
		if err != nil {
			return err
		}
		t.print(out, k.name)
		if k.alone {
			all.add(t)
		}
	}
	all.print(out, "all but bare acronyms")
	var short error
	if all.recall() < leastRecall {
		short = fmt.Errorf("recall at 3 is %.4f, want %v", all.recall(), leastRecall)
	}
	if all.precision() < leastPrecision {
		short = errors.Join(short, fmt.Errorf("precision is %.4f, want %v", all.precision(), leastPrecision))
	}
	return short
}

func (d site) ask(ctx context.Context, pairs, strangers []asked, misses bool) (t tally, err error) {
	for _, a := range pairs {
		found, err := d.finder.Candidates(ctx, stakeholder(a.profile), 3)
		if err != nil {
			return t, err
		}
		at := slices.IndexFunc(found, func(c likeness.Candidate) bool { return c.Stakeholder.ID == a.id })
		t.pairs++
		t.first += one(at == 0)
		t.three += one(at >= 0)
		warns := len(found) > 0 && found[0].Score >= likeness.Warns
		t.warned += one(warns)
		t.right += one(warns && at == 0)
		if misses && (at < 0 || warns && at > 0) {
			tell("missed", a, found)
		}
	}
	for _, a := range strangers {
		found, err := d.finder.Candidates(ctx, stakeholder(a.profile), 3)
		if err != nil {
			return t, err
		}
		t.strangers++
		if len(found) > 0 && found[0].Score >= likeness.Warns {
			t.falseWarning++
			if misses {
				tell("taken for another", a, found)
			}
		}
	}
	return t, nil
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func tell(what string, a asked, found []likeness.Candidate) {
	fmt.Fprintf(os.Stderr, "%s: %s %q %s\n", what, a.id, a.profile.Names[0].Text, a.profile.Country)
	for _, c := range found {
		fmt.Fprintf(os.Stderr, "  %.3f %s %q %s", c.Score, c.Stakeholder.ID, c.Stakeholder.DisplayName(), c.Stakeholder.Country)
		for _, r := range c.Reasons {
			fmt.Fprintf(os.Stderr, " %s(%s)", r.Code, r.There)
		}
		fmt.Fprintln(os.Stderr)
	}
}

// timeChecks prints how long one check takes among p.size stakeholders.
func timeChecks(ctx context.Context, out io.Writer, records []searchtest.Record, profiles map[string]directory.Profile, p plan) error {
	d, err := list(ctx, many(records, profiles, p.size))
	if err != nil {
		return err
	}
	defer d.close()
	held, err := d.finder.Index.Search(ctx, search.Query{Limit: 1})
	if err != nil || held.Total != p.size {
		return fmt.Errorf("the index holds %d stakeholders, want %d: %w", held.Total, p.size, err)
	}
	var queries []asked
	for _, k := range kinds() {
		queries = append(queries, k.asked(records, profiles, p.checks/len(kinds()), p.seed+1)...)
	}
	took := make([]time.Duration, 0, len(queries))
	for _, a := range queries {
		if len(a.profile.Names) == 0 {
			continue
		}
		began := time.Now()
		if _, err := d.finder.Candidates(ctx, stakeholder(a.profile), 5); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	at := func(p float64) time.Duration { return took[int(p*float64(len(took)-1))].Round(10 * time.Microsecond) }
	fmt.Fprintf(out, "%d checks among %d stakeholders: p50 %v, p99 %v, longest %v\n", len(took), p.size, at(0.5), at(0.99), at(1))
	if at(0.99) > slowest {
		return fmt.Errorf("p99 of a check is %v, want %v", at(0.99), slowest)
	}
	return nil
}

const slowest = 20 * time.Millisecond
