package directory

import (
	"maps"
	"slices"

	"convoke/shared/domain/fault"
)

// Reader is who reads a profile, and, of a field, the least of readers who may
// see it: each sees what the ones before it see.
type Reader string

// The readers of a profile.
const (
	ReaderPublic     Reader = "public"     // everybody
	ReaderListed     Reader = "listed"     // contacts of a listed stakeholder
	ReaderOrganisers Reader = "organisers" // who convenes
	ReaderSelf       Reader = "self"       // the stakeholder's own contacts, and who vets it
)

// Readers are all of them, from the one that sees least.
func Readers() []Reader {
	return []Reader{ReaderPublic, ReaderListed, ReaderOrganisers, ReaderSelf}
}

// Sees reports whether the reader is the least one of a field, or sees more.
func (r Reader) Sees(least Reader) bool {
	all := Readers()
	return slices.Contains(all, r) && slices.Index(all, r) >= slices.Index(all, least)
}

// Visibility says of fields of a profile, by their names, who may see them. What
// it does not name has its default.
type Visibility map[string]Reader

// hideable are the fields that can be kept from readers, each with how it is
// emptied. Category, country and names cannot: they are what a hit of the search
// shows and is found by. Who cannot show them is at risk, see AtRisk.
func hideable() map[string]func(*Profile) {
	return map[string]func(*Profile){
		"works_in":            func(p *Profile) { p.WorksIn = nil },
		"origin_countries":    func(p *Profile) { p.OriginCountries = nil },
		"residence_countries": func(p *Profile) { p.ResidenceCountries = nil },
		"descriptions":        func(p *Profile) { p.Descriptions = nil },
		"website":             func(p *Profile) { p.Website = "" },
		"domains":             func(p *Profile) { p.Domains = nil },
		"identifiers":         func(p *Profile) { p.Identifiers = nil },
		"topics":              func(p *Profile) { p.Topics = nil },
		"languages":           func(p *Profile) { p.Languages = nil },
		"founded":             func(p *Profile) { p.Founded = 0 },
		"size":                func(p *Profile) { p.Size = "" },
		"consultative_status": func(p *Profile) { p.ConsultativeStatus = nil },
		"led_by":              func(p *Profile) { p.LedBy = nil },
		"serves":              func(p *Profile) { p.Serves = nil },
		"advocates_for":       func(p *Profile) { p.AdvocatesFor = nil },
	}
}

// HideableFields are the names that a Visibility may have, in order.
func HideableFields() []string { return slices.Sorted(maps.Keys(hideable())) }

// DefaultVisibility is who may see a field of which nothing is said: everybody,
// but for what says something of the persons who lead a stakeholder.
func DefaultVisibility(field string) Reader {
	if field == "led_by" {
		return ReaderOrganisers
	}
	return ReaderPublic
}

// SensitiveField reports whether the values of a field may tell of belief,
// origin, health or standing, so that small counts of them are not given.
func SensitiveField(field string) bool {
	return field == "led_by" || field == "serves" || field == "advocates_for"
}

// Least returns the least reader who may see the field.
func (p Profile) Least(field string) Reader {
	if p.AtRisk {
		return wider(p.Stated(field), ReaderOrganisers)
	}
	return p.Stated(field)
}

// Stated returns what the stakeholder says of the field, or its default. At risk
// it is more: see Least.
func (p Profile) Stated(field string) Reader {
	if least, ok := p.Visibility[field]; ok {
		return least
	}
	return DefaultVisibility(field)
}

// wider returns the reader that sees more.
func wider(a, b Reader) Reader {
	if a.Sees(b) {
		return a
	}
	return b
}

// For returns the profile as the reader may see it. Every view of a profile goes
// through it: pages, answers, exports, and what the search holds. What is hidden
// is as if it had never been said; who hides what is known to the stakeholder
// alone.
func (p Profile) For(r Reader) Profile {
	if r == ReaderSelf {
		return p
	}
	for field, empty := range hideable() {
		if !r.Sees(p.Least(field)) {
			empty(&p)
		}
	}
	p.Visibility = nil
	return p
}

// validate records what is wrong with the visibility of the fields.
func (v Visibility) validate(faults *fault.List, at string) {
	fields := hideable()
	for field, least := range v {
		pointer := at + "/" + fault.Token(field)
		if _, ok := fields[field]; !ok {
			faults.Add(pointer, "visibility.field_fixed")
		}
		if !slices.Contains(Readers(), least) {
			faults.Add(pointer, "visibility.unknown")
		}
	}
}

// ErrVisibilityInvalid refuses a visibility; its fields say why.
var ErrVisibilityInvalid = fault.New(fault.Invalid, "visibility.invalid")

// Validate returns nil or an Invalid fault with every refused field.
func (v Visibility) Validate() error {
	var faults fault.List
	v.validate(&faults, "")
	return faults.Err(ErrVisibilityInvalid.Code)
}
