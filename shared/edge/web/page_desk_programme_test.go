package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
)

// course is a course of two days with everything that the programme has.
func (s *pageSite) course() *convening.Event {
	return s.another(func(p *convening.Plan) {
		p.Kind, p.Ends = "course", p.Starts.AddDate(0, 0, 2)
		p.Documents = []convening.Document{
			{Titles: append(texts("en", "Concept note"), texts("fr", "Note de cadrage")...), URL: "https://files.example.org/note.pdf"},
			{Titles: texts("en", "Agenda"), URL: "https://files.example.org/agenda.pdf"},
		}
		p.Sessions = []convening.Session{{Titles: texts("en", "First day"), Starts: p.Starts, Ends: p.Starts.Add(2 * time.Hour)}}
		p.CertificateSessions = 1
	})
}

// TestProgrammeByPage holds that the form leaves alone what it is not told, and
// changes rows in the language that it shows, takes them out, and adds them.
func TestProgrammeByPage(t *testing.T) {
	s := newPageSite(t)
	e := s.course()
	at := "/desk/events/" + e.ID + "/programme"
	for _, lang := range i18n.All() {
		t.Run(string(lang), func(t *testing.T) { checkPage(t, lang, s.byOrganiser("GET", at+"?in=ar&lang="+string(lang), nil)) })
	}
	read := func() *convening.Event {
		e, err := s.server.Store.Event(t.Context(), e.ID)
		noError(t, err)
		return e
	}
	untouched := cmpopts.IgnoreFields(convening.Event{}, "Version", "UpdatedAt", "Log")
	for _, in := range []string{"en", "fr", "zh"} {
		form := filledForm(t, s.byOrganiser("GET", at+"?in="+in, nil))
		if in == "en" || in == "fr" { // in a language without titles there are none to take
			want(t, s.byOrganiser("POST", at, form), http.StatusSeeOther, at+"?done=changed&in="+in)
		}
		if diff := cmp.Diff(e, read(), untouched, ofTime()); diff != "" {
			t.Errorf("in %s (-before +after):\n%s", in, diff)
		}
	}
	form := filledForm(t, s.byOrganiser("GET", at+"?in=fr", nil))
	for field, value := range map[string]string{
		"document1_title": "Note d’orientation", "document2_title": "", "document2_url": "", "document3_title": "Liste", "document3_url": "https://files.example.org/liste.pdf",
		"session2_title": "Deuxième jour", "session2_starts": "2026-12-19T09:00", "session2_ends": "2026-12-19T11:00", "certificate_sessions": "2",
		"body1_title": "", "body2_title": "", "body3_title": "University of Geneva", "body4_title": "https://convoke.example.org/stakeholders/" + s.listed.ID + "?lang=fr",
		"track2_title": "Délégués", "track2_document": "Note", "track2_url": "https://files.example.org/n.pdf", "track2_until": "2026-11-20T18:00", "track2_objections": "2026-11-30T18:00",
	} {
		form.Set(field, value)
	}
	want(t, s.byOrganiser("POST", at, form), http.StatusSeeOther, at+"?done=changed&in=fr")
	after := read()
	documents := []convening.Document{
		{Titles: append(texts("en", "Concept note"), texts("fr", "Note d’orientation")...), URL: "https://files.example.org/note.pdf"},
		{Titles: texts("fr", "Liste"), URL: "https://files.example.org/liste.pdf"},
	}
	if diff := cmp.Diff(documents, after.Documents); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]convening.CoOrganiser{{Name: "University of Geneva"}, {Stakeholder: s.listed.ID}}, after.CoOrganisers); diff != "" {
		t.Errorf("organisers (-want +got):\n%s", diff)
	}
	second := convening.Session{Titles: texts("fr", "Deuxième jour"), Starts: time.Date(2026, 12, 19, 8, 0, 0, 0, time.UTC), Ends: time.Date(2026, 12, 19, 10, 0, 0, 0, time.UTC)}
	if diff := cmp.Diff([]convening.Session{e.Sessions[0], second}, after.Sessions); diff != "" || after.CertificateSessions != 2 {
		t.Errorf("%d sessions (-want +got):\n%s", after.CertificateSessions, diff)
	}
	if len(after.Tracks) != 2 || after.Tracks[0].ID != "civil_society" || after.Tracks[1].ID != "track-2" || after.Tracks[1].Until.Hour() != 17 {
		t.Errorf("ways of accreditation: %+v", after.Tracks)
	}
}

