package convening

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"convoke/shared/domain/fault"
)

// Limits of a suggestion.
const (
	MaxCandidates   = 5000
	maxRelevance    = 1000
	mostRotation    = 1000
	shownAlternates = 3
	rested          = 12 * 30 * 24 * time.Hour // after which being asked last weighs no more
)

// Wish is what a suggestion is asked for.
type Wish struct {
	Whole bool     `json:"whole,omitempty"` // choose every seat anew but the pinned ones; else only the open ones
	Pins  []Person `json:"pins,omitempty"`  // who must be in it
	Bans  []Person `json:"bans,omitempty"`  // who must not, beside those of the panel
}

// Suggestion is a panel that could be.
type Suggestion struct {
	Seats []Proposal `json:"seats"`
	// Points are those of all who sit, 0 to 2000 each: relevance and rotation. No
	// choice that misses the targets by no more has over PointsBound, and none
	// misses them by less than MissedBound. Proven says that both are reached; else
	// Gap is how far Points may be from PointsBound, in percent.
	Points      int64     `json:"points"`
	PointsBound int64     `json:"points_bound"`
	Missed      int       `json:"missed"`
	MissedBound int       `json:"missed_bound"`
	Gap         float64   `json:"gap"`
	Proven      bool      `json:"proven"`
	Balance     []Balance `json:"balance"`
}

// Proposal is who could take a seat.
type Proposal struct {
	Seat       string     `json:"seat"`
	Role       string     `json:"role"`
	Candidate  *Candidate `json:"-"`    // nil when nobody is left for the seat
	Kept       bool       `json:"kept"` // held it before, or was asked for
	Points     int64      `json:"points"`
	Reasons    []Reason   `json:"reasons"`
	Alternates []Proposal `json:"alternates,omitempty"`
}

// Rotation is how much it speaks for somebody to be asked now, 0 to 1000: the
// less often and the longer ago they were, the more.
func Rotation(invited int, last *time.Time, now time.Time) int {
	points := mostRotation / (1 + max(0, invited))
	if invited == 0 || last == nil {
		return points
	}
	since := min(max(now.Sub(*last), 0), rested)
	return points/2 + int(int64(points)*int64(since/time.Hour)/int64(rested/time.Hour))/2
}

func (c *Candidate) points(now time.Time) int64 {
	return int64(min(max(c.Relevance, 0), maxRelevance) + Rotation(c.Invited, c.LastInvited, now))
}

// Suggest returns the best panel, or the best fill of its open seats, from the
// pool: the targets are missed by as little as can be, and among such panels the
// points are most. The same pool in any order gives the same panel. Known are
// candidates by ID for who sits or is pinned; those of the pool need not be.
func (p *Panel) Suggest(wish Wish, known map[string]Candidate, pool []Candidate, now time.Time) (*Suggestion, error) {
	d, err := p.draft(wish, known, pool, now)
	if err != nil {
		return nil, err
	}
	search := d.aim.seating(d.pool, d.open())
	got := search.run()
	d.fill(got.chosen)
	s := &Suggestion{Seats: d.proposals(), Proven: got.value == got.bound}
	s.state(d, search, got)
	return s, nil
}

// draft is a panel that is being suggested.
type draft struct {
	panel *Panel
	now   time.Time
	aim   *aim
	seats []*Candidate // by seat
	kept  []bool
	pool  []Candidate
}

func (p *Panel) draft(wish Wish, known map[string]Candidate, pool []Candidate, now time.Time) (*draft, error) {
	if err := wish.check(p, len(pool)); err != nil {
		return nil, err
	}
	d := &draft{panel: p, now: now, seats: make([]*Candidate, len(p.Seats)), kept: make([]bool, len(p.Seats))}
	all := map[string]Candidate{}
	for _, c := range pool {
		all[c.ID] = c
	}
	for id, c := range known {
		if _, ok := all[id]; !ok {
			all[id] = c
		}
	}
	sits := map[string]bool{}
	for i, s := range p.Seats {
		if s.Holder == nil || wish.Whole && !s.Pinned || wish.bans(*s.Holder) || wish.pins(*s.Holder) && wish.Whole && !s.Pinned {
			continue
		}
		c := p.candidate(*s.Holder, all)
		d.seats[i], d.kept[i], sits[c.ID] = &c, true, true
	}
	if err := d.pin(wish, all, sits); err != nil {
		return nil, err
	}
	d.gather(wish, pool, sits)
	d.aim = newAim(p.Targets, d.sitting(), now)
	return d, nil
}

