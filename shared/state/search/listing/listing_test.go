package listing_test

import (
	"slices"
	"testing"
	"time"

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
