package convening

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

// draw is a source of random panels. The same seed gives the same.
type draw struct{ *rand.Rand }

func drawFrom(seed uint64) draw { return draw{rand.New(rand.NewPCG(seed, 20))} }

func (d draw) of(list []string) string { return list[d.IntN(len(list))] }

// some returns each of the list with a likelihood.
func (d draw) some(list []string, likely float64) (few []string) {
	for _, v := range list {
		if d.Float64() < likely {
			few = append(few, v)
		}
	}
	return few
}

// pool is n candidates in the mix of a directory: few categories are large, many
// are asked seldom and few often, not everybody declares.
func (d draw) pool(n int) []Candidate {
	pool := make([]Candidate, n)
	categories, countries := taxonomy.Categories(), taxonomy.Countries()
	for i := range pool {
		c := &pool[i]
		c.Stakeholder = fmt.Sprintf("S%04d", d.IntN(n))
		c.Contact = "C" + strconv.Itoa(i)
		c.ID = c.Person().ID()
		c.Category = categories[min(d.IntN(len(categories)), d.IntN(len(categories)))]
		number, _ := strconv.Atoi(c.Stakeholder[1:])
		c.Country = countries[number%len(countries)]
		c.Gender = d.of([]string{"", "", "woman", "man", "man", "non_binary"})
		c.LedBy, c.Experience = d.some(directory.Groups(), 0.06), d.some(directory.Groups(), 0.04)
		c.Languages = d.some(taxonomy.UNLanguages(), 0.25)
		c.Invited = d.IntN(1 + d.IntN(1+d.IntN(12)))
		c.Spoke = d.IntN(c.Invited + 1)
		if c.Invited > 0 {
			at := start.Add(-time.Duration(d.IntN(700)) * 24 * time.Hour)
			c.LastInvited = &at
		}
		c.Conflict = d.Float64() < 0.02
		c.Relevance = d.IntN(1001)
	}
	return pool
}

// targets are n that agree with one another for so many seats.
func (d draw) targets(n, seats int) []Target {
	var list []Target
	for len(list) < n {
		next := append(slices.Clone(list), d.target(seats))
		var faults fault.List
		validateTargets(&faults, next)
		if faults.Err("") == nil && (seats <= 4 || len(Contradictions(next, seats, start)) == 0) {
			list = next
		}
	}
	return list
}

func (d draw) target(seats int) Target {
	t := Target{Rule: []Rule{AtLeast, AtLeast, AtMost, Exactly}[d.IntN(4)], Of: Attributes()[d.IntN(len(Attributes()))], Count: 1 + d.IntN(max(1, seats/2))}
	switch t.Of {
	case ByCategory:
		t.Values = d.some(taxonomy.Categories(), 0.2)
	case ByCountry:
		t.Values = d.some(taxonomy.Countries(), 0.1)
	case ByRegion:
		t.Values = []string{d.of([]string{"002", "019", "142", "150", "009", "202", "419", "145"})}
	case ByGroup:
		t.Values = []string{d.of(taxonomy.Groups())}
	case ByGender:
		t.Values = []string{d.of([]string{"woman", "man"})}
	case ByLedBy, ByExperience:
		t.Values = d.some(directory.Groups(), 0.3)
	case ByLanguage:
		t.Values = []string{d.of(taxonomy.UNLanguages())}
	case ByFirst:
		t.Values = []string{d.of([]string{NeverInvited, NeverSpoke})}
	case ByConflict:
		t.Rule, t.Count = AtMost, 0
	default:
		t.Rule, t.Count = AtMost, 1+d.IntN(2)
	}
	return t
}

// panel has so many seats, some of which are held and pinned.
func (d draw) panel(seats, targets int, pool []Candidate) *Panel {
	p := NewPanel("E1")
	for i := range seats {
		p.Seats = append(p.Seats, Seat{ID: strconv.Itoa(i), Role: d.of(SeatRoles())})
	}
	p.Targets = d.targets(targets, seats)
	if len(pool) > 0 && d.IntN(2) == 0 {
		who := pool[d.IntN(len(pool))].Person()
		p.Seats[0].Holder, p.Seats[0].Pinned = &who, true
	}
	if len(pool) > 2 && d.IntN(2) == 0 {
		if b := pool[d.IntN(len(pool))].Person(); p.Seats[0].Holder == nil || !b.covers(*p.Seats[0].Holder) {
			p.Bans = append(p.Bans, b)
		}
	}
	return p
}

