package convening

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// A seating is the choice of so many of a pool that the targets are missed by as
// little as can be and, among such choices, the points are as many as can be.
//
// Both aims are one number: the points, less penalty for each one by which a
// target is missed, where penalty outweighs all points together.
//
// How it is found. Let x be a choice, c_t(x) how many of it target t counts, and
// miss_t(c) by how much c misses t. For any price p_t between -penalty and
// penalty,
//
//	points(x) - penalty*Σ miss_t(c_t(x)) <= Σ_{i in x} (points_i + Σ_t p_t*[t counts i]) + Σ_t max_c (-penalty*miss_t(c) - p_t*c)
//
// because the right side adds p_t*c_t(x) and takes away at most as much
// (Lagrangian relaxation). The right side is greatest for the seats' worth of
// candidates that are dearest at these prices, which sorting finds; so any prices
// give an upper bound, and good ones a sharp one. Limits of each organisation and
// country are priced alike.
//
// Prices are sought by subgradients. Then the choices are searched depth first in
// the order of price, and a branch is left when its own bound, with the counts of
// what is chosen put in, is no better than the best choice known. When nothing is
// left the best is proven; when the budget of branches ends, the greatest bound
// of what was left unsearched is handed back beside it.
//
// All numbers are integers, so bounds are exact and every machine finds the same.
type seating struct {
	seats   int // still to be filled
	budget  int // of branches
	lo, hi  []int
	taken   []int // by target: of those who sit already
	members []member
	limits  [2]limit // of organisations, of countries
	penalty int64
	masks   []uint32 // the different ones of members
	byMask  [][]int  // members of each, the best first
}

// limit is at most so many of each group of one kind.
type limit struct {
	most  int   // 0 is no limit
	taken []int // by group
}

// member is one candidate to the search.
type member struct {
	index  int // in the pool
	points int64
	mask   uint32 // of the targets that count it
	group  [2]int // -1 when its limit cannot be reached
	class  int    // members of one class differ by points alone
	alike  int    // number of the mask
}

// seated is what a search found.
type seated struct {
	chosen []int // in the pool
	value  int64
	bound  int64 // no choice has more
}

// resolution is how many units of price a point is.
const resolution = 64

// newSeating returns the search for seats among members with points of at most
// mostPoints each.
func newSeating(seats int, lo, hi, taken []int, members []member, limits [2]limit) *seating {
	most := int64(1)
	for _, m := range members {
		most = max(most, m.points*resolution)
	}
	s := &seating{seats: min(seats, len(members)), lo: lo, hi: hi, taken: taken, limits: limits, budget: defaultBudget}
	s.penalty = max(most*int64(s.seats+1)+1, 1<<20) // and fine enough to be divided into prices
	s.members = s.useful(members)
	return s
}

// defaultBudget is how many branches a search tries at most.
const defaultBudget = 1_000_000

// useful puts the members in order, the best first, frees those whose limit can
// never be reached, and leaves out who can be replaced by a better one alike in
// every choice: of a class, only as many as there are seats can matter.
func (s *seating) useful(members []member) []member {
	list := slices.Clone(members)
	slices.SortFunc(list, func(a, b member) int { return cmp.Or(cmp.Compare(b.points, a.points), cmp.Compare(a.index, b.index)) })
	for kind := range s.limits {
		s.free(list, kind)
	}
	type alike struct {
		mask  uint32
		group [2]int
	}
	classes, seen := map[alike]int{}, []int{}
	kept, masks := list[:0], map[uint32]int{}
	for _, m := range list {
		key := alike{m.mask, m.group}
		class, ok := classes[key]
		if !ok {
			class = len(seen)
			classes[key], seen = class, append(seen, 0)
		}
		if seen[class]++; seen[class] <= s.seats {
			m.class = class
			if _, ok := masks[m.mask]; !ok {
				masks[m.mask] = len(s.masks)
				s.masks, s.byMask = append(s.masks, m.mask), append(s.byMask, nil)
			}
			m.alike = masks[m.mask]
			s.byMask[m.alike] = append(s.byMask[m.alike], len(kept))
			kept = append(kept, m)
		}
	}
	return kept
}

