package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestNegotiated(t *testing.T) {
	for accept, want := range map[string]string{
		"": formJSON, "*/*": formJSON, "text/html": formJSON, "text/vcard": formVCard, "TEXT/VCARD": formVCard,
		"application/ld+json, application/json;q=0.9": formJSONLD, "application/ld+json;q=0.1, application/json": formJSON,
		"text/vcard;q=0": formJSON, "text/vcard;q=NaN": formJSON, "text/vcard;q=x": formJSON, ";;;,,,": formJSON, "text/vcard;charset=utf-8;q=0.7": formVCard,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept", accept)
		if got := negotiated(r, formJSON, formJSONLD, formVCard); got != want {
			t.Errorf("%q: %s, want %s", accept, got, want)
		}
	}
}

func TestOrganizationsAreWhatAnyoneMaySee(t *testing.T) {
	s := newPageSite(t)
	w := s.get("/hsds/organizations?per_page=1")
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"first_page":true`) || strings.Contains(w.Body.String(), "first@example.org") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	for _, q := range []string{"page=0", "page=x", "page=10001&per_page=1", "per_page=0", "per_page=101", "cursor=x"} {
		if w := s.get("/hsds/organizations?" + q); w.Code != 400 {
			t.Errorf("%s: %d", q, w.Code)
		}
	}
	if w := s.get("/hsds/organizations?page=9999&per_page=1"); w.Code != 200 || !strings.Contains(w.Body.String(), `"contents":[]`) {
		t.Errorf("a page behind the last: %d %s", w.Code, w.Body)
	}
	for _, id := range []string{"x", s.listed.ID, "00000000-0000-0000-0000-000000000000"} {
		if w := s.get("/hsds/organizations/" + id); w.Code != 404 {
			t.Errorf("%s: %d", id, w.Code)
		}
	}
}
