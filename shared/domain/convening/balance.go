package convening

import (
	"slices"
	"strconv"
	"time"
)

// BalanceState is how a panel stands to one target.
type BalanceState string

// The states.
const (
	TargetMet        BalanceState = "met"
	TargetShort      BalanceState = "short"
	TargetOver       BalanceState = "over"
	TargetUnmeetable BalanceState = "unmeetable" // not from this pool, for the reason that is given
)

// Balance is how a panel stands to one target.
type Balance struct {
	Target    int          `json:"target"` // its place among the targets
	State     BalanceState `json:"state"`
	Count     int          `json:"count"`               // how many count; of the fullest organisation or country where each is limited
	By        int          `json:"by,omitempty"`        // how many are missing or too many
	Open      int          `json:"open"`                // seats that are open
	Available *int         `json:"available,omitempty"` // how many of the pool would count, in steps of five for what is declared of oneself; absent when no pool was looked at
	Reason    *Reason      `json:"reason,omitempty"`    // why it cannot be met
}

// Reason says why in a code, which the catalogue puts into words.
type Reason struct {
	Code   string            `json:"code"`
	Params map[string]string `json:"params,omitempty"`
}

func reason(code string, params ...string) Reason {
	r := Reason{Code: code}
	for i := 0; i+1 < len(params); i += 2 {
		if r.Params == nil {
			r.Params = map[string]string{}
		}
		r.Params[params[i]] = params[i+1]
	}
	return r
}

// Balance reports how the seats stand to each target. Known are the candidates
// that are known by ID: who holds a seat and is not among them is counted for
// nothing but the seat. Pool is whom open seats could go to, nil when that was
// not looked at.
func (p *Panel) Balance(known map[string]Candidate, pool []Candidate, now time.Time) []Balance {
	seated, open := p.seated(known)
	var free []*Candidate
	for i := range pool {
		if c := &pool[i]; p.canSit(c.Person()) {
			free = append(free, c)
		}
	}
	list := make([]Balance, len(p.Targets))
	for i, t := range p.Targets {
		list[i] = t.balance(i, seated, open, now)
		if pool != nil {
			list[i].reach(t, free, now)
		}
	}
	return list
}

// Person is who the candidate is in a panel.
func (c *Candidate) Person() Person { return Person{c.Stakeholder, c.Contact} }

// seated returns who sits, and how many seats are open.
func (p *Panel) seated(known map[string]Candidate) (list []*Candidate, open int) {
	for _, s := range p.Seats {
		if s.Holder == nil {
			open++
			continue
		}
		c := p.candidate(*s.Holder, known)
		list = append(list, &c)
	}
	return list, open
}

// candidate returns what is known of a person, which may be the name alone.
func (p *Panel) candidate(who Person, known map[string]Candidate) Candidate {
	c, ok := known[who.ID()]
	if !ok {
		c = Candidate{ID: who.ID(), Stakeholder: who.Stakeholder, Contact: who.Contact, Invited: 1, Spoke: 1}
	}
	c.Conflict = c.Conflict || p.conflicted(who)
	return c
}

func (t Target) balance(place int, seated []*Candidate, open int, now time.Time) Balance {
	b := Balance{Target: place, State: TargetMet, Open: open, Count: t.count(seated, now)}
	lo, hi := t.bounds(maxSeats)
	switch {
	case b.Count < lo:
		b.State, b.By = TargetShort, lo-b.Count
	case b.Count > hi:
		b.State, b.By = TargetOver, b.Count-hi
	}
	if t.each() && b.State == TargetOver {
		b.By = t.excess(seated)
	}
	return b
}

// count is how many count; of the fullest group when each group is limited.
func (t Target) count(list []*Candidate, now time.Time) int {
	if t.each() {
		most := 0
		for _, n := range t.groups(list) {
			most = max(most, n)
		}
		return most
	}
	n, holds := 0, t.counts(now)
	for _, c := range list {
		if holds(c) {
			n++
		}
	}
	return n
}

// groups counts the candidates by organisation or country. What is not known is
// nobody's equal.
func (t Target) groups(list []*Candidate) map[string]int {
	sizes := map[string]int{}
	for _, c := range list {
		if g := t.group(c); g != "" {
			sizes[g]++
		}
	}
	return sizes
}

func (t Target) group(c *Candidate) string {
	if t.Of == ByEachCountry {
		return c.Country
	}
	return c.Stakeholder
}

// excess is how many are beyond the limit of their group.
func (t Target) excess(list []*Candidate) int {
	n := 0
	for _, size := range t.groups(list) {
		n += max(0, size-t.Count)
	}
	return n
}

// discreet is what counts of a pool by a sensitive attribute are multiples of, so
// that no small group is counted.
const discreet = 5

// sensitive reports whether the target counts what persons or stakeholders
// declare of themselves.
func (t Target) sensitive() bool {
	return t.Of == ByGender || t.Of == ByLedBy || t.Of == ByExperience
}

// reach says whether the pool and the open seats can make good what is missing.
func (b *Balance) reach(t Target, free []*Candidate, now time.Time) {
	if t.each() || t.Of == ByConflict {
		return
	}
	available := t.count(free, now)
	told := available
	if t.sensitive() {
		told -= available % discreet
	}
	b.Available = &told
	if b.State != TargetShort {
		return
	}
	switch {
	case available < b.By && t.sensitive():
		b.unmeetable(reason("balance.too_few_to_tell", "needed", strconv.Itoa(b.By)))
	case available < b.By:
		b.unmeetable(reason("balance.too_few_available", "available", strconv.Itoa(available), "needed", strconv.Itoa(b.By)))
	case b.Open < b.By:
		b.unmeetable(reason("balance.too_few_open_seats", "open", strconv.Itoa(b.Open), "needed", strconv.Itoa(b.By)))
	}
}

func (b *Balance) unmeetable(why Reason) { b.State, b.Reason = TargetUnmeetable, &why }

// Missed is by how much the targets of a report are missed together.
func Missed(list []Balance) int {
	n := 0
	for _, b := range list {
		if b.State != TargetMet {
			n += b.By
		}
	}
	return n
}

// Unmet are the targets of a report that are missed.
func Unmet(list []Balance) []int {
	var places []int
	for _, b := range list {
		if b.State != TargetMet {
			places = append(places, b.Target)
		}
	}
	return slices.Clip(places)
}