// free takes out of their group those members whose group is too small for its
// limit to matter.
func (s *seating) free(list []member, kind int) {
	l := s.limits[kind]
	sizes := slices.Clone(l.taken)
	for _, m := range list {
		if m.group[kind] >= 0 {
			sizes[m.group[kind]]++
		}
	}
	for i, m := range list {
		if g := m.group[kind]; g >= 0 && (l.most == 0 || sizes[g] <= l.most) {
			list[i].group[kind] = -1
		}
	}
}

// prices are what members cost beyond their points.
type prices struct {
	target []int64
	group  [2][]int64
}

// owed is the greatest that a target can give back at its price, when so many
// are counted already and so many may follow: max_c (-penalty*miss(c) - price*c).
func (s *seating) owed(t int, price int64, counted, more int) int64 {
	c := s.lo[t]
	if price < 0 {
		c = s.hi[t]
	}
	c = min(max(c, counted), counted+more)
	return -s.penalty*int64(max(0, s.lo[t]-c)+max(0, c-s.hi[t])) - price*int64(c-s.taken[t])
}

// value is the points of a choice less what it misses, in units of price.
func (s *seating) value(chosen []int) int64 {
	counts, total := slices.Clone(s.taken), int64(0)
	groups := [2][]int{slices.Clone(s.limits[0].taken), slices.Clone(s.limits[1].taken)}
	for _, i := range chosen {
		m := &s.members[i]
		total += m.points * resolution
		for rest := m.mask; rest != 0; rest &= rest - 1 {
			counts[bits.TrailingZeros32(rest)]++
		}
		for kind, g := range m.group {
			if g >= 0 {
				groups[kind][g]++
			}
		}
	}
	missed := 0
	for t, c := range counts {
		missed += max(0, s.lo[t]-c) + max(0, c-s.hi[t])
	}
	for kind, l := range s.limits {
		missed += over(l.most, groups[kind])
	}
	return total - s.penalty*int64(missed)
}

func over(most int, counts []int) int {
	n := 0
	for _, c := range counts {
		if most > 0 {
			n += max(0, c-most)
		}
	}
	return n
}

// most is the points of the best whatever the targets say.
func (s *seating) most() (points int64) {
	for _, m := range s.members[:min(s.seats, len(s.members))] {
		points += m.points
	}
	return points
}

// mostWithin bounds the points of every choice that misses the targets by no more
// than so many. Whatever the penalty is, such a choice loses no more than as many of
// it: points(x) <= bound + penalty*missed. A smaller penalty than the search has
// gives the sharper bound.
func (s *seating) mostWithin(missed int) (points int64) {
	points = s.most()
	lenient := *s
	for _, part := range []int64{16, 64} {
		lenient.penalty = s.penalty / part
		best := lenient.improve(lenient.dearest(lenient.dear(make([]int64, len(s.lo)))))
		found := seated{chosen: best, value: lenient.value(best), bound: math.MaxInt64}
		lenient.price(&found)
		points = min(points, (found.bound+int64(missed)*lenient.penalty)/resolution)
	}
	return points
}

// split takes a value apart: by how much the targets are missed, and the points.
func (s *seating) split(value int64) (missed int, points int64) {
	missed = int(max(0, (s.penalty-1-value)/s.penalty))
	return missed, (value + int64(missed)*s.penalty) / resolution
}

// run finds the best choice.
func (s *seating) run() seated {
	best := s.improve(s.dearest(s.dear(make([]int64, len(s.lo)))))
	found := seated{chosen: best, value: s.value(best), bound: math.MaxInt64}
	p := s.price(&found)
	if found.value < found.bound {
		newHunt(s, p, &found).run()
	}
	for i, m := range found.chosen {
		found.chosen[i] = s.members[m].index
	}
	slices.Sort(found.chosen)
	return found
}
