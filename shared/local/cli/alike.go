package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/sync/errgroup"

	"convoke/shared/domain/directory"
	"convoke/shared/state/blob/dir"
	"convoke/shared/state/likeness"
	"convoke/shared/state/search"
	"convoke/shared/state/store"
)

// Which new entries an import compares with all others.
const (
	alikeAuto = "auto"
	alikeNo   = "no"
)

const (
	alikeUnasked = 5_000 // new entries that are compared without being asked for: a few milliseconds each
	alikeWorkers = 4
)

// compares says whether so many new entries are to be compared.
func (f importFlags) compares(n int) bool {
	return n > 0 && f.Duplicates != alikeNo && (f.Duplicates != alikeAuto || n <= alikeUnasked)
}

// nameAlike notes in the report which of the new entries may be an organisation
// that the directory has already, or that the import brought twice. It decides
// nothing: a moderator compares and merges.
func (p *program) nameAlike(ctx context.Context, s *store.Store, news []candidate, r *report) error {
	if _, err := os.Stat(filepath.Join(p.data, indexFolder)); errors.Is(err, fs.ErrNotExist) {
		return nil // a dry run into nothing: there is nothing to be like
	}
	blobs, err := dir.Open(filepath.Join(p.data, indexFolder))
	if err != nil {
		return fmt.Errorf("open the index folder: %w", err)
	}
	index, err := search.Open(ctx, blobs)
	if err != nil {
		return fmt.Errorf("open the index: %w", err)
	}
	bar := newProgress(p.err, "Comparing", int64(len(news)), progressbar.OptionShowIts())
	defer bar.end()
	finder := likeness.Finder{Store: s, Index: index}
	found := make([][]likeness.Candidate, len(news))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(alikeWorkers)
	for i, m := range news {
		group.Go(func() (err error) {
			found[i], err = finder.Candidates(ctx, m.fresh, 1)
			return err
		})
		bar.reach(int64(i))
	}
	if err := group.Wait(); err != nil {
		return fmt.Errorf("compare what is new: %w", err)
	}
	said := map[[2]string]bool{} // two that are new are like each other: it is said of the first
	for i, m := range news {
		for _, c := range found[i] {
			if other := c.Stakeholder; c.Score >= likeness.Warns && !said[[2]string{other.ID, m.fresh.ID}] {
				said[[2]string{m.fresh.ID, other.ID}] = true
				r.alike(m, other, c)
			}
		}
	}
	return nil
}

// alike notes that an entry may be another one.
func (r *report) alike(m candidate, other *directory.Stakeholder, c likeness.Candidate) {
	r.PossibleDuplicates++
	n := rejection{Row: m.row, Key: m.keyText(), Outcome: outcomeAlike, Other: other.ID, Name: other.DisplayName(""), Score: fmt.Sprintf("%.2f", c.Score)}
	if len(c.Reasons) > 0 {
		n.Code = c.Reasons[0].Code
	}
	r.notes = append(r.notes, n)
}

// keyText is the identifier that the source gave, "" for none.
func (c candidate) keyText() string {
	if c.key.ID == "" {
		return ""
	}
	return c.key.Scheme + ":" + c.key.ID
}
