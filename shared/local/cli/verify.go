package cli

import (
	"fmt"
	"path/filepath"

	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
)

type verifyCommand struct{}

// Run reads the whole table file, then its audit trails, then the index.
func (c *verifyCommand) Run(p *program) error {
	t, err := p.existing()
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	if err := t.Verify(p.ctx); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(p.out, "%s is sound\n", filepath.Join(p.data, tableFile))
	records, entries, err := storeOf(t).VerifyTrails(p.ctx)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(p.out, "the audit trails of %d records are sound, with %d entries\n", records, entries)
	path := filepath.Join(p.data, indexFolder)
	blobs, err := dir.Open(path)
	if err != nil {
		return fmt.Errorf("open the index folder: %w", err)
	}
	index, err := search.Open(p.ctx, blobs)
	if err == nil {
		err = index.Verify()
	}
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(p.out, "%s is sound\n", path)
	return nil
}
