package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
)

// standingForm is the form of a sound standing rule.
func standingForm() url.Values {
	return url.Values{
		"once": {"rule-1"}, "observance": {"international_migrants_day"}, "weeks_ahead": {"10"}, "publish": {"yes"}, "kind": {"seminar"}, "title": {"Rights of migrants"},
		"title_lang": {"en"}, "convener": {"Seminar series"}, "zone": {"Europe/Zurich"}, "starts_local": {"15:00"}, "minutes": {"120"}, "capacity": {"80"},
		"answer_days": {"14"}, "category": {"migrant_association"},
	}
}

func (s *pageSite) rules() []*convening.StandingRule {
	s.Helper()
	list, _, err := s.server.Store.Rules(s.Context(), "unit", "", 10)
	noError(s.T, err)
	return list
}

// TestStandingRuleByPage holds what the form makes, that it makes it once, and that
// a change leaves alone what the form does not speak of.
func TestStandingRuleByPage(t *testing.T) {
	s := newPageSite(t)
	for range 2 {
		want(t, s.byOrganiser("POST", rulesPath+"/new", standingForm()), http.StatusSeeOther, rulesPath+"?done=rule_made")
	}
	list := s.rules()
	if len(list) != 1 {
		t.Fatalf("%d rules", len(list))
	}
	rule := list[0]
	if !rule.Publish || rule.WeeksAhead != 10 || rule.Template.Minutes != 120 || rule.Template.Capacity != 80 || rule.DueAt == nil || rule.Unit != "unit" {
		t.Errorf("%+v", rule.RulePlan)
	}
	body := s.byOrganiser("GET", rulesPath+"?done=rule_made", nil).Body.String()
	for _, there := range []string{"International Migrants’ Day", "Rights of migrants", "It is published by itself.", rulesPath + "/" + rule.ID} {
		if !strings.Contains(body, there) {
			t.Errorf("%q is not in the list", there)
		}
	}
	rule, err := s.server.Store.UpdateRule(t.Context(), rule.ID, func(r *convening.StandingRule) error {
		p := r.RulePlan
		p.Template.Topics, p.Template.Reminders, p.Template.Interpretation = []string{"topic:remittances"}, []int{5}, []string{"fr"}
		return r.Revise(p, s.now)
	})
	noError(t, err)
	doc := parsePage(t, s.byOrganiser("GET", rulesPath+"/"+rule.ID, nil).Body.String())
	for name, value := range map[string]string{"weeks_ahead": "10", "starts_local": "15:00", "minutes": "120", "answer_days": "14", "title": "Rights of migrants", "version": "2"} {
		if got := attr(byName(doc, name), "value"); got != value {
			t.Errorf("%s is filled with %q", name, got)
		}
	}
	form := standingForm()
	form.Set("version", "2")
	form.Set("paused", "yes")
	form.Del("publish")
	want(t, s.byOrganiser("POST", rulesPath+"/"+rule.ID, form), http.StatusSeeOther, rulesPath+"?done=rule_changed")
	rule = s.rules()[0]
	if rule.Publish || !rule.Paused || rule.DueAt != nil || !slices.Equal(rule.Template.Reminders, []int{5}) || len(rule.Template.Topics)+len(rule.Template.Interpretation) != 2 {
		t.Errorf("%+v", rule.RulePlan)
	}
	if w := s.byOrganiser("POST", rulesPath+"/"+rule.ID, form); w.Code != http.StatusPreconditionFailed {
		t.Errorf("a stale form gets %d", w.Code)
	}
	for _, c := range []struct {
		role auth.Role
		unit string
		want int
	}{{auth.Organiser, "another", 404}, {auth.Admin, "", 200}, {auth.Moderator, "", 403}, {auth.Contact, "", 403}} {
		if w := s.deskOf(c.role, c.unit, "GET", rulesPath+"/"+rule.ID, nil); w.Code != c.want {
			t.Errorf("%s of %q reads it: %d", c.role, c.unit, w.Code)
		}
	}
	if w := s.deskOf(auth.Organiser, "another", "POST", rulesPath+"/"+rule.ID, form); w.Code != http.StatusNotFound {
		t.Errorf("another unit's organiser changes it: %d", w.Code)
	}
	if w := s.deskOf(auth.Organiser, "", "GET", rulesPath, nil); w.Code != http.StatusForbidden {
		t.Errorf("an organiser of no unit: %d", w.Code)
	}
}

