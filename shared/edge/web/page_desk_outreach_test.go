package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
)

// TestOutreachByPage holds what the form sets, that it leaves alone what it has no
// words for, and what it shows to come of it.
func TestOutreachByPage(t *testing.T) {
	s := newPageSite(t)
	e := s.madeOf(draftForm())
	at := "/desk/events/" + e.ID + "/outreach"
	form := url.Values{
		"version": {"1"}, "wave1_who": {"never_asked"}, "wave1_days": {"20"}, "wave3_who": {"category/ngo"}, "wave3_days": {"15"},
		"reminders": {"١٠، 3"}, "thank_after_days": {"0"}, "invitations_per_organisation": {"2"}, "quota_government": {"4"}, "quota_media": {"0"},
	}
	if plain := text(parsePage(t, s.byOrganiser("GET", at, nil).Body.String())); !strings.Contains(plain, "On publicationInvitations go out") {
		t.Errorf("a draft does not say when its invitations go out:\n%s", plain)
	}
	want(t, s.byOrganiser("POST", at, form), http.StatusSeeOther, at+"?done=changed")
	e, err := s.server.Store.Event(t.Context(), e.ID)
	noError(t, err)
	o := e.Outreach
	if len(o.Waves) != 2 || !o.Waves[0].NeverAsked || o.Waves[1].Filters["category"][0] != "ngo" || o.Waves[1].DaysBefore != 15 ||
		!slices.Equal(o.Reminders, []int{10, 3}) || *o.ThankAfter != 0 || o.InvitationsPerOrganisation != 2 || len(o.Quotas) != 2 || o.Quotas["government"] != 4 ||
		o.Capacity != 40 {
		t.Errorf("%+v", o)
	}
	if w := s.byOrganiser("POST", at, form); w.Code != http.StatusPreconditionFailed || !strings.Contains(w.Body.String(), `value="20"`) {
		t.Errorf("a stale form gets %d", w.Code)
	}
	e, err = s.server.Store.UpdateEvent(t.Context(), e.ID, func(e *convening.Event) error {
		p := e.Plan
		p.Waves = []convening.Wave{{DaysBefore: 30, Filters: map[string][]string{"country": {"FJ"}}}, {DaysBefore: 12, Roles: seatRoles()}, {DaysBefore: 9}}
		return e.Revise(e.Convener, p, s.now)
	})
	noError(t, err)
	doc := parsePage(t, s.byOrganiser("GET", at, nil).Body.String())
	filled := url.Values{"version": {strconv.FormatInt(e.Version, 10)}}
	for n := range elements(doc) {
		if name := attr(n, "name"); n.Data == "input" && attr(n, "value") != "" && name != "lang" {
			filled.Set(name, attr(n, "value"))
		}
		if n.Data == "option" && hasAttr(n, "selected") {
			filled.Set(attr(n.Parent, "name"), attr(n, "value"))
		}
	}
	if filled.Get("wave1_who") != waveKept || filled.Get("wave2_who") != waveSeats || filled.Get("wave3_who") != waveRest {
		t.Fatalf("%v", filled)
	}
	for _, there := range []string{"Wave 1 goes out: As it is set now", "Wave 3 goes out: All others", "Answers are due"} {
		if !strings.Contains(text(doc), there) {
			t.Errorf("%q does not stand in\n%s", there, text(doc))
		}
	}
	before := e.Outreach
	want(t, s.byOrganiser("POST", at, filled), http.StatusSeeOther, at+"?done=changed")
	e, err = s.server.Store.Event(t.Context(), e.ID)
	noError(t, err)
	if len(e.Waves) != 3 || e.Waves[0].Filters["country"][0] != "FJ" || !slices.Equal(e.Waves[1].Roles, seatRoles()) || !slices.Equal(e.Reminders, before.Reminders) ||
		*e.ThankAfter != *before.ThankAfter || len(e.Quotas) != len(before.Quotas) {
		t.Errorf("%+v became %+v", before, e.Outreach)
	}
}