// TestProgrammeRefused holds that each refusal stands at its row, even when rows
// before it are empty, and that nothing is kept of it.
func TestProgrammeRefused(t *testing.T) {
	s := newPageSite(t)
	e := s.course()
	at := "/desk/events/" + e.ID + "/programme"
	send := func(change url.Values) *httptest.ResponseRecorder {
		form := filledForm(t, s.byOrganiser("GET", at+"?in=en", nil))
		for field, values := range change {
			form[field] = values
		}
		return s.byOrganiser("POST", at, form)
	}
	for field, change := range map[string]url.Values{
		"document4_url":        {"document1_title": {""}, "document1_url": {""}, "document4_title": {"Paper"}, "document4_url": {"ftp://files.example.org/x"}},
		"document2_title":      {"document2_title": {""}},
		"session1_starts":      {"session1_starts": {"2026-12-01T09:00"}},
		"session2_ends":        {"session2_title": {"Second"}, "session2_starts": {"2026-12-19T09:00"}, "session2_ends": {"at noon"}},
		"certificate_sessions": {"certificate_sessions": {"9"}},
		"track1_objections":    {"track1_objections": {"2026-11-03T09:00"}},
		"track2_url":           {"track2_title": {"Delegates"}, "track2_document": {"Note"}, "track2_until": {"2026-11-20T18:00"}, "track2_objections": {"2026-11-30T18:00"}},
		"body5_title":          {"body5_title": {"a\u202eb"}},
		"precedes":             {"precedes": {s.event.ID + "x"}},
	} {
		w := send(change)
		body := w.Body.String()
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `id="`+field+`-fault"`) || strings.Contains(body, `href="#"`) {
			t.Errorf("%v: %d, no message at %s", change, w.Code, field)
		}
		checkPage(t, i18n.English, w)
	}
	fold := url.Values{"track1_until": {"2026-10-25T02:30"}}
	if body := send(fold).Body.String(); !strings.Contains(body, `id="when_twice"`) {
		t.Error("it is not asked which of two equal times is meant")
	}
	if w := send(url.Values{"version": {"1"}, "document1_title": {"Another"}}); w.Code != http.StatusPreconditionFailed || !strings.Contains(w.Body.String(), "Another") {
		t.Errorf("a stale form: %d", w.Code)
	}
	if w := send(url.Values{"in": {"xx"}}); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("titles in no language: %d", w.Code)
	}
	after, err := s.server.Store.Event(t.Context(), e.ID)
	noError(t, err)
	if after.Version != e.Version {
		t.Error("something of it was kept")
	}
}

// TestCarryOverByPage holds that who came is taken along to the event that a
// meeting prepares, once, and by its organisers alone.
func TestCarryOverByPage(t *testing.T) {
	s := newPageSite(t)
	next := s.another(func(p *convening.Plan) { p.Starts, p.Ends = p.Starts.AddDate(0, 1, 0), p.Ends.AddDate(0, 1, 0) })
	_, err := s.server.Store.UpdateEvent(t.Context(), s.event.ID, func(e *convening.Event) error {
		p := e.Plan
		p.Precedes = next.ID
		return e.Revise(e.Convener, p, s.now)
	})
	noError(t, err)
	_, err = s.server.Store.UpdateInvitation(t.Context(), s.event.ID, s.listed.Contacts[0].ID, func(i *convening.Invitation) error {
		i.Attendance = convening.Attended
		i.Record("test.attended", "event", i.EventID)
		return nil
	})
	noError(t, err)
	s.counted(s.event.ID)
	at := "/desk/events/" + s.event.ID
	if body := s.byOrganiser("GET", at, nil).Body.String(); !strings.Contains(body, at+"/carry-over") || !strings.Contains(body, "/desk/events/"+next.ID) {
		t.Error("the page does not offer it")
	}
	if body := s.deskOf(auth.Admin, "", "GET", at, nil).Body.String(); strings.Contains(body, "/carry-over") {
		t.Error("it is offered to who cannot")
	}
	form := url.Values{"who": {"attended"}, "as": {"invitees"}}
	for _, n := range []string{"1", "0"} { // again adds nobody
		want(t, s.byOrganiser("POST", at+"/carry-over", form), http.StatusSeeOther, at+"?done=carried&n="+n)
	}
	after, err := s.server.Store.Event(t.Context(), next.ID)
	noError(t, err)
	if diff := cmp.Diff([]convening.Invitee{{Stakeholder: s.listed.ID, Contact: s.listed.Contacts[0].ID}}, after.Audience.Invitees); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w := s.byOrganiser("POST", "/desk/events/"+next.ID+"/carry-over", form); w.Code != http.StatusConflict {
		t.Errorf("from an event that prepares none: %d", w.Code)
	}
	if w := s.byOrganiser("POST", at+"/carry-over", url.Values{"who": {"all"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("nobody in particular: %d", w.Code)
	}
}
