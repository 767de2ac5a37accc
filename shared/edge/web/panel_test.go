package web

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
)

// preparePanel makes an event with a panel for the examples of panels.
func (s *exampleSite) preparePanel(op operation) (path string, header []string) {
	s.Helper()
	organiser := s.as(auth.Organiser, "unitar")
	id := idOf(s.T, s.do("POST", "/v1/events", s.body("postEvent least"), organiser...))
	path = strings.Replace(op.path, "{id}", id, 1)
	if op.OperationID == "putPanel" {
		return path, append(organiser, "If-Match", etag(0))
	}
	s.expect(200, s.do("PUT", "/v1/events/"+id+"/panel", s.body("putPanel balanced"), append(organiser, "If-Match", etag(0))...))
	return path, organiser
}

// listedIn registers a listed stakeholder of a category and country, and returns
// its id.
func (s *exampleSite) listedIn(n int, category, country string) string {
	s.Helper()
	body := fmt.Sprintf(`{"category": %q, "country": %q, "languages": ["fr"], "names": [{"text": "Association %d", "lang": "en", "kind": "legal"}],
	 "contacts": [{"name": "Focal Point", "role": "focal_point", "email": "focal%d@example.org", "language": "en"}],
	 "consent": {"directory": true, "text_version": "2026-11"}}`, category, country, n, n)
	e := s.confirmed(s.stored(s.do("POST", "/v1/registrations", body)))
	e = s.stored(s.do("POST", "/v1/registrations/"+e.ID+"/decision", `{"outcome": "listed"}`,
		append(s.as(auth.Moderator, ""), "If-Match", etag(e.Version))...))
	s.must(s.writer.Apply(s.Context(), []search.Change{listing.Change(e)}))
	s.must(s.Index.Refresh(s.Context()))
	return e.ID
}

func TestPanel(t *testing.T) {
	s := newExampleSite(t)
	organiser := s.as(auth.Organiser, "unitar")
	ngo := s.listedIn(1, "ngo", "CH")
	union := s.listedIn(2, "trade_union", "KE")
	second := s.listedIn(3, "ngo", "KE")
	event := idOf(t, s.do("POST", "/v1/events", strings.Replace(s.body("postEvent least"), `"topic":["topic:migration_data"]`, `"category":["ngo","trade_union"]`, 1), organiser...))
	at := "/v1/events/" + event + "/panel"

	s.expect(404, s.do("GET", at, "", s.as(auth.Organiser, "another")...))
	s.expect(403, s.do("GET", at, "", s.as(auth.Moderator, "")...))
	plan := `{"seats": [{"id": "a", "role": "speaker", "holder": {"stakeholder": "` + ngo + `"}, "pinned": true}, {"id": "b", "role": "moderator"}],
	 "targets": [{"rule": "at_least", "count": 1, "of": "category", "values": ["trade_union"]}, {"rule": "at_most", "count": 1, "of": "each_country"},
	  {"rule": "at_least", "count": 1, "of": "category", "values": ["media"]}]}`
	s.expect(428, s.do("PUT", at, plan, organiser...))
	s.expect(412, s.do("PUT", at, plan, append(organiser, "If-Match", etag(7))...))
	w := s.do("PUT", at, plan, append(organiser, "If-Match", etag(0))...)
	s.expect(200, w)
	var view panelView
	s.must(json.Unmarshal(w.Body.Bytes(), &view))
	states := []convening.BalanceState{}
	for _, b := range view.Balance {
		states = append(states, b.State)
	}
	if diff := cmp.Diff([]convening.BalanceState{convening.TargetShort, convening.TargetMet, convening.TargetUnmeetable}, states); diff != "" {
		t.Error(diff)
	}
	if got := view.Balance[2].Reason; got != "Only 0 such can be found in the pool, and 1 are missing." {
		t.Errorf("the reason is %q", got)
	}

	suggest := func(body string) (who []string, answer suggestionView) {
		t.Helper()
		s.table.Reset()
		w := s.do("POST", at+"/suggestions", body, organiser...)
		s.expect(200, w)
		if n := s.table.Snapshot(); n.Total() > 4 {
			t.Errorf("requests of the table: %+v", n)
		}
		s.must(json.Unmarshal(w.Body.Bytes(), &answer))
		for _, seat := range answer.Seats {
			id := ""
			if seat.Person != nil {
				id = seat.Person.Stakeholder
			}
			who = append(who, id)
		}
		return who, answer
	}
	who, answer := suggest(`{}`)
	if diff := cmp.Diff([]string{ngo, union}, who); diff != "" || !answer.Proven || answer.Missed != 1 || answer.Seats[1].Name != "Association 2" {
		t.Errorf("%s %+v", diff, answer)
	}
	if diff := cmp.Diff("Helps to meet target 1.", answer.Seats[1].Reasons[0].Text); diff != "" {
		t.Error(diff)
	}
	if who, _ := suggest(`{"bans": [{"stakeholder": "` + union + `"}]}`); who[1] != second {
		t.Errorf("with the union banned: %v", who)
	}
	if who, _ := suggest(`{"pins": [{"stakeholder": "` + second + `"}]}`); who[1] != second {
		t.Errorf("with the second pinned: %v", who)
	}
	if who, _ := suggest(`{"pool": {"filters": {"country": ["CH"]}}}`); who[1] != "" {
		t.Errorf("from a pool of one who sits: %v", who)
	}
	s.expect(422, s.do("POST", at+"/suggestions", `{"pins": [{"stakeholder": "nobody"}]}`, organiser...))
	s.expect(422, s.do("POST", at+"/suggestions", `{"pool": {"filters": {"category": ["club"]}}}`, organiser...))

	s.expect(409, s.do("POST", at+"/invitations", "", organiser...))
	s.expect(202, s.do("POST", "/v1/events/"+event+"/publication", "", append(organiser, "If-Match", etag(1))...))
	for _, want := range []string{`{"invited":1,"unreachable":[]}`, `{"invited":0,"unreachable":[]}`} {
		if w := s.do("POST", at+"/invitations", "", organiser...); w.Code != 200 || w.Body.String() != want {
			t.Errorf("%d %s, want %s", w.Code, w.Body, want)
		}
	}
	if w := s.do("GET", "/v1/events/"+event+"/invitations", "", organiser...); !strings.Contains(w.Body.String(), `"role":"speaker"`) {
		t.Errorf("%s", w.Body)
	}
	for _, want := range []int{200, 409} { // the seat becomes open; an open one cannot pass on
		s.expect(want, s.do("POST", at+"/seats/a/next", "", organiser...))
	}
	s.expect(404, s.do("POST", at+"/seats/z/next", "", organiser...))
	for range 2 {
		s.expect(200, s.do("POST", at+"/conflicts", `{"stakeholder": "`+union+`"}`, append(organiser, "Idempotency-Key", "k")...))
	}
}

