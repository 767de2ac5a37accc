package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
)

// exampleSite is a server with nothing in it but what the examples of
// openapi.yaml put there. Its clock stands still before the examples' dates.
type exampleSite struct {
	*testServer
	examples map[string]requestExample
}

func newExampleSite(t *testing.T) *exampleSite {
	t.Helper()
	s := &exampleSite{newTestServer(t), map[string]requestExample{}}
	for _, x := range requestExamples(loadContract(t)) {
		s.examples[x.op.OperationID+" "+x.name] = x
	}
	return s
}

// body is the body of an example.
func (s *exampleSite) body(name string) string {
	s.Helper()
	x, ok := s.examples[name]
	if !ok {
		s.Fatalf("openapi.yaml has no example %s", name)
	}
	return string(x.body)
}

// register sends an example and returns what became of it.
func (s *exampleSite) register(example string) *directory.Stakeholder {
	s.Helper()
	return s.stored(s.do("POST", "/v1/registrations", s.body("postRegistration "+example)))
}

func (s *exampleSite) stored(w *httptest.ResponseRecorder) *directory.Stakeholder {
	s.Helper()
	e, err := s.Store.Stakeholder(s.Context(), idOf(s.T, w))
	s.must(err)
	return e
}

func idOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var answer struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.ID == "" {
		t.Fatalf("no id in %d %s", w.Code, w.Body)
	}
	return answer.ID
}

// focal returns the header of a registration's focal point, signed in.
func (s *exampleSite) focal(e *directory.Stakeholder) []string {
	s.Helper()
	focal, _ := e.FocalPoint()
	return s.session(e.ID, focal.ID)
}

// confirmed proves the address of the focal point.
func (s *exampleSite) confirmed(e *directory.Stakeholder) *directory.Stakeholder {
	s.Helper()
	e, err := s.Store.UpdateStakeholder(s.Context(), e.ID, func(e *directory.Stakeholder) error {
		focal, _ := e.FocalPoint()
		return e.ConfirmAddress(focal.ID, s.Store.Now())
	})
	s.must(err)
	return e
}

