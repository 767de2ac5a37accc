package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime/debug"

	"github.com/schollz/progressbar/v3"

	"convoke/shared/local/importer"
	"convoke/shared/state/store"
	"convoke/shared/state/table/bolt"
)

// importMemory is what an import keeps its memory to if it can, in bytes: what is not
// needed any more is given back sooner. GOMEMLIMIT says otherwise.
const importMemory = 400 << 20

// importFlags are those of every import.
type importFlags struct {
	DryRun bool   `help:"Say what would happen and write nothing."`
	JSON   bool   `help:"Print the report as JSON."`
	Report string `help:"Write what was rejected, skipped, left out or is alike to a CSV file: row, key, outcome, pointer, code, other, score." placeholder:"FILE"`

	Duplicates string `help:"Compare each new entry with all others, and say in the report which may be one organisation: yes, no, or auto, for up to 5,000 new entries." enum:"auto,yes,no" default:"auto"`
}

type importROR struct {
	importFlags
	File string `arg:"" help:"The dump, plain or gzip." type:"path"`
}

type importCSV struct {
	importFlags
	File    string `arg:"" help:"The table, plain or gzip." type:"path"`
	Mapping string `help:"JSON file: an object from headers of the table to the columns name, category, country, name_lang, acronym, website, founded, identifiers, languages, topics, description; \"\" passes a header over." type:"path" placeholder:"FILE"`
}

type importHSDS struct {
	importFlags
	File     string `arg:"" help:"Organisations as a JSON array, as JSON Lines, or as pages of an API; plain or gzip." type:"path"`
	Category string `help:"The category of organisations that name none of Convoke's own." placeholder:"CODE"`
	Country  string `help:"The country of organisations without an address, ISO 3166-1 alpha-2." placeholder:"CODE"`
}

type importSeed struct{ importFlags }

// Names of the sources, as entries keep them.
const (
	sourceROR  = "ror"
	sourceCSV  = "csv"
	sourceHSDS = "hsds"
	sourceSeed = "seed"
)

// Help says what happens to the records.
func (importROR) Help() string {
	return "Records are known again by their ROR id: a second run changes what changed. Inactive and withdrawn records are not taken, and entries that an organisation has claimed are left alone. Children are given their parents when both were taken; a parent that was taken away by hand stays away."
}

// Help says what happens to the rows.
func (importCSV) Help() string {
	return "Rows are known again by an identifier that only one organisation can have, else by name and country. Entries that came from another source, or that an organisation has claimed, are left alone."
}

// Help says what happens to the organisations.
func (importHSDS) Help() string {
	return "Organisations are known again as the rows of 'import csv' are. Services, contacts, telephones and opening hours are not taken."
}

// Run imports organisations of Open Referral's specification.
func (c *importHSDS) Run(p *program) error {
	return p.importFile(c.importFlags, c.File, &intake{source: sourceHSDS, byName: true}, func(r io.Reader) iter.Seq2[importer.Record, error] {
		return importer.HSDS(r, importer.Defaults{Category: c.Category, Country: c.Country})
	})
}

// Run imports a ROR dump.
func (c *importROR) Run(p *program) error {
	return p.importFile(c.importFlags, c.File, &intake{source: sourceROR}, importer.ROR)
}

// Run imports a table.
func (c *importCSV) Run(p *program) error {
	mapping, err := readMapping(c.Mapping)
	if err != nil {
		return err
	}
	return p.importFile(c.importFlags, c.File, &intake{source: sourceCSV, byName: true}, func(r io.Reader) iter.Seq2[importer.Record, error] {
		return importer.CSV(r, mapping)
	})
}

// Run imports the seed.
func (c *importSeed) Run(p *program) error {
	return p.importAll(c.importFlags, &intake{source: sourceSeed, byName: true}, seedRecords())
}

func readMapping(path string) (map[string]string, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the mapping: %w", err)
	}
	var mapping map[string]string
	if err := json.Unmarshal(raw, &mapping); err != nil {
		return nil, fmt.Errorf("read the mapping %s: want a JSON object of header to column: %w", path, err)
	}
	return mapping, nil
}

func seedRecords() iter.Seq2[importer.Record, error] {
	return func(yield func(importer.Record, error) bool) {
		profiles, err := importer.Seed()
		if err != nil {
			yield(importer.Record{}, err)
			return
		}
		for i, profile := range profiles {
			if !yield(importer.Record{Row: i + 1, Profile: profile, Status: importer.Active}, nil) {
				return
			}
		}
	}
}

