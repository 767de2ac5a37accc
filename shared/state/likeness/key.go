package likeness

import (
	"slices"

	"convoke/shared/domain/directory"
)

// Facet is the field of an index's document that holds its keys: what finds a
// stakeholder again whatever its name is spelt like.
const Facet = "key"

// maxKey is the longest key, in bytes. Longer ones, of long identifiers, are left
// out.
const maxKey = 300

// Keys returns the keys of a document: its identifiers, its domains, its acronyms
// and the initials of its names.
func Keys(p directory.Profile, contacts []directory.Contact) []string {
	s := Of(p, contacts)
	keys := s.own()
	for _, f := range s.forms {
		keys = appendKey(keys, "short:", f.short)
		if f.short == "" {
			for _, initials := range f.first {
				keys = appendKey(keys, "first:", initials)
			}
		}
	}
	return keys
}

// own are the keys that belong to one organisation or few.
func (s Subject) own() []string {
	var keys []string
	for _, id := range s.identifiers {
		keys = appendKey(keys, "id:"+id.Scheme+":", id.ID)
	}
	for _, d := range s.domains {
		keys = appendKey(keys, "domain:", d)
	}
	return keys
}

// acronyms are the keys of those of whom one bears the initials of the other, or
// the same acronym.
func (s Subject) acronyms() []string {
	var keys []string
	for _, f := range s.forms {
		if f.short != "" {
			keys = appendKey(appendKey(keys, "short:", f.short), "first:", f.short)
			continue
		}
		for _, initials := range f.first {
			keys = appendKey(keys, "short:", initials)
		}
	}
	return keys
}

func appendKey(keys []string, kind, value string) []string {
	key := kind + value
	if value == "" || len(key) > maxKey || slices.Contains(keys, key) {
		return keys
	}
	return append(keys, key)
}
