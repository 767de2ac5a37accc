package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
)

// What is looked for is marked, what is not wanted left out, and a slip of the
// hand answered with what may have been meant.
func TestSearchLanguage(t *testing.T) {
	s := newExampleSite(t)
	e := s.confirmed(s.register("agency"))
	s.listedNow(e)
	for _, tt := range []struct {
		query string
		holds []string
		lacks []string
	}{
		{"q=migration", []string{`"total":1`, `"marks":[{"text":"International Organization for Migration","at":[[31,40]]}`}, []string{`"suggestion"`, `"why"`}},
		{"q=migratoin", []string{`"total":1`, `"suggestion":"migration"`}, nil},
		{"q=migration&explain=true", []string{`"why":{"taken":"`, `"word":"migration"`}, nil},
		{"not.category=un_agency", []string{`"total":0`}, nil},
		{"not.category=ngo&sort=name", []string{`"total":1`}, nil},
		{"not.country=CH&not.country=FR", []string{`"total":0`}, nil},
		{"topic=topic:labour_migration", []string{`"total":1`}, nil},
		{"verified_since=2020-01-01&sort=recently_verified", []string{`"total":1`}, nil},
		{"verified_since=2999-01-01", []string{`"total":0`}, nil},
	} {
		w := s.do("GET", "/v1/stakeholders?"+tt.query, "")
		s.expect(http.StatusOK, w)
		for _, part := range tt.holds {
			if !strings.Contains(w.Body.String(), part) {
				t.Errorf("%s lacks %s: %s", tt.query, part, w.Body)
			}
		}
		for _, part := range tt.lacks {
			if strings.Contains(w.Body.String(), part) {
				t.Errorf("%s has %s: %s", tt.query, part, w.Body)
			}
		}
	}
}

// Who was asked to what can be searched by who convenes, and by nobody else.
func TestSearchByEngagement(t *testing.T) {
	s := newExampleSite(t)
	s.listedNow(s.confirmed(s.register("agency")))
	for _, q := range []string{"invited_at_most=0", "not_invited_since=2026-01-01", "sort=least_invited", "sort=longest_not_invited", "not.invited_series=never"} {
		if w := s.do("GET", "/v1/stakeholders?"+q, ""); w.Code != http.StatusBadRequest {
			t.Errorf("the public may ask %s: %d", q, w.Code)
		}
		s.expect(http.StatusOK, s.do("GET", "/v1/stakeholders?"+q, "", s.as(auth.Organiser, "unitar")...))
	}
}

// The page offers what may have been meant, in words.
func TestPageOffersWhatMayHaveBeenMeant(t *testing.T) {
	s := newExampleSite(t)
	s.listedNow(s.confirmed(s.register("agency")))
	w := s.do("GET", "/?q=migratoin", "", "Accept-Language", "fr")
	s.expect(http.StatusOK, w)
	if body := w.Body.String(); !strings.Contains(body, "Vouliez-vous dire") || !strings.Contains(body, "q=migration") {
		t.Error(body)
	}
}

func TestSearchRefuses(t *testing.T) {
	s := newExampleSite(t)
	organiser := s.as(auth.Organiser, "unitar")
	for _, q := range []string{"sort=size", "verified_since=yesterday", "invited_at_most=-1", "invited_at_most=x", "not_invited_since=2026-13-01", "not.colour=blue", "without=x"} {
		s.expect(http.StatusBadRequest, s.do("GET", "/v1/stakeholders?"+q, "", organiser...))
	}
}

func TestTypeahead(t *testing.T) {
	s := newExampleSite(t)
	s.listedNow(s.confirmed(s.register("agency")))
	for _, tt := range []struct{ typed, lang, want string }{
		{"intern", "en", `"name":"International Organization for Migration"`},
		{"Organisation inter", "fr", `"name":"Organisation internationale pour les migrations"`},
		{"  ", "en", `"items":[]`},
		{"zzzzzz", "en", `"items":[]`},
	} {
		w := s.do("GET", "/v1/typeahead?q="+url.QueryEscape(tt.typed), "", "Accept-Language", tt.lang)
		s.expect(http.StatusOK, w)
		if !strings.Contains(w.Body.String(), tt.want) {
			t.Errorf("%q: %s", tt.typed, w.Body)
		}
	}
}

// listedNow lists the stakeholder and lets it be found.
func (s *exampleSite) listedNow(e *directory.Stakeholder) {
	s.Helper()
	decided := s.stored(s.do("POST", "/v1/registrations/"+e.ID+"/decision", s.body("postDecision listed"),
		append(s.as(auth.Moderator, ""), "If-Match", etag(e.Version))...))
	s.must(s.writer.Apply(s.Context(), []search.Change{listing.WithLedger(listing.Change(decided), &convening.Ledger{})}))
	s.must(s.Index.Refresh(s.Context()))
}
