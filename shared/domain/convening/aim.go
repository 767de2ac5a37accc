package convening

import (
	"slices"
	"time"
)

// aim is the targets of a panel as the search takes them, beside those who sit.
type aim struct {
	targets []Target // of the panel; what follows is by their place
	now     time.Time
	holds   []func(*Candidate) bool // nil for those of each organisation or country
	sitting []*Candidate
}

func newAim(targets []Target, sitting []*Candidate, now time.Time) *aim {
	a := &aim{targets: targets, now: now, sitting: sitting, holds: make([]func(*Candidate) bool, len(targets))}
	for i, t := range targets {
		if !t.each() {
			a.holds[i] = t.counts(now)
		}
	}
	return a
}

// seating returns the search for who of the pool takes so many seats. The pool
// is in the order in which equals are preferred.
func (a *aim) seating(pool []Candidate, seats int) *seating {
	members := make([]member, len(pool))
	for i := range pool {
		members[i] = member{index: i, points: pool[i].points(a.now), mask: a.mask(&pool[i]), group: [2]int{-1, -1}}
	}
	limits := a.limits(pool, members)
	var lo, hi, taken []int
	for _, t := range a.targets {
		if t.each() {
			continue
		}
		least, most := t.bounds(seats + len(a.sitting))
		lo, hi, taken = append(lo, least), append(hi, most), append(taken, t.count(a.sitting, a.now))
	}
	return newSeating(seats, lo, hi, taken, members, limits)
}

// mask has a bit for every target that counts the candidate; those of each
// organisation or country have no bit.
func (a *aim) mask(c *Candidate) (mask uint32) {
	bit := uint32(1)
	for _, holds := range a.holds {
		if holds == nil {
			continue
		}
		if holds(c) {
			mask |= bit
		}
		bit <<= 1
	}
	return mask
}

// limits numbers the organisations and countries, and puts the members into
// them.
func (a *aim) limits(pool []Candidate, members []member) (limits [2]limit) {
	for _, t := range a.targets {
		if !t.each() {
			continue
		}
		kind := kindOf(t)
		l, numbers := limit{most: t.Count}, map[string]int{}
		number := func(c *Candidate) int {
			g := t.group(c)
			if g == "" {
				return -1
			}
			n, ok := numbers[g]
			if !ok {
				n = len(l.taken)
				numbers[g], l.taken = n, append(l.taken, 0)
			}
			return n
		}
		for i := range pool {
			members[i].group[kind] = number(&pool[i])
		}
		for _, c := range a.sitting {
			if n := number(c); n >= 0 {
				l.taken[n]++
			}
		}
		limits[kind] = l
	}
	return limits
}

// gains are, by target, the change of what is missed when one joins whom the
// target counts.
func (a *aim) gains() []int {
	gains := make([]int, len(a.targets))
	for i, t := range a.targets {
		lo, hi := t.bounds(maxSeats)
		n := 0
		if !t.each() {
			n = t.count(a.sitting, a.now)
		}
		switch {
		case n < lo:
			gains[i] = -1
		case n >= hi:
			gains[i] = 1
		}
	}
	return gains
}

// helpedBy returns the targets that would be missed by more without the
// candidate.
func (a *aim) helpedBy(c *Candidate) []int {
	var list []int
	for i, gain := range a.gains() {
		if gain < 0 && !a.targets[i].each() && a.holds[i](c) {
			list = append(list, i)
		}
	}
	return list
}

// ranked returns the places of the candidates, at most so many, that join those
// who sit best: by what the targets are missed by, then by points, then by place.
func (a *aim) ranked(pool []Candidate, most int, wanted func(*Candidate) bool) []int {
	gains := a.gains()
	var sizes [2]map[string]int
	for _, t := range a.targets {
		if t.each() {
			sizes[kindOf(t)] = t.groups(a.sitting)
		}
	}
	type rank struct {
		at, missed int
		points     int64
	}
	var best []rank
	for i := range pool {
		c := &pool[i]
		if !wanted(c) {
			continue
		}
		r := rank{i, a.change(c, gains, sizes), c.points(a.now)}
		k, _ := slices.BinarySearchFunc(best, r, func(x, y rank) int {
			switch {
			case x.missed != y.missed:
				return x.missed - y.missed
			case x.points != y.points:
				return int(y.points - x.points)
			}
			return x.at - y.at
		})
		if k < most {
			best = slices.Insert(best, k, r)
			best = best[:min(len(best), most)]
		}
	}
	places := make([]int, len(best))
	for i, r := range best {
		places[i] = r.at
	}
	return places
}

func kindOf(t Target) int {
	if t.Of == ByEachCountry {
		return 1
	}
	return 0
}

// change is by how much more the targets are missed when the candidate joins.
func (a *aim) change(c *Candidate, gains []int, sizes [2]map[string]int) int {
	n := 0
	for i, t := range a.targets {
		switch {
		case t.each():
			if g := t.group(c); g != "" && sizes[kindOf(t)][g] >= t.Count {
				n++
			}
		case gains[i] != 0 && a.holds[i](c):
			n += gains[i]
		}
	}
	return n
}
