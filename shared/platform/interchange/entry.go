// Package interchange writes a stakeholder's profile in the forms that other
// directories read: Open Referral HSDS 3, schema.org as JSON-LD, and vCard 4. It
// writes what the reader may see, and never a contact.
package interchange

import (
	"net/url"
	"slices"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
)

// Entry is what of a stakeholder is given away.
type Entry struct {
	ID      string // a ULID
	Address string // of its page, or a URN
	directory.Profile
	UpdatedAt time.Time
}

// Of returns what of a stakeholder is given to the reader. Base is the address of
// the deployment, without a slash at its end; without one a URN stands for the
// page (RFC 9562).
func Of(e *directory.Stakeholder, r directory.Reader, base string) Entry {
	address := "urn:uuid:" + uuid(e.ID)
	if base != "" {
		address = base + "/stakeholders/" + url.PathEscape(e.ID)
	}
	return Entry{ID: e.ID, Address: address, Profile: e.For(r), UpdatedAt: e.UpdatedAt}
}

// main is the name to show a reader of the languages.
func (e Entry) main(langs ...string) directory.Name {
	text := e.DisplayName(langs...)
	i := slices.IndexFunc(e.Names, func(n directory.Name) bool { return n.Text == text })
	if i < 0 {
		return directory.Name{Text: text}
	}
	return e.Names[i]
}

// others are its further names, each text once.
func (e Entry) others(main string) []string {
	var list []string
	for _, n := range e.Names {
		if n.Text != main && !slices.Contains(list, n.Text) {
			list = append(list, n.Text)
		}
	}
	return list
}

// registerAddress returns the address of an identifier in its public register,
// or "".
func registerAddress(id directory.Identifier) string {
	switch id.Scheme {
	case taxonomy.SchemeROR:
		return "https://ror.org/" + id.ID
	case taxonomy.SchemeWikidata:
		return "https://www.wikidata.org/wiki/" + id.ID
	}
	return ""
}
