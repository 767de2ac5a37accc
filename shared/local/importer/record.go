// Package importer reads organisations out of foreign files, one record at a
// time: the Research Organization Registry, CSV tables, and the small seed that
// a first run starts with. It turns each into a profile and says what it could
// not take; storing them is the caller's work.
package importer

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

// Status is what the source says of an organisation's existence.
type Status string

// The statuses. A source that says nothing means Active.
const (
	Active   Status = "active"
	Inactive Status = "inactive" // it has ceased to exist, or to be of that kind
)

// Relation is a tie to another organisation, as the source states it.
type Relation struct {
	Kind     string // parent or child: what the other is to this one
	TargetID string // in the register of the record's own Source
}

// Record is one organisation as its source describes it. The profile's names
// begin with the one to show. Rejected says why the record must not be taken;
// while it is empty, Dropped says what was left out and the rest is good to
// take. Pointers in both are from the root of the profile, or name what the
// source calls the thing. The years are not checked against today.
type Record struct {
	Row       int                  // from 1: the place in the array, or the line of a table
	Source    directory.Identifier // what to recognise it by on a second run; may be zero for a table
	Profile   directory.Profile
	Status    Status
	Relations []Relation
	Rejected  []fault.Field
	Dropped   []fault.Field
}

func (r *Record) reject(pointer, code string) {
	r.Rejected = append(r.Rejected, fault.Field{Pointer: pointer, Code: code})
}

func (r *Record) drop(pointer, code string) {
	r.Dropped = append(r.Dropped, fault.Field{Pointer: pointer, Code: code})
}

// addName adds a name unless it stands there already. A name with characters
// that deceive the eye condemns the record; a language nobody knows is only
// left out.
func (r *Record) addName(text, lang string, kind directory.NameKind) {
	at := "/names/" + strconv.Itoa(len(r.Profile.Names))
	text = r.plain(at, directory.Tidy(text))
	if text == "" {
		return
	}
	if code := textFault(text); code != "" {
		r.reject(at+"/text", code)
		return
	}
	if lang != "" {
		canonical, ok := taxonomy.CanonicalLanguage(lang)
		if !ok {
			r.drop(at+"/lang", "language.unknown")
		}
		lang = canonical
	}
	for _, n := range r.Profile.Names {
		if n.Text == text && (n.Lang == lang || lang == "") {
			return
		}
	}
	if len(r.Profile.Names) == directory.MaxNames {
		r.drop(at, "list.too_long")
		return
	}
	r.Profile.Names = append(r.Profile.Names, directory.Name{Text: text, Lang: lang, Kind: kind})
}

// plain removes directional marks, which people paste unknowingly and which
// cannot reorder a text as the overrides can; those it leaves to be refused.
func (r *Record) plain(at, s string) string {
	cleaned := strings.TrimSpace(strings.NewReplacer("\u200e", "", "\u200f", "", "\u061c", "").Replace(s))
	if cleaned != s {
		r.drop(at+"/text", "text.bidi_control")
	}
	return cleaned
}

func textFault(s string) string {
	if strings.ContainsRune(s, utf8.RuneError) {
		return "text.not_utf8"
	}
	return directory.LineFault(s, directory.MaxNameRunes)
}

// addIdentifier adds an identifier in its normal spelling, or notes why not.
func (r *Record) addIdentifier(scheme, id string) {
	scheme = taxonomy.CanonicalScheme(scheme)
	id = taxonomy.NormalIdentifier(scheme, id)
	at := "/identifiers/" + strconv.Itoa(len(r.Profile.Identifiers))
	if code := taxonomy.IdentifierFault(scheme, id); code != "" {
		r.drop(at, code)
		return
	}
	for _, known := range r.Profile.Identifiers {
		if known == (directory.Identifier{Scheme: scheme, ID: id}) {
			return
		}
	}
	if len(r.Profile.Identifiers) == directory.MaxIdentifiers {
		r.drop(at, "list.too_long")
		return
	}
	r.Profile.Identifiers = append(r.Profile.Identifiers, directory.Identifier{Scheme: scheme, ID: id})
}
