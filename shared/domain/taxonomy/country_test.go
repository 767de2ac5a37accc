package taxonomy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/language"
)

func TestCountriesAgreeWithTheLanguageSubtagRegistry(t *testing.T) {
	assigned := 0
	for _, code := range Countries() {
		c, _ := Country(code)
		if !c.Assigned() {
			continue
		}
		assigned++
		r := language.MustParseRegion(code)
		if c.Alpha3 != r.ISO3() || c.Numeric != threeDigits(r.M49()) {
			t.Errorf("%s: %s %s, x/text has %s %s", code, c.Alpha3, c.Numeric, r.ISO3(), threeDigits(r.M49()))
		}
	}
	if assigned != 249 {
		t.Errorf("%d countries and areas assigned, want 249", assigned)
	}
}

func threeDigits(n int) string {
	return string([]byte{byte('0' + n/100), byte('0' + n/10%10), byte('0' + n%10)})
}

func TestCountry(t *testing.T) {
	got, ok := Country("SN")
	if diff := cmp.Diff(CountryInfo{"SN", "SEN", "686", "011"}, got); diff != "" || !ok {
		t.Error(diff, ok)
	}
	got, ok = Country("XK")
	if diff := cmp.Diff(CountryInfo{"XK", "XKX", "", "039"}, got); diff != "" || !ok {
		t.Error(diff, ok)
	}
	for _, code := range []string{"", "sn", "SEN", "ZZ", "UK", "EU", "XX", "S\x00"} {
		if ValidCountry(code) {
			t.Errorf("%q is taken for a country", code)
		}
	}
}

func TestRegionsOf(t *testing.T) {
	for country, want := range map[string][]string{
		"SN": {"011", "202", "002", "001"},
		"MA": {"015", "002", "001"},
		"MX": {"013", "419", "019", "001"},
		"CA": {"021", "019", "001"},
		"PH": {"035", "142", "001"},
		"CY": {"145", "142", "001"},
		"UA": {"151", "150", "001"},
		"NZ": {"053", "009", "001"},
		"AQ": {"001"},
		"TW": {"030", "142", "001"},
		"XK": {"039", "150", "001"},
		"ZZ": nil,
	} {
		if diff := cmp.Diff(want, RegionsOf(country)); diff != "" {
			t.Error(country, diff)
		}
	}
	if !InRegion("HT", "419") || InRegion("HT", "002") || InRegion("HT", "") || InRegion("", "001") {
		t.Error("InRegion")
	}
}

// The sizes are those of the Statistics Division's table, with TW added to
// Eastern Asia and XK to Southern Europe.
func TestRegionSizes(t *testing.T) {
	want := map[string]int{
		"001": 250, "002": 60, "015": 7, "202": 53, "014": 22, "017": 9, "018": 5, "011": 17,
		"019": 57, "419": 52, "029": 28, "013": 8, "005": 16, "021": 5,
		"142": 51, "143": 5, "030": 8, "035": 11, "034": 9, "145": 18,
		"150": 52, "151": 10, "154": 16, "039": 17, "155": 9,
		"009": 29, "053": 6, "054": 5, "057": 8, "061": 10,
	}
	got := map[string]int{}
	for _, c := range Countries() {
		for _, r := range RegionsOf(c) {
			got[r]++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(Regions()) != len(want) {
		t.Errorf("%d regions, want %d", len(Regions()), len(want))
	}
}

func TestGroupsOf(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, tt := range []struct {
		country, at string
		want        []string
	}{
		{"NP", "2025-06-01", []string{"199", "432"}},
		{"NP", "2026-11-24", []string{"432"}},
		{"BT", "2023-12-12", []string{"199", "432"}},
		{"BT", "2023-12-13", []string{"432"}},
		{"VU", "2020-12-03", []string{"199", "722"}},
		{"VU", "2020-12-04", []string{"722"}},
		{"CV", "2007-11-30", []string{"199", "722"}},
		{"CV", "2008-01-01", []string{"722"}},
		{"SS", "2011-12-31", []string{"432"}},
		{"SS", "2012-12-31", []string{"199", "432"}},
		{"AO", "2025-01-01", []string{"199"}},
		{"SB", "2027-12-12", []string{"199", "722"}},
		{"SB", "2027-12-13", []string{"722"}},
		{"CH", "2025-01-01", nil},
		{"ZZ", "2025-01-01", nil},
	} {
		if diff := cmp.Diff(tt.want, GroupsOf(tt.country, day(tt.at))); diff != "" {
			t.Error(tt.country, tt.at, diff)
		}
	}
	for at, want := range map[string]map[string]int{
		"2024-12-13": {LeastDeveloped: 44, Landlocked: 32, SmallIslands: 53},
		"2024-12-12": {LeastDeveloped: 45, Landlocked: 32, SmallIslands: 53},
		"2026-12-31": {LeastDeveloped: 41, Landlocked: 32, SmallIslands: 53},
	} {
		got := map[string]int{}
		for _, c := range Countries() {
			for _, g := range GroupsOf(c, day(at)) {
				got[g]++
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(at, diff)
		}
	}
}

func TestEveryMemberOfAGroupIsACountry(t *testing.T) {
	for code := range atlas().memberships {
		if !ValidCountry(code) {
			t.Error(code)
		}
	}
}

func TestEveryNameInSixLanguages(t *testing.T) {
	for _, l := range UNLanguages() {
		lang := language.MustParse(l)
		for _, c := range Countries() {
			if name := CountryName(c, lang); name == c || name == "" {
				t.Errorf("%s has no name in %s", c, l)
			}
		}
		for _, r := range Regions() {
			if name := RegionName(r.Code, lang); name == r.Code || name == "" {
				t.Errorf("%s has no name in %s", r.Code, l)
			}
		}
		for _, g := range Groups() {
			if name := RegionName(g, lang); name == g {
				t.Errorf("%s has no name in %s", g, l)
			}
		}
	}
	for _, tt := range [][3]string{
		{"SN", "ar", "السنغال"},
		{"CH", "de", "Switzerland"}, // not a language of the United Nations
		{"MK", "fr-CA", "Macédoine du Nord"},
		{"CN", "zh-Hant-TW", "中国"},
	} {
		if got := CountryName(tt[0], language.MustParse(tt[1])); got != tt[2] {
			t.Errorf("%s in %s: %s, want %s", tt[0], tt[1], got, tt[2])
		}
	}
	if got := RegionName("202", language.French); got != "Afrique subsaharienne" {
		t.Error(got)
	}
	if CountryName("ZZ", language.English) != "ZZ" || RegionName("999", language.English) != "999" {
		t.Error("an unknown code must be returned as it is")
	}
}
