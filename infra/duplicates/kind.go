package main

import (
	"math/rand/v2"
	"slices"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// kind is a way in which an organisation comes again.
type kind struct {
	name  string
	asked func(records []searchtest.Record, profiles map[string]directory.Profile, n int, seed uint64) []asked
	// alone says that the targets are for it too; a bare acronym can stand for
	// several, and is reported beside the others.
	alone bool
}

// asked is a profile as it comes again, and the id of whom it is of.
type asked struct {
	id      string
	profile directory.Profile
}

// kinds are those of which the targets speak, and a few more.
func kinds() []kind {
	list := []kind{}
	for _, name := range []string{"other language", "alias", "no diacritics", "another order", "one typo", "two typos", "short words left out", "Cyrillic, spelt in Latin", "Greek, spelt in Latin"} {
		list = append(list, kind{name, spelt(name), true})
	}
	return append(list,
		kind{"legal form dropped", changed(dropForm), true},
		kind{"legal form added", changed(addForm), true},
		kind{"acronym and website", acronym(true), true},
		kind{"acronym and country alone", acronym(false), false},
	)
}

// spelt are the queries of the same name by which relevance is measured.
func spelt(name string) func([]searchtest.Record, map[string]directory.Profile, int, uint64) []asked {
	all := searchtest.Kinds()
	at := slices.IndexFunc(all, func(k searchtest.Kind) bool { return k.Name == name })
	return func(records []searchtest.Record, profiles map[string]directory.Profile, n int, seed uint64) []asked {
		var list []asked
		for _, item := range all[at].Items(records, n, seed) {
			id := number(item.Record)
			list = append(list, again(id, profiles[id], item.Query))
		}
		return list
	}
}

// again is the organisation with one name and its country: the register's
// identifiers and its website would make it easy.
func again(id string, p directory.Profile, name string) asked {
	return asked{id, directory.Profile{
		Category: p.Category, Country: p.Country, Names: []directory.Name{{Text: name, Kind: directory.NameLegal}},
	}}
}

func changed(change func(string, *rand.Rand) string) func([]searchtest.Record, map[string]directory.Profile, int, uint64) []asked {
	return picked(func(id string, p directory.Profile, r *rand.Rand) (asked, bool) {
		name := change(p.DisplayName(), r)
		return again(id, p, name), name != ""
	})
}

// acronym comes with nothing but an acronym and the country, or with the website
// besides.
func acronym(website bool) func([]searchtest.Record, map[string]directory.Profile, int, uint64) []asked {
	return picked(func(id string, p directory.Profile, _ *rand.Rand) (asked, bool) {
		for _, n := range p.Names {
			if n.Kind == directory.NameAcronym && (!website || p.Website != "") {
				a := again(id, p, n.Text)
				if website {
					a.profile.Website = p.Website
				}
				return a, true
			}
		}
		return asked{}, false
	})
}

// picked asks for records by chance, until there are n or no more.
func picked(of func(string, directory.Profile, *rand.Rand) (asked, bool)) func([]searchtest.Record, map[string]directory.Profile, int, uint64) []asked {
	return func(records []searchtest.Record, profiles map[string]directory.Profile, n int, seed uint64) []asked {
		r := rand.New(rand.NewPCG(seed, seed)) //nolint:gosec // to be repeated, not to be secret
		var list []asked
		for _, i := range r.Perm(len(records)) {
			if len(list) == n {
				break
			}
			id := number(&records[i])
			if a, ok := of(id, profiles[id], r); ok {
				list = append(list, a)
			}
		}
		return list
	}
}

// dropForm leaves the legal form at the end of a name out.
func dropForm(name string, _ *rand.Rand) string {
	words := strings.Fields(name)
	terms := search.Terms(name)
	if len(words) < 2 || !search.LegalForm(terms[len(terms)-1]) {
		return ""
	}
	return strings.TrimRight(strings.Join(words[:len(words)-1], " "), ", ")
}

// addForm adds one where there is none.
func addForm(name string, r *rand.Rand) string {
	for _, term := range search.Terms(name) {
		if search.LegalForm(term) {
			return ""
		}
	}
	forms := []string{"e.V.", "Inc.", "Ltd", "asbl", "GmbH", "S.A."}
	return name + " " + forms[r.IntN(len(forms))]
}

func stakeholder(p directory.Profile) *directory.Stakeholder {
	return &directory.Stakeholder{ID: "again", Profile: p, Status: directory.AwaitingReview, Source: "registration"}
}
