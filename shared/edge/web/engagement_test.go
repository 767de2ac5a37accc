package web

import (
	"net/http"
	"strings"
	"testing"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/auth"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
)

// TestWhoSeesTheLedger asks for what a stakeholder was invited to as everyone:
// neither page nor search tells the public, nor another's contact.
func TestWhoSeesTheLedger(t *testing.T) {
	s := newTestServer(t)
	e, other := s.listed("Association Exemple", nil), s.listed("Association voisine", nil)
	s.invited(e)
	all, _, err := s.Store.Table.Changes(t.Context(), "", 1000)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Store.KeepLedgers(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	ledger, err := s.Store.Ledger(t.Context(), e.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.writer.Apply(t.Context(), []search.Change{listing.WithLedger(listing.Change(e), ledger)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Index.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who         string
		headers     []string
		ledger      int
		found, byIt bool // hits show it; it is a filter
	}{
		{"public", nil, http.StatusUnauthorized, false, false},
		{"contact of another", s.session(other.ID, other.Contacts[0].ID), http.StatusNotFound, false, false},
		{"its own contact", s.session(e.ID, e.Contacts[0].ID), http.StatusOK, false, false},
		{"organiser", s.as(auth.Organiser, "geneva"), http.StatusOK, true, true},
		{"moderator", s.as(auth.Moderator, ""), http.StatusOK, true, true},
	} {
		w := s.do("GET", "/v1/stakeholders/"+e.ID+"/engagement", "", c.headers...)
		if w.Code != c.ledger || c.ledger == http.StatusOK && !strings.Contains(w.Body.String(), `"invited":1,`) {
			t.Errorf("%s: ledger %d %s", c.who, w.Code, w.Body)
		}
		w = s.do("GET", "/v1/stakeholders?q=exemple&facet=category", "", c.headers...)
		if got := strings.Contains(w.Body.String(), "invited"); got != c.found {
			t.Errorf("%s: search %s", c.who, w.Body)
		}
		w = s.do("GET", "/v1/stakeholders?invited_series="+convening.NeverAsked, "", c.headers...)
		if got := w.Code == http.StatusOK; got != c.byIt {
			t.Errorf("%s: filter %d %s", c.who, w.Code, w.Body)
		}
	}
}