// importFile imports what read finds in a file, with a bar over its bytes.
func (p *program) importFile(flags importFlags, path string, in *intake, read func(io.Reader) iter.Seq2[importer.Record, error]) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open what to import: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("open what to import: %w", err)
	}
	meter := importer.NewMeter(file)
	bar := newProgress(p.err, "Importing", info.Size(), progressbar.OptionShowBytes(true))
	in.reach = func() { bar.reach(meter.Bytes()) }
	defer bar.end()
	if err := p.importAll(flags, in, read(meter)); err != nil {
		return fmt.Errorf("import %s: %w", path, err)
	}
	return nil
}

// importAll takes the records over, rebuilds the index if anything changed, and
// prints the report.
func (p *program) importAll(flags importFlags, in *intake, records iter.Seq2[importer.Record, error]) error {
	t, done, err := p.tableToImport(flags.DryRun)
	if err != nil {
		return err
	}
	defer done()
	if os.Getenv("GOMEMLIMIT") == "" {
		defer debug.SetMemoryLimit(debug.SetMemoryLimit(importMemory))
	}
	return p.importInto(storeOf(t), flags, in, records)
}

// importInto takes the records over into a store. What one run began, and did not
// come to the end of, the next one ends, though it may find no record to write: the
// index and the comparison with the sanctions list follow the records.
func (p *program) importInto(s *store.Store, flags importFlags, in *intake, records iter.Seq2[importer.Record, error]) error {
	in.store, in.dry = s, flags.DryRun
	ctx := store.As(p.ctx, store.Actor{ID: "import-" + in.source, Role: "system"})
	unfinished, err := in.begin(ctx)
	if err != nil {
		return err
	}
	r, err := in.run(ctx, records)
	if !in.dry && p.ctx.Err() == nil {
		err = errors.Join(err, p.follow(ctx, in, r, unfinished || r.Created+r.Updated+r.Related > 0))
	}
	if err == nil && flags.compares(len(in.news)) {
		err = p.nameAlike(ctx, in.store, in.news, r)
		r.order()
	}
	return errors.Join(err, flags.tell(p, r))
}

// importBegun is the reader of the change log that stands for imports: it has a place
// while one is under way.
const importBegun = "import"

// begin notes that an import is under way, and reports whether one was that did not
// come to its end.
func (in *intake) begin(ctx context.Context) (unfinished bool, err error) {
	if in.dry {
		return false, nil
	}
	begun, err := in.store.Cursor(ctx, importBegun)
	if err != nil || begun != "" {
		return begun != "", err
	}
	return false, in.store.KeepCursor(ctx, importBegun, "begun")
}

// follow makes index and screenings follow what was written, if anything was, and
// notes that the import came to its end.
func (p *program) follow(ctx context.Context, in *intake, r *report, written bool) (err error) {
	if written {
		if r.Indexed, err = p.reindex(ctx, in.store); err != nil {
			return err
		}
		if err := p.screenImported(ctx, in.store); err != nil {
			return err
		}
	}
	return in.store.KeepCursor(ctx, importBegun, "")
}

func (f importFlags) tell(p *program, r *report) error {
	if f.Report != "" {
		if err := writeWhole(f.Report, nil, r.write); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	if f.JSON {
		return r.printJSON(p.out)
	}
	r.print(p.out)
	return nil
}

// tableToImport opens the table to import into. A dry run where there is no
// table yet gets one of its own, that is gone after it.
func (p *program) tableToImport(dry bool) (*bolt.Table, func(), error) {
	path := filepath.Join(p.data, tableFile)
	if _, err := os.Stat(path); !dry || !errors.Is(err, fs.ErrNotExist) {
		t, err := p.ready()
		return t, func() { _ = t.Close() }, err
	}
	scratch, err := os.MkdirTemp("", "convoke-dry-run-*")
	if err != nil {
		return nil, nil, fmt.Errorf("make a table for the dry run: %w", err)
	}
	t, err := bolt.Open(filepath.Join(scratch, tableFile), bolt.Options{})
	return t, func() { _ = errors.Join(t.Close(), os.RemoveAll(scratch)) }, err
}

// importSeedInto lists the seed in a store that a process serves from.
func importSeedInto(ctx context.Context, s *store.Store) (int, error) {
	in := &intake{store: s, source: sourceSeed, byName: true}
	r, err := in.run(store.As(ctx, store.Actor{ID: "import-" + sourceSeed, Role: "system"}), seedRecords())
	return r.Created, err
}
