package directory

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

const maxChairs = 100

// ErrNoProcess says that stakeholders of the category are not composed of States.
var ErrNoProcess = fault.New(fault.Conflict, "process.category")

// Process is of which States a regional process or an international organisation
// is composed, and who chairs it in turn.
type Process struct {
	Members   []StateTerm `json:"members,omitempty"`
	Observers []StateTerm `json:"observers,omitempty"`
	Chairs    []ChairTerm `json:"chairs,omitempty"`
}

// StateTerm is a State's time in a process: first and last day, YYYY-MM-DD, empty
// when it is not known or open.
type StateTerm struct {
	Country string `json:"country"` // ISO 3166-1 alpha-2
	Since   string `json:"since,omitempty"`
	Until   string `json:"until,omitempty"`
}

// ChairTerm is one turn in the chair, of a State or of a stakeholder.
type ChairTerm struct {
	Country     string `json:"country,omitempty"`
	Stakeholder string `json:"stakeholder,omitempty"`
	Since       string `json:"since"`
	Until       string `json:"until,omitempty"`
}

// Compose replaces what is known of the composition.
func (s *Stakeholder) Compose(p Process, now time.Time) error {
	if s.Category != "regional_process" && s.Category != "international_organisation" {
		return ErrNoProcess
	}
	if err := p.validate(s.ID); err != nil {
		return err
	}
	s.Process, s.UpdatedAt = &p, now
	s.Record("stakeholder.composed", "stakeholder", s.ID)
	return nil
}

func (p Process) validate(self string) error {
	var faults fault.List
	checkStates(&faults, "/members", p.Members)
	checkStates(&faults, "/observers", p.Observers)
	if len(p.Chairs) > maxChairs {
		faults.Add("/chairs", "list.too_long", "max", strconv.Itoa(maxChairs))
		return faults.Err("process.invalid")
	}
	for i, c := range p.Chairs {
		at := "/chairs/" + strconv.Itoa(i)
		checkSpan(&faults, at, c.Since, c.Until)
		switch {
		case (c.Country == "") == (c.Stakeholder == ""):
			faults.Add(at, "process.one_chair")
		case c.Country != "" && !taxonomy.ValidCountry(c.Country):
			faults.Add(at+"/country", "country.unknown")
		case c.Stakeholder == self:
			faults.Add(at+"/stakeholder", "relation.self")
		case c.Stakeholder != "" && LineFault(c.Stakeholder, 64) != "":
			faults.Add(at+"/stakeholder", "stakeholder.unknown")
		}
		if c.Since == "" {
			faults.Add(at+"/since", "date.missing")
		}
	}
	return faults.Err("process.invalid")
}

// UnknownChair is the refusal of a stakeholder in the chair that is not there, or
// not to be seen.
func (p Process) UnknownChair(id string) error {
	var faults fault.List
	for i, c := range p.Chairs {
		if c.Stakeholder == id {
			faults.Add("/chairs/"+strconv.Itoa(i)+"/stakeholder", "stakeholder.unknown")
		}
	}
	return faults.Err("process.invalid")
}

// checkStates records what is wrong with a list of States. One may come back
// after it left, so that its terms may not overlap but may be several.
func checkStates(faults *fault.List, pointer string, terms []StateTerm) {
	if len(terms) > 2*MaxCountries {
		faults.Add(pointer, "list.too_long", "max", strconv.Itoa(2*MaxCountries))
		return
	}
	for i, t := range terms {
		at := pointer + "/" + strconv.Itoa(i)
		if !taxonomy.ValidCountry(t.Country) {
			faults.Add(at+"/country", "country.unknown")
		}
		checkSpan(faults, at, t.Since, t.Until)
		for _, o := range terms[:i] {
			if o.Country == t.Country && (o.Until == "" || t.Since <= o.Until) && (t.Until == "" || o.Since <= t.Until) {
				faults.Add(at, "list.repeated")
				break
			}
		}
	}
}

// MemberStates returns the countries that are member States at a time, sorted.
func (p *Process) MemberStates(now time.Time) []string {
	if p == nil {
		return nil
	}
	return statesOn(p.Members, dayOf(now))
}

// ObserverStates returns the countries that are observer States at a time, sorted.
func (p *Process) ObserverStates(now time.Time) []string {
	if p == nil {
		return nil
	}
	return statesOn(p.Observers, dayOf(now))
}

func statesOn(terms []StateTerm, day string) []string {
	var countries []string
	for _, t := range terms {
		if holds(t.Since, t.Until, day) {
			countries = append(countries, t.Country)
		}
	}
	slices.Sort(countries)
	return slices.Compact(countries)
}

// Chair returns who is in the chair at a time, the latest to begin when terms
// overlap at a handover; nil when nobody is.
func (p *Process) Chair(now time.Time) *ChairTerm {
	if p == nil {
		return nil
	}
	var chair *ChairTerm
	for i, c := range p.Chairs {
		if holds(c.Since, c.Until, dayOf(now)) && (chair == nil || strings.Compare(c.Since, chair.Since) > 0) {
			chair = &p.Chairs[i]
		}
	}
	return chair
}