// worth is by how much a panel misses its targets, and its points, counted from
// the report of its balance and not as the search counts.
func worth(p *Panel, pool []Candidate) (missed int, points int64) {
	known := map[string]Candidate{}
	for _, c := range pool {
		known[c.ID] = c
	}
	for _, s := range p.Seats {
		if s.Holder != nil {
			c := known[s.Holder.ID()]
			points += c.points(start)
		}
	}
	return Missed(p.Balance(known, nil, start)), points
}

// exhaust tries every choice for the open seats, and returns the best.
func exhaust(p *Panel, pool []Candidate) (missed int, points int64) {
	best := frontier(p, pool)
	missed = slices.Min(slices.Collect(maps.Keys(best)))
	return missed, best[missed]
}

// frontier tries every choice for the open seats, and returns the most points by
// how much the targets are missed.
func frontier(p *Panel, pool []Candidate) map[int]int64 {
	known := map[string]Candidate{}
	var free []Person
	for _, c := range pool {
		known[c.ID] = c
		c.Conflict = c.Conflict || p.conflicted(c.Person())
		if kept := p.excludesConflicts() && c.Conflict; !kept && p.canSit(c.Person()) {
			free = append(free, c.Person())
		}
	}
	q := *p
	q.Seats = slices.Clone(p.Seats)
	var open []int
	for i, s := range q.Seats {
		if s.Holder == nil {
			open = append(open, i)
		}
	}
	best := map[int]int64{}
	var try func(k, from int)
	try = func(k, from int) {
		if k == min(len(open), len(free)) {
			m, n := worth(&q, pool)
			best[m] = max(best[m], n)
			return
		}
		for i := from; i < len(free); i++ {
			q.Seats[open[k]].Holder = &free[i]
			try(k+1, i+1)
			q.Seats[open[k]].Holder = nil
		}
	}
	try(0, 0)
	return best
}

// seatedBy is the panel with what was suggested.
func seatedBy(p *Panel, s *Suggestion) *Panel {
	q := *p
	q.Seats = slices.Clone(p.Seats)
	for i := range q.Seats {
		q.Seats[i].Holder = nil
		if c := s.Seats[i].Candidate; c != nil {
			who := c.Person()
			q.Seats[i].Holder = &who
		}
	}
	return &q
}

// On small cases the search finds what trying every panel finds.
func TestSuggestionIsTheBestThereIs(t *testing.T) {
	unmet, full := 0, 0
	for seed := range uint64(500) {
		d := drawFrom(seed)
		seats := 1 + d.IntN(4)
		pool := d.pool(2 + d.IntN(11))
		p := d.panel(seats, 1+d.IntN(8), pool)
		missed, points := exhaust(p, pool)
		s, err := p.Suggest(Wish{}, nil, pool, start)
		if err != nil {
			t.Fatal(err)
		}
		gotMissed, gotPoints := worth(seatedBy(p, s), pool)
		if gotMissed != missed || gotPoints != points || s.Missed != missed || s.Points != points || !s.Proven || s.Gap != 0 {
			t.Errorf("seed %d: missed by %d for %d points, want %d for %d; said %d for %d, proven %t", seed, gotMissed, gotPoints, missed, points, s.Missed, s.Points, s.Proven)
		}
		if missed > 0 {
			unmet++
		} else {
			full++
		}
	}
	if unmet < 50 || full < 50 {
		t.Errorf("%d panels with unmet targets and %d without: too few of one to say anything", unmet, full)
	}
}

// On large cases it comes within a hundredth of a bound that holds for every panel.
func TestSuggestionIsNearItsBound(t *testing.T) {
	for seed := range uint64(6) {
		d := drawFrom(1000 + seed)
		pool := d.pool(5000)
		p := d.panel(8, 10, pool)
		s, err := p.Suggest(Wish{}, nil, pool, start)
		if err != nil {
			t.Fatal(err)
		}
		if missed, points := worth(seatedBy(p, s), pool); missed != s.Missed || points != s.Points {
			t.Errorf("seed %d: missed by %d for %d points, and says %d for %d", seed, missed, points, s.Missed, s.Points)
		}
		if s.Missed != s.MissedBound || s.Gap > 1 {
			t.Errorf("seed %d: missed by %d where %d may do, gap %.2f%%", seed, s.Missed, s.MissedBound, s.Gap)
		}
	}
}

