package convening

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
)

func seriesPlan() SeriesPlan {
	return SeriesPlan{
		Titles: []directory.Text{{Lang: "en", Text: "Seminar series"}, {Lang: "fr", Text: "Série de séminaires"}},
		Topics: []string{"gcm:23"}, Units: []string{"geneva"},
		CoOrganisers: []CoOrganiser{{Stakeholder: "S1"}, {Name: "A foundation"}},
		Hosts:        []Host{{Year: 2026, CoOrganiser: CoOrganiser{Stakeholder: "S2"}}, {Year: 2027, Topics: []string{"gcm:1"}}},
	}
}

func TestSeriesAreValidated(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*SeriesPlan)
		want   []string
	}{
		{"nothing", func(p *SeriesPlan) { *p = SeriesPlan{} }, []string{"/titles event.title_missing"}},
		{"two titles in one language", func(p *SeriesPlan) { p.Titles[1].Lang = "en" }, []string{"/titles/1/lang language.repeated"}},
		{"the owner beside itself", func(p *SeriesPlan) { p.Units = []string{"unitar", "a b"} }, []string{"/units/0 id.malformed", "/units/1 id.malformed"}},
		{"two hosts in one year", func(p *SeriesPlan) { p.Hosts[1].Year = 2026 }, []string{"/hosts/1/year series.two_hosts"}},
		{"a host of neither name nor themes", func(p *SeriesPlan) { p.Hosts[0] = Host{Year: 1} }, []string{"/hosts/0/name text.empty", "/hosts/0/year number.outside"}},
		{"an unknown theme", func(p *SeriesPlan) { p.Hosts[1].Topics = []string{"gcm:24"} }, []string{"/hosts/1/topics/0 topic.unknown"}},
		{"a co-organiser without a name", func(p *SeriesPlan) { p.CoOrganisers[1] = CoOrganiser{} }, []string{"/co_organisers/1/name text.empty"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := seriesPlan()
			tt.change(&p)
			_, err := NewSeries("R1", "unitar", p, start)
			if diff := cmp.Diff(tt.want, refused(t, err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestASeriesIsOrganisedByItsUnits(t *testing.T) {
	s, err := NewSeries("R1", "unitar", seriesPlan(), start)
	if err != nil {
		t.Fatal(err)
	}
	for unit, want := range map[string]bool{"unitar": true, "geneva": true, "nairobi": false, "": false} {
		if got := s.Organises(unit); got != want {
			t.Errorf("%q organises: %t", unit, got)
		}
	}
	if h, known := s.HostOf(2027); !known || !slices.Equal(h.Topics, []string{"gcm:1"}) {
		t.Errorf("host of 2027: %v %t", h, known)
	}
	if _, known := s.HostOf(2028); known {
		t.Error("2028 has a host")
	}
	if diff := cmp.Diff([]int{2027, 2026}, []int{s.Hosts[0].Year, s.Hosts[1].Year}); diff != "" {
		t.Errorf("the latest host is not first: %s", diff)
	}
}

func TestACopyTakesNoPromisesAlong(t *testing.T) {
	s, err := NewSeries("R1", "unitar", seriesPlan(), start)
	if err != nil {
		t.Fatal(err)
	}
	c := s.Copy("R2", "geneva", start)
	want := SeriesPlan{Titles: s.Titles, Topics: s.Topics}
	if diff := cmp.Diff(want, c.SeriesPlan); diff != "" || c.CopyOf != "R1" || c.Unit != "geneva" {
		t.Errorf("copy of %s for %s (-want +got):\n%s", c.CopyOf, c.Unit, diff)
	}
	c.Titles[0].Text = "Another"
	if s.Titles[0].Text == "Another" {
		t.Error("the copy shares its titles with the series")
	}
}

func TestASeriesForgetsWhoIsErased(t *testing.T) {
	s, err := NewSeries("R1", "unitar", seriesPlan(), start)
	if err != nil {
		t.Fatal(err)
	}
	s.Take()
	s.Forget("S2", start)
	if h, _ := s.HostOf(2026); h.Stakeholder != "" || len(s.Hosts) != 2 {
		t.Errorf("hosts %v", s.Hosts)
	}
	s.Forget("S1", start)
	if diff := cmp.Diff([]CoOrganiser{{Name: "A foundation"}}, s.CoOrganisers); diff != "" || len(s.Names()) > 0 {
		t.Errorf("%v %s", s.Names(), diff)
	}
	if n := len(s.Take()); n != 2 {
		t.Errorf("%d entries", n)
	}
	if s.Forget("S1", start); len(s.Take()) > 0 {
		t.Error("forgetting again records something")
	}
}

// TestAnInvitationFollowsItsSeries holds that the ledger's series is that of the
// event, also when the event moves to another.
func TestAnInvitationFollowsItsSeries(t *testing.T) {
	p := plan()
	p.Series = "R1"
	e, err := NewEvent("E1", "unit-1", "Unit One", p, start)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Publish(start); err != nil {
		t.Fatal(err)
	}
	i := InvitationOf(e, Guest{Stakeholder: &directory.Stakeholder{ID: "S1", Profile: directory.Profile{Category: "ngo", Country: "CH"}}, Contact: directory.Contact{ID: "C1"}}, start)
	if i.Series != "R1" || i.Category != "ngo" || !slices.Contains(i.Regions, "150") || slices.Contains(i.Regions, "001") {
		t.Errorf("series %q, category %q, regions %v", i.Series, i.Category, i.Regions)
	}
	e.Planned(start)
	p.Series = "R2"
	if err := e.Revise("Unit One", p, start.Add(time.Minute)); err != nil || !e.Pending {
		t.Fatalf("pending %t: %v", e.Pending, err)
	}
	i.Take()
	i.Hear(e)
	if i.Series != "R2" || len(i.Take()) == 0 {
		t.Errorf("series %q", i.Series)
	}
	if i.Hear(e); len(i.Take()) > 0 {
		t.Error("hearing again records something")
	}
}

// TestTheFirstTimeSpeaker holds that the floor is taken for the first time once.
func TestTheFirstTimeSpeaker(t *testing.T) {
	first, second := LedgerRow{Event: "E1", Contact: "C1", Spoke: true, Attendance: Attended}, LedgerRow{Event: "E1", Contact: "C2"}
	l := &Ledger{Rows: []LedgerRow{first, second}, Folded: Engagement{Contacts: map[string]Tally{"C3": {Spoke: 1}}}}
	for _, c := range []struct {
		event, contact string
		spoke, want    bool
	}{
		{"E1", "C1", true, true},
		{"E2", "C1", true, false},
		{"E2", "C2", true, true},
		{"E2", "C2", false, false},
		{"E2", "C3", true, false},
	} {
		i := &Invitation{EventID: c.event, Contact: c.contact, Spoke: c.spoke}
		if i.Introduce(l); i.Debut != c.want {
			t.Errorf("%v: %t", c, i.Debut)
		}
	}
}

func TestTalliesAddUp(t *testing.T) {
	asked := start
	i := &Invitation{AskedAt: &asked, AnsweredAt: &asked, Status: Accepted, Attendance: Attended, Spoke: true}
	want := Tally{Invited: 1, Answered: 1, Accepted: 1, Attended: 1, Spoke: 1}
	if diff := cmp.Diff(want, i.Tally()); diff != "" {
		t.Error(diff)
	}
	if got := want.Add(want).Less(want); got != want {
		t.Error(got)
	}
	if got := (&Invitation{Status: Planned}).Tally(); got != (Tally{}) {
		t.Errorf("a planned invitation counts %v", got)
	}
}
