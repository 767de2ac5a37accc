// Package likeness says how likely two stakeholders are one organisation, and
// why: by identifiers, web and mail domains, and names across scripts, spellings,
// acronyms and legal forms. It compares by the same folding as the index finds
// by, and decides nothing: a person does. Comparing is pure; a Finder looks up
// whom to compare with.
package likeness

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
)

// The codes of reasons.
const (
	SameIdentifier      = "identifier.same"
	DifferentIdentifier = "identifier.different" // a register that numbers each organisation once has two numbers
	SameDomain          = "domain.same"          // of web or mail
	SameName            = "name.same"            // but for case, accents and punctuation
	LegalForm           = "name.legal_form"      // a legal form was added or left out
	SmallWords          = "name.small_words"     // and articles or prepositions
	Spacing             = "name.spacing"
	WordOrder           = "name.word_order"
	Transliteration     = "name.transliteration" // the same by sound, in other letters
	Spelling            = "name.spelling"        // each word within an edit or two
	Acronym             = "name.acronym"         // the initials of the other's name
	SameAcronym         = "acronym.same"
	Part                = "name.part" // all the words of the one are in the other
	Some                = "name.some" // they share words
	SameCountry         = "country.same"
	DifferentCountry    = "country.different"
)

// Reasons are all codes.
func Reasons() []string {
	return []string{
		SameIdentifier, DifferentIdentifier, SameDomain, SameName, LegalForm, SmallWords, Spacing, WordOrder, Transliteration, Spelling,
		Acronym, SameAcronym, Part, Some, SameCountry, DifferentCountry,
	}
}

// Reason is one thing that speaks for or against.
type Reason struct {
	Code    string `json:"code"`
	Against bool   `json:"against,omitempty"`
	Here    string `json:"here,omitempty"` // what the one says
	There   string `json:"there,omitempty"`
}

// Result is how likely two are one organisation, 0 to 1, and all that speaks for
// and against it, the weightiest first.
type Result struct {
	Score   float64
	Reasons []Reason
}

// Warns is the score from which a pair is shown as a likely duplicate.
// docs/duplicates.md says how often it is right.
const Warns = 0.75

// What the other evidence weighs: the likelihood that who shares it is one.
const (
	weightRegister = 0.98 // an identifier that one organisation can have
	weightIdentity = 0.85 // one that parent and branch may share
	weightDomain   = 0.55
)

// What speaks against, as a factor.
const (
	otherRegister = 0.30
	otherCountry  = 0.72
	otherAcronym  = 0.35 // an acronym in another country is another's
)

// Subject is a stakeholder made ready to be compared.
type Subject struct {
	identifiers []directory.Identifier
	domains     []string
	forms       []form
	country     string
}

// Of returns the subject of a profile and its contacts. A mail domain that many
// share says nothing, and is left out.
func Of(p directory.Profile, contacts []directory.Contact) Subject {
	s := Subject{identifiers: p.Identifiers, country: p.Country, domains: Domains(p, contacts)}
	for _, n := range p.Names {
		s.forms = append(s.forms, formOf(n))
	}
	return s
}

// Compare says how likely two subjects are one organisation.
func Compare(a, b Subject) Result {
	var r Result
	doubt := 1.0 // the likelihood that nothing of what speaks for it is right
	name := r.names(a, b)
	doubt *= 1 - name.score
	doubt *= 1 - r.identifiers(a, b)
	doubt *= 1 - r.domains(a, b)
	r.Score = (1 - doubt) * r.against(a, b, name.code)
	return r
}

// names finds the two names that are most alike.
func (r *Result) names(a, b Subject) nameLikeness {
	var best nameLikeness
	var here, there string
	for _, x := range a.forms {
		for _, y := range b.forms {
			if like := likeNames(x, y); like.score > best.score {
				best, here, there = like, x.text, y.text
			}
		}
	}
	if best.score > 0.1 {
		r.Reasons = append(r.Reasons, Reason{Code: best.code, Here: here, There: there})
	}
	return best
}

func (r *Result) identifiers(a, b Subject) float64 {
	weight := 0.0
	for _, id := range a.identifiers {
		if !slices.Contains(b.identifiers, id) || id.Scheme == "local" {
			continue
		}
		text := id.Scheme + ":" + id.ID
		r.Reasons = append(r.Reasons, Reason{Code: SameIdentifier, Here: text, There: text})
		if id.Unique() {
			weight = weightRegister
		}
		weight = max(weight, weightIdentity)
	}
	return weight
}

func (r *Result) domains(a, b Subject) float64 {
	for _, d := range a.domains {
		if slices.Contains(b.domains, d) {
			r.Reasons = append(r.Reasons, Reason{Code: SameDomain, Here: d, There: d})
			return weightDomain
		}
	}
	return 0
}

// against returns the factor by which what speaks against lessens the score, and
// notes whether the countries agree.
func (r *Result) against(a, b Subject, name string) float64 {
	factor := 1.0
	if x, y, ok := twoNumbers(a.identifiers, b.identifiers); ok {
		r.Reasons = append(r.Reasons, Reason{Code: DifferentIdentifier, Against: true, Here: x, There: y})
		factor *= otherRegister
	}
	switch {
	case a.country == "" || b.country == "":
	case a.country == b.country:
		r.Reasons = append(r.Reasons, Reason{Code: SameCountry, Here: a.country, There: b.country})
	default:
		r.Reasons = append(r.Reasons, Reason{Code: DifferentCountry, Against: true, Here: a.country, There: b.country})
		if name == Acronym || name == SameAcronym {
			return factor * otherAcronym
		}
		factor *= otherCountry
	}
	return factor
}

// twoNumbers returns what a register that numbers each organisation once calls
// the two, when it has no number that they share.
func twoNumbers(a, b []directory.Identifier) (here, there string, ok bool) {
	for _, x := range a {
		for _, y := range b {
			if x.Scheme != y.Scheme || !x.Unique() {
				continue
			}
			if x.ID == y.ID {
				return "", "", false
			}
			here, there, ok = x.Scheme+":"+x.ID, y.Scheme+":"+y.ID, true
		}
	}
	return here, there, ok
}

// Domains returns the domains of a profile's website and of its contacts' mail,
// each once, without those that anyone can have an address at.
func Domains(p directory.Profile, contacts []directory.Contact) []string {
	var list []string
	add := func(host string) {
		host = strings.TrimPrefix(strings.ToLower(strings.TrimSuffix(norm.NFKC.String(host), ".")), "www.")
		if host != "" && !taxonomy.SharedHost(host) && !slices.Contains(list, host) {
			list = append(list, host)
		}
	}
	if u, err := url.Parse(p.Website); err == nil {
		add(u.Hostname())
	}
	for _, c := range contacts {
		if _, host, ok := strings.Cut(c.Email, "@"); ok {
			add(host)
		}
	}
	return list
}

// byScore puts the likeliest first, of equals the older id.
func byScore(a, b Candidate) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Stakeholder.ID, b.Stakeholder.ID))
}
