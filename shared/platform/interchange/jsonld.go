package interchange

import (
	"strconv"

	"convoke/shared/domain/directory"
)

// JSONLD returns the entry as schema.org knows organisations, for a reader of the
// languages: a document to be encoded as application/ld+json.
func JSONLD(e Entry, langs ...string) map[string]any {
	main := e.main(langs...)
	doc := map[string]any{
		"@context": "https://schema.org", "@type": linkedType(e.Category), "@id": e.Address, "mainEntityOfPage": e.Address,
		"name": main.Text, "address": map[string]string{"@type": "PostalAddress", "addressCountry": e.Country},
	}
	var identifiers []map[string]string
	var same []string
	for _, id := range e.Identifiers {
		identifiers = append(identifiers, map[string]string{"@type": "PropertyValue", "propertyID": id.Scheme, "value": id.ID})
		if at := registerAddress(id); at != "" {
			same = append(same, at)
		}
	}
	put := func(name string, value any, there bool) {
		if there {
			doc[name] = value
		}
	}
	others, about := e.others(main.Text), directory.In(e.Descriptions, langs...)
	put("alternateName", others, len(others) > 0)
	put("description", about, about != "")
	put("url", e.Website, e.Website != "")
	put("identifier", identifiers, len(identifiers) > 0)
	put("sameAs", same, len(same) > 0)
	put("knowsLanguage", e.Languages, len(e.Languages) > 0)
	put("areaServed", e.WorksIn, len(e.WorksIn) > 0)
	put("foundingDate", strconv.Itoa(e.Founded), e.Founded > 0)
	return doc
}

// linkedType is the narrowest type of schema.org that holds for all of a category.
func linkedType(category string) string {
	switch category {
	case "ngo", "migrant_association":
		return "NGO"
	case "government", "local_authority":
		return "GovernmentOrganization"
	case "trade_union":
		return "WorkersUnion"
	case "media":
		return "NewsMediaOrganization"
	}
	return "Organization"
}
