package convening

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

// Contradictions are found by asking whether a panel could meet the targets if
// everybody whom the taxonomies allow existed. One has one category, one country
// and at most one gender, and any number of languages and groups; countries lie
// in their regions. So "at least 3 of Africa" and "at most 2 of Eastern Africa"
// agree, and "at least 3 of Eastern Africa" and "at most 2 of Africa" do not.
//
// What one is of one kind says nothing of what one is of another, so each seat of a
// panel that meets the targets of one kind can be held by somebody who serves those
// of every other as well: targets contradict only others of their kind.

// maxImagined is how many imagined candidates are tried. Beyond it nothing is
// called a contradiction, since it could not be proven.
const maxImagined = 60_000

// conflictFault names the targets that no panel of so many seats can meet
// together, each with those it contradicts, or returns nil.
func conflictFault(targets []Target, seats int, now time.Time) error {
	var faults fault.List
	for _, set := range Contradictions(targets, seats, now) {
		for _, i := range set {
			var others []string
			for _, j := range set {
				if j != i {
					others = append(others, strconv.Itoa(j+1))
				}
			}
			at := "/targets/" + strconv.Itoa(i)
			if len(others) == 0 {
				faults.Add(at, "target.impossible", "seats", strconv.Itoa(seats))
			} else {
				faults.Add(at, "target.conflicts", "others", strings.Join(others, ", "), "seats", strconv.Itoa(seats))
			}
		}
	}
	return faults.Err(ErrConflictingAims.Code)
}

// Contradictions returns sets of the places of targets that contradict one another
// in any panel of so many seats, whoever could be found. Each set is minimal:
// without any one of it the others agree. No two share a target.
func Contradictions(targets []Target, seats int, now time.Time) [][]int {
	var sets [][]int
	for _, kin := range kindred(targets) {
		for contradict(those(targets, kin), seats, now) {
			set := kin
			for _, i := range kin {
				without := slices.DeleteFunc(slices.Clone(set), func(j int) bool { return j == i })
				if contradict(those(targets, without), seats, now) {
					set = without
				}
			}
			sets = append(sets, set)
			kin = slices.DeleteFunc(slices.Clone(kin), func(i int) bool { return slices.Contains(set, i) })
		}
	}
	slices.SortFunc(sets, slices.Compare)
	return sets
}

// kindred are the places of targets that speak of the same, such as of where one
// is from.
func kindred(targets []Target) map[Attribute][]int {
	kinds := map[Attribute][]int{}
	for i, t := range targets {
		kind := t.Of
		switch kind {
		case ByRegion, ByGroup, ByEachCountry:
			kind = ByCountry
		}
		kinds[kind] = append(kinds[kind], i)
	}
	return kinds
}

func those(targets []Target, places []int) []Target {
	some := make([]Target, len(places))
	for k, i := range places {
		some[k] = targets[i]
	}
	return some
}

// contradict reports whether it is proven that no panel meets the targets.
func contradict(targets []Target, seats int, now time.Time) bool {
	if len(targets) == 0 {
		return false
	}
	imagined := imagine(targets, seats, now)
	if len(imagined) == 0 {
		return false
	}
	search := newAim(targets, nil, now).seating(imagined, seats)
	return search.run().bound < 0
}

// imagine returns candidates of every sort that the targets tell apart, as many
// of each as there are seats; none when they would be too many.
func imagine(targets []Target, seats int, now time.Time) []Candidate {
	list := []Candidate{{}}
	for _, add := range []func(Candidate) []Candidate{
		categories(targets), countries(targets, seats, now), genders(targets), times(targets),
		several(targets, ByLedBy, func(c *Candidate, v []string) { c.LedBy = v }),
		several(targets, ByExperience, func(c *Candidate, v []string) { c.Experience = v }),
		several(targets, ByLanguage, func(c *Candidate, v []string) { c.Languages = v }),
	} {
		var wider []Candidate
		for _, c := range list {
			wider = append(wider, add(c)...)
			if len(wider) > maxImagined {
				return nil
			}
		}
		list = wider
	}
	if len(list)*seats > maxImagined {
		return nil
	}
	var all []Candidate
	for _, c := range list {
		for range seats {
			c.Stakeholder = strconv.Itoa(len(all))
			c.ID = c.Stakeholder
			all = append(all, c)
		}
	}
	return all
}

