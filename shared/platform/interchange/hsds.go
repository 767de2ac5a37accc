package interchange

import (
	"crypto/sha256"

	"github.com/oklog/ulid/v2"
	"golang.org/x/text/language"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
)

// Organization is an organisation of the Human Services Data Specification,
// version 3, as far as a directory without services and opening hours has it.
// Ids are UUIDs. Contacts are never in it.
type Organization struct {
	ID               string                   `json:"id"`
	Name             string                   `json:"name"`
	AlternateName    string                   `json:"alternate_name,omitempty"`
	Description      string                   `json:"description"` // required by the specification, and empty where nothing is known
	Website          string                   `json:"website,omitempty"`
	YearIncorporated int                      `json:"year_incorporated,omitempty"`
	URI              string                   `json:"uri,omitempty"`
	Locations        []Location               `json:"locations,omitempty"`
	Identifiers      []OrganizationIdentifier `json:"organization_identifiers,omitempty"`
	Attributes       []Attribute              `json:"attributes,omitempty"`
}

// Location is the seat of an organisation, of which the country is known.
type Location struct {
	ID           string            `json:"id"`
	LocationType string            `json:"location_type"` // physical
	Addresses    []LocationAddress `json:"addresses"`
}

// LocationAddress is the postal address of a location.
type LocationAddress struct {
	ID          string `json:"id"`
	Country     string `json:"country"`      // ISO 3166-1 alpha-2
	AddressType string `json:"address_type"` // physical
}

// OrganizationIdentifier is an entry in a register, by its org-id.guide code.
type OrganizationIdentifier struct {
	ID         string `json:"id"`
	Scheme     string `json:"identifier_scheme"`
	Type       string `json:"identifier_type"`
	Identifier string `json:"identifier"`
}

// Attribute ties an organisation to a term of a taxonomy.
type Attribute struct {
	ID         string       `json:"id"`
	LinkType   string       `json:"link_type"`   // category, topic, working_language
	LinkEntity string       `json:"link_entity"` // organization
	Term       TaxonomyTerm `json:"taxonomy_term"`
}

// TaxonomyTerm is a term, with its title in English.
type TaxonomyTerm struct {
	ID          string `json:"id"`
	Code        string `json:"code"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Taxonomy    string `json:"taxonomy"`
}

// Names of the taxonomies of attributes.
const (
	TaxonomyCategory = "convoke:category"
	TaxonomyTopic    = "convoke:topic"
	TaxonomyLanguage = "bcp47"
)

// HSDS returns the entry as an organisation of HSDS 3. Where the specification
// has one text it is the main name's and, of descriptions, the English one or the
// first.
func HSDS(e Entry) Organization {
	main := e.main()
	o := Organization{
		ID: uuid(e.ID), Name: main.Text, Description: directory.In(e.Descriptions, "en"), Website: e.Website,
		YearIncorporated: e.Founded, URI: e.Address,
		Locations: []Location{{
			ID: derived(e.ID, "location"), LocationType: "physical",
			Addresses: []LocationAddress{{ID: derived(e.ID, "address"), Country: e.Country, AddressType: "physical"}},
		}},
	}
	if others := e.others(main.Text); len(others) > 0 {
		o.AlternateName = others[0]
	}
	for _, id := range e.Identifiers {
		o.Identifiers = append(o.Identifiers, OrganizationIdentifier{
			ID: derived(e.ID, "identifier", id.Scheme, id.ID), Scheme: id.Scheme, Type: "register", Identifier: id.ID,
		})
	}
	o.attribute(e, "category", TaxonomyCategory, e.Category, e.Category)
	for _, topic := range e.Topics {
		o.attribute(e, "topic", TaxonomyTopic, topic, taxonomy.TopicTitle(topic, language.English))
	}
	for _, lang := range e.Languages {
		o.attribute(e, "working_language", TaxonomyLanguage, lang, lang)
	}
	return o
}

func (o *Organization) attribute(e Entry, kind, taxonomy, code, title string) {
	o.Attributes = append(o.Attributes, Attribute{
		ID: derived(e.ID, kind, code), LinkType: kind, LinkEntity: "organization",
		Term: TaxonomyTerm{ID: derived(taxonomy, code), Code: code, Name: title, Description: title, Taxonomy: taxonomy},
	})
}

// uuid writes a ULID, which has the same 128 bits, as a UUID; another id as one
// that is derived from it.
func uuid(id string) string {
	u, err := ulid.ParseStrict(id)
	if err != nil {
		return derived(id)
	}
	return dashed(u[:])
}

// StakeholderID is the id whose uuid was written, false when it is none.
func StakeholderID(text string) (string, bool) {
	var u ulid.ULID
	n := 0
	for _, c := range []byte(text) {
		if c == '-' {
			continue
		}
		d := hexDigit(c)
		if d > 15 || n == 32 {
			return "", false
		}
		u[n/2] = u[n/2]<<4 | d
		n++
	}
	return u.String(), n == 32 && dashed(u[:]) == text
}

func hexDigit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

// derived is a UUID of version 8 (RFC 9562 section 5.8) that is the same for the
// same parts, so that a reader knows a record again.
func derived(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	b := h.Sum(nil)[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return dashed(b)
}

func dashed(b []byte) string {
	const digits = "0123456789abcdef"
	text := make([]byte, 0, 36)
	for i, c := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text = append(text, '-')
		}
		text = append(text, digits[c>>4], digits[c&15])
	}
	return string(text)
}
