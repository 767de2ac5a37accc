package cli

import (
	"context"
	"fmt"

	"github.com/schollz/progressbar/v3"

	"convoke/shared/local/runtime"
	"convoke/shared/state/store"
)

type reindexCommand struct{}

// Run builds the index anew, whatever state it is in.
func (c *reindexCommand) Run(p *program) error {
	t, err := p.existing()
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	n, err := p.reindex(p.ctx, storeOf(t))
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(p.out, "The index holds %d stakeholders.\n", n)
	return nil
}

// reindex builds the index from the table, and passes over the changes that it
// then holds. The table is open to this process alone.
func (p *program) reindex(ctx context.Context, s *store.Store) (int, error) {
	x, err := p.indexer(s)
	if err != nil {
		return 0, err
	}
	bar := newProgress(p.err, "Indexing", -1, progressbar.OptionShowIts())
	defer bar.end()
	n, err := x.Rebuild(ctx, func(n int) { bar.reach(int64(n)) })
	if err != nil {
		return n, err
	}
	return n, runtime.PassIndexed(ctx, s)
}
