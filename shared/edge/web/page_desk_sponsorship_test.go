package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"convoke/shared/domain/directory"
)

// An organiser vouches on the desk for who names the unit, and another unit can
// neither see nor answer it.
func TestSponsorshipsPage(t *testing.T) {
	s := newPageSite(t)
	organiser, another := s.organiser("unit"), s.organiser("another")
	asked := func(session []string) string { return s.get(sponsorshipsPath+"?lang=en", session...).Body.String() }
	if page := asked(organiser); !strings.Contains(page, "Nobody waits for your word.") {
		t.Errorf("before: %s", page)
	}
	a := fullApplication()
	a.Names = []directory.Name{{Text: hostile, Lang: "en", Kind: directory.NameLegal}}
	a.Identifiers, a.Contacts[0].Email = nil, "third@example.org"
	a.Evidence = []directory.Evidence{{Kind: directory.EvidenceSponsorship, Sponsor: "unit", Note: "Known since 2001."}}
	e := s.register(a)
	s.update(e.ID, func(e *directory.Stakeholder) error { return e.ConfirmAddress(e.Contacts[0].ID, s.now) })
	if page := asked(organiser); !strings.Contains(page, e.ID) || !strings.Contains(page, "Known since 2001.") || strings.Contains(page, "third@example.org") {
		t.Errorf("the unit sees %s", page)
	}
	if strings.Contains(asked(another), e.ID) {
		t.Error("another unit sees it")
	}
	if desk := s.get("/desk?lang=en", organiser...).Body.String(); !strings.Contains(desk, sponsorshipsPath) {
		t.Error("the desk does not lead there")
	}
	word := url.Values{"of": {"registration"}, "id": {e.ID}, "answer": {"vouch"}, "note": {"We work together."}}
	if w := s.post(sponsorshipsPath, word, another...); w.Code != http.StatusNotFound {
		t.Errorf("another unit vouches: %d", w.Code)
	}
	word.Set("note", strings.Repeat("x", 4001))
	if w := s.post(sponsorshipsPath+"?lang=en", word, organiser...); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("a note that is too long: %d", w.Code)
	}
	word.Set("note", "We work together.")
	want(t, s.post(sponsorshipsPath+"?lang=en", word, organiser...), http.StatusSeeOther, sponsorshipsPath+"?done=saved&lang=en")
	after, err := s.server.Store.Stakeholder(t.Context(), e.ID)
	noError(t, err)
	if v, ok := after.Word(directory.EvidenceSponsorship, "unit"); !ok || v.State != directory.EvidenceGiven || v.Note != "We work together." {
		t.Errorf("kept %+v", v)
	}
	if strings.Contains(asked(organiser), e.ID) {
		t.Error("who was answered is asked about again")
	}
}