// Where nothing is proven of by how little the targets can be missed, what is said
// of the points is still within a hundredth of what they could be.
func TestGapOfWhatIsNotProven(t *testing.T) {
	open := 0
	for _, seed := range []uint64{100_200, 100_361, 100_490} { // of a thousand, those that are hardest
		d := drawFrom(seed)
		pool := d.pool(5000)
		p := d.panel(8, 10, pool)
		s, err := p.Suggest(Wish{}, nil, pool, start)
		if err != nil {
			t.Fatal(err)
		}
		if s.Gap > 1 || s.Points > s.PointsBound {
			t.Errorf("seed %d: %d of %d points, gap %.2f%%", seed, s.Points, s.PointsBound, s.Gap)
		}
		if s.Missed > s.MissedBound {
			open++
		}
	}
	if open == 0 {
		t.Error("all of them are proven: nothing was put to the test")
	}
}

// No choice that misses the targets by no more has more points than is said.
func TestMostWithin(t *testing.T) {
	for seed := range uint64(100) {
		d := drawFrom(4000 + seed)
		pool := d.pool(10)
		p := d.panel(3, 6, pool)
		draft, err := p.draft(Wish{}, nil, pool, start)
		if err != nil {
			t.Fatal(err)
		}
		held := int64(0)
		for _, c := range draft.sitting() {
			held += c.points(start)
		}
		search := draft.aim.seating(draft.pool, draft.open())
		for missed, points := range frontier(p, pool) {
			if most := search.mostWithin(missed) + held; points > most {
				t.Errorf("seed %d: %d points miss %d, and none are said to be over %d", seed, points, missed, most)
			}
		}
	}
}

// When the budget of branches ends at once, the bound still holds.
func TestBoundHoldsWithoutBudget(t *testing.T) {
	proven := 0
	for seed := range uint64(200) {
		d := drawFrom(3000 + seed)
		pool := d.pool(12)
		p := d.panel(4, 8, pool)
		missed, points := exhaust(p, pool)
		draft, err := p.draft(Wish{}, nil, pool, start)
		if err != nil {
			t.Fatal(err)
		}
		search := draft.aim.seating(draft.pool, draft.open())
		search.budget = int(seed % 3)
		got := search.run()
		held := int64(0)
		for _, c := range draft.sitting() {
			held += c.points(start)
		}
		best := (points-held)*resolution - int64(missed)*search.penalty
		if got.bound < best || got.value > best {
			t.Errorf("seed %d: found %d, bound %d, and the best is %d", seed, got.value, got.bound, best)
		}
		if got.value == got.bound {
			proven++
		}
	}
	if proven == 200 {
		t.Error("every search was proven without a budget: nothing was put to the test")
	}
}

