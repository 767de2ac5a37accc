package convening

import (
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/journal"
	"convoke/shared/domain/taxonomy"
)

// Limits of a series.
const (
	maxHosts     = 100
	earliestHost = 1945
	latestHost   = 2200
)

// ErrSeriesInvalid says that what was said of a series is refused by a rule.
var ErrSeriesInvalid = fault.New(fault.Invalid, "series.invalid")

// Series is a programme of events. It belongs to one unit, which alone may change
// it; the events of other units can be of it when it names them.
type Series struct {
	ID      string `json:"id"`
	Version int64  `json:"-"`
	Unit    string `json:"unit"`
	SeriesPlan
	CopyOf    string    `json:"copy_of,omitempty"` // id of the series that it began as
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`

	journal.Log `json:"-"`
}

// SeriesPlan is what an organiser says of a series.
type SeriesPlan struct {
	Titles       []directory.Text `json:"titles"`
	Summaries    []directory.Text `json:"summaries,omitempty"`
	Topics       []string         `json:"topics,omitempty"`
	Units        []string         `json:"units,omitempty"`         // that organise with the owner, as tokens carry them
	CoOrganisers []CoOrganiser    `json:"co_organisers,omitempty"` // bodies that organise with the units
	Hosts        []Host           `json:"hosts,omitempty"`         // one a year
	Private      bool             `json:"private,omitempty"`       // nothing of it is public
}

// Host is who holds the series in a year, as the chair of the Global Forum does,
// and the themes that it set.
type Host struct {
	Year int `json:"year"`
	CoOrganiser
	Topics []string `json:"topics,omitempty"`
}

// NewSeries makes a series of a valid plan.
func NewSeries(id, unit string, p SeriesPlan, now time.Time) (*Series, error) {
	if err := p.validate(unit); err != nil {
		return nil, err
	}
	s := &Series{ID: id, Unit: unit, SeriesPlan: p.tidied(), CreatedAt: now, UpdatedAt: now}
	s.Record("series.created", "series", id, "unit", unit)
	return s, nil
}

// Revise replaces what is said of the series.
func (s *Series) Revise(p SeriesPlan, now time.Time) error {
	if err := p.validate(s.Unit); err != nil {
		return err
	}
	s.SeriesPlan, s.UpdatedAt = p.tidied(), now
	s.Record("series.revised", "series", s.ID, "unit", s.Unit)
	return nil
}

// Copy makes a series of the same titles, texts and topics for another unit. Who
// organises and hosts with the one has not agreed to do so with the other, and no
// event comes along.
func (s *Series) Copy(id, unit string, now time.Time) *Series {
	c := &Series{
		ID: id, Unit: unit, CopyOf: s.ID, CreatedAt: now, UpdatedAt: now,
		SeriesPlan: SeriesPlan{Titles: slices.Clone(s.Titles), Summaries: slices.Clone(s.Summaries), Topics: slices.Clone(s.Topics), Private: s.Private},
	}
	c.Record("series.copied", "series", id, "unit", unit)
	return c
}

// Organises reports whether events of the unit can be of the series.
func (s *Series) Organises(unit string) bool {
	return unit != "" && (unit == s.Unit || slices.Contains(s.Units, unit))
}

// HostOf returns the host of a year.
func (s *Series) HostOf(year int) (Host, bool) {
	i := slices.IndexFunc(s.Hosts, func(h Host) bool { return h.Year == year })
	if i < 0 {
		return Host{}, false
	}
	return s.Hosts[i], true
}

// Names returns the stakeholders that the series names, each once.
func (s *Series) Names() []string {
	bodies := slices.Clone(s.CoOrganisers)
	for _, h := range s.Hosts {
		bodies = append(bodies, h.CoOrganiser)
	}
	return OrganisersOf(bodies)
}

// OrganisersOf returns those of the bodies that stand in the directory, each once.
func OrganisersOf(list []CoOrganiser) (ids []string) {
	for _, o := range list {
		if o.Stakeholder != "" {
			ids = append(ids, o.Stakeholder)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Forget takes a stakeholder that is erased out of the series. The themes of a
// year stay. Again changes nothing.
func (s *Series) Forget(stakeholder string, now time.Time) {
	if !slices.Contains(s.Names(), stakeholder) {
		return
	}
	s.CoOrganisers = withoutOrganiser(s.CoOrganisers, stakeholder)
	s.Hosts = slices.Clone(s.Hosts)
	for i := range s.Hosts {
		if s.Hosts[i].Stakeholder == stakeholder {
			s.Hosts[i].CoOrganiser = CoOrganiser{}
		}
	}
	s.UpdatedAt = now
	s.Conceal()
	s.Record("protection.forgotten", "series", s.ID)
}

func withoutOrganiser(list []CoOrganiser, stakeholder string) []CoOrganiser {
	return slices.DeleteFunc(slices.Clone(list), func(o CoOrganiser) bool { return o.Stakeholder == stakeholder })
}

func (p SeriesPlan) tidied() SeriesPlan {
	p.Titles, p.Summaries = directory.TidyTexts(p.Titles), directory.TidyTexts(p.Summaries)
	p.Topics, p.Units = slices.Clone(p.Topics), slices.Clone(p.Units)
	p.CoOrganisers, p.Hosts = slices.Clone(p.CoOrganisers), slices.Clone(p.Hosts)
	for i := range p.CoOrganisers {
		p.CoOrganisers[i].Name = directory.Tidy(p.CoOrganisers[i].Name)
	}
	for i := range p.Hosts {
		p.Hosts[i].Name = directory.Tidy(p.Hosts[i].Name)
	}
	slices.SortStableFunc(p.Hosts, func(a, b Host) int { return b.Year - a.Year })
	return p
}

func (p SeriesPlan) validate(unit string) error {
	var faults fault.List
	checkTitles(&faults, "/titles", p.Titles)
	directory.CheckTexts(&faults, "/summaries", p.Summaries, maxProseRunes)
	checkTopics(&faults, "/topics", p.Topics)
	directory.CheckEach(&faults, "/units", p.Units, maxDelegates, func(s string) string {
		return unless(unitID.MatchString(s) && s != unit, "id.malformed")
	})
	checkOrganisers(&faults, "/co_organisers", p.CoOrganisers)
	p.validateHosts(&faults)
	return faults.Err(ErrSeriesInvalid.Code)
}

func (p SeriesPlan) validateHosts(faults *fault.List) {
	if tooMany(faults, "/hosts", len(p.Hosts), maxHosts) {
		return
	}
	years := map[int]bool{}
	for i, h := range p.Hosts {
		at := "/hosts/" + strconv.Itoa(i)
		checkRange(faults, at+"/year", h.Year, earliestHost, latestHost)
		if years[h.Year] {
			faults.Add(at+"/year", "series.two_hosts")
		}
		years[h.Year] = true
		checkTopics(faults, at+"/topics", h.Topics)
		if h.CoOrganiser != (CoOrganiser{}) || len(h.Topics) == 0 { // the themes of a year may be known before its host
			h.validate(faults, at)
		}
	}
}

func checkTopics(faults *fault.List, at string, topics []string) {
	directory.CheckEach(faults, at, topics, 60, func(s string) string { return unless(taxonomy.ValidTopic(s), "topic.unknown") })
}
