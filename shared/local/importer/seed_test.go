package importer_test

import (
	"testing"
	"time"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/local/importer"
)

func TestSeedIsValidAndCoversEveryCategory(t *testing.T) {
	profiles, err := importer.Seed()
	if err != nil {
		t.Fatal(err)
	}
	if len(profiles) < 40 {
		t.Errorf("%d profiles, want at least 40", len(profiles))
	}
	type key struct{ name, country string }
	names, categories := map[key]bool{}, map[string]int{}
	for _, p := range profiles {
		var faults fault.List
		p.Validate(&faults, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		if err := faults.Err("seed"); err != nil {
			t.Errorf("%s: %v", p.Names[0].Text, err)
		}
		categories[p.Category]++
		k := key{p.Names[0].Text, p.Country}
		if names[k] {
			t.Errorf("%s twice", k.name)
		}
		names[k] = true
		for _, n := range p.Names {
			if directory.Tidy(n.Text) != n.Text {
				t.Errorf("%q is not tidy", n.Text)
			}
		}
	}
	for _, c := range taxonomy.Categories() {
		if categories[c] == 0 {
			t.Errorf("no %s in the seed", c)
		}
	}
	t.Logf("%d profiles: %v", len(profiles), categories)
}
