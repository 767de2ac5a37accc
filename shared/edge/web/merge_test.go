package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// merged makes a merge of two entries by hand.
func (s *testServer) merged() *directory.Merge {
	s.Helper()
	one, other := s.imported("Une association"), s.imported("Une autre")
	m, err := s.Store.BeginMerge(s.Context(), one, other, func(survivor, merged *directory.Stakeholder) (*directory.Merge, error) {
		return directory.BeginMerge(s.Store.NewID(), survivor, merged, directory.MergeOrder{Reason: "One."}, "moderator", s.Store.Now())
	})
	if err != nil {
		s.Fatal(err)
	}
	return m
}

func (s *testServer) imported(name string) string {
	s.Helper()
	e, err := directory.Import(s.Store.NewID(), "seed", testApplication(name).Profile, s.Store.Now())
	if err == nil {
		_, err = s.Store.Import(s.Context(), []*directory.Stakeholder{e})
	}
	if err != nil {
		s.Fatal(err)
	}
	return e.ID
}

// send posts a body as a moderator and wants the status.
func (s *testServer) send(path, body string, status int, header ...string) []byte {
	s.Helper()
	w := s.do("POST", path, body, append(s.as(auth.Moderator, ""), header...)...)
	if w.Code != status {
		s.Fatalf("%s: %d, want %d: %s", path, w.Code, status, w.Body)
	}
	return w.Body.Bytes()
}

func TestMergeAndUndoOverHTTP(t *testing.T) {
	s := newTestServer(t)
	known := s.listed("Association des migrants de Genève", nil)
	other := s.listed("Association des migrants, Genève", func(a *directory.Application) {
		a.Contacts[0].Email = "other@association.example.org"
		a.Website = "https://association.example.org"
	})
	path := "/v1/stakeholders/" + known.ID + "/merges"
	order := directory.MergeOrder{Merged: other.ID, Reason: "One association.", Fields: map[string]directory.Choice{"names": directory.KeepBoth, "website": directory.KeepMerged}}
	s.send(path, encodeTest(t, order), http.StatusPreconditionFailed, "If-Match", etag(known.Version+7))
	wrong := order
	wrong.Fields = map[string]directory.Choice{"country": directory.KeepBoth, "colour": directory.KeepMerged, "names": "none"}
	s.send(path, encodeTest(t, wrong), http.StatusUnprocessableEntity, "If-Match", etag(known.Version))

	var m mergeView
	if err := json.Unmarshal(s.send(path, encodeTest(t, order), http.StatusCreated, "If-Match", etag(known.Version)), &m); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{known.ID, other.ID} {
		w := s.do("GET", "/v1/stakeholders/"+id, "")
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"id":"`+known.ID+`"`) || !strings.Contains(w.Body.String(), "association.example.org") {
			t.Errorf("%s leads to %d %s", id, w.Code, w.Body)
		}
		if w := s.do("GET", "/stakeholders/"+id, ""); w.Code != http.StatusOK {
			t.Errorf("the page of %s: %d", id, w.Code)
		}
	}
	focal, _ := other.FocalPoint()
	if w := s.do("GET", "/me", "", s.session(other.ID, focal.ID)...); w.Code != http.StatusOK {
		t.Errorf("a contact that came is not let in: %d", w.Code)
	}
	s.send(path, encodeTest(t, order), http.StatusConflict, "If-Match", etag(known.Version+1))

	undo := "/v1/merges/" + m.ID + "/undo"
	s.send(undo, `{"reason":""}`, http.StatusUnprocessableEntity)
	s.send(undo, `{"reason":"They are two."}`, http.StatusAccepted)
	s.send(undo, `{"reason":"They are two."}`, http.StatusConflict)
	for _, e := range []*directory.Stakeholder{known, other} {
		w := s.do("GET", "/v1/stakeholders/"+e.ID, "")
		if !strings.Contains(w.Body.String(), `"id":"`+e.ID+`"`) {
			t.Errorf("%s leads to %s", e.ID, w.Body)
		}
	}
	w := s.do("GET", "/v1/merges/"+m.ID, "", s.as(auth.Moderator, "")...)
	if !strings.Contains(w.Body.String(), `"state":"undone"`) {
		t.Errorf("%s", w.Body)
	}
}

func TestDistinctAreNotMerged(t *testing.T) {
	s := newTestServer(t)
	one, other := s.imported("Une association"), s.imported("Une autre")
	s.send("/v1/stakeholders/"+one+"/distinctions", encodeTest(t, distinctionGiven{other, "Two."}), http.StatusCreated)
	s.send("/v1/stakeholders/"+one+"/merges", encodeTest(t, directory.MergeOrder{Merged: other, Reason: "One."}), http.StatusConflict, "If-Match", etag(1))
	s.send("/v1/stakeholders/"+one+"/merges", encodeTest(t, directory.MergeOrder{Merged: one, Reason: "One."}), http.StatusUnprocessableEntity, "If-Match", etag(1))
}

// A merge that nobody carries on any more is carried on by who looks for it.
func TestMergeSettlesLater(t *testing.T) {
	s := newTestServer(t)
	m := s.merged()
	s.at(testStart.Add(2 * time.Minute))
	if m, err := s.Store.SettleMerge(t.Context(), m.ID); err != nil || m.State != directory.MergeDone || m.DueAt != nil {
		t.Errorf("%+v %v", m, err)
	}
}
