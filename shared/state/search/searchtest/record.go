// Package searchtest makes documents, and queries with a known answer, from the
// Research Organization Registry (ROR): real names of real organisations in many
// scripts. Tests of the index and the relevance table use it.
package searchtest

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"

	"convoke/shared/state/search"
)

// Record is one organisation of the registry, version 2 of its schema.
type Record struct {
	ID        string
	Names     []Name
	Types     []string
	Locations []struct {
		Details struct {
			Country   string `json:"country_code"`
			Name      string `json:"country_name"`
			Continent string `json:"continent_code"`
			City      string `json:"name"`
		} `json:"geonames_details"`
	}
	Established int
}

// Name is one name of a Record.
type Name struct {
	Value, Lang string
	Types       []string // ror_display, label, alias, acronym
}

// Load reads a gzipped JSON array of records. Errors: fs.ErrNotExist, and what
// is wrong with the file.
func Load(path string) (records []Record, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewReader(f)
	if err == nil {
		err = json.NewDecoder(z).Decode(&records)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return records, nil
}

// Documents are what the index holds of the records.
func Documents(records []Record) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		for i := range records {
			if !yield(records[i].Document(), nil) {
				return
			}
		}
	}
}

// Document is what the index holds of the record.
func (r *Record) Document() search.Document {
	d := search.Document{ID: r.ID, Version: 1, Facets: map[string][]string{"seen_by": {"public"}, "category": r.Types}}
	for _, n := range r.Names {
		kind := search.KindOther
		switch {
		case slices.Contains(n.Types, "ror_display"):
			kind = search.KindDisplay
		case slices.Contains(n.Types, "acronym"):
			kind = search.KindAcronym
		}
		d.Names = append(d.Names, search.Name{Text: n.Value, Lang: n.Lang, Kind: kind})
		if n.Lang != "" {
			d.Facets["language"] = append(d.Facets["language"], n.Lang)
		}
	}
	for _, l := range r.Locations {
		d.Facets["country"] = append(d.Facets["country"], l.Details.Country)
		d.Facets["region"] = append(d.Facets["region"], l.Details.Continent)
		d.Text = append(d.Text, l.Details.City+", "+l.Details.Name)
	}
	if r.Established > 0 {
		d.Numbers = map[string]int64{"established": int64(r.Established)}
	}
	d.Stored, _ = json.Marshal(map[string]any{"id": d.ID, "name": r.Display(), "countries": d.Facets["country"]}) // cannot fail
	return d
}

// Display is the name the record is shown by.
func (r *Record) Display() string {
	for _, n := range r.Names {
		if slices.Contains(n.Types, "ror_display") {
			return n.Value
		}
	}
	return ""
}

// named returns one of the names that are wanted, "" when there is none.
func (r *Record) named(random *rand.Rand, wanted func(Name) bool) Name {
	var all []Name
	for _, n := range r.Names {
		if wanted(n) {
			all = append(all, n)
		}
	}
	if len(all) == 0 {
		return Name{}
	}
	return all[random.IntN(len(all))]
}

// besides wants names of a type that are not the display name.
func besides(kind string) func(Name) bool {
	return func(n Name) bool {
		return slices.Contains(n.Types, kind) && !slices.Contains(n.Types, "ror_display")
	}
}