// prepare returns where an example goes, by whom, once there is something for it
// to change.
func (s *exampleSite) prepare(op operation) (path string, header []string) {
	s.Helper()
	if path, header, ok := s.prepareContact(op); ok {
		return path, header
	}
	if path, header, ok := s.prepareRelation(op); ok {
		return path, header
	}
	if path, header, ok := s.prepareClaim(op); ok {
		return path, header
	}
	if path, header, ok := s.prepareMandate(op); ok {
		return path, header
	}
	if path, header, ok := s.prepareAmendment(op); ok {
		return path, header
	}
	if path, header, ok := s.prepareCase(op); ok {
		return path, header
	}
	switch op.OperationID {
	case "putRegistration":
		e := s.register("agency")
		return "/v1/registrations/" + e.ID, append(s.focal(e), "If-Match", etag(e.Version))
	case "postDecision":
		e := s.confirmed(s.register("sponsored"))
		return "/v1/registrations/" + e.ID + "/decision", append(s.as(auth.Moderator, ""), "If-Match", etag(e.Version))
	case "putVisibility":
		e := s.register("agency")
		return "/v1/stakeholders/" + e.ID + "/visibility", append(s.focal(e), "If-Match", etag(e.Version))
	case "postAtRisk", "postConsent", "postErasure":
		e := s.confirmed(s.register("agency"))
		return strings.Replace(op.path, "{id}", e.ID, 1), s.focal(e)
	case "postAppeal", "postAppealDecision", "postSuspension", "postReinstatement":
		return s.prepareStanding(op)
	case "postUpload":
		e := s.confirmed(s.register("agency"))
		e, err := s.Store.UpdateStakeholder(s.Context(), e.ID, func(e *directory.Stakeholder) error {
			e.Evidence[0] = directory.Evidence{ID: "01JD4Z7X9M3T5V8B2C6D0E1F4H", Kind: directory.EvidenceCertificate, State: directory.EvidenceAsked}
			e.Record("test.changed", "stakeholder", e.ID)
			return nil
		})
		s.must(err)
		return "/v1/registrations/" + e.ID + "/uploads", s.focal(e)
	case "postSponsorship":
		e := s.confirmed(s.register("sponsored"))
		return "/v1/registrations/" + e.ID + "/sponsorship", s.as(auth.Organiser, e.Vouchers[0].From)
	case "postCheck":
		e := s.confirmed(s.register("agency"))
		return "/v1/registrations/" + e.ID + "/evidence/" + e.Evidence[0].ID + "/check", append(s.as(auth.Moderator, ""), "If-Match", etag(e.Version))
	case "putEvent":
		id := idOf(s.T, s.do("POST", "/v1/events", s.body("postEvent least"), s.as(auth.Organiser, "unitar")...))
		return "/v1/events/" + id, append(s.as(auth.Organiser, "unitar"), "If-Match", etag(1))
	case "postAnswer", "postAttendance":
		event, i := s.invited(s.listed("Association "+op.OperationID, nil))
		return "/v1/events/" + event.ID + "/invitations/" + i.Contact + strings.TrimPrefix(op.path, "/v1/events/{id}/invitations/{contact}"), s.as(auth.Organiser, "geneva")
	case "postLetter", "postOwnLetter":
		event, i := s.coming(s.listed("Association "+op.OperationID, nil))
		if op.OperationID == "postLetter" {
			return "/v1/events/" + event.ID + "/invitations/" + i.Contact + "/letter", s.as(auth.Organiser, "geneva")
		}
		return "/v1/answers/" + s.Links.Sign(auth.Claims{Purpose: auth.PurposeAnswer, IDs: []string{event.ID, i.Contact}, Expires: event.Ends, Generation: 1}) + "/letter", nil
	case "postPublication":
		s.listed("Association Exemple", func(a *directory.Application) { a.Topics = []string{"gcm:23"} })
		body := strings.Replace(s.body("postEvent least"), "topic:migration_data", "gcm:23", 1)
		id := idOf(s.T, s.do("POST", "/v1/events", body, s.as(auth.Organiser, "unitar")...))
		return "/v1/events/" + id + "/publication", append(s.as(auth.Organiser, "unitar"), "If-Match", etag(1))
	case "postMerge":
		e, other := s.placed("01JD4Z7X9M3T5V8B2C6D0E1F4G"), "01JD4Z7X9M3T5V8B2C6D0E1F4H"
		if _, err := s.Store.Stakeholder(s.Context(), other); err != nil {
			s.placed(other)
		}
		return "/v1/stakeholders/" + e.ID + "/merges", append(s.as(auth.Moderator, ""), "If-Match", etag(e.Version))
	case "undoMerge":
		return "/v1/merges/" + s.merged().ID + "/undo", s.as(auth.Moderator, "")
	case "postDistinction":
		if _, err := s.Store.Stakeholder(s.Context(), "01JD4Z7X9M3T5V8B2C6D0E1F4H"); err != nil {
			s.placed("01JD4Z7X9M3T5V8B2C6D0E1F4H")
		}
		return "/v1/stakeholders/" + s.register("sponsored").ID + "/distinctions", s.as(auth.Moderator, "")
	case "putPanel", "postPanelSuggestion", "postPanelConflict":
		return s.preparePanel(op)
	case "postUnit":
		return op.path, s.as(auth.Admin, "")
	case "putUnit":
		s.expect(201, s.do("POST", "/v1/units", `{"id":"vienna","names":[{"lang":"en","text":"Vienna"}],"zone":"Europe/Vienna","language":"en"}`, s.as(auth.Admin, "")...))
		return "/v1/units/vienna", append(s.as(auth.Admin, ""), "If-Match", etag(1))
	case "postSearch":
		return op.path, s.as(auth.Organiser, "unitar")
	case "putSearch":
		id := idOf(s.T, s.do("POST", "/v1/searches", s.body("postSearch neverAsked"), s.as(auth.Organiser, "unitar")...))
		return "/v1/searches/" + id, append(s.as(auth.Organiser, "unitar"), "If-Match", etag(1))
	case "postRule":
		return op.path, s.as(auth.Organiser, "unitar")
	case "putRule":
		id := idOf(s.T, s.do("POST", "/v1/rules", s.body("postRule migrantsDay"), s.as(auth.Organiser, "unitar")...))
		return "/v1/rules/" + id, append(s.as(auth.Organiser, "unitar"), "If-Match", etag(1))
	case "postEvent", "postSeries":
		return op.path, s.as(auth.Organiser, "unitar")
	case "postAccreditation", "postObjection", "postVerdict":
		return s.prepareAccreditation(op)
	case "postCarryOver":
		later := idOf(s.T, s.do("POST", "/v1/events", s.body("postEvent least"), s.as(auth.Organiser, "unitar")...))
		return "/v1/events/" + later + "/carry-over", s.before(later)
	case "putSeries":
		return "/v1/series/" + s.series("unitar"), append(s.as(auth.Organiser, "unitar"), "If-Match", etag(1))
	case "postSeriesCopy":
		return "/v1/series/" + s.series("unitar") + "/copies", s.as(auth.Organiser, "geneva")
	case "postAnnouncement":
		return "/v1/events/" + s.askedTo().ID + "/announcements", s.as(auth.Organiser, "bern")
	case "postTestMail":
		return "/v1/events/" + s.askedTo().ID + "/test-mails", s.as(auth.Organiser, "bern")
	case "postRecall":
		link := s.askedLink()
		if w := s.do("POST", "/v1/answers/"+link+"/delegation", s.body("postDelegation colleague")); w.Code != http.StatusCreated {
			s.Fatalf("delegation: %d %s", w.Code, w.Body)
		}
		return "/v1/answers/" + link + "/recall", nil
	case "postNominations", "postSwap", "postNameRecall":
		return s.prepareNomination(op)
	case "postDelegation":
		return "/v1/answers/" + s.askedLink() + "/delegation", nil
	case "postCancellation":
		id := idOf(s.T, s.do("POST", "/v1/events", s.body("postEvent least"), s.as(auth.Organiser, "unitar")...))
		return "/v1/events/" + id + "/cancellation", append(s.as(auth.Organiser, "unitar"), "If-Match", etag(1))
	}
	return op.path, nil
}

