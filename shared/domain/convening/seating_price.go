package convening

import (
	"math"
	"math/bits"
	"slices"
)

// How prices are sought.
const (
	rounds   = 160
	patience = 8 // rounds without a better bound until the steps are halved
)

// dear returns what each member is worth at the prices of the targets.
func (s *seating) dear(target []int64) []int64 {
	charge := make([]int64, len(s.masks))
	for k, mask := range s.masks {
		for ; mask != 0; mask &= mask - 1 {
			charge[k] += target[bits.TrailingZeros32(mask)]
		}
	}
	worth := make([]int64, len(s.members))
	for i := range s.members {
		worth[i] = s.members[i].points*resolution + charge[s.members[i].alike]
	}
	return worth
}

// dearest returns the choice that is worth most, each one beyond a limit costing
// a penalty. To take the dearest one by one is best, because the groups are
// nested: an organisation has one country.
func (s *seating) dearest(worth []int64) []int {
	for size := 4 * s.seats; ; size *= 8 {
		if chosen, ok := s.dearestOf(head(worth, size), worth, size >= len(worth)); ok {
			return chosen
		}
	}
}

// dearestOf chooses among the first members by worth. It fails when one that is
// not among them could be worth more than what full groups leave of these.
func (s *seating) dearestOf(order []int, worth []int64, all bool) ([]int, bool) {
	chosen := make([]int, 0, s.seats)
	groups := s.groups()
	for len(chosen) < s.seats {
		best, most := -1, int64(math.MinInt64)
		for _, i := range order {
			if worth[i] <= most { // the order is by worth: nothing that follows is dearer
				break
			}
			if w := worth[i] - s.toll(i, groups); w > most && !slices.Contains(chosen, i) {
				best, most = i, w
			}
		}
		if !all && (best < 0 || most < worth[order[len(order)-1]]) {
			return nil, false
		}
		chosen = append(chosen, best)
		s.enter(best, groups)
	}
	return chosen, true
}

// head returns so many members, the dearest first.
func head(worth []int64, size int) []int {
	before := func(a, b int) bool { return worth[a] > worth[b] || worth[a] == worth[b] && a < b }
	compare := func(a, b int) int {
		if before(a, b) {
			return -1
		}
		return 1
	}
	kept, mark := make([]int, 0, 2*size), int64(math.MinInt64)
	for i, w := range worth {
		if w <= mark { // so many are at least as dear, and stand before it
			continue
		}
		if kept = append(kept, i); len(kept) == 2*size {
			slices.SortFunc(kept, compare)
			kept = kept[:size]
			mark = worth[kept[size-1]]
		}
	}
	slices.SortFunc(kept, compare)
	return kept[:min(size, len(kept))]
}

func (s *seating) groups() [2][]int {
	return [2][]int{slices.Clone(s.limits[0].taken), slices.Clone(s.limits[1].taken)}
}

// toll is what a member costs because its groups are full.
func (s *seating) toll(i int, groups [2][]int) (cost int64) {
	for kind, g := range s.members[i].group {
		if g >= 0 && groups[kind][g] >= s.limits[kind].most {
			cost += s.penalty
		}
	}
	return cost
}

func (s *seating) enter(i int, groups [2][]int) {
	for kind, g := range s.members[i].group {
		if g >= 0 {
			groups[kind][g]++
		}
	}
}

// price lowers the bound by moving the prices against what the choice that they
// make dearest lacks (Polyak's steps), and betters the best choice on the way.
func (s *seating) price(found *seated) prices {
	p, kept := make([]int64, len(s.lo)), make([]int64, len(s.lo))
	scale, idle := int64(1024), 0
	for round := 0; round < rounds && scale > 0 && found.value < found.bound; round++ {
		worth := s.dear(p)
		chosen := s.dearest(worth)
		bound, slope, length := s.boundAt(p, worth, chosen)
		if idle++; bound < found.bound {
			found.bound, idle = bound, 0
			copy(kept, p)
		}
		if round < 8 || round%16 == 0 {
			chosen = s.improve(chosen)
		}
		if v := s.value(chosen); v > found.value {
			found.value, found.chosen = v, chosen
		}
		if idle == patience {
			scale, idle = scale/2, 0
			copy(p, kept)
		}
		if length == 0 {
			break
		}
		s.move(p, slope, length, bound-found.value, scale)
	}
	return prices{target: kept, group: s.groupPrices(kept)}
}