// check refuses what cannot be meant.
func (w Wish) check(p *Panel, candidates int) error {
	var faults fault.List
	validatePersons(&faults, "/pins", w.Pins, maxSeats)
	validatePersons(&faults, "/bans", w.Bans, maxListed)
	for i, who := range w.Pins {
		if w.bans(who) || p.banned(who) {
			faults.Add("/pins/"+strconv.Itoa(i), "panel.banned")
		}
	}
	if len(p.Seats) == 0 {
		faults.Add("", "panel.no_seats")
	}
	if candidates > MaxCandidates {
		faults.Add("", "list.too_long", "max", strconv.Itoa(MaxCandidates))
	}
	return faults.Err("suggestion.invalid")
}

func (w Wish) bans(who Person) bool {
	return slices.ContainsFunc(w.Bans, func(b Person) bool { return b.covers(who) })
}

func (w Wish) pins(who Person) bool { return slices.Contains(w.Pins, who) }

// pin seats who was asked for, where they sat before if that can be.
func (d *draft) pin(wish Wish, all map[string]Candidate, sits map[string]bool) error {
	var faults fault.List
	for k, who := range wish.Pins {
		if sits[who.ID()] {
			continue
		}
		c := d.panel.candidate(who, all)
		seat := slices.IndexFunc(d.panel.Seats, func(s Seat) bool { return s.Holder != nil && *s.Holder == who })
		if seat < 0 || d.seats[seat] != nil {
			seat = slices.Index(d.seats, nil)
		}
		if _, known := all[c.ID]; !known {
			faults.Add("/pins/"+strconv.Itoa(k), "panel.person_unknown")
			continue
		}
		if seat < 0 {
			faults.Add("/pins/"+strconv.Itoa(k), "panel.no_seat_left")
			continue
		}
		d.seats[seat], d.kept[seat], sits[c.ID] = &c, true, true
	}
	return faults.Err("suggestion.invalid")
}

// gather takes from the pool who can be suggested, each once, in the order of
// their ids.
func (d *draft) gather(wish Wish, pool []Candidate, sits map[string]bool) {
	excludes := d.panel.excludesConflicts()
	for _, c := range pool {
		who := c.Person()
		c.Conflict = c.Conflict || d.panel.conflicted(who)
		if sits[c.ID] || wish.bans(who) || d.panel.banned(who) || excludes && c.Conflict || d.passed(who) {
			continue
		}
		d.pool = append(d.pool, c)
	}
	slices.SortFunc(d.pool, func(a, b Candidate) int { return cmp.Compare(a.ID, b.ID) })
	d.pool = slices.CompactFunc(d.pool, func(a, b Candidate) bool { return a.ID == b.ID })
}

// passed reports whether the person declined a seat of this panel.
func (d *draft) passed(who Person) bool {
	return slices.ContainsFunc(d.panel.Seats, func(s Seat) bool { return slices.Contains(s.Passed, who) })
}

func (d *draft) sitting() []*Candidate {
	return slices.DeleteFunc(slices.Clone(d.seats), func(c *Candidate) bool { return c == nil })
}

func (d *draft) open() int { return len(d.seats) - len(d.sitting()) }

