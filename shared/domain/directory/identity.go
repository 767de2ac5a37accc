package directory

import (
	"net/url"
	"slices"
	"strings"

	"convoke/shared/domain/taxonomy"
)

// MaxDomains bounds the names of the DNS that one stakeholder declares.
const MaxDomains = 20

// reportEvery is how often an organisation in general or special consultative
// status reports, in years (ECOSOC resolution 1996/31, paragraph 61 (c)).
const reportEvery = 4

// Written returns the code of the script that the name is written in: the one
// that was given, else that of most of its letters.
func (n Name) Written() string {
	if n.Script != "" {
		return n.Script
	}
	return taxonomy.ScriptOf(n.Text)
}

func scriptFault(n Name) string {
	switch {
	case n.Script == "":
		return ""
	case !taxonomy.ValidScript(n.Script):
		return "script.unknown"
	case !taxonomy.WrittenIn(n.Text, n.Script):
		return "script.other"
	}
	return ""
}

// domainFault returns the code of what is wrong with a declared domain, or "".
func domainFault(given string) string {
	canonical, ok := taxonomy.CanonicalDomain(given)
	if !ok || !publicHost(canonical) {
		return "domain.malformed"
	}
	return ""
}

// tidyDomains keeps each domain once, in its one spelling.
func tidyDomains(given []string) []string {
	var list []string
	for _, d := range given {
		if canonical, ok := taxonomy.CanonicalDomain(d); ok && !slices.Contains(list, canonical) {
			list = append(list, canonical)
		}
	}
	return list
}

// WebDomains returns the names of the DNS that the profile speaks of, each once
// in its one spelling: those it declares, and that of its website without "www".
func (p Profile) WebDomains() []string {
	list := tidyDomains(p.Domains)
	u, err := url.Parse(p.Website)
	if err != nil || u.Hostname() == "" {
		return list
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	return tidyDomains(append(list, host))
}

// ReportDue returns the year in which the next quadrennial report is due, as of
// a year; 0 when none is, as with the roster or without the year of the grant.
func (c *ConsultativeStatus) ReportDue(year int) int {
	if c == nil || c.Year == 0 || c.Kind != "special" && c.Kind != "general" {
		return 0
	}
	due := c.Year + reportEvery
	if late := year - due; late > 0 {
		due += (late + reportEvery - 1) / reportEvery * reportEvery
	}
	return due
}

// ConsultativeKinds returns the consultative status as a list of one, or of none.
func (p Profile) ConsultativeKinds() []string {
	if p.ConsultativeStatus == nil {
		return nil
	}
	return []string{p.ConsultativeStatus.Kind}
}

// ConsultativeStatuses are the kinds of consultative status.
func ConsultativeStatuses() []string { return []string{"roster", "special", "general"} }

// MajorGroups returns the Major Groups that the stakeholder belongs to by its
// category and by who it says leads it.
func (p Profile) MajorGroups() []string { return taxonomy.MajorGroupsOf(p.Category, p.LedBy...) }

// Mechanisms returns its ways into the Global Forum on Migration and Development,
// by its category and by who it says leads it.
func (p Profile) Mechanisms() []string { return taxonomy.MechanismsOf(p.Category, p.LedBy...) }
