package convening

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
)

func track() Track {
	return Track{
		ID: "civil_society", Titles: []directory.Text{{Lang: "en", Text: "Civil society"}}, Until: start.AddDate(0, 0, 1), ObjectionsUntil: start.AddDate(0, 0, 2),
		Document: Document{Titles: []directory.Text{{Lang: "en", Text: "Note"}}, URL: "https://documents.example.org/note"},
	}
}

func TestTracksAreValidated(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Track)
		want   []string
	}{
		{"an id", func(k *Track) { k.ID = "a b" }, []string{"/tracks/0/id id.malformed"}},
		{"no document", func(k *Track) { k.Document = Document{} }, []string{"/tracks/0/document/titles event.title_missing", "/tracks/0/document/url website.not_http"}},
		{"no window", func(k *Track) { k.ObjectionsUntil = k.Until }, []string{"/tracks/0/objections_until accreditation.window_outside"}},
		{"a window beyond the start", func(k *Track) { k.ObjectionsUntil = k.Until.AddDate(5, 0, 0) }, []string{"/tracks/0/objections_until accreditation.window_outside"}},
		{"all of it", func(*Track) {}, nil},
	} {
		p, k := plan(), track()
		tt.change(&k)
		p.Tracks = []Track{k}
		_, err := NewEvent("E1", "unit-1", "Unit One", p, start)
		if diff := cmp.Diff(tt.want, refused(t, err)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	p := plan()
	p.Tracks = []Track{track(), track()}
	if _, err := NewEvent("E1", "unit-1", "Unit One", p, start); !strings.Contains(strings.Join(refused(t, err), " "), "/tracks/1/id list.repeated") {
		t.Error(err)
	}
}

// TestAnApplicationKeepsToItsDates walks over the dates of a track.
func TestAnApplicationKeepsToItsDates(t *testing.T) {
	e := published(t)
	e.Tracks = []Track{track()}
	a, err := Apply(e, "civil_society", "S1", "C1", start)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Apply(e, "civil_society", "S2", "C2", track().Until); !errors.Is(err, ErrTrackClosed) {
		t.Errorf("too late: %v", err)
	}
	o := Objection{Stakeholder: "S2", Contact: "C2", Text: "No."}
	if err := a.Object(track(), o, start); !errors.Is(err, ErrNotOpenToObjection) {
		t.Errorf("too soon: %v", err)
	}
	for range 2 { // the second takes the place of the first
		if err := a.Object(track(), o, track().Until); err != nil || len(a.Objections) != 1 || a.Status != UnderConsideration {
			t.Errorf("%v: %+v", err, a)
		}
	}
	if err := a.Object(track(), Objection{Stakeholder: "S1", Text: "No."}, track().Until); !errors.Is(err, ErrNotOpenToObjection) {
		t.Errorf("to oneself: %v", err)
	}
	if err := a.Decide(track(), Verdict{Outcome: Accredited}, track().Until); !errors.Is(err, ErrTooSoon) {
		t.Errorf("in the window: %v", err)
	}
	if diff := cmp.Diff([]string{"/outcome accreditation.outcome_unknown"}, refused(t, a.Decide(track(), Verdict{}, track().ObjectionsUntil))); diff != "" {
		t.Error(diff)
	}
	if err := a.Decide(track(), Verdict{Outcome: NotAccredited, Reason: "No."}, track().ObjectionsUntil); err != nil || a.Status != NotAccredited {
		t.Errorf("%v: %+v", err, a)
	}
	if err := a.Decide(track(), Verdict{Outcome: Accredited}, track().ObjectionsUntil); !errors.Is(err, ErrAccreditationDecided) {
		t.Errorf("again: %v", err)
	}
	a.Take()
	a.Forget("S2", "C3")
	if len(a.Take()) > 0 || len(a.Objections) != 1 {
		t.Error("another contact's erasure takes the objection away")
	}
	a.Forget("S2", "C2")
	a.Forget("S1", "")
	if a.Contact != "" || a.Reason != "" || len(a.Objections) > 0 || len(a.Take()) != 2 {
		t.Errorf("what is left: %+v", a)
	}
}

// TestAnApplicationIsForgottenAfterItsEvent walks past the end of the event, which
// is put off once.
func TestAnApplicationIsForgottenAfterItsEvent(t *testing.T) {
	e := published(t)
	e.Tracks = []Track{track()}
	a, err := Apply(e, "civil_society", "S1", "C1", start)
	if err == nil {
		err = a.Object(track(), Objection{Stakeholder: "S2", Contact: "C2", Text: "No."}, track().Until)
	}
	if err == nil {
		err = a.Decide(track(), Verdict{Outcome: NotAccredited, Reason: "No."}, track().ObjectionsUntil)
	}
	if err != nil {
		t.Fatal(err)
	}
	a.Take()
	due := e.Ends.Add(accreditationKept)
	later := e.Ends.AddDate(0, 1, 0)
	for _, step := range []struct {
		name   string
		ended  time.Time
		now    time.Time
		writes int
		kept   bool
	}{
		{"too early", e.Ends, due.Add(-time.Second), 0, true},
		{"the event was put off", later, due, 1, true},
		{"not due yet", later, due, 0, true},
		{"over", later, later.Add(accreditationKept), 1, false},
		{"again", later, later.Add(accreditationKept), 0, false},
	} {
		a.Expire(step.ended, step.now)
		if kept := a.Contact != "" && a.Reason != "" && len(a.Objections) == 1; kept != step.kept || len(a.Take()) != step.writes {
			t.Errorf("%s: %+v", step.name, a)
		}
	}
	if a.Status != NotAccredited || a.DecidedAt == nil || a.DueAt != nil {
		t.Errorf("what stays is %+v", a)
	}
}