// prepareNomination brings an event to where a name can be put, or one stands.
func (s *exampleSite) prepareNomination(op operation) (path string, header []string) {
	s.Helper()
	event, i := s.invited(s.listed("Association "+op.OperationID, nil))
	_, err := s.Store.UpdateEvent(s.Context(), event.ID, func(e *convening.Event) error {
		e.PlacesPerOrganisation = 2
		e.Record("event.revised", "event", e.ID)
		return nil
	})
	s.must(err)
	path = "/v1/answers/" + s.answerLink(auth.PurposeAnswer, i, event.Ends) + "/nominations"
	if op.OperationID == "postNominations" {
		return path, nil
	}
	w := s.do("POST", path, s.body("postNominations names"))
	var stands struct{ Names []struct{ Contact string } }
	if err := json.Unmarshal(w.Body.Bytes(), &stands); err != nil || len(stands.Names) != 2 {
		s.Fatalf("nominations: %d %s", w.Code, w.Body)
	}
	return path + "/" + stands.Names[0].Contact + strings.TrimPrefix(op.path, "/v1/answers/{token}/nominations/{contact}"), nil
}

// prepareAccreditation brings an event to where it takes applications, objections
// to the one that there is, or the decision.
func (s *exampleSite) prepareAccreditation(op operation) (path string, header []string) {
	s.Helper()
	applicant, other := s.listed("Association "+op.OperationID, nil), s.listed("Association voisine "+op.OperationID, nil)
	event, _ := s.invited(other)
	now := s.Store.Now()
	_, err := s.Store.UpdateEvent(s.Context(), event.ID, func(e *convening.Event) error {
		p := e.Plan
		p.Tracks = []convening.Track{{ID: "civil_society", Titles: p.Titles, Document: convening.Document{Titles: p.Titles, URL: "https://documents.example.org/note"}, Until: now.AddDate(0, 0, 10), ObjectionsUntil: now.AddDate(0, 0, 20)}}
		return e.Revise(e.Convener, p, now)
	})
	s.must(err)
	event, err = s.Store.Event(s.Context(), event.ID)
	s.must(err)
	path = "/v1/events/" + event.ID + "/accreditations"
	if op.OperationID == "postAccreditation" {
		return path, s.session(applicant.ID, applicant.Contacts[0].ID)
	}
	then := now
	switch op.OperationID {
	case "postObjection":
		then = now.AddDate(0, 0, -15)
	case "postVerdict":
		then = now.AddDate(0, 0, -25)
	}
	_, err = s.Store.UpdateEvent(s.Context(), event.ID, func(e *convening.Event) error {
		e.Tracks[0].Until, e.Tracks[0].ObjectionsUntil = then.AddDate(0, 0, 10), then.AddDate(0, 0, 20)
		e.Record("event.revised", "event", e.ID)
		return nil
	})
	s.must(err)
	a, err := convening.Apply(event, "civil_society", applicant.ID, applicant.Contacts[0].ID, now)
	s.must(err)
	s.must(s.Store.CreateAccreditation(s.Context(), a))
	path += "/" + applicant.ID + strings.TrimPrefix(op.path, "/v1/events/{id}/accreditations/{stakeholder}")
	if op.OperationID == "postVerdict" {
		return path, append(s.as(auth.Organiser, event.Unit), "If-Match", etag(1))
	}
	return path, s.session(other.ID, other.Contacts[0].ID)
}