func TestSuggestionDoesNotDependOnTheOrder(t *testing.T) {
	for seed := range uint64(40) {
		d := drawFrom(5000 + seed)
		pool := d.pool(20 + d.IntN(300))
		for i := range pool { // many equals
			pool[i].Relevance -= pool[i].Relevance % 500
		}
		p := d.panel(5, 6, pool)
		first, err := p.Suggest(Wish{Whole: true}, nil, pool, start)
		if err != nil {
			t.Fatal(err)
		}
		d.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
		second, err := p.Suggest(Wish{Whole: true}, nil, pool, start)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}

func TestSuggestionKeepsPinsAndBans(t *testing.T) {
	for seed := range uint64(200) {
		d := drawFrom(7000 + seed)
		pool := d.pool(6 + d.IntN(60))
		p := d.panel(5, 5, pool)
		var wish Wish
		for _, c := range pool[:d.IntN(3)] {
			if who := c.Person(); !p.banned(who) && !slices.Contains(wish.Pins, who) {
				wish.Pins = append(wish.Pins, who)
			}
		}
		for _, c := range pool[3 : 3+d.IntN(3)] {
			if who := c.Person(); !slices.Contains(wish.Pins, who) && (p.Seats[0].Holder == nil || *p.Seats[0].Holder != who) {
				wish.Bans = append(wish.Bans, who)
			}
		}
		wish.Whole = d.IntN(2) == 0
		s, err := p.Suggest(wish, nil, pool, start)
		if err != nil {
			t.Fatal(err)
		}
		sits := map[Person]int{}
		for _, seat := range s.Seats {
			if seat.Candidate == nil {
				continue
			}
			who := seat.Candidate.Person()
			sits[who]++
			if p.banned(who) || wish.bans(who) {
				t.Errorf("seed %d: %v is banned and was suggested", seed, who)
			}
			for _, alternate := range seat.Alternates {
				if who := alternate.Candidate.Person(); p.banned(who) || wish.bans(who) {
					t.Errorf("seed %d: %v is banned and an alternate", seed, who)
				}
			}
		}
		for _, pin := range wish.Pins {
			if sits[pin] != 1 {
				t.Errorf("seed %d: %v is pinned and sits %d times", seed, pin, sits[pin])
			}
		}
		if h := p.Seats[0].Holder; h != nil && sits[*h] != 1 {
			t.Errorf("seed %d: the holder of the first seat is pinned and sits %d times", seed, sits[*h])
		}
	}
}

func TestAlternatesAreRanked(t *testing.T) {
	for seed := range uint64(60) {
		d := drawFrom(9000 + seed)
		pool := d.pool(30)
		p := d.panel(4, 6, pool)
		s, err := p.Suggest(Wish{}, nil, pool, start)
		if err != nil {
			t.Fatal(err)
		}
		q := seatedBy(p, s)
		for i, seat := range s.Seats {
			before := [2]int64{-1}
			for _, a := range seat.Alternates {
				who := a.Candidate.Person()
				q.Seats[i].Holder = &who
				missed, points := worth(q, pool)
				if got := [2]int64{int64(missed), -points}; slices.Compare(got[:], before[:]) < 0 && before[0] >= 0 {
					t.Errorf("seed %d seat %d: %v after %v", seed, i, got, before)
				} else {
					before = got
				}
			}
			if c := seat.Candidate; c != nil {
				who := c.Person()
				q.Seats[i].Holder = &who
			}
		}
	}
}

func TestRotation(t *testing.T) {
	long, lately, later := *at(-400), *at(-15), *at(1)
	for _, tt := range []struct {
		invited int
		last    *time.Time
		want    int
	}{
		{0, nil, 1000}, {1, &long, 500}, {1, &lately, 260}, {1, nil, 500}, {4, &long, 200}, {-1, nil, 1000}, {9, &later, 50},
	} {
		if got := Rotation(tt.invited, tt.last, start); got != tt.want {
			t.Errorf("invited %d times, last %v: %d, want %d", tt.invited, tt.last, got, tt.want)
		}
	}
}

func TestWishIsChecked(t *testing.T) {
	pool := drawFrom(1).pool(6)
	a, b, c := pool[0].Person(), pool[1].Person(), pool[2].Person()
	p := NewPanel("E1")
	p.Seats = []Seat{{ID: "a", Role: SeatSpeaker, Holder: &a, Pinned: true}, {ID: "b", Role: SeatSpeaker}}
	for name, tt := range map[string]struct {
		wish Wish
		want string
	}{
		"pinned and banned":    {Wish{Pins: []Person{b}, Bans: []Person{b}}, "/pins/0:panel.banned"},
		"more pins than seats": {Wish{Pins: []Person{b, c}}, "/pins/1:panel.no_seat_left"},
		"pin of nobody":        {Wish{Pins: []Person{{Stakeholder: "X"}}}, "/pins/0:panel.person_unknown"},
		"no id":                {Wish{Bans: []Person{{}}}, "/bans/0/stakeholder:id.malformed"},
		"twice":                {Wish{Pins: []Person{b, b}}, "/pins/1:list.repeated"},
	} {
		_, err := p.Suggest(tt.wish, nil, pool, start)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Fields[0].Pointer+":"+f.Fields[0].Code != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

// BenchmarkSuggest is the figure of a panel of 8 seats from 5,000 candidates
// with 10 targets: each round is another random panel, and the percentiles of
// all rounds are reported. CONVOKE_PANEL_ROUNDS says how many.
func BenchmarkSuggest(b *testing.B) {
	rounds, _ := strconv.Atoi(os.Getenv("CONVOKE_PANEL_ROUNDS"))
	rounds = max(rounds, 20)
	for b.Loop() {
		var took []float64
		open, gap, most := 0, 0.0, 0
		for seed := range uint64(rounds) {
			d := drawFrom(100_000 + seed)
			pool := d.pool(5000)
			p := d.panel(8, 10, pool)
			started := time.Now()
			s, err := p.Suggest(Wish{}, nil, pool, start)
			if err != nil {
				b.Fatal(err)
			}
			took = append(took, float64(time.Since(started).Microseconds())/1000)
			gap = max(gap, s.Gap)
			most = max(most, s.Missed-s.MissedBound)
			if !s.Proven {
				open++
			}
		}
		slices.Sort(took)
		b.ReportMetric(took[len(took)/2], "p50-ms")
		b.ReportMetric(took[len(took)*99/100], "p99-ms")
		b.ReportMetric(took[len(took)-1], "max-ms")
		b.ReportMetric(float64(open), "unproven")
		b.ReportMetric(gap, "worst-gap-%")
		b.ReportMetric(float64(most), "worst-missed-gap")
		b.ReportMetric(float64(rounds), "panels")
	}
}
