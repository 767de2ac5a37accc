package web

import (
	"net/http"
	"strings"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/likeness"
)

// screen makes entries the list, and compares the stakeholder with it as the
// planner does.
func (s *testServer) screen(edition string, entries []directory.SanctionsEntry, id string) {
	s.Helper()
	if edition != "" {
		_, err := s.Store.ReplaceSanctions(s.Context(), edition, func(yield func(directory.SanctionsEntry, error) bool) {
			for _, e := range entries {
				if !yield(e, nil) {
					return
				}
			}
		}, func() string { return "2026-11-20" })
		if err != nil {
			s.Fatal(err)
		}
	}
	list, err := new(likeness.Watch).Current(s.Context(), s.Store)
	if err != nil {
		s.Fatal(err)
	}
	e, err := s.Store.Stakeholder(s.Context(), id)
	if err != nil {
		s.Fatal(err)
	}
	if err := s.Store.KeepScreening(s.Context(), id, list.Edition, list.Find(e)); err != nil {
		s.Fatal(err)
	}
}

func sanctioned(names ...string) []directory.SanctionsEntry {
	return []directory.SanctionsEntry{{Reference: "EXe.001", Kind: directory.SanctionedEntity, Names: names, Regime: "Example", ListedOn: "2020-01-31"}}
}

func TestScreeningIsRememberedUntilANameChanges(t *testing.T) {
	s := newTestServer(t)
	moderator := s.as(auth.Moderator, "")
	e := s.listed("Front d'exemple", nil)
	state := func() string {
		s.Helper()
		return s.do("GET", "/v1/stakeholders/"+e.ID+"/screening", "", moderator...).Body.String()
	}
	if got := state(); !strings.Contains(got, `"version":0,"open":0,"matches":[]`) {
		t.Errorf("before any list: %s", got)
	}
	s.screen("E1", sanctioned("FRONT D'EXEMPLE"), e.ID)
	if got := state(); !strings.Contains(got, `"open":1`) || !strings.Contains(got, `"reason":"name.same"`) {
		t.Fatalf("%s", got)
	}
	decide := func(version int64, body string, status int) {
		t.Helper()
		w := s.do("POST", "/v1/stakeholders/"+e.ID+"/screening/decision", body, append(moderator, "If-Match", etag(version))...)
		if w.Code != status {
			t.Fatalf("%d, want %d: %s", w.Code, status, w.Body)
		}
	}
	decide(1, `{"reference":"EXe.001","outcome":"perhaps","reason":""}`, http.StatusUnprocessableEntity)
	decide(1, `{"reference":"EXe.009","outcome":"not_same","reason":"Another."}`, http.StatusConflict)
	decide(9, `{"reference":"EXe.001","outcome":"not_same","reason":"Another."}`, http.StatusPreconditionFailed)
	decide(1, `{"reference":"EXe.001","outcome":"not_same","reason":"Founded elsewhere."}`, http.StatusOK)
	for _, c := range []struct {
		what, edition string
		entries       []directory.SanctionsEntry
		want          string
	}{
		{"the same list again", "", nil, `"open":0`},
		{"a new list with the same names", "E2", sanctioned("FRONT D'EXEMPLE"), `"open":0`},
		{"another name of the entry", "E3", sanctioned("FRONT D'EXEMPLE", "FDX"), `"open":1`},
		{"the entry is gone", "E4", []directory.SanctionsEntry{{Reference: "EXe.002", Kind: "entity", Names: []string{"QUITE ANOTHER"}}}, `"matches":[]`},
	} {
		s.screen(c.edition, c.entries, e.ID)
		if got := state(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.what, got)
		}
	}
	if entries, err := s.Store.SanctionsEntries(t.Context(), "E3"); err != nil || len(entries) != 0 {
		t.Errorf("the edition before: %v, %v", entries, err)
	}
	if _, _, err := s.Store.VerifyTrails(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestScreeningIsForModeratorsAlone(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Front d'exemple", nil)
	s.screen("E1", sanctioned("FRONT D'EXEMPLE"), e.ID)
	own := s.session(e.ID, e.Contacts[0].ID)
	for _, path := range []string{"", "/export", "/audit", "/contacts", "/relations"} {
		if body := s.do("GET", "/v1/stakeholders/"+e.ID+path, "", own...).Body.String(); strings.Contains(body, "EXe.001") || strings.Contains(body, "screening") {
			t.Errorf("%s tells %s", path, body)
		}
	}
	if w := s.do("GET", "/v1/stakeholders/"+e.ID+"/screening", "", own...); w.Code != http.StatusForbidden {
		t.Errorf("its own contact: %d", w.Code)
	}
	if w := s.do("GET", "/v1/screenings", "", s.as(auth.Organiser, "geneva")...); w.Code != http.StatusForbidden {
		t.Errorf("an organiser: %d", w.Code)
	}
	body := s.do("GET", "/v1/screenings", "", s.as(auth.Moderator, "")...).Body.String()
	if !strings.Contains(body, e.ID) || !strings.Contains(body, `"entries":1`) || !strings.Contains(body, `"name":"Front d'exemple"`) {
		t.Errorf("%s", body)
	}
	if body := s.do("GET", "/v1/screenings?state=settled", "", s.as(auth.Moderator, "")...).Body.String(); strings.Contains(body, e.ID) {
		t.Errorf("%s", body)
	}
	if w := s.do("GET", "/v1/screenings?state=all", "", s.as(auth.Moderator, "")...); w.Code != http.StatusBadRequest {
		t.Errorf("%d", w.Code)
	}
}
