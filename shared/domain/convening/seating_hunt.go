package convening

import (
	"cmp"
	"math/bits"
	"slices"
)

// hunt searches the choices depth first, in the order of what members are worth
// at fixed prices.
type hunt struct {
	*seating
	found  *seated
	list   []hunted
	upTo   []int64     // sums of worth from the first of the list
	owes   [][][]int64 // what a target can give back, by target, counted, and still to come
	price  [2][]int64
	chosen []int // in list
	counts []int
	groups [2][]int
	inside []int // how many of each class are chosen
	left   int64 // greatest bound of what was not searched
}

type hunted struct {
	member
	at    int // in members
	worth int64
	rank  int // in its class
}

func newHunt(s *seating, p prices, found *seated) *hunt {
	h := &hunt{seating: s, found: found, price: p.group, counts: make([]int, len(s.lo)), groups: s.groups(), left: found.value}
	classes := 0
	for i, w := range s.dear(p.target) {
		m := s.members[i]
		for kind, g := range m.group {
			if g >= 0 {
				w -= p.group[kind][g]
			}
		}
		h.list = append(h.list, hunted{member: m, at: i, worth: w})
		classes = max(classes, m.class+1)
	}
	slices.SortFunc(h.list, func(a, b hunted) int { return cmp.Or(cmp.Compare(b.worth, a.worth), cmp.Compare(a.at, b.at)) })
	h.inside = make([]int, classes)
	h.upTo = make([]int64, 1, len(h.list)+1)
	for i := range h.list {
		h.list[i].rank = h.inside[h.list[i].class]
		h.inside[h.list[i].class]++
		h.upTo = append(h.upTo, h.upTo[i]+h.list[i].worth)
	}
	clear(h.inside)
	h.tabulate(p.target)
	return h
}

// tabulate writes down owed for every count that can come up.
func (h *hunt) tabulate(target []int64) {
	h.owes = make([][][]int64, len(target))
	for t, price := range target {
		for counted := range h.seats + 1 {
			row := make([]int64, h.seats+1)
			for more := range row {
				row[more] = h.owed(t, price, h.taken[t]+counted, more)
			}
			h.owes[t] = append(h.owes[t], row)
		}
	}
}

// run searches all, or until the budget ends.
func (h *hunt) run() {
	base := int64(0)
	for kind, l := range h.limits {
		for g, taken := range l.taken {
			if most := l.most; most > 0 {
				base -= h.penalty * int64(max(0, taken-most))
				base += h.price[kind][g] * int64(min(max(0, most-taken), h.seats))
			}
		}
	}
	h.branch(0, base)
	h.found.bound = min(h.found.bound, max(h.left, h.found.value))
}

// branch tries every way to fill the seats that are left with members from start
// on. Sum is the worth of what is chosen, and of the limits.
func (h *hunt) branch(start int, sum int64) {
	need := h.seats - len(h.chosen)
	free := sum
	for t := range h.owes {
		free += h.owes[t][h.counts[t]][need]
	}
	if need == 0 {
		if free > h.found.value {
			h.keep(free)
		}
		return
	}
	for i := start; i+need <= len(h.list); i++ {
		bound := free + h.upTo[i+need] - h.upTo[i]
		if bound <= h.found.value {
			return
		}
		if h.budget <= 0 {
			h.left = max(h.left, bound)
			return
		}
		if h.inside[h.list[i].class] == h.list[i].rank { // else a better one of its class was passed over
			h.budget--
			h.take(i, sum)
		}
	}
}

// take follows the branches on which the i-th of the list is chosen.
func (h *hunt) take(i int, sum int64) {
	m := &h.list[i]
	sum += m.worth
	for kind, g := range m.group {
		if g < 0 {
			continue
		}
		if h.groups[kind][g] >= h.limits[kind].most {
			sum += h.price[kind][g] - h.penalty
		}
		h.groups[kind][g]++
	}
	h.count(m.mask, +1)
	h.inside[m.class]++
	h.chosen = append(h.chosen, i)
	h.branch(i+1, sum)
	h.chosen = h.chosen[:len(h.chosen)-1]
	h.inside[m.class]--
	h.count(m.mask, -1)
	for kind, g := range m.group {
		if g >= 0 {
			h.groups[kind][g]--
		}
	}
}

func (h *hunt) count(mask uint32, by int) {
	for ; mask != 0; mask &= mask - 1 {
		h.counts[bits.TrailingZeros32(mask)] += by
	}
}

func (h *hunt) keep(value int64) {
	h.found.value = value
	h.found.chosen = h.found.chosen[:0:0]
	for _, i := range h.chosen {
		h.found.chosen = append(h.found.chosen, h.list[i].at)
	}
}