// named returns the values that targets of an attribute name.
func named(targets []Target, of Attribute) []string {
	var values []string
	for _, t := range targets {
		if t.Of == of {
			values = append(values, t.Values...)
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

func categories(targets []Target) func(Candidate) []Candidate {
	values := named(targets, ByCategory)
	for _, code := range taxonomy.Categories() {
		if !slices.Contains(values, code) {
			values = append(values, code) // one stands for all that are not named
			break
		}
	}
	return one(values, func(c *Candidate, v string) { c.Category = v })
}

func genders(targets []Target) func(Candidate) []Candidate {
	return one(append(named(targets, ByGender), ""), func(c *Candidate, v string) { c.Gender = v })
}

// countries returns, of each sort of country that the targets tell apart, one,
// or as many as there are seats when each is limited.
func countries(targets []Target, seats int, now time.Time) func(Candidate) []Candidate {
	most := 1
	var holds []func(*Candidate) bool
	for _, t := range targets {
		switch t.Of {
		case ByEachCountry:
			most = seats
		case ByCountry, ByRegion, ByGroup:
			holds = append(holds, t.counts(now))
		}
	}
	var values []string
	sorts := map[string]int{}
	for _, code := range taxonomy.Countries() {
		var sort strings.Builder
		for _, h := range holds {
			sort.WriteString(strconv.FormatBool(h(&Candidate{Country: code})))
		}
		if sorts[sort.String()]++; sorts[sort.String()] <= most {
			values = append(values, code)
		}
	}
	return one(values, func(c *Candidate, v string) { c.Country = v })
}

// times returns who was never invited, never spoke, or did both.
func times(targets []Target) func(Candidate) []Candidate {
	if len(named(targets, ByFirst)) == 0 {
		return func(c Candidate) []Candidate { return []Candidate{c} }
	}
	return func(c Candidate) []Candidate {
		asked, heard := c, c
		asked.Invited, heard.Invited, heard.Spoke = 1, 1, 1
		return []Candidate{c, asked, heard}
	}
}

func one(values []string, set func(*Candidate, string)) func(Candidate) []Candidate {
	return func(c Candidate) []Candidate {
		list := make([]Candidate, len(values))
		for i, v := range values {
			list[i] = c
			set(&list[i], v)
		}
		return list
	}
}

// several returns sets of values of an attribute of which one can have many, one
// for every choice of its targets that somebody could count for. When all its
// targets ask for at least so many, who has every value serves best; when all ask
// for at most, who has none.
func several(targets []Target, of Attribute, set func(*Candidate, []string)) func(Candidate) []Candidate {
	values := named(targets, of)
	sets := [][]string{nil}
	switch rules := rulesOf(targets, of); {
	case len(rules) == 0 || slices.Equal(rules, []Rule{AtMost}):
	case slices.Equal(rules, []Rule{AtLeast}):
		sets = [][]string{values}
	default:
		sets = toldApart(targets, of, values)
	}
	return func(c Candidate) []Candidate {
		list := make([]Candidate, len(sets))
		for i, s := range sets {
			list[i] = c
			set(&list[i], s)
		}
		return list
	}
}

// toldApart returns, of all sets of the values, one for each choice of targets that
// count whoever has it; none when they are too many.
func toldApart(targets []Target, of Attribute, values []string) [][]string {
	sets, masks, seen := [][]string{nil}, []uint32{0}, map[uint32]bool{0: true}
	for _, v := range values {
		mask := uint32(0)
		for i, t := range targets {
			if t.Of == of && slices.Contains(t.Values, v) {
				mask |= 1 << i
			}
		}
		for i := range sets {
			if m := masks[i] | mask; !seen[m] {
				seen[m] = true
				sets, masks = append(sets, append(slices.Clone(sets[i]), v)), append(masks, m)
			}
		}
		if len(sets) > maxImagined {
			return nil
		}
	}
	return sets
}

// rulesOf returns the rules that targets of an attribute have, each once.
func rulesOf(targets []Target, of Attribute) []Rule {
	var rules []Rule
	for _, t := range targets {
		if t.Of == of {
			rules = append(rules, t.Rule)
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}
