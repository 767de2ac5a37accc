package runtime

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/table"
)

// TestThePlannerForgetsApplications moves the clock past what the retention rule
// says of applications for accreditation, and looks for their words in every item.
func TestThePlannerForgetsApplications(t *testing.T) {
	p, _ := open(t)
	e := lived(t, p)
	rules := directory.Retentions()
	at := slices.IndexFunc(rules, func(r directory.Retention) bool { return r.Record == "words of an application for accreditation" })
	words := func() (n int) {
		err := p.Store.Table.Walk(t.Context(), func(it table.Item) error {
			if bytes.Contains(it.Attributes, []byte("Brambleshaw of Quillfeather.")) {
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	said := words()
	over := then.AddDate(0, 1, 1).Add(rules[at].Keep) // the event ends a month and a day from then
	for _, step := range []struct {
		until time.Time
		words int
	}{{over.Add(-time.Minute), said}, {over, 0}} {
		p.Clock.Advance(step.until.Sub(p.Clock.Now()))
		if err := p.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := words(); n != step.words || said < 4 { // two objections, and the trail of each
			t.Errorf("at %s %d items have the words, not %d", step.until, n, step.words)
		}
	}
	held, err := p.Store.HeldOf(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	list, err := held.Accreditations(t.Context())
	if err != nil || len(list) != 2 || slices.ContainsFunc(list, func(a *convening.Accreditation) bool { return a.Contact != "" || a.AppliedAt.IsZero() }) {
		t.Errorf("%+v, %v", list, err)
	}
	if _, _, err := p.Store.VerifyTrails(t.Context()); err != nil {
		t.Error(err)
	}
}
