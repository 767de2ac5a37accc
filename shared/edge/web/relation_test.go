package web

import (
	"strings"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
	"convoke/shared/state/store"
)

// prepareRelation makes what the examples of relations need.
func (s *exampleSite) prepareRelation(op operation) (path string, header []string, ok bool) {
	s.Helper()
	moderator := s.as(auth.Moderator, "")
	switch op.OperationID {
	case "postRelation":
		one, other := s.kept("Association "+s.Store.NewID(), nil), s.kept("Réseau "+s.Store.NewID(), nil)
		s.rename(op, "01JD4Z7X9M3T5V8B2C6D0E1F4G", other.ID)
		return "/v1/stakeholders/" + one.ID + "/relations", moderator, true
	case "postRelationEnd":
		one, other := s.kept("Association "+s.Store.NewID(), nil), s.kept("Réseau "+s.Store.NewID(), nil)
		rel := s.relate(one, "member_of", other)
		return "/v1/stakeholders/" + one.ID + "/relations/" + rel.ID + "/end", append(moderator, "If-Match", etag(rel.Version)), true
	case "putProcess":
		e := s.kept("Dialogue "+s.Store.NewID(), regional)
		return "/v1/stakeholders/" + e.ID + "/process", append(moderator, "If-Match", etag(e.Version)), true
	}
	return "", nil, false
}

// kept is listed, without the index: what other examples find there stays what
// it was.
func (s *exampleSite) kept(name string, change func(*directory.Application)) *directory.Stakeholder {
	s.Helper()
	a := testApplication(name)
	if change != nil {
		change(&a)
	}
	e, err := directory.Register(s.Store.NewID(), a, s.Store.NewID, s.Store.Now())
	s.must(err)
	s.must(s.Store.Register(s.Context(), e))
	e = s.confirmed(e)
	e, err = s.Store.UpdateStakeholder(s.Context(), e.ID, func(e *directory.Stakeholder) error {
		return e.Decide(directory.Decision{Outcome: directory.Listed}, s.Store.Now())
	})
	s.must(err)
	return e
}

func regional(a *directory.Application) { a.Category = "regional_process" }

// rename puts an id of this server into an example.
func (s *exampleSite) rename(op operation, was, is string) {
	for name, x := range s.examples {
		if x.op.OperationID == op.OperationID {
			x.body = []byte(strings.ReplaceAll(string(x.body), was, is))
			s.examples[name] = x
		}
	}
}

func (s *testServer) process(name string) *directory.Stakeholder {
	s.Helper()
	return s.listed(name, regional)
}

// related makes a confirmed relation and tells the index.
func (s *testServer) related(one *directory.Stakeholder, kind string, other *directory.Stakeholder) *directory.Relation {
	s.Helper()
	rel := s.relate(one, kind, other)
	s.indexAgain(one.ID)
	return rel
}

func (s *testServer) relate(one *directory.Stakeholder, kind string, other *directory.Stakeholder) *directory.Relation {
	s.Helper()
	rel, err := directory.Assert(s.Store.NewID(), one.ID, directory.Assertion{Kind: kind, Stakeholder: other.ID}, true, s.Store.Now())
	if err != nil {
		s.Fatal(err)
	}
	if err := s.Store.CreateRelation(s.Context(), rel); err != nil {
		s.Fatal(err)
	}
	return rel
}

func (s *testServer) indexAgain(id string) {
	s.Helper()
	e, err := s.Store.Stakeholder(s.Context(), id)
	if err != nil {
		s.Fatal(err)
	}
	if err := s.writer.Apply(s.Context(), []search.Change{listing.Change(e)}); err != nil {
		s.Fatal(err)
	}
	if err := s.Index.Refresh(s.Context()); err != nil {
		s.Fatal(err)
	}
}

func (s *testServer) holds(target, want string, header ...string) {
	s.Helper()
	if w := s.do("GET", target, "", header...); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
		s.Errorf("%s answers %d without %s: %s", target, w.Code, want, w.Body)
	}
}

func (s *testServer) lacks(target, what string, header ...string) {
	s.Helper()
	if w := s.do("GET", target, "", header...); w.Code != 200 || strings.Contains(w.Body.String(), what) {
		s.Errorf("%s answers %d with %s: %s", target, w.Code, what, w.Body)
	}
}

func TestRelationsAreAgreedToByBothEnds(t *testing.T) {
	s := newTestServer(t)
	one, other, third := s.listed("Association", nil), s.listed("Réseau", nil), s.listed("Une autre", nil)
	mine, theirs, others := s.session(one.ID, one.Contacts[0].ID), s.session(other.ID, other.Contacts[0].ID), s.session(third.ID, third.Contacts[0].ID)
	at := "/v1/stakeholders/" + one.ID + "/relations"
	w := s.do("POST", at, `{"kind":"member_of","stakeholder":"`+other.ID+`","since":"2019-05-01","role":"Membre fondateur"}`, mine...)
	if w.Code != 201 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	id := idOf(t, w)
	s.lacks(at, id)
	s.holds(at, id, mine...)
	s.holds("/v1/stakeholders/"+other.ID+"/relations", `"has_member"`, theirs...)
	confirm := func(stakeholder string, header []string) int {
		return s.do("POST", "/v1/stakeholders/"+stakeholder+"/relations/"+id+"/confirmation", "", append(header, "If-Match", etag(1))...).Code
	}
	if got := [3]int{confirm(one.ID, mine), confirm(third.ID, others), confirm(other.ID, theirs)}; got != [3]int{403, 404, 200} {
		t.Errorf("confirming is answered %v", got)
	}
	if got := confirm(other.ID, theirs); got != 412 {
		t.Errorf("confirming what was read before is answered %d", got)
	}
	s.indexAgain(one.ID)
	s.holds(at, `"name":"Réseau"`)
	s.holds("/v1/stakeholders/"+one.ID, `"organization_id":"`+other.ID+`","role":"Membre fondateur","start_date":"2019-05-01"`)
	s.holds("/v1/stakeholders?member_of="+other.ID, one.ID)
	s.lacks("/v1/stakeholders?member_of="+third.ID, one.ID)
	if w := s.do("POST", at, `{"kind":"member_of","stakeholder":"`+other.ID+`"}`, mine...); w.Code != 409 {
		t.Errorf("the same again is answered %d %s", w.Code, w.Body)
	}
	if w := s.do("POST", at+"/"+id+"/end", `{}`, append(mine, "If-Match", etag(2))...); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	s.indexAgain(one.ID)
	s.lacks(at, id)
	s.lacks("/v1/stakeholders?member_of="+other.ID, one.ID)
	if aggregates, _, err := s.Store.VerifyTrails(t.Context()); err != nil || aggregates < 4 {
		t.Errorf("trails of %d aggregates: %v", aggregates, err)
	}
}

