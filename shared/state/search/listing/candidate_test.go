package listing_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
)

// A candidate has what organisers may see of it, from the index and from the
// table alike.
func TestCandidateHasWhatOrganisersMaySee(t *testing.T) {
	for _, tt := range []struct {
		least directory.Reader
		want  []string
	}{{directory.ReaderPublic, []string{"women"}}, {directory.ReaderListed, []string{"women"}}, {directory.ReaderOrganisers, []string{"women"}}, {directory.ReaderSelf, nil}} {
		e := &directory.Stakeholder{ID: "S1"}
		e.Category, e.Country, e.LedBy, e.Languages = "ngo", "KE", []string{"women"}, []string{"fr"}
		e.Visibility = directory.Visibility{"led_by": tt.least}
		document := listing.Document(e)
		hit := search.Hit{ID: e.ID, Score: 2, Values: document.Facets, Numbers: map[string]int64{"invited": 3, "accepted": 1, "last_invited": 86400}}
		last := time.Unix(86400, 0).UTC()
		want := convening.Candidate{
			ID: "S1", Stakeholder: "S1", Category: "ngo", Country: "KE", LedBy: tt.want, Languages: []string{"fr"},
			Invited: 3, Spoke: 1, LastInvited: &last, Relevance: 500,
		}
		if diff := cmp.Diff(want, listing.CandidateOf(hit, 4)); diff != "" {
			t.Errorf("%s: %s", tt.least, diff)
		}
		want.Invited, want.Spoke, want.LastInvited, want.Relevance = 0, 0, nil, 0
		if diff := cmp.Diff(want, listing.CandidateFrom(e, convening.Person{Stakeholder: "S1"})); diff != "" {
			t.Errorf("%s, from the table: %s", tt.least, diff)
		}
	}
}
