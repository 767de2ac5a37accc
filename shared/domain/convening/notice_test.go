package convening

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/journal"
)

// published is an event that is out and whose audience is invited.
func published(t *testing.T) *Event {
	t.Helper()
	e, err := NewEvent("E1", "unit-1", "Unit One", plan(), start)
	if err != nil {
		t.Fatal(err)
	}
	must(e.Publish(start))
	e.Planned(start)
	e.Take()
	return e
}

func kinds(entries []journal.Entry) []string {
	var list []string
	for _, e := range entries {
		list = append(list, e.Type)
	}
	return list
}

func TestReviseAPublishedEvent(t *testing.T) {
	for _, tt := range []struct {
		name     string
		change   func(*Plan)
		changed  []string
		recorded []string
		pending  bool
		replan   bool
	}{
		{"a title", func(p *Plan) { p.Titles = []directory.Text{{Lang: p.Titles[0].Lang, Text: "Money"}} }, []string{"title"}, []string{"event.revised", "event.changed"}, true, false},
		{"a title in a further language", func(p *Plan) { p.Titles = append(slices.Clone(p.Titles), directory.Text{Lang: "zh", Text: "汇款"}) }, nil, []string{"event.revised"}, false, false},
		{"the start", func(p *Plan) { p.Starts = p.Starts.Add(time.Hour) }, []string{"time"}, []string{"event.revised", "event.changed"}, true, false},
		{"the zone alone", func(p *Plan) { p.Zone = "Africa/Dakar" }, []string{"time"}, []string{"event.revised", "event.changed"}, true, false},
		{"place and room", func(p *Plan) { p.Place, p.Online = "", "https://meet.example.org/2" }, []string{"place", "room"}, []string{"event.revised", "event.changed"}, true, false},
		{"when a course meets", func(p *Plan) {
			p.Kind, p.Sessions = "course", []Session{{Titles: p.Titles, Starts: p.Starts, Ends: p.Ends}}
		}, []string{"sessions"}, []string{"event.revised", "event.changed"}, true, false},
		{"the rule of attribution", func(p *Plan) { p.Attribution = ChathamHouse }, []string{"attribution"}, []string{"event.revised", "event.changed"}, true, false},
		{"the rule, said out", func(p *Plan) { p.Attribution = Attributed }, nil, []string{"event.revised"}, false, false},
		{"interpretation", func(p *Plan) { p.Interpretation = []string{"es"} }, []string{"interpretation"}, []string{"event.revised", "event.changed"}, true, false},
		{"the answer-by date", func(p *Plan) { p.AnswerBy = at(10) }, nil, []string{"event.revised"}, true, false},
		{"the audience", func(p *Plan) { p.Audience.Filters["country"] = []string{"CH", "IT"} }, nil, []string{"event.revised"}, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := published(t)
			p := plan()
			p.AnswerBy = e.AnswerBy
			tt.change(&p)
			must(e.Revise("Unit One", p, *at(1)))
			if diff := cmp.Diff(tt.recorded, kinds(e.Take())); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(tt.changed, e.ChangedSince(0)); diff != "" || (e.Sequence == 1) != (tt.changed != nil) {
				t.Errorf("sequence %d, %s", e.Sequence, diff)
			}
			if e.Pending != tt.pending || (e.PlannedAt == nil) != tt.replan || e.DueAt.Equal(*at(1)) != (tt.pending || tt.replan) {
				t.Errorf("pending %t, planned at %v, due at %v", e.Pending, e.PlannedAt, e.DueAt)
			}
		})
	}
}

// Who waits for a place when the event is closed, or the date passes, is told that
// none came free; who said nothing is not written to.
func TestWhoWaitedIsTold(t *testing.T) {
	waiting := func() *Invitation {
		i := NewInvitation(published(t), "S1", "C1", start)
		i.Advance(start)
		i.Full = true
		must(i.Answer(Answer{Answer: Accepted}, start))
		i.Take()
		return i
	}
	closed := published(t)
	must(closed.Close(*at(2)))
	for name, end := range map[string]func(*Invitation){
		"closed": func(i *Invitation) { i.Hear(closed) },
		"passed": func(i *Invitation) { i.Advance(i.AnswerBy) },
	} {
		i := waiting()
		end(i)
		end(i)
		if diff := cmp.Diff([]string{"invitation.expired", "invitation.unplaced"}, kinds(i.Take())); diff != "" || i.Status != Expired {
			t.Errorf("%s: %s, %s", name, i.Status, diff)
		}
	}
	silent := NewInvitation(published(t), "S1", "C1", start)
	silent.Advance(start)
	silent.Take()
	silent.Advance(silent.AnswerBy)
	if diff := cmp.Diff([]string{"invitation.expired"}, kinds(silent.Take())); diff != "" {
		t.Error(diff)
	}
}