func TestContradictoryTargetsAreNamed(t *testing.T) {
	s := newExampleSite(t)
	organiser := s.as(auth.Organiser, "unitar")
	event := idOf(t, s.do("POST", "/v1/events", s.body("postEvent least"), organiser...))
	w := s.do("PUT", "/v1/events/"+event+"/panel", `{"seats": [{"id": "a", "role": "speaker"}, {"id": "b", "role": "speaker"}],
	 "targets": [{"rule": "at_least", "count": 1, "of": "language", "values": ["fr"]}, {"rule": "at_least", "count": 2, "of": "region", "values": ["014"]},
	  {"rule": "at_most", "count": 1, "of": "region", "values": ["002"]}]}`, append(organiser, "If-Match", etag(0), "Accept-Language", "fr")...)
	s.expect(422, w)
	var got problemDocument
	s.must(json.Unmarshal(w.Body.Bytes(), &got))
	want := []problemField{
		{"/targets/1", "target.conflicts", "Avec 2 sièges, cet objectif contredit les objectifs suivants, comptés à partir de 1 : 3."},
		{"/targets/2", "target.conflicts", "Avec 2 sièges, cet objectif contredit les objectifs suivants, comptés à partir de 1 : 2."},
	}
	if diff := cmp.Diff(want, got.Errors); got.Code != "panel.targets_conflict" || diff != "" {
		t.Errorf("%s %s", got.Code, diff)
	}
}

// TestVocabularyOfPanels holds the lists of openapi.yaml to those of the domain.
func TestVocabularyOfPanels(t *testing.T) {
	schemas := loadContract(t).Components.Schemas
	var attributes []string
	for _, a := range convening.Attributes() {
		attributes = append(attributes, string(a))
	}
	checkList(t, "TargetAttribute", schemas["TargetAttribute"].Value.Enum, attributes)
	checkList(t, "SeatRole", schemas["SeatRole"].Value.Enum, convening.SeatRoles())
	checkList(t, "TargetRule", schemas["TargetRule"].Value.Enum, []string{string(convening.AtLeast), string(convening.AtMost), string(convening.Exactly)})
}

// TestReasonsHaveTheirTexts holds that whatever a report or a suggestion says in
// codes is said in words in every language.
func TestReasonsHaveTheirTexts(t *testing.T) {
	codes := []string{
		"balance.too_few_available", "balance.too_few_to_tell", "balance.too_few_open_seats", "balance.against_others", "suggestion.kept", "suggestion.helps_target",
		"suggestion.never_invited", "suggestion.invited_before", "suggestion.relevance", "target.led_by", "target.lived_experience", "target.language",
		"target.never_invited", "target.never_spoke", "target.at_least", "target.at_most", "target.exactly",
		"target.each_organisation", "target.each_country", "target.conflict_of_interest",
	}
	for _, gender := range convening.Genders() {
		codes = append(codes, "gender."+gender)
	}
	for _, lang := range i18n.All() {
		for _, code := range codes {
			if !i18n.Has(lang, code) {
				t.Errorf("%s has no text in %s", code, lang)
			}
		}
	}
}
