package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
)

// ROR reads a dump of the Research Organization Registry in its schema v2: one
// JSON array, plain or gzip, of which one record at a time is in memory. Records
// that cannot be taken come out with Rejected set and do not end the reading; an
// error does, and says at which record and byte of the uncompressed text.
//
// Withdrawn records are rejected; inactive ones keep that status. Of the other
// identifiers those that are none are dropped.
func ROR(r io.Reader) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		text, err := plainText(r)
		if err != nil {
			yield(Record{}, err)
			return
		}
		s := rorStream{source: &allowance{r: text}}
		s.dec = json.NewDecoder(s.source)
		for {
			record, err := s.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

type rorStream struct {
	source *allowance
	dec    *json.Decoder
	row    int
}

// next returns the next record, or io.EOF after the end of the array.
func (s *rorStream) next() (Record, error) {
	s.source.grant()
	if s.row == 0 {
		if t, err := s.dec.Token(); err != nil || t != json.Delim('[') {
			return Record{}, s.failed(cmpErr(err, "want a JSON array of records"))
		}
	}
	s.row++
	if !s.dec.More() {
		return Record{}, s.end()
	}
	var raw rorRecord
	err := s.dec.Decode(&raw)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		record := Record{Row: s.row}
		record.reject("/"+strings.ReplaceAll(wrong.Field, ".", "/"), "record.malformed")
		return record, nil
	}
	if err != nil {
		return Record{}, s.failed(err)
	}
	return raw.record(s.row), nil
}

// end reads the closing bracket and makes sure that nothing follows it.
func (s *rorStream) end() error {
	if _, err := s.dec.Token(); err != nil {
		return s.failed(err)
	}
	if _, err := s.dec.Token(); !errors.Is(err, io.EOF) {
		return s.failed(cmpErr(err, "something follows the array"))
	}
	return io.EOF
}

// failed never wraps a bare io.EOF, which would pass for the good end.
func (s *rorStream) failed(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("record %d, byte %d: %w", max(s.row, 1), s.dec.InputOffset(), err)
}

func cmpErr(err error, otherwise string) error {
	if err != nil {
		return err
	}
	return errors.New(otherwise)
}

// rorRecord is what is read of a record of schema v2,
// https://ror.readme.io/docs/schema-v2. What may be null is empty then.
type rorRecord struct {
	ID          string   `json:"id"`
	Status      string   `json:"status"`
	Types       []string `json:"types"`
	Domains     []string `json:"domains"`
	Established int      `json:"established"`
	Names       []struct {
		Value string   `json:"value"`
		Lang  string   `json:"lang"`
		Types []string `json:"types"`
	} `json:"names"`
	Links []struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	} `json:"links"`
	Locations []struct {
		Details struct {
			Country string `json:"country_code"`
		} `json:"geonames_details"`
	} `json:"locations"`
	ExternalIDs []struct {
		Type      string   `json:"type"`
		Preferred string   `json:"preferred"`
		All       []string `json:"all"`
	} `json:"external_ids"`
	Relationships []struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	} `json:"relationships"`
}

func (raw *rorRecord) record(row int) Record {
	r := Record{Row: row, Status: Active}
	raw.identify(&r)
	raw.stand(&r)
	raw.name(&r)
	raw.locate(&r)
	raw.relate(&r)
	return r
}

func (raw *rorRecord) identify(r *Record) {
	id := taxonomy.NormalIdentifier(taxonomy.SchemeROR, raw.ID)
	if code := taxonomy.IdentifierFault(taxonomy.SchemeROR, id); code != "" {
		r.reject("/id", code)
		return
	}
	r.Source = directory.Identifier{Scheme: taxonomy.SchemeROR, ID: id}
	r.addIdentifier(taxonomy.SchemeROR, id)
	for _, e := range raw.ExternalIDs {
		if e.Preferred != "" {
			r.addIdentifier(e.Type, e.Preferred)
		}
		for _, other := range e.All {
			if other != e.Preferred {
				r.addIdentifier(e.Type, other)
			}
		}
	}
}

