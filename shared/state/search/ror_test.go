package search_test

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"convoke/shared/state/blob/dir"
	"convoke/shared/state/search"
	"convoke/shared/state/search/searchtest"
)

// rorSample is where the sample of the Research Organization Registry lies;
// CONVOKE_ROR names another place.
const rorSample = "../../../../shared/data/ror-v2-sample.json.gz"

var rorOnce = sync.OnceValues(func() ([]searchtest.Record, error) {
	return searchtest.Load(cmp.Or(os.Getenv("CONVOKE_ROR"), rorSample))
})

// ror returns the sample, and skips the test when it is absent.
func ror(tb testing.TB) []searchtest.Record {
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
	if err := w.Build(ctx, searchtest.Documents(records)); err != nil {
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
