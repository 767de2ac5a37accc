package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
)

func (s *pageSite) allSeries(unit string) []*convening.Series {
	s.Helper()
	list, _, err := s.server.Store.SeriesOf(s.Context(), unit, "", 10)
	noError(s.T, err)
	return list
}

// seriesForm is the form of a series with two hosts, of one of which only the themes
// are known.
func (s *pageSite) seriesForm() url.Values {
	return url.Values{
		"once": {"series-1"}, "in": {"en"}, "title": {"Seminar series"}, "summary": {"Seminars on chosen topics."}, "about": {"topic:remittances"},
		"units": {"geneva, nairobi"}, "body1_title": {"A foundation"}, "body2_title": {"https://convoke.example.org/stakeholders/" + s.listed.ID},
		"host1_year": {"2026"}, "host1_title": {"https://convoke.example.org/stakeholders/" + s.listed.ID + "?lang=fr"},
		"host3_year": {"2027"}, "host3_topics": {"topic:migration_data", "topic:remittances"},
	}
}

// TestSeriesByPage holds what the form makes, that it makes it once, and that a
// change in one language leaves the others alone.
func TestSeriesByPage(t *testing.T) {
	s := newPageSite(t)
	for range 2 {
		want(t, s.byOrganiser("POST", deskSeriesPath+"/new", s.seriesForm()), http.StatusSeeOther, deskSeriesPath+"?done=series_made")
	}
	list := s.allSeries("unit")
	if len(list) != 1 {
		t.Fatalf("%d series", len(list))
	}
	made := list[0]
	plan := convening.SeriesPlan{
		Titles: texts("en", "Seminar series"), Summaries: texts("en", "Seminars on chosen topics."), Topics: []string{"topic:remittances"},
		Units: []string{"geneva", "nairobi"}, CoOrganisers: []convening.CoOrganiser{{Name: "A foundation"}, {Stakeholder: s.listed.ID}},
		Hosts: []convening.Host{
			{Year: 2027, Topics: []string{"topic:migration_data", "topic:remittances"}}, {Year: 2026, CoOrganiser: convening.CoOrganiser{Stakeholder: s.listed.ID}},
		},
	}
	if diff := cmp.Diff(plan, made.SeriesPlan); diff != "" {
		t.Errorf("made (-want +got):\n%s", diff)
	}
	at := seriesPathOf(made.ID)
	body := s.byOrganiser("GET", deskSeriesPath+"?done=series_made", nil).Body.String()
	if said := text(parsePage(t, body)); !strings.Contains(body, at) || !strings.Contains(said, "Host of this year: "+s.listed.Names[0].Text) {
		t.Errorf("it is not in the list: %s", said)
	}
	form := filledForm(t, s.byOrganiser("GET", at+"/change?in=fr", nil))
	form.Set("title", "Série de séminaires")
	form.Set("body1_title", "")
	form.Set("private", "yes")
	want(t, s.byOrganiser("POST", at+"/change", form), http.StatusSeeOther, at+"?done=series_changed")
	plan.Titles = append(texts("fr", "Série de séminaires"), plan.Titles...)
	plan.CoOrganisers, plan.Private = plan.CoOrganisers[1:], true
	if diff := cmp.Diff(plan, s.allSeries("unit")[0].SeriesPlan); diff != "" {
		t.Errorf("changed (-want +got):\n%s", diff)
	}
	if w := s.byOrganiser("POST", at+"/change", form); w.Code != http.StatusPreconditionFailed || !strings.Contains(w.Body.String(), "Série de séminaires") {
		t.Errorf("a stale form gets %d", w.Code)
	}
	for _, c := range []struct {
		role           auth.Role
		unit           string
		reads, changes int
	}{{auth.Organiser, "unit", 200, 200}, {auth.Organiser, "geneva", 200, 404}, {auth.Organiser, "another", 404, 404}, {auth.Admin, "", 200, 200}, {auth.Moderator, "", 403, 403}} {
		if w := s.deskOf(c.role, c.unit, "GET", at, nil); w.Code != c.reads || (w.Code == 200) && strings.Contains(w.Body.String(), at+"/change") != (c.changes == 200) {
			t.Errorf("%s of %q reads it: %d", c.role, c.unit, w.Code)
		}
		if w := s.deskOf(c.role, c.unit, "GET", at+"/change", nil); w.Code != c.changes {
			t.Errorf("%s of %q sees the form: %d", c.role, c.unit, w.Code)
		}
	}
	for _, lang := range i18n.All() {
		for _, path := range []string{deskSeriesPath, deskSeriesPath + "/new", at, at + "/change"} {
			t.Run(string(lang), func(t *testing.T) { checkPage(t, lang, s.byOrganiser("GET", path+"?lang="+string(lang), nil)) })
		}
	}
}

