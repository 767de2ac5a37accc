package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
)

// placed puts an entry into the directory under an id that an example names.
func (s *exampleSite) placed(id string) *directory.Stakeholder {
	s.Helper()
	e, err := directory.Import(id, "seed", testApplication("Une association de même nom").Profile, s.Store.Now())
	s.must(err)
	_, err = s.Store.Import(s.Context(), []*directory.Stakeholder{e})
	s.must(err)
	return e
}

// candidates reads who may be the same as a stakeholder, as a moderator.
func (s *testServer) candidates(id string) []duplicateView {
	s.Helper()
	w := s.do("GET", "/v1/stakeholders/"+id+"/duplicates", "", s.as(auth.Moderator, "")...)
	var list listOf[duplicateView]
	if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || w.Code != http.StatusOK {
		s.Fatalf("%d %s (%v)", w.Code, w.Body, err)
	}
	return list.Items
}

// registered sends a registration of the name.
func (s *testServer) registered(name string) string {
	s.Helper()
	return idOf(s.T, s.do("POST", "/v1/registrations", encodeTest(s.T, testApplication(name))))
}

func TestModeratorsSeeCandidatesAndApplicantsDoNot(t *testing.T) {
	s := newTestServer(t)
	known := s.listed("Association des migrants de Genève", nil)
	id := s.registered("Asociation migrants de Geneve")
	w := s.do("GET", "/v1/registrations/"+id, "", s.as(auth.Moderator, "")...)
	var view registrationView
	if err := json.Unmarshal(w.Body.Bytes(), &view); err != nil {
		t.Fatal(err)
	}
	if len(view.Duplicates) != 1 || view.Duplicates[0].ID != known.ID || !view.Duplicates[0].Likely || len(view.Duplicates[0].Reasons) < 2 {
		t.Fatalf("a moderator is shown %+v", view.Duplicates)
	}
	e, err := s.Store.Stakeholder(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	focal, _ := e.FocalPoint()
	if w := s.do("GET", "/v1/registrations/"+id, "", s.session(id, focal.ID)...); strings.Contains(w.Body.String(), known.ID) {
		t.Errorf("the applicant is shown %s", w.Body)
	}
	for _, path := range []string{"/duplicates", "/duplicates/" + known.ID} {
		if w := s.do("GET", "/v1/stakeholders/"+id+path, "", s.session(id, focal.ID)...); w.Code != http.StatusForbidden {
			t.Errorf("%s answers the applicant %d", path, w.Code)
		}
	}
}

// Two that await review are in no index, and are found by what they claim.
func TestCandidatesInReview(t *testing.T) {
	s := newTestServer(t)
	one, other := s.registered("Association Exemple"), s.registered("ASSOCIATION EXEMPLE")
	if got := s.candidates(one); len(got) != 1 || got[0].ID != other {
		t.Errorf("%+v", got)
	}
}

func TestCandidatesWhileTheSearchCannotBeRead(t *testing.T) {
	s := newTestServer(t)
	one, other := s.registered("Association Exemple"), s.registered("Association Exemple")
	blobs, err := dir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := blobs.Put(t.Context(), "search/manifest", []byte("damaged")); err != nil {
		t.Fatal(err)
	}
	s.Index = search.Await(blobs)
	if _, err := s.Index.Search(t.Context(), search.Query{}); !errors.Is(err, search.ErrUnavailable) {
		t.Fatalf("the index can be read: %v", err)
	}
	if got := s.candidates(one); len(got) != 1 || got[0].ID != other {
		t.Errorf("%+v", got)
	}
}

func TestSideBySide(t *testing.T) {
	s := newTestServer(t)
	known := s.listed("Association des migrants de Genève", nil)
	id := s.registered("Association des migrants de Geneve")
	w := s.do("GET", "/v1/stakeholders/"+id+"/duplicates/"+known.ID, "", s.as(auth.Moderator, "")...)
	var view comparisonView
	if err := json.Unmarshal(w.Body.Bytes(), &view); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	equal := map[string]bool{}
	for _, f := range view.Fields {
		equal[f.Field] = f.Equal
	}
	if view.Here.ID != id || view.There.ID != known.ID || equal["names"] || !equal["country"] || !equal["topics"] {
		t.Errorf("%s", w.Body)
	}
	itself := s.do("GET", "/v1/stakeholders/"+id+"/duplicates/"+id, "", s.as(auth.Moderator, "")...)
	if itself.Code != http.StatusUnprocessableEntity {
		t.Errorf("beside itself: %d %s", itself.Code, itself.Body)
	}
}

func TestDistinctionIsRemembered(t *testing.T) {
	s := newTestServer(t)
	known := s.listed("Association des migrants de Genève", nil)
	id := s.registered("Association des migrants de Geneve")
	body := encodeTest(t, distinctionGiven{known.ID, "Two associations in two towns."})
	path := "/v1/stakeholders/" + id + "/distinctions"
	if w := s.do("POST", path, encodeTest(t, distinctionGiven{known.ID, ""}), s.as(auth.Moderator, "")...); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d %s", w.Code, w.Body)
	}
	if w := s.do("POST", path, body, s.as(auth.Moderator, "")...); w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := s.do("POST", path, body, s.as(auth.Moderator, "")...); w.Code != http.StatusConflict {
		t.Errorf("twice: %d %s", w.Code, w.Body)
	}
	if got := append(s.candidates(id), s.candidates(known.ID)...); len(got) != 0 {
		t.Errorf("the pair is shown again: %+v", got)
	}
	w := s.do("GET", "/v1/stakeholders/"+known.ID+"/duplicates/"+id, "", s.as(auth.Moderator, "")...)
	if !strings.Contains(w.Body.String(), "Two associations") {
		t.Errorf("the reason is forgotten: %s", w.Body)
	}
	s.reindexed(known.ID)
	if got := s.candidates(id); len(got) != 0 {
		t.Errorf("the pair is shown again after a change: %+v", got)
	}
}

// reindexed hands a stakeholder as it is now to the index.
func (s *testServer) reindexed(ids ...string) {
	s.Helper()
	for _, id := range ids {
		e, err := s.Store.Stakeholder(s.Context(), id)
		if err != nil {
			s.Fatal(err)
		}
		if err := s.writer.Apply(s.Context(), []search.Change{listing.Change(e)}); err != nil {
			s.Fatal(err)
		}
	}
	if err := s.Index.Refresh(s.Context()); err != nil {
		s.Fatal(err)
	}
}
