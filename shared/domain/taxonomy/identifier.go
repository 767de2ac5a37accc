package taxonomy

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// Schemes of identifiers that are known by name. Any register of organisations
// may be named besides these, by its org-id.guide code such as GB-CHC: a country
// (or XI, XM, XR for registers of no one country), a hyphen, the register.
const (
	SchemeROR      = "ror"      // Research Organization Registry
	SchemeLEI      = "lei"      // ISO 17442 legal entity identifier
	SchemeIATI     = "iati"     // organisation identifier of the International Aid Transparency Initiative
	SchemeECOSOC   = "ecosoc"   // number in the civil society database of UN DESA
	SchemeWikidata = "wikidata" // item, Q and digits
	SchemeGRID     = "grid"     // Global Research Identifier Database, closed in 2021
	SchemeISNI     = "isni"     // ISO 27729, 16 characters without spaces
	SchemeFunder   = "fundref"  // Crossref Open Funder Registry, without its DOI prefix
	SchemeLocal    = "local"    // whatever the stakeholder is known by at home
)

const maxIdentifierBytes = 100

// CanonicalScheme returns the one name of a scheme: registers that are known by name
// have a code at org-id.guide too, and are not to go without their checks under it.
func CanonicalScheme(scheme string) string {
	switch scheme {
	case "XI-LEI":
		return SchemeLEI
	case "XI-GRID":
		return SchemeGRID
	case "XI-ROR":
		return SchemeROR
	}
	return scheme
}

// NormalIdentifier returns the one spelling under which an identifier is to be
// kept and compared: without the address of its register, spaces and the like.
// What it cannot read it returns trimmed.
func NormalIdentifier(scheme, id string) string {
	id = strings.TrimSpace(id)
	switch scheme {
	case SchemeROR:
		return strings.ToLower(afterAddress(id, "ror.org/"))
	case SchemeLEI:
		return strings.ToUpper(strings.ReplaceAll(id, " ", ""))
	case SchemeISNI:
		return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(afterAddress(id, "isni.org/isni/")))
	case SchemeWikidata:
		return strings.ToUpper(afterAddress(afterAddress(id, "wikidata.org/wiki/"), "wikidata.org/entity/"))
	case SchemeGRID:
		return strings.ToLower(afterAddress(id, "grid.ac/institutes/"))
	case SchemeFunder:
		return afterAddress(id, "10.13039/")
	}
	return id
}

// afterAddress cuts id after marker, when it holds it in whatever case. Addresses
// of registers are ASCII, and ASCII alone is folded: the lower case of other
// letters can be longer or shorter, which would move the cut.
func afterAddress(id, marker string) string {
	if i := strings.Index(lowerASCII(id), marker); i >= 0 {
		return id[i+len(marker):]
	}
	return id
}

// lowerASCII keeps the length of s, and every byte that is no letter of ASCII.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// IdentifierFault returns "" when id, spelled as NormalIdentifier spells it, can
// be an entry in the scheme's register, else one of identifier.scheme_unknown,
// identifier.malformed and identifier.checksum. That the entry exists, or is the
// stakeholder's, it cannot tell.
func IdentifierFault(scheme, id string) string {
	pattern, known := patterns()[scheme]
	if !known && !register(scheme) {
		return "identifier.scheme_unknown"
	}
	if !printable(id) || (pattern != nil && !pattern.MatchString(id)) {
		return "identifier.malformed"
	}
	if sum := checksums()[scheme]; sum != nil && !sum(id) {
		return "identifier.checksum"
	}
	return ""
}

var patterns = sync.OnceValue(func() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		SchemeROR:      regexp.MustCompile(`^0[0-9a-hjkmnp-tv-z]{6}[0-9]{2}$`),
		SchemeLEI:      regexp.MustCompile(`^[0-9A-Z]{18}[0-9]{2}$`),
		SchemeIATI:     regexp.MustCompile(`^[A-Z]{2}-[A-Z0-9]+(-[A-Z0-9]+)*-[^/&|?]+$`),
		SchemeECOSOC:   regexp.MustCompile(`^[0-9]{1,10}$`),
		SchemeWikidata: regexp.MustCompile(`^Q[1-9][0-9]{0,11}$`),
		SchemeGRID:     regexp.MustCompile(`^grid\.[0-9]{3,7}\.[0-9a-f]{1,2}$`),
		SchemeISNI:     regexp.MustCompile(`^[0-9]{15}[0-9X]$`),
		SchemeFunder:   regexp.MustCompile(`^[0-9]{9,12}$`),
		SchemeLocal:    nil,
	}
})

func checksums() map[string]func(string) bool {
	return map[string]func(string) bool{SchemeROR: rorSum, SchemeLEI: leiSum, SchemeISNI: isniSum}
}

// register reports whether scheme has the form of an org-id.guide list code.
func register(scheme string) bool {
	country, list, ok := strings.Cut(scheme, "-")
	if !ok || len(list) == 0 || len(list) > 20 {
		return false
	}
	for _, r := range list {
		if (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' {
			return false
		}
	}
	return ValidCountry(country) || country == "XI" || country == "XM" || country == "XR"
}

func printable(id string) bool {
	if id == "" || len(id) > maxIdentifierBytes || strings.TrimSpace(id) != id {
		return false
	}
	return strings.IndexFunc(id, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) }) < 0
}

// rorSum checks the last two digits against ISO 7064 mod 97-10 of the number
// that the first seven characters spell in Crockford's base 32.
func rorSum(id string) bool {
	const digits = "0123456789abcdefghjkmnpqrstvwxyz"
	n := 0
	for i := range 7 {
		n = n*32 + strings.IndexByte(digits, id[i])
	}
	sum, err := strconv.Atoi(id[7:])
	return err == nil && sum == 98-(n*100)%97
}

// leiSum checks ISO 7064 mod 97-10 over the whole, letters standing for 10..35.
func leiSum(id string) bool {
	rest := 0
	for i := range len(id) {
		if c := id[i]; c <= '9' {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest == 1
}

// isniSum checks ISO 7064 mod 11-2; X stands for 10.
func isniSum(id string) bool {
	sum := 0
	for i := range 15 {
		sum = (sum + int(id[i]-'0')) * 2
	}
	want := (12 - sum%11) % 11
	return want == 10 && id[15] == 'X' || want < 10 && int(id[15]-'0') == want
}
