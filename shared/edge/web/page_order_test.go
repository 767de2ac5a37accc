package web

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/collate"
	bcp47 "golang.org/x/text/language"

	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/i18n"
)

var updateOrders = flag.Bool("update-orders", false, "make the files of order anew")

// TestOrdersAreOfTheCollation holds the files to the Unicode collation.
func TestOrdersAreOfTheCollation(t *testing.T) {
	for _, lang := range i18n.All() {
		p := page{lang: lang}
		var want strings.Builder
		for _, list := range []struct {
			field string
			codes []string
		}{{"country", taxonomy.Countries()}, {"language", offeredLanguages()}, {"topic", coreTopics()}} {
			want.WriteString(list.field + " " + strings.Join(collated(p, list.field, list.codes), " ") + "\n")
		}
		path := filepath.Join("order", string(lang)+".txt")
		if *updateOrders {
			if err := os.WriteFile(path, []byte(want.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), string(got)); diff != "" {
			t.Errorf("%s is not what the collation makes; -update-orders writes it anew:\n%s", path, diff)
		}
	}
}

// collated returns the codes in the order of their names.
func collated(p page, field string, codes []string) []string {
	order, buffer := collate.New(bcp47.Make(string(p.lang))), &collate.Buffer{}
	keys := map[string][]byte{}
	for _, o := range p.optionsOf(field, codes) {
		keys[o.value] = order.KeyFromString(buffer, o.label)
	}
	codes = slices.Clone(codes)
	slices.Sort(codes)
	slices.SortStableFunc(codes, func(a, b string) int { return slices.Compare(keys[a], keys[b]) })
	return codes
}
