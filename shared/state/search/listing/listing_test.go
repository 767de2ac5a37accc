package listing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/listing"
)

func stakeholder(id string, change func(*directory.Stakeholder)) *directory.Stakeholder {
	s := &directory.Stakeholder{
		ID: id, Version: 1, Status: directory.Listed, UpdatedAt: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC),
		Profile: directory.Profile{
			Category: "migrant_association", Country: "SN", Topics: []string{"gcm:19"},
			Names: []directory.Name{{Text: "Association " + id, Lang: "fr", Kind: directory.NameLegal}, {Text: "ASSO", Kind: directory.NameAcronym}},
		},
	}
	if change != nil {
		change(s)
	}
	return s
}

// find indexes the stakeholders and returns the ids that the query finds.
func find(t *testing.T, q search.Query, list ...*directory.Stakeholder) ([]string, search.Result) {
	t.Helper()
	blobs, err := dir.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var changes []search.Change
	for _, s := range list {
		changes = append(changes, listing.Change(s))
	}
	if err := (&search.Writer{Store: blobs, Now: time.Now}).Apply(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
	index, err := search.Open(t.Context(), blobs)
	if err != nil {
		t.Fatal(err)
	}
	q.Limit = 10
	found, err := index.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, h := range found.Hits {
		ids = append(ids, h.ID)
	}
	slices.Sort(ids)
	return ids, found
}

func TestTheHiddenAreNeitherFoundNorCounted(t *testing.T) {
	hidden := stakeholder("hidden", func(s *directory.Stakeholder) { s.AtRisk = true })
	waiting := stakeholder("waiting", func(s *directory.Stakeholder) { s.Status = directory.AwaitingReview })
	shown := stakeholder("shown", nil)
	if !listing.Document(hidden).Unweighed || listing.Document(shown).Unweighed {
		t.Error("who is at risk, and nobody else, must not be weighed")
	}
	for reader, want := range map[listing.Reader][]string{listing.Public: {"shown"}, listing.Organisers: {"hidden", "shown"}} {
		ids, found := find(t, listing.For(reader, search.Query{Facets: []string{"category", "seen_by"}}), hidden, waiting, shown)
		if !slices.Equal(ids, want) || found.Total != len(want) {
			t.Errorf("%s finds %v of %d, want %v", reader, ids, found.Total, want)
		}
		if counts := found.Facets["category"]; len(counts) != 1 || counts[0].N != len(want) {
			t.Errorf("%s counts %v", reader, counts)
		}
	}
}

func TestAReaderCannotWidenItsOwnView(t *testing.T) {
	hidden := stakeholder("hidden", func(s *directory.Stakeholder) { s.AtRisk = true })
	asked := search.Query{Where: []search.Filter{{Field: "seen_by", AnyOf: []string{"organisers"}}}}
	if ids, _ := find(t, listing.For(listing.Public, asked), hidden); len(ids) != 0 {
		t.Errorf("found %v", ids)
	}
}

func TestWhatIsFoundBy(t *testing.T) {
	s := stakeholder("one", func(s *directory.Stakeholder) { s.LedBy = []string{"women"} })
	for _, text := range []string{"association one", "ASSO", "asso senegal", "السنغال", "diasporas"} {
		if ids, _ := find(t, listing.For(listing.Public, search.Query{Text: text}), s); len(ids) != 1 {
			t.Errorf("%q finds %v", text, ids)
		}
	}
	for _, a := range []convening.Audience{
		{Filters: map[string][]string{"region": {"011"}, "led_by": {"women"}}},
		{Text: "association", Filters: map[string][]string{"group": {"199"}, "topic": {"gcm:19"}}},
	} {
		if ids, _ := find(t, listing.Audience(a, 10, ""), s); len(ids) != 1 {
			t.Errorf("%+v finds %v", a, ids)
		}
	}
	if ids, _ := find(t, listing.Audience(convening.Audience{Filters: map[string][]string{"led_by": {"youth"}}}, 10, ""), s); len(ids) != 0 {
		t.Errorf("an audience led by youth has %v", ids)
	}
}

// TestAHiddenFieldIsNeitherFoundNorCounted hides each field that the search holds
// from each reader, and holds that who may not see it can neither filter by it,
// count it, find its words, read it in a hit, nor ask for it under the spelling
// in which it is kept.
func TestAHiddenFieldIsNeitherFoundNorCounted(t *testing.T) {
	values := map[string][2]string{ // by facet: field of the profile, value
		"topic": {"topics", "gcm:19"}, "language": {"languages", "fr"}, "works_in": {"works_in", "ML"}, "origin": {"origin_countries", "GH"},
		"residence": {"residence_countries", "IT"}, "led_by": {"led_by", "women"}, "serves": {"serves", "refugees"},
	}
	whole := func(v directory.Visibility) *directory.Stakeholder {
		return stakeholder("one", func(s *directory.Stakeholder) {
			s.Languages, s.WorksIn, s.OriginCountries, s.ResidenceCountries = []string{"fr"}, []string{"ML"}, []string{"GH"}, []string{"IT"}
			s.LedBy, s.Serves, s.Visibility = []string{"women"}, []string{"refugees"}, v
		})
	}
	for facet, c := range values {
		for _, least := range directory.Readers() {
			s := whole(directory.Visibility{c[0]: least})
			for _, reader := range []listing.Reader{listing.Public, listing.Listed, listing.Organisers, listing.Moderators} {
				want := 0
				if reader.Sees().Sees(least) {
					want = 1
				}
				for _, value := range []string{c[1], c[1] + "@" + string(least)} {
					q := search.Query{Where: []search.Filter{{Field: facet, AnyOf: []string{value}}}}
					wanted := want
					if value != c[1] {
						wanted = 0
					}
					if _, found := find(t, listing.For(reader, q), s); found.Total != wanted {
						t.Errorf("%s for %s: %s finds %d by %s", facet, least, reader, found.Total, value)
					}
				}
				q := search.Query{Facets: []string{facet}}
				_, found := find(t, listing.For(listing.Moderators, q), s)
				if counts := listing.Shown(listing.Moderators, q, found).Facets[facet]; reader == listing.Moderators && len(counts) != want {
					t.Errorf("%s for %s: moderators count %v", facet, least, counts)
				}
				_, found = find(t, listing.For(reader, q), s)
				if counts := listing.Shown(reader, q, found).Facets[facet]; want == 0 && len(counts) != 0 {
					t.Errorf("%s for %s: %s counts %v", facet, least, reader, counts)
				}
			}
		}
	}
}

func TestHiddenWordsAreNotFound(t *testing.T) {
	s := stakeholder("one", func(s *directory.Stakeholder) {
		s.Descriptions = []directory.Text{{Lang: "en", Text: "We run a shelter."}}
		s.Website = "https://shelter.example.org"
		s.Visibility = directory.Visibility{"descriptions": directory.ReaderOrganisers, "topics": directory.ReaderListed, "website": directory.ReaderSelf}
	})
	for _, words := range []string{"shelter", "remittances"} {
		if ids, _ := find(t, listing.For(listing.Organisers, search.Query{Text: words}), s); len(ids) != 0 {
			t.Errorf("%s finds %v", words, ids)
		}
	}
	_, found := find(t, listing.For(listing.Public, search.Query{}), s)
	if stored := string(found.Hits[0].Stored); strings.Contains(stored, "shelter") || strings.Contains(stored, "gcm:19") {
		t.Errorf("a hit shows %s", stored)
	}
}

// TestSmallGroupsAreNotCounted holds that no count of groups, nor a difference of
// two, tells of fewer than five.
func TestSmallGroupsAreNotCounted(t *testing.T) {
	var list []*directory.Stakeholder
	for i := range 13 {
		list = append(list, stakeholder(fmt.Sprint("s", i), func(s *directory.Stakeholder) {
			s.Country = []string{"SN", "ML"}[i/9]
			s.Visibility = directory.Visibility{"led_by": []directory.Reader{directory.ReaderPublic, directory.ReaderListed}[i%2]}
			if s.LedBy = []string{"women"}; i < 3 {
				s.LedBy = []string{"women", "youth"}
			}
		}))
	}
	counted := func(r listing.Reader, facet string, where ...search.Filter) []search.Count {
		q := search.Query{Where: where, Facets: []string{facet}}
		_, found := find(t, listing.For(r, q), list...)
		return listing.Shown(r, q, found).Facets[facet]
	}
	women := search.Filter{Field: "led_by", AnyOf: []string{"women"}}
	for _, c := range []struct {
		got, want []search.Count
	}{
		{counted(listing.Moderators, "led_by"), []search.Count{{Value: "women", N: 13}, {Value: "youth", N: 3}}},
		{counted(listing.Organisers, "led_by"), []search.Count{{Value: "women", N: 10}}},
		{counted(listing.Public, "led_by"), []search.Count{{Value: "women", N: 5}}},
		{counted(listing.Organisers, "country", women), []search.Count{{Value: "SN", N: 5}}}, // and not ML, of which there are four
		{counted(listing.Organisers, "country"), []search.Count{{Value: "SN", N: 9}, {Value: "ML", N: 4}}},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
	}
}