func TestTheLifeOfAnEvent(t *testing.T) {
	draft, err := NewEvent("E1", "unit-1", "Unit One", plan(), start)
	if err != nil {
		t.Fatal(err)
	}
	if err := draft.Close(start); !errors.Is(err, ErrNotPublished) {
		t.Errorf("a draft was closed: %v", err)
	}
	draft.Hold(*at(100))
	must(draft.Cancel("", start))
	if draft.Status != Cancelled || draft.DueAt != nil || draft.Pending {
		t.Errorf("a draft that was cancelled: %+v", draft)
	}
	e := published(t)
	e.Hold(*at(29))
	must(e.Close(*at(20)))
	must(e.Close(*at(21)))
	if e.Status != Closed || !e.Pending || !errors.Is(e.TakesAnswers(), ErrInvitationClosed) {
		t.Errorf("%+v", e)
	}
	e.Told(e.Version, *at(20))
	e.Hold(*at(31))
	e.Hold(*at(32))
	if diff := cmp.Diff([]string{"event.closed", "event.told", "event.held"}, kinds(e.Take())); diff != "" || e.DueAt == nil || e.Thanks(e.DueAt.Add(-1)) || !e.Thanks(*e.DueAt) {
		t.Errorf("due at %v: %s", e.DueAt, diff)
	}
	e.Thanked(*e.DueAt)
	e.Thanked(*at(60))
	if diff := cmp.Diff([]string{"event.thanked"}, kinds(e.Take())); diff != "" || e.DueAt == nil || e.ForgetsNames(e.DueAt.Add(-1)) || !e.ForgetsNames(*e.DueAt) || !e.DueAt.Equal(e.Ends.Add(NamedKept)) {
		t.Errorf("due at %v: %s", e.DueAt, diff)
	}
	e.NamesForgotten(*e.DueAt)
	e.NamesForgotten(*at(200))
	if diff := cmp.Diff([]string{"event.names_forgotten"}, kinds(e.Take())); diff != "" || e.DueAt != nil {
		t.Errorf("due at %v: %s", e.DueAt, diff)
	}
	for _, late := range []error{e.Revise("Unit One", plan(), *at(31)), e.Cancel("", *at(31))} {
		if !errors.Is(late, ErrEventOver) {
			t.Errorf("changed after it was held: %v", late)
		}
	}
	if diff := cmp.Diff([]string{"/reason text.bidi_control"}, refused(t, published(t).Cancel("a\u202eb", start))); diff != "" {
		t.Error(diff)
	}
}

func TestACapacityBelowTheAccepted(t *testing.T) {
	for capacity, want := range map[int][]string{0: nil, 4: {"/capacity event.capacity_below_accepted"}, 5: nil} {
		if diff := cmp.Diff(want, refused(t, Plan{Outreach: Outreach{Capacity: capacity}}.CheckCapacity(5))); diff != "" {
			t.Error(diff)
		}
	}
}

// Each status of an invitation, and what it hears of a change, of the end of
// answers, and of a cancellation.
func TestHear(t *testing.T) {
	for status, want := range map[InvitationStatus][3]string{
		Planned:   {"invitation.revised", "invitation.expired", "invitation.dropped"},
		Queued:    {"invitation.changed", "invitation.changed invitation.expired", "invitation.cancelled"},
		Delivered: {"invitation.changed", "invitation.changed invitation.expired", "invitation.cancelled"},
		Accepted:  {"invitation.changed", "invitation.changed", "invitation.cancelled"},
		Tentative: {"invitation.changed", "invitation.changed", "invitation.cancelled"},
		Declined:  {"", "", ""}, Expired: {"", "", ""}, Bounced: {"", "", ""}, Withdrawn: {"", "", ""}, Delegated: {"", "", ""},
	} {
		for k, became := range []EventStatus{Published, Closed, Cancelled} {
			e := published(t)
			i := NewInvitation(e, "S1", "C1", start)
			if i.Status = status; final(status) || status == Withdrawn || status == Delegated {
				i.DueAt = nil
			}
			e.Status, e.Sequence = became, 1
			i.Take()
			i.Hear(e)
			heard := ""
			for _, kind := range recorded(i) {
				heard += " " + kind
			}
			if diff := cmp.Diff(" "+want[k], heard); diff != "" && want[k]+heard != "" {
				t.Errorf("%s of an event that is %s: %s", status, became, diff)
			}
			if i.Hear(e); len(i.Take()) > 0 || became != Published && i.DueAt != nil {
				t.Errorf("%s heard twice that it is %s, due at %v", status, became, i.DueAt)
			}
		}
	}
}

func TestAnInvitationFollowsTheAnswerByDate(t *testing.T) {
	e := published(t)
	i := NewInvitation(e, "S1", "C1", start)
	i.Advance(start)
	i.Take()
	e.AnswerBy, e.UpdatedAt = at(28), *at(1)
	i.Hear(e)
	if diff := cmp.Diff([]string{"invitation.revised"}, recorded(i)); diff != "" || !i.DueAt.Equal(*at(25)) || !i.AnswerBy.Equal(*at(28)) {
		t.Errorf("answer by %s, due at %v: %s", i.AnswerBy, i.DueAt, diff)
	}
}

// TestADeadlineOfOnesOwnIsKept moves the date of the event for who has an own one
// before it, as somebody who was named has: it stays, unless the event's is sooner.
func TestADeadlineOfOnesOwnIsKept(t *testing.T) {
	for _, tt := range []struct {
		name             string
		event            float64 // the new date
		answerBy, cutOff float64
		want             []string
	}{
		{"as it was", 20, 10, 20, nil},
		{"later", 28, 10, 28, []string{"invitation.revised"}},
		{"sooner, and after the own one", 15, 10, 15, []string{"invitation.revised"}},
		{"before the own one", 5, 5, 5, []string{"invitation.revised"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := published(t)
			first := invited(20)
			first.Advance(start)
			i := handOn(t, first, 0)
			i.Take()
			e.AnswerBy, e.UpdatedAt = at(tt.event), *at(1)
			i.Hear(e)
			i.Hear(e)
			if diff := cmp.Diff(tt.want, recorded(i)); diff != "" || !i.AnswerBy.Equal(*at(tt.answerBy)) || !i.MindUntil().Equal(*at(tt.cutOff)) || i.DueAt == nil || i.DueAt.After(i.AnswerBy) {
				t.Errorf("answer by %s, mind until %s, due at %v: %s", i.AnswerBy, i.MindUntil(), i.DueAt, diff)
			}
		})
	}
}