func TestBadRelations(t *testing.T) {
	s := newTestServer(t)
	one, other := s.listed("Association", nil), s.listed("Réseau", nil)
	hidden := s.listed("Cachée", func(a *directory.Application) { a.AtRisk = true })
	s.related(one, "parent", other)
	mine := s.session(one.ID, one.Contacts[0].ID)
	for _, c := range []struct{ body, pointer, code string }{
		{`{"kind":"member_of","stakeholder":"` + one.ID + `"}`, "/stakeholder", "relation.self"},
		{`{"kind":"member_of","stakeholder":"` + hidden.ID + `"}`, "/stakeholder", "stakeholder.unknown"},
		{`{"kind":"member_of","stakeholder":"01ABC"}`, "/stakeholder", "stakeholder.unknown"},
		{`{"kind":"parent_of","stakeholder":"` + other.ID + `"}`, "/stakeholder", "relation.cycle"},
		{`{"kind":"friend","stakeholder":"` + other.ID + `"}`, "/kind", "relation.kind_unknown"},
		{`{"kind":"chairs","stakeholder":"` + other.ID + `","since":"2026-02-30"}`, "/since", "date.impossible"},
		{`{"kind":"chairs","stakeholder":"` + other.ID + `","since":"2026-02-03","until":"2026-02-02"}`, "/until", "date.before_start"},
	} {
		w := s.do("POST", "/v1/stakeholders/"+one.ID+"/relations", c.body, mine...)
		wantProblem(t, w.Code, w.Body.Bytes(), 422, c.pointer, c.code)
	}
	s.related(one, "member_of", hidden)
	s.lacks("/v1/stakeholders/"+one.ID, hidden.ID)
	s.lacks("/v1/stakeholders?member_of="+hidden.ID, one.ID)
	s.holds("/v1/stakeholders?facet=member_of&member_of="+hidden.ID, one.ID, s.as(auth.Organiser, "geneva")...)
	if w := s.do("GET", "/v1/stakeholders?facet=member_of", ""); w.Code != 400 {
		t.Errorf("anybody counts members: %d", w.Code)
	}
}

func TestMemberStatesOf(t *testing.T) {
	s := newTestServer(t)
	process := s.process("Dialogue régional")
	swiss := s.listed("Association suisse", nil)
	french := s.listed("Association française", func(a *directory.Application) { a.Country = "FR" })
	w := s.do("PUT", "/v1/stakeholders/"+process.ID+"/process",
		`{"members":[{"country":"CH","since":"2020-01-01"},{"country":"FR","until":"2025-12-31"}],"observers":[{"country":"FR"}],"chairs":[{"stakeholder":"`+swiss.ID+`","since":"2026-01-01"}]}`,
		append(s.session(process.ID, process.Contacts[0].ID), "If-Match", etag(process.Version))...)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"member_states":["CH"]`) {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	s.holds("/v1/stakeholders/"+process.ID, `"current_chair":{"stakeholder":"`+swiss.ID+`"`)
	members := "/v1/stakeholders?member_states_of=" + process.ID
	s.table.Reset()
	s.holds(members, swiss.ID)
	if got := s.table.Snapshot(); got.Total() != 1 {
		t.Errorf("table requests %+v, want one", got)
	}
	s.lacks(members, french.ID)
	s.holds("/v1/stakeholders?observer_states_of="+process.ID, french.ID)
	s.holds(members+"&country=FR", `"total":0`)
	s.holds("/v1/stakeholders?member_states_of="+swiss.ID, `"total":0`)
	s.holds("/v1/stakeholders?member_states_of=nobody", `"total":0`)
	if w := s.do("PUT", "/v1/stakeholders/"+swiss.ID+"/process", `{}`, append(s.as(auth.Moderator, ""), "If-Match", etag(swiss.Version))...); w.Code != 409 {
		t.Errorf("an association of States: %d", w.Code)
	}
}

func TestRelationsAreCounted(t *testing.T) {
	s := newTestServer(t)
	e := s.listed("Association", nil)
	s.table.Reset()
	s.holds("/v1/stakeholders/"+e.ID+"/relations", `"items":[]`)
	if got := s.table.Snapshot(); got.Total() != 3 {
		t.Errorf("table requests %+v, want three", got)
	}
	if _, err := s.Store.Relation(t.Context(), "nobody.1"); err == nil || !strings.Contains(err.Error(), store.ErrNotFound.Code) {
		t.Error(err)
	}
}
