package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
)

// byContact serves the pages to the first contact of a stakeholder.
func (s *pageSite) byContact(stakeholder, method, path string, form url.Values) *httptest.ResponseRecorder {
	s.Helper()
	e, err := s.server.Store.Stakeholder(s.Context(), stakeholder)
	noError(s.T, err)
	r := httptest.NewRequestWithContext(s.Context(), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.as(auth.Identity{Subject: e.Contacts[0].ID, Roles: []auth.Role{auth.Contact}, Stakeholder: e.ID}).ServeHTTP(w, r)
	return w
}

// TestAccreditationByPage takes an application through its dates by pages alone:
// it is made once, objected to by who is invited, decided by the organiser when the
// time is over, and the applicant reads of the decision and never of the objection.
func TestAccreditationByPage(t *testing.T) {
	s := newPageSite(t)
	applicant, stranger := s.referee("Applicant"), s.referee("Stranger")
	at, desk := "/events/"+s.event.ID+"/accreditation", "/desk/events/"+s.event.ID+"/accreditations"
	began, against := s.now, "We know of no such association."
	spoken := func(what string, serve func(path string) *httptest.ResponseRecorder, path string) {
		for _, lang := range i18n.All() {
			t.Run(what+" "+string(lang), func(t *testing.T) { checkPage(t, lang, serve(path+"?lang="+string(lang))) })
		}
	}
	shows := func(who, text string) bool {
		return strings.Contains(s.byContact(who, "GET", at, nil).Body.String(), text)
	}
	asApplicant := func(path string) *httptest.ResponseRecorder { return s.byContact(applicant, "GET", path, nil) }
	asMember := func(path string) *httptest.ResponseRecorder { return s.byContact(s.listed.ID, "GET", path, nil) }
	asOrganiser := func(path string) *httptest.ResponseRecorder { return s.byOrganiser("GET", path, nil) }

	if body := s.get("/events/" + s.event.ID).Body.String(); !strings.Contains(body, at) {
		t.Error("the event does not lead to it")
	}
	spoken("apply", asApplicant, at)
	if w := s.byContact(applicant, "POST", at, url.Values{"track": {"another"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="track-fault"`) {
		t.Errorf("another track: %d", w.Code)
	}
	for range 2 { // the button is pressed twice
		want(t, s.byContact(applicant, "POST", at, url.Values{"track": {"civil_society"}}), http.StatusSeeOther, at+"?done=applied")
	}
	spoken("applied", asApplicant, at)
	if !shows(applicant, "Under consideration") || shows(applicant, `name="track"`) || shows(s.listed.ID, "Applicant") {
		t.Error("it does not stand once, or stands open before its time")
	}

	s.now = began.AddDate(0, 0, 12)
	spoken("object", asMember, at)
	if !shows(s.listed.ID, "Applicant") || shows(stranger, "Applicant") || shows(applicant, objectionField(applicant)) {
		t.Error("others than who is invited may object, or who is invited may not")
	}
	field := objectionField(applicant)
	if w := s.byContact(s.listed.ID, "POST", at, url.Values{"object": {applicant}, field: {""}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="`+field+`-fault"`) {
		t.Errorf("an objection without words: %d", w.Code)
	}
	object := url.Values{"object": {applicant}, field: {against}}
	if w := s.byContact(stranger, "POST", at, object); w.Code != http.StatusNotFound {
		t.Errorf("an objection of who is not invited: %d", w.Code)
	}
	want(t, s.byContact(s.listed.ID, "POST", at, object), http.StatusSeeOther, at+"?done=objected")
	if shows(applicant, against) || shows(s.listed.ID, against) {
		t.Error("the objection shows")
	}
	spoken("objected", asOrganiser, desk)
	if body := asOrganiser(desk).Body.String(); !strings.Contains(body, against) || strings.Contains(body, `name="outcome"`) {
		t.Error("the organiser does not read it, or may decide before its time")
	}
	verdict := func(outcome, reason, version string) *httptest.ResponseRecorder {
		return s.byOrganiser("POST", desk, url.Values{"stakeholder": {applicant}, "version": {version}, "outcome": {outcome}, verdictReason(applicant): {reason}})
	}
	if w := verdict("accredited", "", "2"); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "when the time for objections is over") {
		t.Errorf("a decision before its time: %d", w.Code)
	}

	s.now = began.AddDate(0, 0, 21)
	spoken("to decide", asOrganiser, desk)
	if w := verdict("accredited", "", "1"); w.Code != http.StatusPreconditionFailed {
		t.Errorf("a stale decision: %d", w.Code)
	}
	if w := verdict("not_accredited", "", "2"); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="`+verdictReason(applicant)+`-fault"`) {
		t.Errorf("a refusal without a reason: %d", w.Code)
	}
	want(t, verdict("not_accredited", "The seat\r\nis elsewhere.", "2"), http.StatusSeeOther, desk+"?done=decided")
	spoken("decided", asOrganiser, desk)
	spoken("told", asApplicant, at)
	if !shows(applicant, "Not accredited") || !shows(applicant, "is elsewhere.") || shows(applicant, against) {
		t.Error("the applicant is told something else")
	}
	a, err := s.server.Store.Accreditation(t.Context(), s.event.ID, applicant)
	noError(t, err)
	if a.Status != convening.NotAccredited || a.Reason != "The seat\nis elsewhere." {
		t.Errorf("%+v", a)
	}
}
