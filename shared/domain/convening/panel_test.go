package convening

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
)

func TestContradictionsAreNamed(t *testing.T) {
	least := func(n int, of Attribute, values ...string) Target { return Target{AtLeast, n, of, values} }
	most := func(n int, of Attribute, values ...string) Target { return Target{AtMost, n, of, values} }
	exactly := func(n int, of Attribute, values ...string) Target { return Target{Exactly, n, of, values} }
	for _, tt := range []struct {
		name    string
		seats   int
		targets []Target
		want    []int
	}{
		{"none", 4, nil, nil},
		{"more than there are seats", 4, []Target{least(1, ByGender, "woman"), least(5, ByCategory, "ngo")}, []int{1}},
		{"as many as there are seats", 5, []Target{least(5, ByCategory, "ngo")}, nil},
		{"categories are one each", 4, []Target{least(3, ByCategory, "ngo"), least(2, ByCategory, "media")}, []int{0, 1}},
		{"and can be named together", 4, []Target{least(3, ByCategory, "ngo"), least(2, ByCategory, "media", "ngo")}, nil},
		{"a gender is one", 4, []Target{least(3, ByGender, "woman"), least(1, ByLanguage, "fr"), least(2, ByGender, "man")}, []int{0, 2}},
		{"nobody need declare one", 4, []Target{most(1, ByGender, "woman"), most(1, ByGender, "man")}, nil},
		{"led by several", 3, []Target{least(3, ByLedBy, "women"), least(3, ByLedBy, "youth")}, nil},
		{"women need not be led by women", 4, []Target{least(3, ByGender, "woman"), most(2, ByLedBy, "women")}, nil},
		{"a part within its whole", 4, []Target{least(3, ByRegion, "002"), most(2, ByRegion, "014")}, nil},
		{"a part beyond its whole", 4, []Target{least(3, ByRegion, "014"), most(2, ByRegion, "002")}, []int{0, 1}},
		{"a country beyond its region", 4, []Target{least(1, ByCategory, "ngo"), exactly(3, ByCountry, "KE"), most(2, ByRegion, "002")}, []int{1, 2}},
		{"a country outside a group", 3, []Target{exactly(3, ByCountry, "CH"), least(1, ByGroup, "199")}, []int{0, 1}},
		{"one of each country", 4, []Target{least(2, ByCountry, "CH"), most(1, ByEachCountry)}, []int{0, 1}},
		{"two of each country", 4, []Target{least(2, ByCountry, "CH"), most(2, ByEachCountry)}, nil},
		{"a region of five countries", 7, []Target{least(6, ByRegion, "054"), most(1, ByEachCountry)}, []int{0, 1}},
		{"one of each organisation", 8, []Target{most(1, ByOrganisation), least(8, ByCategory, "ngo")}, nil},
		{"no seat can be filled", 3, []Target{most(1, ByRegion, "002"), most(1, ByRegion, "001")}, []int{1}},
		{"nobody was invited, and all were heard", 3, []Target{least(2, ByFirst, NeverInvited), most(1, ByFirst, NeverSpoke)}, []int{0, 1}},
		{"never spoke, and were invited", 3, []Target{least(2, ByFirst, NeverSpoke), exactly(0, ByFirst, NeverInvited)}, nil},
		{"three that only together", 4, []Target{least(2, ByCategory, "ngo"), least(2, ByCategory, "media"), least(1, ByCategory, "academic"), least(4, ByLanguage, "fr")}, []int{0, 1, 2}},
		{"never both", 3, []Target{least(2, ByCategory, "ngo"), most(1, ByCategory, "ngo"), least(2, ByGender, "woman"), most(1, ByGender, "woman")}, []int{0, 1, 2, 3}},
		{"languages of both kinds", 3, []Target{least(2, ByLanguage, "fr"), exactly(1, ByLanguage, "fr", "en")}, []int{0, 1}},
	} {
		if diff := cmp.Diff(tt.want, slices.Concat(Contradictions(tt.targets, tt.seats, start)...)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

// Targets that contradict one another are named among many others, and so are two
// sets of them that have nothing to do with one another.
func TestEveryContradictionIsNamed(t *testing.T) {
	var many []Target
	for _, lang := range taxonomy.UNLanguages() {
		many = append(many, Target{Exactly, 2, ByLanguage, []string{lang}})
	}
	for _, group := range directory.Groups() {
		many = append(many, Target{Exactly, 2, ByLedBy, []string{group}})
	}
	many = append(many[:14],
		Target{AtLeast, 1, ByGender, []string{"woman"}}, Target{AtLeast, 3, ByRegion, []string{"014"}}, Target{AtLeast, 2, ByGroup, []string{"199"}},
		Target{AtLeast, 5, ByCategory, []string{"ngo"}}, Target{AtMost, 2, ByRegion, []string{"002"}}, Target{AtLeast, 4, ByCategory, []string{"media"}})
	if diff := cmp.Diff([][]int{{15, 18}, {17, 19}}, Contradictions(many, 8, start)); diff != "" {
		t.Error(diff)
	}
	err := conflictFault(many, 8, start)
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		t.Fatal(err)
	}
	var named []string
	for _, field := range f.Fields {
		named = append(named, field.Pointer+" and "+field.Params["others"])
	}
	slices.Sort(named)
	if diff := cmp.Diff([]string{"/targets/15 and 19", "/targets/17 and 20", "/targets/18 and 16", "/targets/19 and 18"}, named); diff != "" {
		t.Error(diff)
	}
	if sets := Contradictions(many[:16], 8, start); sets != nil {
		t.Errorf("%v contradict one another", sets)
	}
}

// Every set that is called contradictory is missed by every panel, and is
// minimal: without any one of it the rest is no contradiction.
func TestContradictionsAreMinimalAndTrue(t *testing.T) {
	found := 0
	for seed := range uint64(500) {
		d := drawFrom(20_000 + seed)
		seats := 1 + d.IntN(4)
		var targets []Target
		for range 4 {
			if x := d.target(seats); len(x.Values) > 0 || x.each() || x.Of == ByConflict {
				targets = append(targets, x)
			}
		}
		sets := Contradictions(targets, seats, start)
		if len(sets) == 0 {
			continue
		}
		set := sets[0]
		found++
		some := make([]Target, len(set))
		for i, k := range set {
			some[i] = targets[k]
		}
		for i := range some {
			if rest := slices.Delete(slices.Clone(some), i, i+1); Contradictions(rest, seats, start) != nil {
				t.Errorf("seed %d: %v contradicts itself without %v", seed, rest, some[i])
			}
		}
		p := NewPanel("E1")
		for i := range seats {
			p.Seats = append(p.Seats, Seat{ID: strconv.Itoa(i), Role: SeatSpeaker})
		}
		p.Targets = some
		if missed, _ := exhaust(p, d.pool(12)); missed == 0 {
			t.Errorf("seed %d: %v is called a contradiction, and a panel meets it", seed, some)
		}
	}
	if found < 10 {
		t.Errorf("%d contradictions: too few to say anything", found)
	}
}

func TestPanelIsChecked(t *testing.T) {
	who := Person{Stakeholder: "S1", Contact: "C1"}
	seat := func(change func(*Seat)) PanelPlan {
		s := Seat{ID: "a", Role: SeatSpeaker}
		change(&s)
		return PanelPlan{Seats: []Seat{s}}
	}
	target := func(t Target) PanelPlan {
		return PanelPlan{Seats: []Seat{{ID: "a", Role: SeatSpeaker}}, Targets: []Target{t}}
	}
	for name, tt := range map[string]struct {
		plan PanelPlan
		want string
	}{
		"no seat":            {PanelPlan{}, "/seats:list.empty"},
		"41 seats":           {PanelPlan{Seats: make([]Seat, 41)}, "/seats:list.too_long"},
		"a seat twice":       {PanelPlan{Seats: []Seat{{ID: "a", Role: SeatSpeaker}, {ID: "a", Role: SeatSpeaker}}}, "/seats/1/id:list.repeated"},
		"no seat id":         {seat(func(s *Seat) { s.ID = "" }), "/seats/0/id:id.malformed"},
		"no role":            {seat(func(s *Seat) { s.Role = "chair" }), "/seats/0/role:panel.role_unknown"},
		"pinned and open":    {seat(func(s *Seat) { s.Pinned = true }), "/seats/0/pinned:panel.pinned_open"},
		"nobody in it":       {seat(func(s *Seat) { s.Holder = &Person{} }), "/seats/0/holder/stakeholder:id.malformed"},
		"in two seats":       {PanelPlan{Seats: []Seat{{ID: "a", Role: SeatSpeaker, Holder: &who}, {ID: "b", Role: SeatSpeaker, Holder: &who}}}, "/seats/1/holder:panel.seated_twice"},
		"banned":             {PanelPlan{Seats: []Seat{{ID: "a", Role: SeatSpeaker, Holder: &who}}, Bans: []Person{{Stakeholder: "S1"}}}, "/seats/0/holder:panel.banned"},
		"an alternate twice": {seat(func(s *Seat) { s.Alternates = []Person{who, who} }), "/seats/0/alternates/1:list.repeated"},
		"a rule":             {target(Target{"more_than", 1, ByCategory, []string{"ngo"}}), "/targets/0/rule:target.rule_unknown"},
		"an attribute":       {target(Target{AtLeast, 1, "age", []string{"40"}}), "/targets/0/of:target.attribute_unknown"},
		"at least none":      {target(Target{AtLeast, 0, ByCategory, []string{"ngo"}}), "/targets/0/count:target.count_outside"},
		"each, at least":     {target(Target{AtLeast, 1, ByEachCountry, nil}), "/targets/0/rule:target.at_most_alone"},
		"each, of values":    {target(Target{AtMost, 1, ByEachCountry, []string{"CH"}}), "/targets/0/values:target.without_values"},
		"no values":          {target(Target{AtLeast, 1, ByCategory, nil}), "/targets/0/values:list.empty"},
		"a category":         {target(Target{AtLeast, 1, ByCategory, []string{"club"}}), "/targets/0/values/0:category.unknown"},
		"a region":           {target(Target{AtLeast, 1, ByRegion, []string{"199"}}), "/targets/0/values/0:region.unknown"},
		"a gender":           {target(Target{AtLeast, 1, ByGender, []string{"women"}}), "/targets/0/values/0:gender.unknown"},
		"a first":            {target(Target{AtLeast, 1, ByFirst, []string{"never_came"}}), "/targets/0/values/0:target.first_timer_unknown"},
		"a contradiction":    {target(Target{AtLeast, 2, ByCategory, []string{"ngo"}}), "/targets/0:target.impossible"},
		"a pool":             {PanelPlan{Seats: []Seat{{ID: "a", Role: SeatSpeaker}}, Pool: &Audience{Filters: map[string][]string{"age": {"1"}}}}, "/pool/filters/age:event.filter_unknown"},
	} {
		err := NewPanel("E1").Revise(tt.plan, start)
		f, ok := errors.AsType[*fault.Error](err)
		if !ok || f.Kind != fault.Invalid || f.Fields[0].Pointer+":"+f.Fields[0].Code != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
}

func TestBalance(t *testing.T) {
	woman := Candidate{ID: "S1.C1", Stakeholder: "S1", Contact: "C1", Category: "ngo", Country: "KE", Gender: "woman"}
	colleague := Candidate{ID: "S1.C2", Stakeholder: "S1", Contact: "C2", Category: "ngo", Country: "KE", Conflict: true}
	other := Candidate{ID: "S2", Stakeholder: "S2", Category: "government", Country: "CH", Invited: 3}
	p := NewPanel("E1")
	sits := func(c Candidate) Seat {
		who := c.Person()
		return Seat{ID: c.Contact + "seat", Role: SeatSpeaker, Holder: &who}
	}
	p.Seats = []Seat{sits(woman), sits(colleague), {ID: "open", Role: SeatModerator}}
	p.Targets = []Target{
		{AtLeast, 1, ByGender, []string{"woman"}},
		{AtLeast, 1, ByCategory, []string{"government"}},
		{AtMost, 1, ByOrganisation, nil},
		{AtLeast, 1, ByCategory, []string{"media"}},
		{AtLeast, 2, ByRegion, []string{"150"}},
		{AtMost, 0, ByConflict, nil},
		{Exactly, 1, ByRegion, []string{"202"}},
	}
	known := map[string]Candidate{woman.ID: woman, colleague.ID: colleague}
	zero, one := 0, 1
	nobody := reason("balance.too_few_available", "available", "0", "needed", "1")
	tooFew := reason("balance.too_few_available", "available", "1", "needed", "2")
	want := []Balance{
		{0, TargetMet, 1, 0, 1, &zero, nil},
		{1, TargetShort, 0, 1, 1, &one, nil},
		{2, TargetOver, 2, 1, 1, nil, nil},
		{3, TargetUnmeetable, 0, 1, 1, &zero, &nobody},
		{4, TargetUnmeetable, 0, 2, 1, &one, &tooFew},
		{5, TargetOver, 1, 1, 1, nil, nil},
		{6, TargetOver, 2, 1, 1, &zero, nil},
	}
	got := p.Balance(known, []Candidate{other, woman}, start)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := Missed(got); n != 7 {
		t.Errorf("missed by %d", n)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 4, 5, 6}, Unmet(got)); diff != "" {
		t.Error(diff)
	}
}

func TestNextAlternate(t *testing.T) {
	a, b, c, d := Person{"S1", ""}, Person{"S2", "C2"}, Person{"S3", ""}, Person{"S4", ""}
	p := NewPanel("E1")
	must(p.Revise(PanelPlan{
		Seats:   []Seat{{ID: "1", Role: SeatSpeaker, Holder: &a, Pinned: true, Alternates: []Person{b, c, d}}, {ID: "2", Role: SeatSpeaker, Holder: &c}},
		Targets: []Target{{AtMost, 0, ByConflict, nil}},
	}, start))
	must(p.Declare(Person{Stakeholder: "S2"}, start))
	p.Take()
	next, err := p.NextAlternate("1", start)
	if err != nil || next == nil || *next != d {
		t.Fatalf("%v, %v: want the third, since the first has a conflict and the second sits", next, err)
	}
	if e := p.Take(); len(e) != 1 || e[0].Type != "panel.alternate_seated" || e[0].Data["stakeholder"] != "S4" {
		t.Errorf("%v", e)
	}
	if next, err = p.NextAlternate("1", start); next != nil || err != nil || p.Seats[0].Holder != nil {
		t.Errorf("%v, %v", next, err)
	}
	if _, err = p.NextAlternate("1", start); !errors.Is(err, ErrNoAlternate) {
		t.Error(err)
	}
	if _, err = p.NextAlternate("9", start); !errors.Is(err, ErrSeatUnknown) {
		t.Error(err)
	}
	if diff := cmp.Diff([]Person{a, d}, p.Seats[0].Passed); diff != "" {
		t.Error(diff)
	}
	must(p.Revise(PanelPlan{Seats: []Seat{{ID: "1", Role: SeatModerator, Passed: []Person{b}}}}, start))
	if diff := cmp.Diff([]Person{a, d}, p.Seats[0].Passed); diff != "" {
		t.Errorf("who was passed over is not the organiser's to say: %s", diff)
	}
}

// Whoever follows whom, nobody sits twice, and nobody banned or passed over in a
// seat comes back to it.
func TestSeatsAreHeldOnce(t *testing.T) {
	people := []Person{{"S1", ""}, {"S2", "C1"}, {"S2", "C2"}, {"S3", ""}, {"S4", ""}}
	rapid.Check(t, func(t *rapid.T) {
		var plan PanelPlan
		for i := range 3 {
			plan.Seats = append(plan.Seats, Seat{ID: strconv.Itoa(i), Role: SeatSpeaker, Alternates: rapid.SliceOfDistinct(rapid.SampledFrom(people), func(p Person) Person { return p }).Draw(t, "alternates")})
		}
		plan.Bans = []Person{rapid.SampledFrom(people).Draw(t, "ban")}
		p := NewPanel("E1")
		if err := p.Revise(plan, start); err != nil {
			t.Fatal(err)
		}
		for range 12 {
			_, _ = p.NextAlternate(strconv.Itoa(rapid.IntRange(0, 2).Draw(t, "seat")), start)
			seen := map[Person]bool{}
			for _, s := range p.Seats {
				if s.Holder == nil {
					continue
				}
				if seen[*s.Holder] || p.banned(*s.Holder) || slices.Contains(s.Passed, *s.Holder) {
					t.Fatalf("%v in %v", *s.Holder, p.Seats)
				}
				seen[*s.Holder] = true
			}
		}
	})
}

// A pool is not made to tell how small a group of it is.
func TestBalanceCountsNoSmallGroup(t *testing.T) {
	p := NewPanel("E1")
	p.Seats = []Seat{{ID: "1", Role: SeatSpeaker}, {ID: "2", Role: SeatSpeaker}, {ID: "3", Role: SeatSpeaker}}
	p.Targets = []Target{{AtLeast, 3, ByLedBy, []string{"refugees"}}}
	var pool []Candidate
	for i := range 7 {
		pool = append(pool, Candidate{ID: strconv.Itoa(i), Stakeholder: strconv.Itoa(i), LedBy: []string{"refugees"}})
	}
	few := p.Balance(nil, pool[:2], start)[0]
	if *few.Available != 0 || few.State != TargetUnmeetable || few.Reason.Code != "balance.too_few_to_tell" || len(few.Reason.Params) != 1 {
		t.Errorf("%+v %+v", few, few.Reason)
	}
	if many := p.Balance(nil, pool, start)[0]; *many.Available != 5 || many.State != TargetShort {
		t.Errorf("%+v", many)
	}
}
