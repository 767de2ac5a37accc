package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/interchange"
)

// Defaults are what an HSDS record is taken to be where it does not say: the
// specification has no category, and a country only with an address.
type Defaults struct{ Category, Country string }

// HSDS reads organisations of the Human Services Data Specification, version 3:
// a JSON array, JSON Lines, or the pages of an API, which hold them as contents;
// plain or gzip. One record at a time is in memory. Records that cannot be taken
// come out with Rejected set; an error ends the reading and says at which record
// and byte.
func HSDS(r io.Reader, d Defaults) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		text, err := plainText(r)
		if err != nil {
			yield(Record{}, err)
			return
		}
		s := hsdsStream{source: &allowance{r: text}}
		s.source.grant()
		s.dec = json.NewDecoder(s.source)
		err = s.each(func(raw json.RawMessage) bool {
			s.row++
			return yield(readOrganization(s.row, raw, d), nil)
		})
		if err != nil {
			yield(Record{}, fmt.Errorf("record %d, byte %d: %w", s.row+1, s.dec.InputOffset(), err))
		}
	}
}

type hsdsStream struct {
	source *allowance
	dec    *json.Decoder
	row    int
}

// each hands over every organisation of the values that follow each other.
func (s *hsdsStream) each(yield func(json.RawMessage) bool) error {
	for {
		s.source.grant()
		switch t, err := s.dec.Token(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case t == json.Delim('['):
			if more, err := s.array(yield); err != nil || !more {
				return err
			}
		case t == json.Delim('{'):
			if more, err := s.object(yield); err != nil || !more {
				return err
			}
		default:
			return errors.New("want an organisation, an array of them, or a page of an API")
		}
	}
}

// array hands over the elements up to the closing bracket, and reports whether
// more is wanted.
func (s *hsdsStream) array(yield func(json.RawMessage) bool) (bool, error) {
	for s.dec.More() {
		s.source.grant()
		var raw json.RawMessage
		if err := s.dec.Decode(&raw); err != nil {
			return false, whole(err)
		}
		if !yield(raw) {
			return false, nil
		}
	}
	_, err := s.dec.Token()
	return err == nil, whole(err)
}

// object reads a page of an API, whose organisations are its contents, or one
// organisation, whose members are gathered.
func (s *hsdsStream) object(yield func(json.RawMessage) bool) (bool, error) {
	members, page := map[string]json.RawMessage{}, false
	for s.dec.More() {
		s.source.grant()
		name, err := s.dec.Token()
		if err != nil {
			return false, whole(err)
		}
		if name == "contents" {
			page = true
			if t, err := s.dec.Token(); err != nil || t != json.Delim('[') {
				return false, whole(cmpErr(err, "the contents of a page are no array"))
			}
			if more, err := s.array(yield); err != nil || !more {
				return false, err
			}
			continue
		}
		var value json.RawMessage
		if err := s.dec.Decode(&value); err != nil {
			return false, whole(err)
		}
		members[fmt.Sprint(name)] = value
	}
	if _, err := s.dec.Token(); err != nil {
		return false, whole(err)
	}
	if page {
		return true, nil
	}
	raw, err := json.Marshal(members)
	return err == nil && yield(raw), err
}

// whole never lets an end within a value pass for the good end.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func readOrganization(row int, raw json.RawMessage, d Defaults) Record {
	r := Record{Row: row, Status: Active}
	var o interchange.Organization
	if err := json.Unmarshal(raw, &o); err != nil {
		field := ""
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			field = "/" + strings.ReplaceAll(wrong.Field, ".", "/")
		}
		r.reject(field, "record.malformed")
		return r
	}
	r.Profile.Category, r.Profile.Country = d.Category, d.Country
	r.addName(o.Name, "", directory.NameLegal)
	r.addName(o.AlternateName, "", directory.NameAlias)
	if len(r.Profile.Names) == 0 && len(r.Rejected) == 0 {
		r.reject("/name", "name.missing")
	}
	r.addOrganization(o)
	if !taxonomy.ValidCategory(r.Profile.Category) {
		r.reject("/category", "category.unknown")
	}
	if !taxonomy.ValidCountry(r.Profile.Country) {
		r.reject("/locations", "country.unknown")
	}
	if len(r.Profile.Identifiers) > 0 {
		r.Source = r.Profile.Identifiers[0]
	}
	return r
}

// addOrganization takes over what is said besides the names.
func (r *Record) addOrganization(o interchange.Organization) {
	for _, id := range o.Identifiers {
		r.addIdentifier(id.Scheme, id.Identifier)
	}
	if r.Profile.Website = strings.TrimSpace(o.Website); o.Website != "" && !directory.WebAddress(r.Profile.Website) {
		r.Profile.Website = ""
		r.drop("/website", "website.not_http")
	}
	if r.Profile.Founded = o.YearIncorporated; o.YearIncorporated != 0 && o.YearIncorporated < directory.EarliestYear {
		r.Profile.Founded = 0
		r.drop("/year_incorporated", "year.impossible")
	}
	for _, l := range o.Locations {
		for _, a := range l.Addresses {
			if code := strings.ToUpper(a.Country); taxonomy.ValidCountry(code) {
				r.Profile.Country = code
			}
		}
	}
	for _, a := range o.Attributes {
		r.classify(a)
	}
	r.summarise(o.Description)
}

// classify takes the terms of the directory's own taxonomies; a term of another
// has no certain place here.
func (r *Record) classify(a interchange.Attribute) {
	p := &r.Profile
	switch code := a.Term.Code; a.Term.Taxonomy {
	case interchange.TaxonomyCategory:
		p.Category = code
	case interchange.TaxonomyTopic:
		if !taxonomy.ValidTopic(code) {
			r.drop("/attributes", "topic.unknown")
			return
		}
		p.Topics = append(p.Topics, code)
	case interchange.TaxonomyLanguage:
		canonical, ok := taxonomy.CanonicalLanguage(code)
		if !ok {
			r.drop("/attributes", "language.unknown")
			return
		}
		p.Languages = append(p.Languages, canonical)
	}
}

// summarise keeps a description in English, which the specification is written
// for; it names no language.
func (r *Record) summarise(text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	if code := directory.ProseFault(text, directory.MaxProseRunes); code != "" {
		r.drop("/description", code)
		return
	}
	r.Profile.Descriptions = []directory.Text{{Lang: "en", Text: text}}
}