// before keeps the meeting of the example that prepares an event, and returns the
// header of who organises both.
func (s *exampleSite) before(later string) []string {
	s.Helper()
	e, err := s.Store.Event(s.Context(), later)
	s.must(err)
	plan := e.Plan
	plan.Precedes, plan.Starts = later, plan.Starts.Add(-time.Hour)
	meeting, err := convening.NewEvent("01JD4Z7X9M3T5V8B2C6D0E1F4M", e.Unit, e.Convener, plan, s.Store.Now())
	s.must(err)
	s.must(s.Store.CreateEvent(s.Context(), meeting))
	return s.as(auth.Organiser, e.Unit)
}

// series begins a series for a unit.
func (s *exampleSite) series(unit string) string {
	s.Helper()
	return idOf(s.T, s.do("POST", "/v1/series", s.body("postSeries seminars"), s.as(auth.Organiser, unit)...))
}

// asked invites somebody who is in no index.
func (s *exampleSite) asked() (*convening.Event, *convening.Invitation) {
	s.Helper()
	e, err := directory.Register(s.Store.NewID(), testApplication("Association "+s.Store.NewID()), s.Store.NewID, s.Store.Now())
	s.must(err)
	s.must(s.Store.Register(s.Context(), e))
	return s.invited(e)
}

// askedLink is an answer link of somebody who was asked.
func (s *exampleSite) askedLink() string {
	s.Helper()
	event, i := s.asked()
	return s.Links.Sign(auth.Claims{Purpose: auth.PurposeAnswer, IDs: []string{event.ID, i.Contact}, Expires: event.Ends, Generation: i.Generation})
}

// askedTo is an event to which somebody was asked, of a unit with an address.
func (s *exampleSite) askedTo() *convening.Event {
	s.Helper()
	_ = s.do("POST", "/v1/units", `{"id":"bern","names":[{"lang":"en","text":"Bern"}],"zone":"Europe/Zurich","language":"en","reply_to":"unit@example.org"}`, s.as(auth.Admin, "")...)
	event, _ := s.asked()
	event, err := s.Store.UpdateEvent(s.Context(), event.ID, func(e *convening.Event) error {
		e.Unit = "bern"
		e.Record("event.revised", "event", e.ID)
		return nil
	})
	s.must(err)
	return event
}

// prepareStanding brings a stakeholder to where it can be suspended, can object,
// or can come back. It stays out of the index, whose audiences others count.
func (s *exampleSite) prepareStanding(op operation) (path string, header []string) {
	s.Helper()
	e, err := directory.Register(s.Store.NewID(), testApplication("Association "+s.Store.NewID()), s.Store.NewID, s.Store.Now())
	s.must(err)
	s.must(s.Store.Register(s.Context(), e))
	e = s.confirmed(e)
	e, err = s.Store.UpdateStakeholder(s.Context(), e.ID, func(e *directory.Stakeholder) error {
		if err := e.Decide(directory.Decision{Outcome: directory.Listed, By: "another"}, s.Store.Now()); err != nil {
			return err
		}
		if op.OperationID == "postSuspension" {
			return nil
		}
		err := e.Suspend(directory.Decision{Reasons: []string{"incomplete"}, By: "another"}, s.Store.Now())
		if err == nil && op.OperationID == "postAppealDecision" {
			err = e.Object("We are who we were.", s.Store.Now())
		}
		return err
	})
	s.must(err)
	header = s.as(auth.Moderator, "")
	if op.OperationID == "postAppeal" {
		header = s.focal(e)
	}
	return strings.Replace(op.path, "{id}", e.ID, 1), append(header, "If-Match", etag(e.Version))
}