// stand sets what kind of organisation it is, and whether it still is.
func (raw *rorRecord) stand(r *Record) {
	switch raw.Status {
	case "active":
	case "inactive":
		r.Status = Inactive
	case "withdrawn":
		r.reject("/status", "status.withdrawn")
	default:
		r.reject("/status", "status.unknown")
	}
	r.Profile.Category = rorCategory(raw.Types)
	switch {
	case raw.Established == 0:
	case raw.Established < directory.EarliestYear:
		r.drop("/founded", "year.impossible")
	default:
		r.Profile.Founded = raw.Established
	}
}

// rorCategory crosses ROR's types, of which an organisation has several, to one
// category: the first row whose types it all has. A hospital or an archive is in
// the registry for its research, a funder that is nobody's office is a
// foundation, and of the "other" most are learned societies.
func rorCategory(types []string) string {
	for _, row := range [][]string{
		{"government", "government"},
		{"academic", "education"},
		{"private_sector", "company"},
		{"academic", "facility"},
		{"foundation", "nonprofit", "funder"},
		{"ngo", "nonprofit"},
		{"academic", "healthcare"},
		{"academic", "archive"},
		{"ngo", "other"},
		{"foundation", "funder"},
	} {
		if !slices.ContainsFunc(row[1:], func(t string) bool { return !slices.Contains(types, t) }) {
			return row[0]
		}
	}
	return "ngo"
}

// name puts the name to display first, then labels, aliases and acronyms, so
// that a record with too many names loses the least of them.
func (raw *rorRecord) name(r *Record) {
	for _, row := range []struct {
		of   string
		kind directory.NameKind
	}{
		{"ror_display", directory.NameLegal},
		{"label", directory.NameLegal},
		{"alias", directory.NameAlias},
		{"acronym", directory.NameAcronym},
	} {
		for _, n := range raw.Names {
			if slices.Contains(n.Types, row.of) {
				r.addName(n.Value, n.Lang, row.kind)
			}
		}
	}
	if len(r.Profile.Names) == 0 && len(r.Rejected) == 0 {
		r.reject("/names", "name.missing")
	}
}

// locate takes the first location for the seat and the others' countries for
// where it works too.
func (raw *rorRecord) locate(r *Record) {
	p := &r.Profile
	for _, l := range raw.Locations {
		code := strings.ToUpper(l.Details.Country)
		switch {
		case !taxonomy.ValidCountry(code):
			r.drop("/locations", "country.unknown")
		case p.Country == "":
			p.Country = code
		case code != p.Country && !slices.Contains(p.WorksIn, code) && len(p.WorksIn) < directory.MaxCountries:
			p.WorksIn = append(p.WorksIn, code)
		}
	}
	if p.Country == "" {
		r.reject("/country", "country.unknown")
	}
	for _, l := range raw.Links {
		if l.Type != "website" || p.Website != "" {
			continue
		}
		if p.Website = strings.TrimSpace(l.Value); !directory.WebAddress(p.Website) {
			p.Website = ""
			r.drop("/website", "website.not_http")
		}
	}
	for _, d := range raw.Domains {
		switch canonical, ok := taxonomy.CanonicalDomain(d); {
		case !ok || !directory.WebAddress("https://"+canonical):
			r.drop("/domains", "domain.malformed")
		case !slices.Contains(p.Domains, canonical) && len(p.Domains) < directory.MaxDomains:
			p.Domains = append(p.Domains, canonical)
		}
	}
}

// relate keeps parents and children. What is only related, or what came before or
// after, is no relation of the directory.
func (raw *rorRecord) relate(r *Record) {
	for _, rel := range raw.Relationships {
		id := taxonomy.NormalIdentifier(taxonomy.SchemeROR, rel.ID)
		switch {
		case taxonomy.IdentifierFault(taxonomy.SchemeROR, id) != "":
			r.drop("/relationships", "relation.malformed")
		case id == r.Source.ID:
			r.drop("/relationships", "relation.self")
		case rel.Type == "parent" || rel.Type == "child":
			r.Relations = append(r.Relations, Relation{Kind: rel.Type, TargetID: id})
		default:
			r.drop("/relationships", "relation.kind_unknown")
		}
	}
}
