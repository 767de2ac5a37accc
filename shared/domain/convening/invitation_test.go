package convening

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// invited is an invitation that is answered within n days.
func invited(n float64) *Invitation {
	e := &Event{ID: "E1", Plan: Plan{AnswerBy: at(n)}}
	i := NewInvitation(e, "S1", "C1", start)
	i.Take()
	return i
}

func recorded(i *Invitation) []string {
	var list []string
	for _, e := range i.Take() {
		list = append(list, e.Type)
	}
	return list
}

func TestAdvance(t *testing.T) {
	for _, tt := range []struct {
		name     string
		answerBy float64
		looks    []float64 // days from now
		due      []float64 // the next look after each; -1 for none
		want     []string
	}{
		{"in good time", 20, []float64{0, 16, 17, 17, 20, 21}, []float64{17, 17, 20, 20, -1, -1}, []string{"invitation.queued", "invitation.reminded", "invitation.expired"}},
		{"two days are left", 2, []float64{0, 1, 2}, []float64{1, 2, -1}, []string{"invitation.queued", "invitation.reminded", "invitation.expired"}},
		{"planner down past the reminder", 20, []float64{0, 19.5, 20}, []float64{17, 20, -1}, []string{"invitation.queued", "invitation.reminded", "invitation.expired"}},
		{"planner down to the end", 20, []float64{0, 25}, []float64{17, -1}, []string{"invitation.queued", "invitation.expired"}},
		{"planner down from the start", 20, []float64{20}, []float64{-1}, []string{"invitation.expired"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := invited(tt.answerBy)
			for k, look := range tt.looks {
				i.Advance(*at(look))
				got := -1.0
				if i.DueAt != nil {
					got = i.DueAt.Sub(start).Hours() / 24
				}
				if got != tt.due[k] {
					t.Errorf("after day %g: due on day %g, want %g", look, got, tt.due[k])
				}
			}
			if diff := cmp.Diff(tt.want, recorded(i)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnswer(t *testing.T) {
	yes, no := Answer{Answer: Accepted}, Answer{Answer: Declined, Reason: "Away."}
	for _, tt := range []struct {
		name   string
		before func(*Invitation)
		answer Answer
		day    float64
		want   error
	}{
		{"accepted", nil, yes, 1, nil},
		{"declined", nil, no, 1, nil},
		{"tentative", nil, Answer{Answer: Tentative}, 1, nil},
		{"to a mail that came back", func(i *Invitation) { i.MarkBounced() }, yes, 1, nil},
		{"at the last moment", nil, yes, 20, ErrInvitationClosed},
		{"after it was closed", func(i *Invitation) { i.Advance(*at(20)); i.DueAt = nil }, yes, 1, ErrInvitationClosed},
		{"withdrawn", func(i *Invitation) { i.Status = Withdrawn }, yes, 1, ErrInvitationClosed},
		{"delegated", func(i *Invitation) { i.Status = Delegated }, yes, 1, ErrInvitationClosed},
		{"before it went out", func(i *Invitation) { i.Status = Planned }, yes, 1, ErrInvitationClosed},
		{"the same again, late", func(i *Invitation) { must(i.Answer(yes, *at(1))) }, yes, 25, nil},
		{"another, late", func(i *Invitation) { must(i.Answer(yes, *at(1))) }, no, 25, ErrInvitationClosed},
		{"no answer", nil, Answer{Answer: Expired}, 1, ErrAnswerUnknown},
		{"a status", nil, Answer{Answer: Delivered}, 1, ErrAnswerUnknown},
		{"nothing", nil, Answer{}, 1, ErrAnswerUnknown},
		{"a hostile reason", nil, Answer{Answer: Declined, Reason: "a\u202eb"}, 1, ErrAnswerUnknown},
		{"a long reason", nil, Answer{Answer: Declined, Reason: strings.Repeat("я", 1001)}, 1, ErrAnswerUnknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			i := invited(20)
			i.Advance(start)
			if tt.before != nil {
				tt.before(i)
			}
			i.Take()
			was, entries := i.Status, 0
			err := i.Answer(tt.answer, *at(tt.day))
			if !errors.Is(err, tt.want) {
				t.Fatalf("%v, want %v", err, tt.want)
			}
			if entries = len(i.Take()); err != nil && (i.Status != was || entries > 0) {
				t.Errorf("refused, and changed to %s", i.Status)
			}
			if err == nil && (i.Status != tt.answer.Answer || i.DueAt != nil || !i.Answered()) {
				t.Errorf("%+v", i)
			}
		})
	}
}

func TestReply(t *testing.T) {
	i := invited(20)
	i.Advance(start)
	for _, step := range []struct {
		name   string
		answer InvitationStatus
		stamp  time.Time
		day    float64
		want   InvitationStatus
	}{
		{"the first", Accepted, *at(1), 1.1, Accepted},
		{"a change of mind", Declined, *at(2), 2.1, Declined},
		{"the first again", Accepted, *at(1), 3, Declined},
		{"the second again", Declined, *at(2), 3, Declined},
		{"of a clock that is ahead", Tentative, *at(400), 4, Tentative},
		{"and the next of it", Accepted, *at(401), 5, Accepted},
		{"without a stamp", Declined, time.Time{}, 6, Declined},
		{"too late", Accepted, *at(20), 20, Declined},
	} {
		err := i.Reply(Answer{Answer: step.answer}, step.stamp, *at(step.day))
		if i.Status != step.want || (err != nil) != (step.name == "too late") {
			t.Errorf("%s: %s, %v", step.name, i.Status, err)
		}
	}
	must(i.Answer(Answer{Answer: Accepted}, *at(7)))
	if err := i.Reply(Answer{Answer: Declined}, *at(6.9), *at(7.1)); err != nil || i.Status != Accepted {
		t.Errorf("a reply given before the answer that stands: %s, %v", i.Status, err)
	}
	if err := i.Reply(Answer{Answer: Expired}, *at(7), *at(7)); !errors.Is(err, ErrAnswerUnknown) {
		t.Errorf("%v", err)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Whatever happens to an invitation in whatever order, the law of its life
// holds: see hold.
func TestInvitationIsAStateMachine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := invited(rapid.Float64Range(0.001, 60).Draw(t, "answer by"))
		now, reminders := start, 0
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.Int64Range(0, int64(days(6))).Draw(t, "later")))
			happen := drawn(t, i, now)
			before := *i
			err := happen()
			entries := recorded(i)
			for _, e := range entries {
				if e == "invitation.reminded" {
					reminders++
				}
			}
			hold(t, &before, i, now, entries, err)
			settled := *i
			if err2 := happen(); (err2 == nil) != (err == nil) || len(i.Take()) > 0 || !cmp.Equal(&settled, i, cmp.AllowUnexported(Invitation{}), cmp.FilterPath(journalPath, cmp.Ignore())) {
				t.Errorf("the same again changed it: %v, %s to %s", err2, settled.Status, i.Status)
			}
		}
		if reminders > 1 {
			t.Errorf("reminded %d times", reminders)
		}
	})
}

