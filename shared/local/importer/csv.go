package importer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
)

// Columns returns the columns that CSV knows, the required ones first: name,
// category and country. Lists (identifiers as scheme:id, languages, topics)
// are separated by semicolons. The description is in the language of name_lang.
func Columns() []string {
	return []string{
		"name", "category", "country", "name_lang", "acronym", "website", "founded", "identifiers", "languages", "topics", "description",
	}
}

const requiredColumns = 3

// CSV reads a table as RFC 4180 describes it: commas, UTF-8 with or without a
// byte order mark, plain or gzip, a header row first. Headers are those of
// Columns in any order and case; mapping gives the column for a header called
// otherwise, or "" for one to pass over. A row that cannot be taken comes out
// with Rejected set, because the author of a table can correct it; broken
// quoting ends the reading with an error that names the line.
func CSV(r io.Reader, mapping map[string]string) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		text, err := plainText(r)
		if err != nil {
			yield(Record{}, err)
			return
		}
		source := &allowance{r: text}
		source.grant()
		table := csv.NewReader(source)
		table.FieldsPerRecord = -1
		table.ReuseRecord = true
		header, err := readHeader(table, mapping)
		if err != nil {
			yield(Record{}, err)
			return
		}
		for {
			source.grant()
			fields, err := table.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Record{}, fmt.Errorf("read the table, at byte %d: %w", table.InputOffset(), err))
				return
			}
			line, _ := table.FieldPos(0)
			if !yield(readRow(line, header, fields), nil) {
				return
			}
		}
	}
}

// readHeader returns the column of each field, "" for one to pass over.
func readHeader(table *csv.Reader, mapping map[string]string) ([]string, error) {
	fields, err := table.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the table is empty: its first row must name the columns")
	}
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	header := make([]string, len(fields))
	for i, f := range fields {
		f = strings.TrimSpace(f)
		column, mapped := mapping[f]
		if !mapped {
			column = strings.ToLower(f)
		}
		if column != "" && !slices.Contains(Columns(), column) {
			return nil, fmt.Errorf("the header has an unknown column %q: known are %s", f, strings.Join(Columns(), ", "))
		}
		if column != "" && slices.Contains(header[:i], column) {
			return nil, fmt.Errorf("the header has the column %q twice", column)
		}
		header[i] = column
	}
	for _, c := range Columns()[:requiredColumns] {
		if !slices.Contains(header, c) {
			return nil, fmt.Errorf("the header has no column %q", c)
		}
	}
	return header, nil
}

func readRow(line int, header, fields []string) Record {
	r := Record{Row: line, Status: Active}
	if len(fields) != len(header) {
		r.reject("", "row.wrong_length")
		return r
	}
	row := map[string]string{}
	for i, column := range header {
		row[column] = strings.TrimSpace(fields[i])
	}
	r.Profile.Category = row["category"]
	r.Profile.Country = strings.ToUpper(row["country"])
	r.Profile.Website = row["website"]
	r.Profile.Topics = list(row["topics"])
	r.addName(row["name"], row["name_lang"], directory.NameLegal)
	r.addName(row["acronym"], "", directory.NameAcronym)
	for _, id := range list(row["identifiers"]) {
		scheme, id, _ := strings.Cut(id, ":")
		known := len(r.Profile.Identifiers) + len(r.Dropped)
		if r.addIdentifier(strings.TrimSpace(scheme), id); len(r.Profile.Identifiers)+len(r.Dropped) == known {
			r.drop("/identifiers/"+strconv.Itoa(len(r.Profile.Identifiers)), "list.repeated")
		}
	}
	for _, tag := range list(row["languages"]) {
		canonical, ok := taxonomy.CanonicalLanguage(tag)
		if !ok {
			r.drop("/languages", "language.unknown")
			continue
		}
		r.Profile.Languages = append(r.Profile.Languages, canonical)
	}
	r.describe(row)
	r.check(row)
	return r
}

func (r *Record) describe(row map[string]string) {
	if row["founded"] != "" {
		year, err := strconv.Atoi(row["founded"])
		if err != nil || year < directory.EarliestYear {
			r.drop("/founded", "year.impossible")
		}
		r.Profile.Founded = year
	}
	if row["description"] == "" {
		return
	}
	lang, ok := taxonomy.CanonicalLanguage(row["name_lang"])
	if !ok {
		r.drop("/descriptions/0/lang", "language.unknown")
		return
	}
	if code := directory.ProseFault(row["description"], directory.MaxProseRunes); code != "" {
		r.drop("/descriptions/0/text", code)
	}
	r.Profile.Descriptions = []directory.Text{{Lang: lang, Text: row["description"]}}
}

// check turns what was dropped into grounds for refusal, as the author can mend
// it, and adds what the row lacks.
func (r *Record) check(row map[string]string) {
	r.Rejected = append(r.Rejected, r.Dropped...)
	r.Dropped = nil
	p := r.Profile
	if row["name"] == "" {
		r.reject("/names", "name.missing")
	}
	if !taxonomy.ValidCategory(p.Category) {
		r.reject("/category", "category.unknown")
	}
	if !taxonomy.ValidCountry(p.Country) {
		r.reject("/country", "country.unknown")
	}
	if p.Website != "" && !directory.WebAddress(p.Website) {
		r.reject("/website", "website.not_http")
	}
	for i, topic := range p.Topics {
		if !taxonomy.ValidTopic(topic) {
			r.reject("/topics/"+strconv.Itoa(i), "topic.unknown")
		}
	}
	if len(p.Identifiers) > 0 {
		r.Source = p.Identifiers[0]
	}
}

// list splits at semicolons and leaves out what is empty.
func list(s string) []string {
	var values []string
	for v := range strings.SplitSeq(s, ";") {
		if v = strings.TrimSpace(v); v != "" {
			values = append(values, v)
		}
	}
	return values
}