// fill seats the chosen: who has most points takes the first open seat.
func (d *draft) fill(chosen []int) {
	slices.SortFunc(chosen, func(a, b int) int {
		return cmp.Or(cmp.Compare(d.pool[b].points(d.now), d.pool[a].points(d.now)), cmp.Compare(a, b))
	})
	for i := range d.seats {
		if d.seats[i] == nil && len(chosen) > 0 {
			d.seats[i], chosen = &d.pool[chosen[0]], chosen[1:]
		}
	}
}

// state writes down how good the suggestion is and is proven to be.
func (s *Suggestion) state(d *draft, search *seating, got seated) {
	var held int64
	for i, c := range d.seats {
		if c != nil && d.kept[i] {
			held += c.points(d.now)
		}
	}
	missed, points := search.split(got.value)
	least, most := search.split(got.bound)
	if least < missed { // a panel that misses less may exist, with other points than the bound speaks of
		most = search.mostWithin(missed)
	}
	s.Points, s.PointsBound, s.Missed, s.MissedBound = points+held, most+held, missed, least
	if s.PointsBound > 0 {
		s.Gap = float64(s.PointsBound-s.Points) / float64(s.PointsBound) * 100
	}
	p := *d.panel
	p.Seats = slices.Clone(p.Seats)
	known := map[string]Candidate{}
	for i, c := range d.seats {
		p.Seats[i].Holder = nil
		if c != nil {
			who := c.Person()
			p.Seats[i].Holder, known[c.ID] = &who, *c
		}
	}
	s.Balance = p.Balance(known, append([]Candidate{}, d.pool...), d.now)
	for i := range s.Balance {
		if b := &s.Balance[i]; s.Proven && b.State == TargetShort {
			b.unmeetable(reason("balance.against_others"))
		}
	}
}

// proposals are the seats with the reasons for who takes them, and who could
// instead.
func (d *draft) proposals() []Proposal {
	list := make([]Proposal, len(d.seats))
	for i, s := range d.panel.Seats {
		list[i] = Proposal{Seat: s.ID, Role: s.Role, Kept: d.kept[i], Reasons: []Reason{}}
		others := d.others(i)
		if c := d.seats[i]; c != nil {
			list[i].explain(c, newAim(d.panel.Targets, others, d.now), d.now)
		}
		list[i].Alternates = d.alternates(s, others)
	}
	return list
}

func (d *draft) others(seat int) []*Candidate {
	rest := slices.Clone(d.seats)
	rest[seat] = nil
	return slices.DeleteFunc(rest, func(c *Candidate) bool { return c == nil })
}

// explain says in codes what speaks for the candidate beside the others.
func (p *Proposal) explain(c *Candidate, beside *aim, now time.Time) {
	p.Candidate, p.Points = c, c.points(now)
	if p.Kept {
		p.Reasons = append(p.Reasons, reason("suggestion.kept"))
	}
	for _, t := range beside.helpedBy(c) {
		p.Reasons = append(p.Reasons, reason("suggestion.helps_target", "target", strconv.Itoa(t+1)))
	}
	if c.Invited == 0 {
		p.Reasons = append(p.Reasons, reason("suggestion.never_invited"))
	} else {
		p.Reasons = append(p.Reasons, reason("suggestion.invited_before", "times", strconv.Itoa(c.Invited)))
	}
	if c.Relevance > 0 {
		p.Reasons = append(p.Reasons, reason("suggestion.relevance", "percent", strconv.Itoa(c.Relevance*100/maxRelevance)))
	}
}

// alternates ranks who of the pool could take the seat when the others stay.
func (d *draft) alternates(s Seat, others []*Candidate) []Proposal {
	beside := newAim(d.panel.Targets, others, d.now)
	sits := map[string]bool{}
	for _, c := range d.seats {
		if c != nil {
			sits[c.ID] = true
		}
	}
	var best []Proposal
	for _, i := range beside.ranked(d.pool, shownAlternates, func(c *Candidate) bool { return !sits[c.ID] }) {
		p := Proposal{Seat: s.ID, Role: s.Role, Reasons: []Reason{}}
		p.explain(&d.pool[i], beside, d.now)
		best = append(best, p)
	}
	return best
}
