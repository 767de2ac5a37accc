package search_test

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"iter"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
)

// rorSample is where the sample of the Research Organization Registry lies;
// CONVOKE_ROR names another place.
const rorSample = "../../../../shared/data/ror-v2-sample.json.gz"

type rorRecord struct {
	ID    string
	Names []struct {
		Value, Lang string
		Types       []string
	}
	Types     []string
	Locations []struct {
		Details struct {
			Country   string `json:"country_code"`
			Name      string `json:"country_name"`
			Continent string `json:"continent_code"`
			City      string `json:"name"`
		} `json:"geonames_details"`
	}
	Established int
}

var rorOnce = sync.OnceValues(func() ([]rorRecord, error) {
	f, err := os.Open(cmp.Or(os.Getenv("CONVOKE_ROR"), rorSample))
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	var records []rorRecord
	return records, errors.Join(json.NewDecoder(z).Decode(&records), f.Close())
})

// ror returns the sample, and skips the test when it is absent.
func ror(tb testing.TB) []rorRecord {
	tb.Helper()
	records, err := rorOnce()
	if errors.Is(err, fs.ErrNotExist) {
		tb.Skip("the ROR sample is absent:", err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return records
}

func (r *rorRecord) document() search.Document {
	d := search.Document{ID: r.ID, Version: 1, Facets: map[string][]string{"seen_by": {"public"}, "category": r.Types}}
	for _, n := range r.Names {
		kind := search.KindOther
		switch {
		case slices.Contains(n.Types, "ror_display"):
			kind = search.KindDisplay
		case slices.Contains(n.Types, "acronym"):
			kind = search.KindAcronym
		}
		d.Names = append(d.Names, search.Name{Text: n.Value, Lang: n.Lang, Kind: kind})
		if n.Lang != "" {
			d.Facets["language"] = append(d.Facets["language"], n.Lang)
		}
	}
	for _, l := range r.Locations {
		d.Facets["country"] = append(d.Facets["country"], l.Details.Country)
		d.Facets["region"] = append(d.Facets["region"], l.Details.Continent)
		d.Text = append(d.Text, l.Details.City+", "+l.Details.Name)
	}
	if r.Established > 0 {
		d.Numbers = map[string]int64{"established": int64(r.Established)}
	}
	d.Stored, _ = json.Marshal(map[string]any{"id": d.ID, "name": r.display(), "countries": d.Facets["country"]})
	return d
}

func (r *rorRecord) display() string {
	for _, n := range r.Names {
		if slices.Contains(n.Types, "ror_display") {
			return n.Value
		}
	}
	return ""
}

func rorDocuments(records []rorRecord) iter.Seq2[search.Document, error] {
	return func(yield func(search.Document, error) bool) {
		for i := range records {
			if !yield(records[i].document(), nil) {
				return
			}
		}
	}
}

var rorIndexOnce = sync.OnceValues(func() (*search.Index, error) {
	records, err := rorOnce()
	if err != nil {
		return nil, err
	}
	root, err := os.MkdirTemp("", "ror-index-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(root) // the mapping outlives the name
	store, err := dir.Open(root)
	if err != nil {
		return nil, err
	}
	w := search.Writer{Store: store, Now: time.Now}
	if err := w.Build(ctx, rorDocuments(records)); err != nil {
		return nil, err
	}
	ix, err := search.Open(ctx, store)
	if err == nil {
		opened := time.Now()
		ix.Now = func() time.Time { return opened } // never looks again
	}
	return ix, err
})

func rorIndex(tb testing.TB) *search.Index {
	tb.Helper()
	ror(tb)
	ix, err := rorIndexOnce()
	if err != nil {
		tb.Fatal(err)
	}
	return ix
}

// TestFindRealOrganisations asks for real organisations as people would.
func TestFindRealOrganisations(t *testing.T) {
	ix := rorIndex(t)
	for _, q := range []struct{ text, want string }{
		{"Thailand Science Research and Innovation", "Thailand Science Research and Innovation"},
		{"thailand sceince reserch inovation", "Thailand Science Research and Innovation"},
		{"สำนักงานคณะกรรมการส่งเสริมวิทยาศาสตร์", "Thailand Science Research and Innovation"},
		{"TSRI", "Thailand Science Research and Innovation"},
		{"t.s.r.i.", "Thailand Science Research and Innovation"},
		{"world water wat", "World Water Watch"},
		{"sorld water watch", "World Water Watch"},
		{"watch world water", "World Water Watch"},
	} {
		r, err := ix.Search(t.Context(), search.Query{Text: q.text, Limit: 3})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Hits) == 0 || !strings.Contains(string(r.Hits[0].Stored), q.want) {
			t.Errorf("%q: %d found, first %s; want %s", q.text, r.Total, first(r.Hits), q.want)
		}
	}
}

func first(hits []search.Hit) string {
	if len(hits) == 0 {
		return "none"
	}
	return string(hits[0].Stored)
}