// TestExamplesAreTaken sends every example of a request body in openapi.yaml to a
// server, which must take it.
func TestExamplesAreTaken(t *testing.T) {
	s := newExampleSite(t)
	for name, x := range s.examples {
		path, header := s.prepare(x.op)
		w := s.do(x.op.method, path, string(s.examples[name].body), header...) // as prepared
		if w.Code/100 != 2 {
			t.Errorf("%s is answered %d: %s", name, w.Code, w.Body)
		}
	}
}

// TestReadsKeepTheContract fills a server with the examples and reads everything
// that the contract lets be read.
func TestReadsKeepTheContract(t *testing.T) {
	s := newExampleSite(t)
	e := s.confirmed(s.register("agency"))
	decided := s.stored(s.do("POST", "/v1/registrations/"+e.ID+"/decision", s.body("postDecision listed"),
		append(s.as(auth.Moderator, ""), "If-Match", etag(e.Version), "Idempotency-Key", "1")...))
	s.must(s.writer.Apply(t.Context(), []search.Change{listing.Change(decided)}))
	s.must(s.Index.Refresh(t.Context()))
	body := strings.Replace(s.body("postEvent least"), "topic:migration_data", "topic:labour_migration", 1)
	series := s.series("unitar")
	body = strings.Replace(body, "{", `{"series":"`+series+`",`, 1)
	event := idOf(t, s.do("POST", "/v1/events", body, s.as(auth.Organiser, "unitar")...))
	for range 2 { // the second is a replay
		s.expect(202, s.do("POST", "/v1/events/"+event+"/publication", "", append(s.as(auth.Organiser, "unitar"), "If-Match", etag(1), "Idempotency-Key", "2")...))
	}
	for _, c := range []struct {
		target string
		header []string
	}{
		{"/healthz", nil},
		{"/v1/openapi.yaml", nil},
		{"/v1/registrations?status=listed", s.as(auth.Moderator, "")},
		{"/v1/registrations/" + e.ID, s.as(auth.Admin, "")},
		{"/v1/registrations/" + e.ID, s.focal(e)},
		{"/v1/stakeholders?q=migration&facet=category&facet=region", nil},
		{"/v1/stakeholders/" + e.ID, []string{"Accept-Language", "fr-CH"}},
		{"/v1/stakeholders/" + e.ID, []string{"Accept", "application/json;q=0.5, application/ld+json"}},
		{"/v1/stakeholders/" + e.ID, []string{"Accept", "text/vcard"}},
		{"/hsds/organizations?per_page=10", nil},
		{"/hsds/organizations/" + uuidOf(t, s.do("GET", "/hsds/organizations", "")), nil},
		{"/v1/stakeholders/" + e.ID + "/audit?limit=2", s.as(auth.Admin, "")},
		{"/v1/stakeholders/" + e.ID + "/audit", s.focal(e)},
		{"/v1/stakeholders?q=migration&facet=invited_series", s.as(auth.Organiser, "unitar")},
		{"/v1/stakeholders/" + e.ID + "/engagement", s.as(auth.Organiser, "unitar")},
		{"/v1/stakeholders/" + e.ID + "/engagement", s.focal(e)},
		{"/v1/engagement", s.as(auth.Organiser, "unitar")},
		{"/v1/events/" + event + "/audience?limit=1", s.as(auth.Organiser, "unitar")},
		{"/v1/stakeholders/" + e.ID + "/consents", append(s.focal(e), "Accept-Language", "ar")},
		{"/v1/stakeholders/" + e.ID + "/export", s.focal(e)},
		{"/v1/stakeholders/" + e.ID + "/relations", s.focal(e)},
		{"/v1/stakeholders/" + e.ID + "/contacts", s.focal(e)},
		{"/v1/stakeholders/" + e.ID + "/speakers", s.as(auth.Organiser, "unitar")},
		{"/v1/series", s.as(auth.Organiser, "geneva")},
		{"/v1/series/" + series, nil},
		{"/v1/series/" + series, s.as(auth.Organiser, "geneva")},
		{"/v1/series/" + series + "/events?limit=5", nil},
		{"/v1/series/" + series + "/statistics", s.as(auth.Organiser, "unitar")},
		{"/v1/events/" + event + "/statistics", s.as(auth.Organiser, "unitar")},
		{"/v1/claims", s.as(auth.Moderator, "")},
		{"/v1/registrations?status=listed&assigned=none&order=newest", s.as(auth.Moderator, "")},
		{"/v1/registrations?assigned=me", s.as(auth.Moderator, "")},
		{"/v1/registrations/counts", s.as(auth.Moderator, "")},
		{"/v1/registrations/" + e.ID + "/case", s.as(auth.Moderator, "")},
		{"/v1/screenings", s.as(auth.Moderator, "")},
		{"/v1/screenings?state=settled", s.as(auth.Admin, "")},
		{"/v1/stakeholders/" + e.ID + "/screening", s.as(auth.Moderator, "")},
		{"/v1/claims", s.as(auth.Organiser, "unitar")},
		{"/calendar/events.ics", nil},
		{"/calendar/events.ics?lang=ar", []string{"Accept-Language", "fr"}},
		{"/calendar/units/unitar.ics", nil},
		{"/calendar/series/" + series + ".ics", nil},
		{"/calendar/events/" + event + ".ics", s.focal(e)},
		{"/v1/calendar", s.focal(e)},
		{"/v1/events/" + event + "/accreditations", s.as(auth.Organiser, "unitar")},
		{"/v1/events", s.as(auth.Organiser, "unitar")},
		{"/v1/events/" + event, nil},
		{"/v1/events/" + event, s.as(auth.Organiser, "unitar")},
		{"/v1/events/" + event + "/invitations?limit=1", s.as(auth.Organiser, "unitar")},
		{"/v1/events/" + event + "/panel", s.as(auth.Organiser, "unitar")},
		{"/v1/session", nil},
		{"/v1/session", s.focal(e)},
	} {
		w := s.do("GET", c.target, "", c.header...)
		s.expect(200, w)
		if tag := w.Header().Get("ETag"); tag != "" {
			want := 304
			if strings.Contains(w.Body.String(), "submitted_at") && c.header[0] == "Authorization" && !strings.Contains(c.target, "?") {
				want = 200 // who else lays claim to a registration may have changed since
			}
			if strings.HasSuffix(c.target, "/panel") {
				want = 200 // whom the pool holds may have changed since
			}
			s.expect(want, s.do("GET", c.target, "", append(c.header, "If-None-Match", tag)...))
		}
	}
	made := s.do("POST", "/v1/calendar", "", s.focal(e)...)
	s.expect(201, made)
	s.expect(200, s.do("GET", pathOf(t, made), ""))
	s.expect(204, s.do("DELETE", "/v1/calendar", "", s.focal(e)...))
	s.expect(404, s.do("GET", pathOf(t, made), ""))
	s.expect(204, s.do("DELETE", "/v1/session", "", s.focal(e)...))
}