func TestSeriesRefused(t *testing.T) {
	s := newPageSite(t)
	for field, change := range map[string]url.Values{
		"title":        {"title": {""}},
		"about":        {"about": {"topic:none"}},
		"units":        {"units": {"Geneva office!"}},
		"body2_title":  {"body1_title": {""}, "body2_title": {"a\u202eb"}},
		"host1_year":   {"host1_year": {"last year"}},
		"host3_year":   {"host3_year": {"2026"}},
		"host3_topics": {"host3_topics": {"topic:none"}},
		"host2_title":  {"host2_year": {"2030"}},
	} {
		form := s.seriesForm()
		for name, values := range change {
			form[name] = values
		}
		w := s.byOrganiser("POST", deskSeriesPath+"/new", form)
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="`+field+`-fault"`) || strings.Contains(w.Body.String(), `href="#"`) {
			t.Errorf("%v: %d, no message at %s", change, w.Code, field)
		}
		checkPage(t, i18n.English, w)
	}
	if n := len(s.allSeries("unit")); n != 0 {
		t.Errorf("%d series were kept of refused forms", n)
	}
	form := s.seriesForm()
	form.Set("in", "xx")
	if w := s.byOrganiser("POST", deskSeriesPath+"/new", form); w.Code != http.StatusUnsupportedMediaType {
		t.Errorf("titles in no language: %d", w.Code)
	}
}

// TestSeriesFiguresByPage holds the pictures to the sums that the API tells.
func TestSeriesFiguresByPage(t *testing.T) {
	s := newPageSite(t)
	made, err := convening.NewSeries(s.server.Store.NewID(), "unit", convening.SeriesPlan{Titles: texts("en", "Seminar series")}, s.now)
	noError(t, err)
	noError(t, s.server.Store.CreateSeries(t.Context(), made))
	_, err = s.server.Store.UpdateEvent(t.Context(), s.event.ID, func(e *convening.Event) error {
		p := e.Plan
		p.Series = made.ID
		return e.Revise(e.Convener, p, s.now)
	})
	noError(t, err)
	s.counted(s.event.ID)
	sum, err := s.server.sumSeries(t.Context(), made.ID)
	noError(t, err)
	if sum.Total.Events != 1 || sum.Total.Invited == 0 {
		t.Fatalf("nothing to show: %+v", sum.Total)
	}
	p := page{lang: i18n.English}
	body := text(parsePage(t, s.byOrganiser("GET", seriesPathOf(made.ID), nil).Body.String()))
	for _, there := range []string{p.tally(sum.Total.Tally), sum.Total.firstTimers(p), "2026"} {
		if !strings.Contains(body, there) {
			t.Errorf("%q is not shown: %s", there, body)
		}
	}
	lines := p.figureLines("category", map[string]convening.Tally{"ngo": {Invited: 4, Accepted: 2, Attended: 1}, "academia": {Invited: 8}})
	if lines[0].invited != "100.00" || lines[1].invited != "50.00" || lines[1].accepted != "25.00" || lines[1].attended != "12.50" {
		t.Errorf("%+v", lines)
	}
}

// TestSeriesCopiedByPage holds that a series is copied once, and only for a unit for
// which one may act.
func TestSeriesCopiedByPage(t *testing.T) {
	s := newPageSite(t)
	want(t, s.byOrganiser("POST", deskSeriesPath+"/new", s.seriesForm()), http.StatusSeeOther, deskSeriesPath+"?done=series_made")
	made := s.allSeries("unit")[0]
	at := seriesPathOf(made.ID)
	w := s.byOrganiser("POST", at+"/copies", url.Values{"once": {"c1"}, "unit": {"geneva"}})
	if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), `id="unit-fault"`) {
		t.Errorf("for a unit that has not said so: %d", w.Code)
	}
	checkPage(t, i18n.English, w)
	for range 2 {
		want(t, s.byOrganiser("POST", at+"/copies", url.Values{"once": {"c2"}, "unit": {"unit"}}), http.StatusSeeOther, at+"?done=series_copied")
	}
	list := s.allSeries("unit")
	if i := slices.IndexFunc(list, func(e *convening.Series) bool { return e.CopyOf == made.ID }); len(list) != 2 || i < 0 || len(list[i].Hosts) != 0 {
		t.Errorf("%d series, a copy at %d", len(list), i)
	}
}
