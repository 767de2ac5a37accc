package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/schollz/progressbar/v3"

	"convoke/shared/domain/directory"
	"convoke/shared/local/importer"
	"convoke/shared/platform/boot"
	"convoke/shared/state/likeness"
	"convoke/shared/state/store"
	"convoke/shared/state/table"
)

type importSanctions struct {
	File     string `arg:"" help:"The consolidated list in XML, plain or gzip." type:"path"`
	DryRun   bool   `help:"Say what would happen and write nothing."`
	JSON     bool   `help:"Print the report as JSON."`
	DynamoDB string `name:"dynamodb" help:"The table is in DynamoDB at this endpoint, not in DIR: DynamoDB Local, or https://dynamodb.REGION.amazonaws.com with keys in the environment." placeholder:"URL"`
	Table    string `help:"Its name there." default:"convoke" placeholder:"NAME"`
}

// Help says what follows from it.
func (importSanctions) Help() string {
	return "The new edition takes the place of the one before in one step, and what it no longer names is gone. All stakeholders that are in review or listed are then compared with it. Nothing is refused because of it: what is alike waits for a moderator, and what a moderator decided stands until a name changes."
}

// sanctionsReport is what an import of the list came to.
type sanctionsReport struct {
	Generated string `json:"generated,omitempty"`
	Entries   int    `json:"entries"`
	New       int    `json:"new"`
	Gone      int    `json:"gone"`
	Compared  int    `json:"compared"` // stakeholders
	Alike     int    `json:"alike"`    // stakeholders with a name that is like one of the list, looked at or not
	DryRun    bool   `json:"dry_run,omitempty"`
}

// Run imports the list and compares all stakeholders with it.
func (c *importSanctions) Run(p *program) error {
	t, err := c.open(p)
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	ctx := store.As(p.ctx, store.Actor{ID: "import-sanctions", Role: "system"})
	s := storeOf(t)
	r, list, err := c.take(ctx, p, s)
	if err != nil {
		return fmt.Errorf("import %s: %w", c.File, err)
	}
	if r.Compared, r.Alike, err = p.compareAll(ctx, s, list, c.DryRun); err != nil {
		return fmt.Errorf("compare stakeholders with the list: %w", err)
	}
	return r.print(p.out, c.JSON)
}

func (c *importSanctions) open(p *program) (table.Table, error) {
	if c.DynamoDB != "" {
		return openDynamoDB(p.ctx, c.DynamoDB, c.Table)
	}
	return p.existing()
}

// take reads the file into the table, or for a dry run into memory alone.
func (c *importSanctions) take(ctx context.Context, p *program, s *store.Store) (*sanctionsReport, *likeness.Watchlist, error) {
	file, err := os.Open(c.File)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	meter := importer.NewMeter(file)
	bar := newProgress(p.err, "Importing", info.Size(), progressbar.OptionShowBytes(true))
	defer bar.end()
	f, err := importer.Sanctions(meter)
	if err != nil {
		return nil, nil, err
	}
	before, err := presentReferences(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	r, edition := &sanctionsReport{DryRun: c.DryRun}, boot.NewIDs()()
	var entries []directory.SanctionsEntry
	seen := func(yield func(directory.SanctionsEntry, error) bool) {
		for e, err := range f.Entries() {
			if err == nil {
				bar.reach(meter.Bytes())
				r.count(e, before)
				entries = append(entries, e)
			}
			if !yield(e, err) {
				return
			}
		}
	}
	if c.DryRun {
		err = drain(seen)
	} else {
		_, err = s.ReplaceSanctions(ctx, edition, seen, func() string { return f.Generated })
	}
	r.Generated, r.Gone = f.Generated, len(before)
	return r, likeness.NewWatchlist(edition, entries), err
}

// drain reads all entries, of which there must be one.
func drain(entries iter.Seq2[directory.SanctionsEntry, error]) error {
	n := 0
	for _, err := range entries {
		if err != nil {
			return err
		}
		n++
	}
	if n == 0 {
		return store.ErrNoSanctions
	}
	return nil
}

// presentReferences are those of the edition that is the one now.
func presentReferences(ctx context.Context, s *store.Store) (map[string]bool, error) {
	references := map[string]bool{}
	l, err := s.SanctionsList(ctx)
	if err != nil || l.Edition == "" {
		return references, err
	}
	entries, err := s.SanctionsEntries(ctx, l.Edition)
	for _, e := range entries {
		references[e.Reference] = true
	}
	return references, err
}

// count counts an entry, and takes it out of those that were there before: what is
// left in the end is gone.
func (r *sanctionsReport) count(e directory.SanctionsEntry, before map[string]bool) {
	r.Entries++
	if !before[e.Reference] {
		r.New++
	}
	delete(before, e.Reference)
}

// compareAll compares all stakeholders that are in review or listed with the list,
// and keeps what is alike unless it is a dry run. It reads the whole table, and
// returns how many it compared and of how many a name is alike.
func (p *program) compareAll(ctx context.Context, s *store.Store, list *likeness.Watchlist, dry bool) (compared, alike int, err error) {
	known, err := screenedBefore(ctx, s)
	if err != nil {
		return 0, 0, err
	}
	bar := newProgress(p.err, "Comparing", -1, progressbar.OptionShowCount())
	defer bar.end()
	found := map[string][]directory.Match{}
	err = s.WalkStakeholders(ctx, func(e *directory.Stakeholder) error {
		if !e.Screened() {
			return ctx.Err()
		}
		compared++
		bar.reach(int64(compared))
		if matches := list.Find(e); len(matches) > 0 {
			found[e.ID] = matches
		}
		return ctx.Err()
	})
	if alike = len(found); err != nil || dry {
		return compared, alike, err
	}
	for _, id := range known { // of whom nothing may be found any more
		if _, still := found[id]; !still {
			found[id] = nil
		}
	}
	for id, matches := range found {
		err = errors.Join(err, s.KeepScreening(ctx, id, list.Edition, matches))
	}
	return compared, alike, err
}

// screenImported compares everybody with the list once more, when there is one:
// entries of another import leave nothing for the planner to do.
func (p *program) screenImported(ctx context.Context, s *store.Store) error {
	list, err := new(likeness.Watch).Current(ctx, s)
	if err != nil || list == nil {
		return err
	}
	_, _, err = p.compareAll(ctx, s, list, false)
	return err
}

// screenedBefore returns those of whom something was found.
func screenedBefore(ctx context.Context, s *store.Store) (ids []string, err error) {
	for _, open := range []bool{true, false} {
		for cursor, more := "", true; more; more = cursor != "" {
			var list []*directory.Screening
			if list, cursor, err = s.ScreeningsIn(ctx, open, cursor, table.MaxPage); err != nil {
				return nil, err
			}
			for _, k := range list {
				ids = append(ids, k.Stakeholder)
			}
		}
	}
	return ids, nil
}

func (r *sanctionsReport) print(out io.Writer, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(out).Encode(r)
	}
	what := "Imported"
	if r.DryRun {
		what = "Would import"
	}
	_, err := fmt.Fprintf(out, "%s %d entries of the list of %s: %d new, %d gone.\nCompared %d stakeholders: %d with a name that is like one of the list.\n",
		what, r.Entries, r.Generated, r.New, r.Gone, r.Compared, r.Alike)
	return err
}