// boundAt is the bound at the prices, and how it changes with each of them.
func (s *seating) boundAt(p, worth []int64, chosen []int) (bound int64, slope []int64, length int64) {
	slope = make([]int64, len(p))
	groups := s.groups()
	for _, i := range chosen {
		bound += worth[i] - s.toll(i, groups)
		s.enter(i, groups)
		for rest := s.members[i].mask; rest != 0; rest &= rest - 1 {
			slope[bits.TrailingZeros32(rest)]++
		}
	}
	for kind, l := range s.limits {
		bound -= s.penalty * int64(over(l.most, s.limits[kind].taken))
	}
	for t := range p {
		bound += s.owed(t, p[t], s.taken[t], s.seats)
		c := s.lo[t]
		if p[t] < 0 || p[t] == 0 && s.hi[t] < int(slope[t])+s.taken[t] {
			c = s.hi[t]
		}
		if p[t] == 0 && int(slope[t])+s.taken[t] >= s.lo[t] && int(slope[t])+s.taken[t] <= s.hi[t] {
			c = int(slope[t]) + s.taken[t]
		}
		slope[t] -= int64(min(max(c, s.taken[t]), s.taken[t]+s.seats) - s.taken[t])
		length += slope[t] * slope[t]
	}
	return bound, slope, length
}

// move steps down the slope, within what a price can be.
func (s *seating) move(p, slope []int64, length, gap, scale int64) {
	for t := range p {
		step := gap / 1024 * scale / length
		p[t] -= max(step, 1) * slope[t]
		least, most := int64(0), int64(0)
		if s.hi[t] < s.taken[t]+s.seats {
			least = -s.penalty
		}
		if s.lo[t] > s.taken[t] {
			most = s.penalty
		}
		p[t] = min(max(p[t], least), most)
	}
}

// groupPrices are what a place in each full group is worth: how much dearer the
// best one kept out by it is than the last one that was chosen. That of an
// organisation counts beyond the price of its country.
func (s *seating) groupPrices(target []int64) (price [2][]int64) {
	worth := s.dear(target)
	chosen := s.dearest(worth)
	groups := s.groups()
	last := int64(math.MaxInt64)
	for _, i := range chosen {
		last = min(last, worth[i]-s.toll(i, groups))
		s.enter(i, groups)
	}
	for kind := range price {
		price[kind] = make([]int64, len(s.limits[kind].taken))
	}
	full := func(kind, g int) bool { return g >= 0 && groups[kind][g] >= s.limits[kind].most }
	raise := func(kind, g int, by int64) {
		if groups[kind][g] > s.limits[kind].most {
			by = s.penalty
		}
		price[kind][g] = min(max(price[kind][g], by), s.penalty)
	}
	for i := range s.members {
		g := s.members[i].group
		if !slices.Contains(chosen, i) && full(1, g[1]) && !full(0, g[0]) {
			raise(1, g[1], worth[i]-last)
		}
	}
	for i := range s.members {
		g := s.members[i].group
		if slices.Contains(chosen, i) || !full(0, g[0]) {
			continue
		}
		threshold := last
		if g[1] >= 0 {
			threshold += price[1][g[1]]
		}
		raise(0, g[0], worth[i]-threshold)
	}
	return price
}

// improve exchanges one of a choice for another as long as that betters it.
func (s *seating) improve(chosen []int) []int {
	chosen = slices.Clone(chosen)
	value := s.value(chosen)
	for {
		place, with, best := -1, -1, value
		for k := range chosen {
			t := s.tally(chosen, k)
			for _, alike := range s.byMask {
				if i, v := t.bestOf(alike, chosen); v > best {
					place, with, best = k, i, v
				}
			}
		}
		if place < 0 {
			return chosen
		}
		chosen[place], value = with, best
	}
}

// bestOf returns who of those alike, the best first, betters the choice most. The
// first whose groups have room is better than all that follow.
func (t *tally) bestOf(alike, chosen []int) (best int, most int64) {
	best, most = -1, math.MinInt64
	for _, i := range alike {
		if slices.Contains(chosen, i) {
			continue
		}
		if v := t.with(&t.members[i]); v > most {
			best, most = i, v
		}
		if t.toll(i, t.groups) == 0 {
			break
		}
	}
	return best, most
}

// tally is what a choice is worth without one of it.
type tally struct {
	*seating
	base   int64 // points less what every other group misses
	counts []int
	gain   []int64 // by target: what one more would change
	groups [2][]int
}

func (s *seating) tally(chosen []int, without int) *tally {
	rest := slices.Delete(slices.Clone(chosen), without, without+1)
	t := &tally{seating: s, base: s.value(rest), counts: slices.Clone(s.taken), groups: s.groups()}
	for _, i := range rest {
		for m := s.members[i].mask; m != 0; m &= m - 1 {
			t.counts[bits.TrailingZeros32(m)]++
		}
		s.enter(i, t.groups)
	}
	t.gain = make([]int64, len(t.counts))
	for k, c := range t.counts {
		switch {
		case c < s.lo[k]:
			t.gain[k] = s.penalty
		case c >= s.hi[k]:
			t.gain[k] = -s.penalty
		}
	}
	return t
}

func (t *tally) with(m *member) int64 {
	v := t.base + m.points*resolution
	for rest := m.mask; rest != 0; rest &= rest - 1 {
		v += t.gain[bits.TrailingZeros32(rest)]
	}
	for kind, g := range m.group {
		if g >= 0 && t.groups[kind][g] >= t.limits[kind].most {
			v -= t.penalty
		}
	}
	return v
}
