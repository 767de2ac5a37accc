package directory

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

// Limits of a profile: entries of a list, runes of a text, and a year.
const (
	MaxNames       = 40
	MaxNameRunes   = 300
	MaxProseRunes  = 4000
	MaxIdentifiers = 20
	MaxCountries   = 250
	maxCodes       = 60
	EarliestYear   = 1000
)

// NameKind says what a name is.
type NameKind string

// The kinds of name.
const (
	NameLegal   NameKind = "legal"
	NameAlias   NameKind = "alias"
	NameAcronym NameKind = "acronym"
	NameFormer  NameKind = "former"
)

// Name is one of a stakeholder's names.
type Name struct {
	Text   string   `json:"text"`
	Lang   string   `json:"lang,omitempty"`   // BCP 47; empty when the name belongs to no language, as many acronyms do
	Script string   `json:"script,omitempty"` // ISO 15924; empty when it was not given, see Written
	Kind   NameKind `json:"kind"`
}

// Identifier is an entry in some register, in the manner of org-id.guide. None
// is ever required.
type Identifier struct {
	Scheme string `json:"scheme"`
	ID     string `json:"id"`
}

// normal returns the identifier in the one spelling in which it is kept.
func (id Identifier) normal() Identifier {
	scheme := taxonomy.CanonicalScheme(id.Scheme)
	return Identifier{scheme, taxonomy.NormalIdentifier(scheme, id.ID)}
}

// Unique reports whether one identifier can belong to one stakeholder only. ROR,
// LEI and national registers see to that; the others are reused, shared between
// parent and branch, or chosen freely.
func (id Identifier) Unique() bool {
	switch id.Scheme {
	case taxonomy.SchemeLocal, taxonomy.SchemeIATI, taxonomy.SchemeFunder, taxonomy.SchemeGRID, taxonomy.SchemeISNI, taxonomy.SchemeWikidata, taxonomy.SchemeECOSOC:
		return false
	}
	return true
}

// ConsultativeStatus is what ECOSOC granted under its resolution 1996/31.
type ConsultativeStatus struct {
	Kind string `json:"kind"` // roster, special, general
	Year int    `json:"year,omitempty"`
}

// Profile is what a stakeholder says of itself. LedBy, Serves and AdvocatesFor
// are declared by the stakeholder and never inferred.
type Profile struct {
	Category           string              `json:"category"`
	Names              []Name              `json:"names"`
	Country            string              `json:"country"` // of seat or registration, ISO 3166-1 alpha-2
	WorksIn            []string            `json:"works_in,omitempty"`
	OriginCountries    []string            `json:"origin_countries,omitempty"`
	ResidenceCountries []string            `json:"residence_countries,omitempty"`
	Descriptions       []Text              `json:"descriptions,omitempty"`
	Website            string              `json:"website,omitempty"`
	Domains            []string            `json:"domains,omitempty"` // of its sites and its mail, see taxonomy.CanonicalDomain
	Identifiers        []Identifier        `json:"identifiers,omitempty"`
	Topics             []string            `json:"topics,omitempty"`
	Languages          []string            `json:"languages,omitempty"` // working languages, BCP 47
	Founded            int                 `json:"founded,omitempty"`   // year
	Size               string              `json:"size,omitempty"`      // band of people, see SizeBands
	ConsultativeStatus *ConsultativeStatus `json:"consultative_status,omitempty"`
	LedBy              []string            `json:"led_by,omitempty"`
	Serves             []string            `json:"serves,omitempty"`
	AdvocatesFor       []string            `json:"advocates_for,omitempty"`
	AtRisk             bool                `json:"at_risk,omitempty"` // nothing of it is shown to the public
	Visibility         Visibility          `json:"visibility,omitempty"`
}

// SizeBands are the bands of staff and regular volunteers.
func SizeBands() []string { return []string{"1-9", "10-49", "50-249", "250-999", "1000+"} }

// Groups are the groups that led_by, serves and advocates_for name.
func Groups() []string {
	return []string{
		"women", "youth", "migrant_workers", "refugees", "internally_displaced", "stateless", "indigenous_peoples",
		"minorities", "persons_with_disabilities", "older_persons", "children", "returnees",
	}
}

// DisplayName returns the name to show a reader of the languages, best first:
// the first name in one of them that is no acronym and not former, else the main
// name.
func (p Profile) DisplayName(langs ...string) string {
	for _, lang := range langs {
		for _, n := range p.Names {
			if (n.Kind == NameLegal || n.Kind == NameAlias) && (n.Lang == lang || strings.HasPrefix(n.Lang, lang+"-")) {
				return n.Text
			}
		}
	}
	return p.mainName()
}

// mainName is the first legal name, else the first alias, else the first name:
// an acronym or a former name stands for an organisation only when nothing else
// does.
func (p Profile) mainName() string {
	for _, kind := range []NameKind{NameLegal, NameAlias} {
		for _, n := range p.Names {
			if n.Kind == kind {
				return n.Text
			}
		}
	}
	if len(p.Names) == 0 {
		return ""
	}
	return p.Names[0].Text
}

