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

// What names the one that was merged is read through its id: relations, a panel, a
// referee, and the contacts that act for the survivor now.
func TestWhatNamedTheMergedOneLeadsToTheSurvivor(t *testing.T) {
	s := newTestServer(t)
	one, other, third := s.listed("Association", nil), s.listed("Cercle", func(a *directory.Application) { a.Contacts[0].Email = "other@example.org" }), s.listed("Réseau", nil)
	between, member, joined := s.relate(one, "partner_of", other), s.relate(other, "member_of", third), s.relate(third, "funded_by", other)
	reference := s.referenceFrom(other, third)
	var m mergeView
	order := directory.MergeOrder{Merged: other.ID, Reason: "One."}
	if err := json.Unmarshal(s.send("/v1/stakeholders/"+one.ID+"/merges", encodeTest(t, order), http.StatusCreated, "If-Match", etag(s.versionOf(one.ID))), &m); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{one.ID, other.ID} {
		s.holds("/v1/stakeholders/"+id+"/relations", member.ID)
		s.holds("/v1/stakeholders/"+id+"/relations", joined.ID)
		s.lacks("/v1/stakeholders/"+id+"/relations", between.ID)
	}
	s.holds("/v1/stakeholders/"+third.ID, `"label":"funded_by","member_id":"`+third.ID+`","organization_id":"`+one.ID+`"`)
	s.holds("/v1/stakeholders/"+one.ID, `"label":"member_of","member_id":"`+one.ID+`","organization_id":"`+third.ID+`"`)
	s.indexAgain(third.ID)
	s.holds("/v1/stakeholders/"+third.ID+"/relations", `"stakeholder":"`+one.ID+`"`)
	if w := s.do("POST", "/v1/stakeholders/"+one.ID+"/relations/"+between.ID+"/end", `{}`, append(s.as(auth.Moderator, ""), "If-Match", etag(2))...); w.Code != http.StatusNotFound {
		t.Errorf("what was set aside is ended: %d %s", w.Code, w.Body)
	}
	s.holds(reference, "Une candidate")
	s.send("/v1/merges/"+m.ID+"/undo", `{"reason":"Two."}`, http.StatusAccepted)
	s.holds("/v1/stakeholders/"+one.ID+"/relations", between.ID)
	s.lacks("/v1/stakeholders/"+one.ID+"/relations", member.ID)
	s.holds("/v1/stakeholders/"+other.ID+"/relations", member.ID)
}

// referenceFrom is the link of the first of two referees.
func (s *testServer) referenceFrom(referees ...*directory.Stakeholder) string {
	s.Helper()
	a := testApplication("Une candidate")
	a.Contacts[0].Email = "applicant@example.org"
	a.Evidence = []directory.Evidence{{Kind: directory.EvidenceReferences, Referees: []string{referees[0].ID, referees[1].ID}}}
	e, err := directory.Register(s.Store.NewID(), a, s.Store.NewID, s.Store.Now())
	if err == nil {
		err = s.Store.Register(s.Context(), e)
	}
	if err == nil {
		_, err = s.Store.UpdateStakeholder(s.Context(), e.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, s.Store.Now()) })
	}
	if err != nil {
		s.Fatal(err)
	}
	return "/reference/" + s.Links.Sign(auth.Claims{
		Purpose: auth.PurposeReference, IDs: []string{e.ID, referees[0].ID, referees[0].Contacts[0].ID}, Expires: testStart.AddDate(0, 0, 1),
	})
}

func (s *testServer) versionOf(id string) int64 {
	s.Helper()
	e, err := s.Store.Stakeholder(s.Context(), id)
	if err != nil {
		s.Fatal(err)
	}
	return e.Version
}