func TestStandingRuleRefused(t *testing.T) {
	s := newPageSite(t)
	for fields, change := range map[string]url.Values{
		"observance":         {"observance": {"day_of_rest"}},
		"weeks_ahead":        {"weeks_ahead": {"90"}},
		"minutes":            {"minutes": {"long"}},
		"starts_local":       {"starts_local": {"3pm"}},
		"shift_days":         {"shift_days": {"40"}},
		"answer_days":        {"answer_days": {"-1"}},
		"convener zone text": {"convener": nil, "zone": {"Mars/Base"}, "category": nil},
		"search":             {"search": {"01UNKNOWN"}, "category": nil},
	} {
		form := standingForm()
		for name, values := range change {
			form[name] = values
		}
		w := s.byOrganiser("POST", rulesPath+"/new", form)
		for field := range strings.FieldsSeq(fields) {
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="`+field+`-fault"`) {
				t.Errorf("%v: %d, no message at %s", change, w.Code, field)
			}
		}
	}
	if n := len(s.rules()); n != 0 {
		t.Errorf("%d rules were kept of refused forms", n)
	}
}

// TestSavedSearchByPage keeps a search of the directory, and lets an event and a
// mail rest on it.
func TestSavedSearchByPage(t *testing.T) {
	s := newPageSite(t)
	const sought = "?category=migrant_association&invited_at_most=0&not.country=FR&q=migrants"
	home := parsePage(t, s.byOrganiser("GET", "/"+sought+"&sort=least_invited&cursor=", nil).Body.String())
	led := ""
	for _, a := range all(home, "a") {
		if strings.HasPrefix(attr(a, "href"), keepSearchPath) {
			led = attr(a, "href")
		}
	}
	if led != keepSearchPath+sought {
		t.Fatalf("the search leads to %q", led)
	}
	if page := text(parsePage(t, s.byOrganiser("GET", led, nil).Body.String())); !strings.Contains(page, "not: France") || !strings.Contains(page, "Never asked") {
		t.Errorf("what is kept is not said: %s", page)
	}
	form := url.Values{"once": {"s1"}, "name": {"Associations"}, "shared": {"yes"}}
	if w := s.byOrganiser("POST", led, url.Values{"name": {""}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="name-fault"`) {
		t.Errorf("a search without a name: %d", w.Code)
	}
	if w := s.byOrganiser("POST", led, url.Values{"name": {"x"}, "alert": {"yes"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="alert-fault"`) {
		t.Errorf("an alert without an address: %d", w.Code)
	}
	for range 2 {
		want(t, s.byOrganiser("POST", led, form), http.StatusSeeOther, searchesPath+"?done=kept")
	}
	list, _, err := s.server.Store.SharedSearches(t.Context(), "unit", "", 10)
	noError(t, err)
	if len(list) != 1 {
		t.Fatalf("%d searches", len(list))
	}
	x := list[0]
	if x.Query.Text != "migrants" || x.Query.Filters["category"][0] != "migrant_association" || x.Query.Without["country"][0] != "FR" || *x.Query.InvitedAtMost != 0 {
		t.Errorf("%+v", x.Query)
	}
	body := s.byOrganiser("GET", searchesPath, nil).Body.String()
	for _, there := range []string{"Associations", "Shared with your unit", strings.ReplaceAll("/"+sought, "&", "&amp;"), "/desk/new-event?search=" + x.ID} {
		if !strings.Contains(body, there) {
			t.Errorf("%q is not in the list", there)
		}
	}
	if body := s.byOrganiser("GET", "/desk/new-event?search="+x.ID, nil).Body.String(); !strings.Contains(body, `value="`+x.ID+`" selected>Associations<`) {
		t.Error("the form of an event does not begin with the search")
	}
	u, err := convening.NewUnit("unit", convening.UnitPlan{Names: texts("en", "Unit"), Zone: "Europe/Zurich", Language: "en", ReplyTo: "unit@example.org"}, s.now)
	noError(t, err)
	noError(t, s.server.Store.CreateUnit(t.Context(), u))
	for n, c := range []struct {
		act    string
		status int
		alert  bool
	}{{"alert", 303, true}, {"quiet", 303, false}, {"unknown", 400, false}} {
		w := s.byOrganiser("POST", searchesPath+"/"+x.ID, url.Values{"act": {c.act}, "version": {strconv.Itoa(n + 1)}})
		now, err := s.server.Store.SavedSearch(t.Context(), x.ID)
		noError(t, err)
		if w.Code != c.status || now.Alert != c.alert {
			t.Errorf("%s: %d, %v", c.act, w.Code, now.Alert)
		}
	}
	resting := draftForm()
	for _, name := range []string{"text", "category", "country"} {
		resting.Del(name)
	}
	resting.Set("search", x.ID)
	s.madeOf(resting)
	gone := url.Values{"act": {"delete"}, "version": {"3"}}
	if w := s.byOrganiser("POST", searchesPath+"/"+x.ID, gone); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Associations") {
		t.Errorf("a search that an event rests on: %d", w.Code)
	}
	if w := s.deskOf(auth.Organiser, "another", "POST", searchesPath+"/"+x.ID, gone); w.Code != http.StatusNotFound {
		t.Errorf("another unit's organiser: %d", w.Code)
	}
}

// TestToolsOfOrganisers holds that what was asked of whom before is shown to
// organisers alone.
func TestToolsOfOrganisers(t *testing.T) {
	s := newPageSite(t)
	for role, sees := range map[auth.Role]bool{auth.Organiser: true, auth.Moderator: true, auth.Contact: false} {
		body := s.deskOf(role, "unit", "GET", "/?q=migrants", nil).Body.String()
		if strings.Contains(body, "Never asked to an event.") != sees || strings.Contains(body, "invited_at_most") != sees {
			t.Errorf("%s sees the ledger: %v", role, !sees)
		}
		if strings.Contains(body, keepSearchPath) != (role == auth.Organiser) {
			t.Errorf("%s is led to keep the search", role)
		}
	}
	if body := s.get("/?q=migrants").Body.String(); strings.Contains(body, "Never asked") {
		t.Error("the public sees the ledger")
	}
}