// pathOf is the path of the address of a calendar that was made.
func pathOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var made calendarLink
	if err := json.Unmarshal(w.Body.Bytes(), &made); err != nil {
		t.Fatal(err)
	}
	_, path, _ := strings.Cut(made.Address, "/calendar/")
	return "/calendar/" + path
}

// uuidOf is the id of the first organisation of a page.
func uuidOf(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var page struct{ Contents []struct{ ID string } }
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || len(page.Contents) == 0 {
		t.Fatalf("no organisation in %s", w.Body)
	}
	return page.Contents[0].ID
}

func (s *exampleSite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *exampleSite) expect(status int, w *httptest.ResponseRecorder) {
	s.Helper()
	if w.Code != status {
		s.Errorf("answered %d instead of %d: %s", w.Code, status, w.Body)
	}
}

// TestRefusalsKeepTheContract sends what must be refused, and holds that the
// refusal is the caller's doing and not the server's.
func TestRefusalsKeepTheContract(t *testing.T) {
	s := newExampleSite(t)
	organiser := s.as(auth.Organiser, "unitar")
	change := append(organiser, "If-Match", etag(1))
	least := s.body("postEvent least")
	for _, c := range []struct {
		method, target, body string
		header               []string
		status               int
	}{
		{"GET", "/v1/nothing", "", nil, 404},
		{"PATCH", "/v1/events", "", nil, 405},
		{"GET", "/v1/events", "", nil, 401},
		{"GET", "/v1/session", "", []string{"Authorization", "Bearer x"}, 401},
		{"GET", "/v1/events", "", s.as(auth.Moderator, ""), 403},
		{"POST", "/v1/events", least, s.as(auth.Admin, ""), 403},
		{"POST", "/v1/sign-in", `{}`, []string{"Origin", "https://elsewhere.example.org"}, 403},
		{"POST", "/v1/sign-in", `{`, nil, 400},
		{"POST", "/v1/sign-in", `{"email":"a@example.org","email":"b@example.org"}`, nil, 400},
		{"POST", "/v1/sign-in", `{"email":"a@example.org","name":"x"}`, nil, 400},
		{"POST", "/v1/sign-in", "{\"email\":\"\xff\"}", nil, 400},
		{"POST", "/v1/sign-in", strings.Repeat(`{"a":`, 100), nil, 400},
		{"POST", "/v1/sign-in", `{"email":"` + strings.Repeat("a", maxBody) + `"}`, nil, 413},
		{"POST", "/v1/sign-in", `{"email":"a@example.org"}`, []string{"Content-Type", "text/plain"}, 415},
		{"POST", "/v1/sign-in", `{"email":"nobody"}`, nil, 422},
		{"POST", "/v1/sign-in", `{"email":"a@example.org"}`, []string{"Idempotency-Key", strings.Repeat("k", maxKey+1)}, 400},
		{"GET", "/v1/stakeholders?colour=blue", "", nil, 400},
		{"GET", "/v1/stakeholders?limit=101", "", nil, 400},
		{"GET", "/v1/stakeholders?cursor=x", "", nil, 400},
		{"GET", "/v1/stakeholders?q=" + strings.Repeat("x", 11<<10), "", nil, 400},
		{"GET", "/v1/registrations?status=lost", "", s.as(auth.Moderator, ""), 400},
		{"PUT", "/v1/events/1", least, organiser, 428},
		{"PUT", "/v1/events/1", least, change, 404},
		{"GET", "/v1/events/" + strings.Repeat("x", 3000), "", nil, 404},
		{"GET", "/v1/events/%00", "", nil, 404},
		{"PUT", "/v1/events/%ff", least, change, 404},
		{"GET", "/v1/stakeholders/%00", "", nil, 404},
		{"GET", "/v1/stakeholders/%ff", "", nil, 404},
		{"POST", "/v1/events", strings.Replace(least, "topic:migration_data", strings.Repeat("x", 65), 1), organiser, 422},
		{"POST", "/v1/events", strings.NewReplacer("2030-12-10T0", "9999-12-31T0", "2030-12-10T1", "9999-12-31T1", "+01:00", "-23:00").Replace(least), organiser, 422},
	} {
		if w := s.do(c.method, c.target, c.body, c.header...); w.Code != c.status {
			t.Errorf("%s %.60s %.60s is answered %d instead of %d: %s", c.method, c.target, c.body, w.Code, c.status, w.Body)
		}
	}
}

// TestLimitedSaysWhen holds that who is refused for coming too often is told
// when to come again, and not earlier than that is of use.
func TestLimitedSaysWhen(t *testing.T) {
	s := newExampleSite(t)
	limiter, err := auth.NewLimiter(auth.LimiterConfig{Every: 10 * time.Minute, Burst: 1, Now: s.Store.Now})
	s.must(err)
	s.Limiter = limiter
	s.expect(202, s.do("POST", "/v1/sign-in", s.body("postSignIn address")))
	w := s.do("POST", "/v1/sign-in", s.body("postSignIn address"))
	s.expect(429, w)
	if after := w.Header().Get("Retry-After"); after != "600" && after != "601" {
		t.Errorf("Retry-After is %s, the next may come after 600 s", after)
	}
}