func journalPath(p cmp.Path) bool { return p.Last().String() == ".Log" }

func drawn(t *rapid.T, i *Invitation, now time.Time) func() error {
	quietly := func(f func()) func() error { return func() error { f(); return nil } }
	switch rapid.SampledFrom([]string{"advance", "advance when due", "sent", "delivered", "bounced", "answer"}).Draw(t, "step") {
	case "advance when due":
		if i.DueAt != nil && i.DueAt.After(now) {
			now = *i.DueAt
		}
		return quietly(func() { i.Advance(now) })
	case "sent":
		return quietly(func() { i.MarkSent(now) })
	case "delivered":
		return quietly(func() { i.MarkDelivered(now) })
	case "bounced":
		return quietly(i.MarkBounced)
	case "answer":
		a := Answer{Answer: rapid.SampledFrom([]InvitationStatus{Accepted, Tentative, Declined, Queued}).Draw(t, "answer"), Reason: rapid.SampledFrom([]string{"", "Away."}).Draw(t, "reason")}
		return func() error { return i.Answer(a, now) }
	default:
		return quietly(func() { i.Advance(now) })
	}
}

func hold(t *rapid.T, before, after *Invitation, now time.Time, entries []string, err error) {
	changed := !cmp.Equal(before, after, cmp.FilterPath(journalPath, cmp.Ignore()))
	if changed != (len(entries) > 0) {
		t.Errorf("changed %t, and recorded %v: the store writes what is recorded", changed, entries)
	}
	if err != nil && changed {
		t.Errorf("refused with %v, and changed", err)
	}
	if final(after.Status) && after.DueAt != nil {
		t.Errorf("%s, and due at %v: the planner would look for ever", after.Status, after.DueAt)
	}
	if !final(after.Status) && after.DueAt == nil {
		t.Errorf("%s, and never due: nobody would close it", after.Status)
	}
	if len(entries) > 0 && before.DueAt != nil && after.DueAt != nil && after.DueAt.Before(*before.DueAt) {
		t.Errorf("due at %v was %v", after.DueAt, before.DueAt)
	}
	for _, e := range entries {
		if (e == "invitation.queued" || e == "invitation.reminded") && !after.DueAt.After(now) {
			t.Errorf("%s at %v, and due again at %v: the planner would not come to an end", e, now, after.DueAt)
		}
	}
	if after.Answered() && (before.AnsweredAt == nil || *before.AnsweredAt != *after.AnsweredAt) && !after.AnsweredAt.Before(after.AnswerBy) {
		t.Errorf("answered at %v, after %v", after.AnsweredAt, after.AnswerBy)
	}
	if before.Answered() && !answer(after.Status) {
		t.Errorf("%s became %s", before.Status, after.Status)
	}
	if before.Status == Expired && after.Status != Expired || before.Status != Planned && after.Status == Planned {
		t.Errorf("%s became %s", before.Status, after.Status)
	}
}

func answer(s InvitationStatus) bool { return s == Accepted || s == Tentative || s == Declined }

func final(s InvitationStatus) bool { return answer(s) || s == Expired || s == Bounced }

func TestUID(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringMatching(`[0-9A-Za-z_-]{1,64}`)
		i := &Invitation{EventID: id.Draw(t, "event"), Contact: id.Draw(t, "contact")}
		event, contact, ok := ParseUID(i.UID("invitations.example.org"), "Invitations.Example.org")
		if !ok || event != i.EventID || contact != i.Contact {
			t.Errorf("%s: %q, %q, %t", i.UID("invitations.example.org"), event, contact, ok)
		}
	})
	for _, uid := range []string{
		"", "@example.org", ".@example.org", "E1@example.org", "E1.@example.org", ".C1@example.org", "E1.C1", "E1.C1@evil.org",
		"E1.C1@example.org@evil.org", "E1.C1@evil.org@example.org", "E1.C1.X@example.org", "E1.C\x001@example.org", "E1.C1\xff@example.org",
		"E1.C 1@example.org", "E1\n.C1@example.org", "É1.C1@example.org", strings.Repeat("E", 3000) + ".C1@example.org", "E1." + strings.Repeat("C", 65) + "@example.org",
	} {
		if event, contact, ok := ParseUID(uid, "example.org"); ok {
			t.Errorf("%.60q is taken for %q and %q", uid, event, contact)
		}
	}
}
