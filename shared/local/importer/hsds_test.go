package importer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
	"convoke/shared/local/importer"
)

func organizations(t *testing.T, text string, d importer.Defaults) ([]importer.Record, error) {
	t.Helper()
	var records []importer.Record
	for record, err := range importer.HSDS(strings.NewReader(text), d) {
		if err != nil {
			return records, err
		}
		records = append(records, record)
	}
	return records, nil
}

const hsdsOne = `{"id": "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", "name": "Maison des associations", "alternate_name": "MDA", "description": "A house.",
 "website": "https://maison.example.org", "year_incorporated": 1998, "email": "office@example.org",
 "locations": [{"id": "x", "location_type": "physical", "addresses": [{"country": "ch"}]}],
 "organization_identifiers": [{"identifier_scheme": "GB-CHC", "identifier_type": "charity", "identifier": "1234567"}],
 "attributes": [{"taxonomy_term": {"taxonomy": "convoke:category", "code": "migrant_association"}},
  {"taxonomy_term": {"taxonomy": "convoke:topic", "code": "gcm:1"}}, {"taxonomy_term": {"taxonomy": "bcp47", "code": "FR"}},
  {"taxonomy_term": {"taxonomy": "open eligibility", "code": "1101"}}]}`

func TestHSDS(t *testing.T) {
	want := importer.Record{
		Row: 1, Status: importer.Active, Source: directory.Identifier{Scheme: "GB-CHC", ID: "1234567"},
		Profile: directory.Profile{
			Category: "migrant_association", Country: "CH", Website: "https://maison.example.org", Founded: 1998,
			Names:        []directory.Name{{Text: "Maison des associations", Kind: directory.NameLegal}, {Text: "MDA", Kind: directory.NameAlias}},
			Identifiers:  []directory.Identifier{{Scheme: "GB-CHC", ID: "1234567"}},
			Topics:       []string{"gcm:1"},
			Languages:    []string{"fr"},
			Descriptions: []directory.Text{{Lang: "en", Text: "A house."}},
		},
	}
	for name, text := range map[string]string{
		"an array": "[" + hsdsOne + "]", "lines": hsdsOne + "\n", "a page of an API": `{"total_items": 1, "contents": [` + hsdsOne + `], "empty": false}`,
	} {
		got, err := organizations(t, text, importer.Defaults{Category: "ngo", Country: "FR"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff([]importer.Record{want}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestHSDSManyRecords(t *testing.T) {
	for name, text := range map[string]string{
		"an array": "[" + hsdsOne + "," + hsdsOne + "]", "lines": hsdsOne + "\n" + hsdsOne,
		"pages": `{"contents": [` + hsdsOne + `]}` + "\n" + `{"contents": [` + hsdsOne + `]}`,
	} {
		if got, err := organizations(t, text, importer.Defaults{}); err != nil || len(got) != 2 || got[1].Row != 2 {
			t.Errorf("%s: %d records, %v", name, len(got), err)
		}
	}
}

func TestHSDSRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"name": "X"}`:                     "/category category.unknown",
		`{"name": 7}`:                       "/name record.malformed",
		`{"description": "without a name"}`: "/name name.missing",
		`{"name": "X\u202ey"}`:              "/names/0/text text.bidi_control",
	} {
		got, err := organizations(t, text, importer.Defaults{})
		if err != nil || len(got) != 1 || len(got[0].Rejected) == 0 || got[0].Rejected[0].Pointer+" "+got[0].Rejected[0].Code != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "[", "[" + hsdsOne, `{"contents": 7}`, `{"name": `, "7", "[7]x", strings.Repeat("[", 5000)} {
		got, err := organizations(t, text, importer.Defaults{})
		if text != "" && err == nil {
			t.Errorf("%.20q: read as %d records", text, len(got))
		}
	}
}