// TestOutreachRefused holds that everything that is wrong is said at its field, and
// that nothing is kept of it.
func TestOutreachRefused(t *testing.T) {
	s := newPageSite(t)
	e := s.madeOf(draftForm())
	at := "/desk/events/" + e.ID + "/outreach"
	for fields, form := range map[string]url.Values{
		"wave2_days":                   {"wave1_who": {"rest"}, "wave1_days": {"10"}, "wave2_who": {"seats"}, "wave2_days": {"20"}},
		"wave3_days":                   {"wave3_who": {"rest"}},
		"wave1_days":                   {"wave1_who": {"rest"}, "wave1_days": {"soon"}},
		"wave2_who":                    {"wave2_who": {"category/none"}, "wave2_days": {"4"}},
		"reminders":                    {"reminders": {"3, 10, x"}},
		"thank_after_days":             {"thank_after_days": {"900"}},
		"invitations_per_organisation": {"invitations_per_organisation": {"-1"}},
		"quota_ngo quota_media":        {"quota_ngo": {"-1"}, "quota_media": {"many"}},
	} {
		form.Set("version", "1")
		w := s.byOrganiser("POST", at, form)
		for field := range strings.FieldsSeq(fields) {
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="`+field+`-fault"`) {
				t.Errorf("%v: %d, no message at %s", form, w.Code, field)
			}
		}
	}
	e, err := s.server.Store.Event(t.Context(), e.ID)
	noError(t, err)
	if e.Version != 1 {
		t.Errorf("the event became version %d", e.Version)
	}
	w := s.deskOf(auth.Organiser, "another", "POST", at, url.Values{"version": {"1"}})
	if w.Code != http.StatusNotFound {
		t.Errorf("another unit's organiser: %d", w.Code)
	}
}

// TestWhatAnEventHasMore holds the part of the form that most events leave empty.
func TestWhatAnEventHasMore(t *testing.T) {
	s := newPageSite(t)
	series, err := convening.NewSeries(s.server.Store.NewID(), "unit", convening.SeriesPlan{Titles: texts("en", "Migration seminars")}, s.now)
	noError(t, err)
	noError(t, s.server.Store.CreateSeries(t.Context(), series))
	search, err := convening.NewSearch(s.server.Store.NewID(), "unit", "another", convening.SearchPlan{
		Name: "Associations", Shared: true, Query: convening.Query{Filters: map[string][]string{"category": {"migrant_association"}}},
	}, s.now)
	noError(t, err)
	noError(t, s.server.Store.CreateSearch(t.Context(), search))
	form := draftForm()
	for name, values := range (url.Values{
		"search": {search.ID}, "text": nil, "category": nil, "country": nil, "about": {"topic:remittances"}, "series": {series.ID}, "panel": {"yes"},
		"observance": {"international_migrants_day"}, "interpretation": {"fr", "ar"}, "chatham_house": {"yes"}, "at_risk": {"yes"},
	}) {
		form[name] = values
	}
	e := s.madeOf(form)
	if e.Audience.Search != search.ID || !e.Audience.Panel || e.Topics[0] != "topic:remittances" || e.Series != series.ID || e.Observance != "international_migrants_day" ||
		len(e.Interpretation) != 2 || e.Attribution != convening.ChathamHouse || !e.AtRisk {
		t.Errorf("%+v", e.Plan)
	}
	at := "/desk/events/" + e.ID + "/change"
	body := s.byOrganiser("GET", at, nil).Body.String()
	for _, there := range []string{`value="` + search.ID + `" selected>Associations<`, `value="` + series.ID + `" selected>Migration seminars<`, `name="at_risk" value="yes" checked`} {
		if !strings.Contains(body, there) {
			t.Errorf("%q does not stand in the form", there)
		}
	}
	form.Set("version", "1")
	form.Set("text", "both")
	if w := s.byOrganiser("POST", at, form); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="search-fault"`) {
		t.Errorf("a saved search and words: %d", w.Code)
	}
	form.Set("search", "")
	for _, name := range []string{"about", "interpretation", "chatham_house", "at_risk", "series", "observance"} {
		form.Del(name)
	}
	want(t, s.byOrganiser("POST", at, form), http.StatusSeeOther, "/desk/events/"+e.ID+"?done=changed")
	e, err = s.server.Store.Event(t.Context(), e.ID)
	noError(t, err)
	if e.Audience.Search != "" || e.Audience.Text != "both" || len(e.Topics)+len(e.Interpretation) > 0 || e.Series+e.Observance+e.Attribution != "" || e.AtRisk {
		t.Errorf("%+v", e.Plan)
	}
}

// texts is one text in one language.
func texts(lang, text string) []directory.Text { return []directory.Text{{Lang: lang, Text: text}} }

func hasAttr(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}
