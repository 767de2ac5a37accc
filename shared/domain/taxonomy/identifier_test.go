package taxonomy

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestIdentifierFault(t *testing.T) {
	const malformed, checksum, unknown = "identifier.malformed", "identifier.checksum", "identifier.scheme_unknown"
	for _, tt := range []struct{ scheme, id, want string }{
		{SchemeROR, "https://ror.org/02n0bts35", ""},
		{SchemeROR, "ROR.org/000025P04", ""},
		{SchemeROR, "000025p04", ""},
		{SchemeROR, "000025p05", checksum},
		{SchemeROR, "00002ip04", malformed},
		{SchemeROR, "", malformed},
		{SchemeLEI, "5493001KJTIIGC8Y1R12", ""},
		{SchemeLEI, " 5493 001kjtiigc8y1r12", ""},
		{SchemeLEI, "5493001KJTIIGC8Y1R13", checksum},
		{SchemeLEI, "5493001KJTIIGC8Y1R1", malformed},
		{SchemeISNI, "0000 0004 0383 0608", ""},
		{SchemeISNI, "0000 0004 0383 0609", checksum},
		{SchemeISNI, "https://isni.org/isni/0000000121032683", ""},
		{SchemeWikidata, "https://www.wikidata.org/wiki/Q30262448", ""},
		{SchemeWikidata, "q42", ""},
		{SchemeWikidata, "P31", malformed},
		{SchemeGRID, "grid.502382.e", ""},
		{SchemeGRID, "grid.502382", malformed},
		{SchemeFunder, "https://doi.org/10.13039/501100017170", ""},
		{SchemeFunder, "10.13039/x", malformed},
		{SchemeIATI, "XM-DAC-47066", ""},
		{SchemeIATI, "GB-CHC-202918", ""},
		{SchemeIATI, "202918", malformed},
		{SchemeECOSOC, "1234", ""},
		{SchemeECOSOC, "special", malformed},
		{SchemeLocal, "Reg. 14/1998", ""},
		{SchemeLocal, "a\nb", malformed},
		{SchemeLocal, "a\u202eb", malformed},
		{SchemeLocal, strings.Repeat("9", 101), malformed},
		{"GB-CHC", "202918", ""},
		{"XI-IATI", "x", ""},
		{"ZZ-CHC", "202918", unknown},
		{"GB-", "202918", unknown},
		{"gb-chc", "202918", unknown},
		{"", "x", unknown},
		{"passport", "x", unknown},
	} {
		if got := IdentifierFault(tt.scheme, NormalIdentifier(tt.scheme, tt.id)); got != tt.want {
			t.Errorf("%s %q: %q, want %q", tt.scheme, tt.id, got, tt.want)
		}
	}
	if IdentifierFault(SchemeROR, "https://ror.org/000025p04") != malformed {
		t.Error("an identifier must be spelled as NormalIdentifier spells it")
	}
}

func TestNormalIdentifierIsStable(t *testing.T) {
	schemes := []string{SchemeROR, SchemeLEI, SchemeISNI, SchemeWikidata, SchemeGRID, SchemeFunder, SchemeIATI, SchemeLocal, "GB-CHC"}
	rapid.Check(t, func(t *rapid.T) {
		scheme := rapid.SampledFrom(schemes).Draw(t, "scheme")
		id := NormalIdentifier(scheme, rapid.String().Draw(t, "id"))
		if IdentifierFault(scheme, id) == "" && NormalIdentifier(scheme, id) != id {
			t.Errorf("%q becomes %q", id, NormalIdentifier(scheme, id))
		}
	})
}

// Letters whose lower case is longer or shorter in bytes, and bytes that are no
// letters at all, must not move the place where an address is cut.
func TestNormalIdentifierCutsWhereTheAddressEnds(t *testing.T) {
	for _, tt := range []struct{ name, scheme, id, want string }{
		{"lower case is longer", SchemeROR, strings.Repeat("Ⱥ", 20) + "ror.org/02n0bts35", "02n0bts35"},
		{"lower case is longer, nothing follows", SchemeROR, strings.Repeat("Ⱥ", 20) + "ror.org/", ""},
		{"lower case is shorter", SchemeROR, "İİİİror.org/02n0bts35", "02n0bts35"},
		{"not UTF-8", SchemeROR, "\xff\xff\xffror.org/02n0bts35", "02n0bts35"},
		{"upper case", SchemeROR, "HTTPS://ROR.ORG/02N0BTS35", "02n0bts35"},
		{"Kelvin sign is no k", SchemeWikidata, "wi\u212aidata.org/wiki/Q42", "WI\u212aIDATA.ORG/WIKI/Q42"},
		{"twice", SchemeWikidata, "wikidata.org/wiki/wikidata.org/entity/q42", "Q42"},
	} {
		if got := NormalIdentifier(tt.scheme, tt.id); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzIdentifier(f *testing.F) {
	f.Add("ror", "https://ror.org/02n0bts35")
	f.Add("ror", "ȺȺȺȺȺȺȺȺror.org/")
	f.Add("isni", "İ isni.org/isni/0000 0004 0383 0608")
	f.Add("wikidata", "wikidata.org/entity/Q42")
	f.Add("local", "\xff\u202e")
	f.Fuzz(func(t *testing.T, scheme, id string) {
		normal := NormalIdentifier(scheme, id)
		if IdentifierFault(scheme, normal) != "" {
			return
		}
		if again := NormalIdentifier(scheme, normal); again != normal {
			t.Errorf("%s %q becomes %q, then %q", scheme, id, normal, again)
		}
		if !utf8.ValidString(normal) || strings.ContainsAny(normal, "\r\n\x00") {
			t.Errorf("%s %q passes as %q", scheme, id, normal)
		}
	})
}

// One wrong digit is what checksums are for. A digit in place of a letter is not
// always caught: a letter of an LEI counts as two digits.
func TestChecksumsCatchOneWrongDigit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		good := rapid.SampledFrom([][2]string{
			{SchemeROR, "000025p04"}, {SchemeLEI, "5493001KJTIIGC8Y1R12"}, {SchemeISNI, "0000000403830608"},
		}).Draw(t, "identifier")
		id := []byte(good[1])
		at := rapid.IntRange(0, len(id)-1).Filter(func(i int) bool { return '0' <= id[i] && id[i] <= '9' }).Draw(t, "at")
		id[at] = byte('0' + rapid.IntRange(0, 9).Draw(t, "digit"))
		if string(id) != good[1] && IdentifierFault(good[0], string(id)) == "" {
			t.Errorf("%s passes for %s", id, good[1])
		}
	})
}

func TestIdentifiersOfTheRegistrySample(t *testing.T) {
	const sample = "../../../../shared/data/ror-v2-sample.json.gz"
	f, err := os.Open(sample)
	if err != nil {
		t.Skip("needs the ROR sample:", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var records []struct {
		ID    string `json:"id"`
		Other []struct {
			Type string   `json:"type"`
			All  []string `json:"all"`
		} `json:"external_ids"`
	}
	if err := json.NewDecoder(z).Decode(&records); err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, r := range records {
		if code := IdentifierFault(SchemeROR, NormalIdentifier(SchemeROR, r.ID)); code != "" {
			t.Errorf("%s: %s", r.ID, code)
		}
		for _, o := range r.Other {
			for _, id := range o.All {
				checked++
				if code := IdentifierFault(o.Type, NormalIdentifier(o.Type, id)); code != "" {
					t.Logf("%s of %s: %s: %s", o.Type, r.ID, id, code)
				}
			}
		}
	}
	t.Logf("%d records and %d other identifiers", len(records), checked)
}
