package cli

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/local/importer"
	"convoke/shared/platform/interchange"
)

type exportCommand struct {
	Out    string `help:"File to write, whole or not at all; standard output when not given." placeholder:"FILE"`
	Format string `help:"jsonl: whole profiles, one JSON object a line. csv: the columns that 'import csv' reads; what a spreadsheet would take for a formula begins with an apostrophe. hsds: organisations of the Human Services Data Specification. jsonld: schema.org. vcard: one card for each organisation." enum:"jsonl,csv,hsds,jsonld,vcard" default:"jsonl"`
	BOM    bool   `name:"bom" help:"Begin a CSV file with a byte order mark, by which some spreadsheets know UTF-8."`
	Base   string `name:"base-url" help:"Address of the deployment, for links to the profiles; URNs stand for them without it." placeholder:"URL"`
}

// Run writes the profiles.
func (c *exportCommand) Run(p *program) error {
	if c.BOM && c.Format != "csv" {
		return usageError{errors.New("--bom goes with --format csv")}
	}
	t, err := p.existing()
	if err != nil {
		return err
	}
	defer func() { _ = t.Close() }()
	n := 0
	err = writeWhole(c.Out, p.out, func(w io.Writer) error {
		write, flush := c.writer(w)
		err := storeOf(t).WalkStakeholders(p.ctx, func(e *directory.Stakeholder) error {
			if !e.Public() {
				return nil
			}
			n++
			return write(e)
		})
		if err != nil {
			return fmt.Errorf("export: %w", err)
		}
		return flush()
	})
	if err == nil && c.Out != "" {
		_, _ = fmt.Fprintf(p.err, "%d profiles are in %s.\n", n, c.Out)
	}
	return err
}

func (c *exportCommand) writer(w io.Writer) (write func(*directory.Stakeholder) error, flush func() error) {
	switch c.Format {
	case "csv":
		return c.rows(w)
	case "hsds":
		return members(w, "[", "]", func(e *directory.Stakeholder) any { return interchange.HSDS(c.entry(e)) })
	case "jsonld":
		return members(w, `{"@context":"https://schema.org","@graph":[`, "]}", func(e *directory.Stakeholder) any { return interchange.JSONLD(c.entry(e)) })
	case "vcard":
		return func(e *directory.Stakeholder) error { return writeCard(w, c.entry(e)) }, func() error { return nil }
	}
	encoder := plainJSON(w)
	return func(e *directory.Stakeholder) error { return encoder.Encode(exportedProfile(e)) }, func() error { return nil }
}

func (c *exportCommand) entry(e *directory.Stakeholder) interchange.Entry {
	return interchange.Of(e, directory.ReaderPublic, strings.TrimSuffix(c.Base, "/"))
}

func writeCard(w io.Writer, e interchange.Entry) error {
	card, err := interchange.VCard(e)
	if err != nil {
		return err
	}
	_, err = w.Write(card)
	return err
}

// plainJSON encodes without the escapes that are meant for JSON inside of HTML.
func plainJSON(w io.Writer) *json.Encoder {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder
}

// members writes one JSON document whose members follow each other, one a line.
func members(w io.Writer, before, after string, of func(*directory.Stakeholder) any) (write func(*directory.Stakeholder) error, flush func() error) {
	encoder, next := plainJSON(w), before+"\n"
	write = func(e *directory.Stakeholder) error {
		if _, err := io.WriteString(w, next); err != nil {
			return err
		}
		next = ","
		return encoder.Encode(of(e))
	}
	flush = func() error {
		if next != "," { // there was none
			after = next + after
		}
		_, err := io.WriteString(w, after+"\n")
		return err
	}
	return write, flush
}

func (c *exportCommand) rows(w io.Writer) (write func(*directory.Stakeholder) error, flush func() error) {
	if c.BOM {
		_, _ = io.WriteString(w, "\ufeff") // the writer keeps its error
	}
	rows := csv.NewWriter(w)
	_ = rows.Write(importer.Columns()) // likewise, until Flush
	return func(e *directory.Stakeholder) error { return rows.Write(row(e)) }, func() error {
		rows.Flush()
		return rows.Error()
	}
}

// exported is a listed stakeholder as anyone may see it.
type exported struct {
	ID string `json:"id"`
	directory.Profile
	Source     string     `json:"source"`
	VerifiedAt *time.Time `json:"verified_at,omitempty"`
	ValidUntil *time.Time `json:"valid_until,omitempty"`
	UpdatedAt  time.Time  `json:"updated_at"`
}

func exportedProfile(e *directory.Stakeholder) exported {
	return exported{e.ID, e.For(directory.ReaderPublic), e.Source, e.VerifiedAt, e.ValidUntil, e.UpdatedAt}
}

// row returns the fields of importer.Columns.
func row(whole *directory.Stakeholder) []string {
	e := whole.For(directory.ReaderPublic)
	main := e.Names[slices.IndexFunc(e.Names, func(n directory.Name) bool { return n.Text == e.DisplayName() })]
	fields := map[string]string{
		"name": main.Text, "category": e.Category, "country": e.Country, "name_lang": main.Lang, "website": e.Website,
		"languages": strings.Join(e.Languages, ";"), "topics": strings.Join(e.Topics, ";"),
	}
	if e.Founded != 0 {
		fields["founded"] = strconv.Itoa(e.Founded)
	}
	for _, n := range e.Names {
		if n.Kind == directory.NameAcronym && fields["acronym"] == "" {
			fields["acronym"] = n.Text
		}
	}
	for _, d := range e.Descriptions {
		if d.Lang == main.Lang {
			fields["description"] = d.Text
		}
	}
	ids := make([]string, len(e.Identifiers))
	for i, id := range e.Identifiers {
		ids[i] = id.Scheme + ":" + id.ID
	}
	fields["identifiers"] = strings.Join(ids, ";")
	var cells []string
	for _, column := range importer.Columns() {
		cells = append(cells, harmless(fields[column]))
	}
	return cells
}

// harmless puts an apostrophe before what a spreadsheet would run as a formula
// (OWASP, CSV injection).
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
		return "'" + cell
	}
	return cell
}

// writeWhole lets fn write to a file that appears when all of it is written, or
// to otherwise when no file is named.
func writeWhole(path string, otherwise io.Writer, fn func(io.Writer) error) error {
	if path == "" {
		w := bufio.NewWriter(otherwise)
		return errors.Join(fn(w), w.Flush())
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(file.Name()) }() // nothing is left of it once it has its name
	w := bufio.NewWriter(file)
	if err := fn(w); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(w.Flush(), file.Chmod(0o644), file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return os.Rename(file.Name(), path)
}
