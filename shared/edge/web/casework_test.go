package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// prepareCase makes what an example of a case's or a screening's route goes to.
func (s *exampleSite) prepareCase(op operation) (path string, header []string, ok bool) {
	s.Helper()
	switch op.OperationID {
	case "putAssignment", "putCaseCheck", "postCaseNote":
		path = strings.NewReplacer("{id}", s.kept("Association "+s.Store.NewID(), nil).ID, "{check}", "identity").Replace(op.path)
		return path, append(s.as(auth.Moderator, ""), "If-Match", etag(0)), true
	case "postScreeningDecision":
		e := s.kept("Association "+s.Store.NewID(), nil)
		m := directory.Match{SanctionsEntry: directory.SanctionsEntry{Reference: "EXe.001", Kind: directory.SanctionedEntity, Names: []string{"A"}}, Score: 0.9, Reason: "name.same", Here: "A", There: "A"}
		s.must(s.Store.KeepScreening(s.Context(), e.ID, "E", []directory.Match{m}))
		return "/v1/stakeholders/" + e.ID + "/screening/decision", append(s.as(auth.Moderator, ""), "If-Match", etag(1)), true
	}
	return "", nil, false
}

// inReview registers an organisation whose address is proved.
func (s *testServer) inReview(name string) *directory.Stakeholder {
	s.Helper()
	e, err := directory.Register(s.Store.NewID(), testApplication(name), s.Store.NewID, s.Store.Now())
	if err == nil {
		err = s.Store.Register(s.Context(), e)
	}
	if err == nil {
		e, err = s.Store.UpdateStakeholder(s.Context(), e.ID, func(e *directory.Stakeholder) error {
			return e.ConfirmAddress(e.Contacts[0].ID, s.Store.Now())
		})
	}
	if err != nil {
		s.Fatal(err)
	}
	return e
}

func TestTheQueueIsShared(t *testing.T) {
	s := newTestServer(t)
	first := s.inReview("Première association")
	s.at(testStart.Add(50 * time.Hour))
	second := s.inReview("Deuxième association")
	moderator := s.as(auth.Moderator, "")
	get := func(path string) string {
		t.Helper()
		w := s.do("GET", path, "", moderator...)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		return w.Body.String()
	}
	counts := get("/v1/registrations/counts")
	if !strings.Contains(counts, `{"status":"awaiting_review","count":2,"oldest_at":"2026-11-02T09:00:00Z","oldest_days":2}`) || !strings.Contains(counts, `"mine":0`) {
		t.Errorf("%s", counts)
	}
	take := func(id, body, tag string, status int) {
		t.Helper()
		w := s.do("PUT", "/v1/registrations/"+id+"/case/assignment", body, append(moderator, "If-Match", tag)...)
		if w.Code != status {
			t.Fatalf("%d, want %d: %s", w.Code, status, w.Body)
		}
	}
	take(first.ID, `{"assignee":"me"}`, etag(0), http.StatusOK)
	take(first.ID, `{"assignee":"another"}`, etag(0), http.StatusPreconditionFailed) // who was slower
	if w := s.do("PUT", "/v1/registrations/"+second.ID+"/case/assignment", `{"assignee":"me"}`, moderator...); w.Code != http.StatusPreconditionRequired {
		t.Errorf("without If-Match: %d", w.Code)
	}
	for path, want := range map[string]struct{ in, out string }{
		"/v1/registrations?assigned=me":      {first.ID, second.ID},
		"/v1/registrations?assigned=none":    {second.ID, first.ID},
		"/v1/registrations?assigned=another": {`"items":[]`, first.ID},
	} {
		if body := get(path); !strings.Contains(body, want.in) || strings.Contains(body, want.out) {
			t.Errorf("%s: %s", path, body)
		}
	}
	oldest, newest := get("/v1/registrations"), get("/v1/registrations?order=newest")
	if strings.Index(oldest, first.ID) > strings.Index(oldest, second.ID) || strings.Index(newest, first.ID) < strings.Index(newest, second.ID) {
		t.Errorf("oldest first %s\nnewest first %s", oldest, newest)
	}
	if w := s.do("GET", "/v1/registrations?order=random", "", moderator...); w.Code != http.StatusBadRequest {
		t.Errorf("%d", w.Code)
	}
	if counts := get("/v1/registrations/counts"); !strings.Contains(counts, `"mine":1`) {
		t.Errorf("%s", counts)
	}
	take(first.ID, `{"assignee":""}`, etag(1), http.StatusOK)
	take(first.ID, `{"assignee":""}`, etag(2), http.StatusOK) // again is nothing
	if body := get("/v1/registrations?assigned=none"); !strings.Contains(body, first.ID) {
		t.Errorf("%s", body)
	}
}

func TestACaseIsForModeratorsAlone(t *testing.T) {
	s := newTestServer(t)
	e := s.inReview("Une association")
	moderator, own := s.as(auth.Moderator, ""), s.session(e.ID, e.Contacts[0].ID)
	before := s.do("GET", "/v1/registrations/"+e.ID, "", own...).Header().Get("ETag")
	w := s.do("PUT", "/v1/registrations/"+e.ID+"/case/checks/Call%20the%20office", `{"state":"passed","note":"They answered."}`, append(moderator, "If-Match", etag(0))...)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"check":"Call the office","state":"passed"`) || !strings.Contains(w.Body.String(), `"open_checks":7`) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	key := []string{"Idempotency-Key", "1", "If-Match", etag(1)}
	for range 2 { // the second is a replay
		w = s.do("POST", "/v1/registrations/"+e.ID+"/case/notes", `{"text":"A secret thought."}`, append(moderator, key...)...)
		if w.Code != http.StatusCreated || strings.Count(w.Body.String(), "A secret thought.") != 1 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	if w := s.do("GET", "/v1/registrations/"+e.ID+"/case", "", own...); w.Code != http.StatusForbidden {
		t.Errorf("the applicant: %d", w.Code)
	}
	for _, path := range []string{"/v1/registrations/" + e.ID, "/v1/stakeholders/" + e.ID + "/export", "/v1/stakeholders/" + e.ID + "/audit"} {
		if body := s.do("GET", path, "", own...).Body.String(); strings.Contains(body, "secret") || strings.Contains(body, "They answered") {
			t.Errorf("%s tells %s", path, body)
		}
	}
	if after := s.do("GET", "/v1/registrations/"+e.ID, "", own...).Header().Get("ETag"); after != before {
		t.Errorf("the applicant's version went from %s to %s", before, after)
	}
	if body := s.do("GET", "/v1/registrations", "", moderator...).Body.String(); !strings.Contains(body, `"case":{"open_checks":7,"notes":1}`) {
		t.Errorf("%s", body)
	}
}