// Validate records everything that is wrong with the profile, as of now.
func (p Profile) Validate(faults *fault.List, now time.Time) {
	if !taxonomy.ValidCategory(p.Category) {
		faults.Add("/category", "category.unknown")
	}
	p.validateNames(faults)
	p.validateCountries(faults)
	CheckTexts(faults, "/descriptions", p.Descriptions, MaxProseRunes)
	if p.Website != "" && !WebAddress(p.Website) {
		faults.Add("/website", "website.not_http")
	}
	CheckEach(faults, "/domains", p.Domains, MaxDomains, domainFault)
	p.validateIdentifiers(faults)
	CheckEach(faults, "/topics", p.Topics, maxCodes, known(taxonomy.ValidTopic, "topic.unknown"))
	CheckEach(faults, "/languages", p.Languages, maxCodes, known(taxonomy.ValidLanguage, "language.unknown"))
	p.validateFigures(faults, now)
	group := known(oneOf(Groups()), "group.unknown")
	CheckEach(faults, "/led_by", p.LedBy, maxCodes, group)
	CheckEach(faults, "/serves", p.Serves, maxCodes, group)
	CheckEach(faults, "/advocates_for", p.AdvocatesFor, maxCodes, group)
	p.Visibility.validate(faults, "/visibility")
}

func (p Profile) validateNames(faults *fault.List) {
	if len(p.Names) == 0 {
		faults.Add("/names", "name.missing")
	}
	if len(p.Names) > MaxNames {
		faults.Add("/names", "list.too_long", "max", strconv.Itoa(MaxNames))
		return
	}
	proper := false
	for i, n := range p.Names {
		at := "/names/" + strconv.Itoa(i)
		CheckLine(faults, at+"/text", n.Text, MaxNameRunes)
		if n.Lang != "" && !taxonomy.ValidLanguage(n.Lang) {
			faults.Add(at+"/lang", "language.unknown")
		}
		if code := scriptFault(n); code != "" {
			faults.Add(at+"/script", code)
		}
		switch n.Kind {
		case NameLegal, NameAlias:
			proper = true
		case NameAcronym, NameFormer:
		default:
			faults.Add(at+"/kind", "name.kind_unknown")
		}
	}
	if len(p.Names) > 0 && !proper {
		faults.Add("/names", "name.only_acronyms")
	}
}

func (p Profile) validateCountries(faults *fault.List) {
	if !taxonomy.ValidCountry(p.Country) {
		faults.Add("/country", "country.unknown")
	}
	country := known(taxonomy.ValidCountry, "country.unknown")
	CheckEach(faults, "/works_in", p.WorksIn, MaxCountries, country)
	CheckEach(faults, "/origin_countries", p.OriginCountries, MaxCountries, country)
	CheckEach(faults, "/residence_countries", p.ResidenceCountries, MaxCountries, country)
}

func (p Profile) validateIdentifiers(faults *fault.List) {
	if len(p.Identifiers) > MaxIdentifiers {
		faults.Add("/identifiers", "list.too_long", "max", strconv.Itoa(MaxIdentifiers))
		return
	}
	seen := map[Identifier]bool{}
	for i, id := range p.Identifiers {
		at := "/identifiers/" + strconv.Itoa(i)
		id = id.normal()
		if code := taxonomy.IdentifierFault(id.Scheme, id.ID); code != "" {
			faults.Add(at, code)
		} else if seen[id] {
			faults.Add(at, "list.repeated")
		}
		seen[id] = true
	}
}

func (p Profile) validateFigures(faults *fault.List, now time.Time) {
	if p.Founded != 0 && (p.Founded < EarliestYear || p.Founded > now.Year()) {
		faults.Add("/founded", "year.impossible")
	}
	if p.Size != "" && !oneOf(SizeBands())(p.Size) {
		faults.Add("/size", "size.unknown")
	}
	if c := p.ConsultativeStatus; c != nil {
		if !oneOf([]string{"roster", "special", "general"})(c.Kind) {
			faults.Add("/consultative_status/kind", "consultative_status.unknown")
		}
		if c.Year != 0 && (c.Year < 1946 || c.Year > now.Year()) {
			faults.Add("/consultative_status/year", "year.impossible")
		}
	}
}

// WebAddress reports whether s is an absolute http(s) address of a public host:
// no user part, no bare number or private name that a fetch could be led to. The
// host is judged as browsers read it, with full-width letters and dots folded.
func WebAddress(s string) bool {
	if LineFault(s, 500) != "" {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.User != nil {
		return false
	}
	host := strings.ReplaceAll(norm.NFKC.String(u.Hostname()), "\u3002", ".")
	return publicHost(strings.ToLower(strings.TrimSuffix(host, ".")))
}

// publicHost reports whether host is a dotted name of the public DNS: letters,
// digits and hyphens of any script, the last label no number (RFC 3696 section
// 2) and none of those set aside for use at home (RFC 6761, RFC 6762, RFC 8375,
// and ICANN for .internal).
func publicHost(host string) bool {
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || strings.ContainsFunc(l, notInHost) {
			return false
		}
	}
	last := labels[len(labels)-1]
	switch last {
	case "localhost", "local", "internal", "arpa", "invalid", "lan":
		return false
	}
	return len(labels) > 1 && (last[0] < '0' || last[0] > '9')
}

func notInHost(r rune) bool {
	return r != '-' && r != '_' && !unicode.In(r, unicode.L, unicode.M, unicode.Nd)
}

func known(valid func(string) bool, code string) func(string) string {
	return func(s string) string {
		if valid(s) {
			return ""
		}
		return code
	}
}

func oneOf(values []string) func(string) bool {
	return func(s string) bool { return slices.Contains(values, s) }
}
