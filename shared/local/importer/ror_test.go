package importer_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/local/importer"

	"github.com/google/go-cmp/cmp"
)

const good = `{"id":"https://ror.org/000063q30","status":"active","types":["facility"],"established":2003,
 "domains":["TIMA.example.org","tima.example.org","not a domain"],
 "names":[{"lang":null,"types":["acronym"],"value":"TIMA"},{"lang":"en","types":["alias"],"value":"TIMA  Laboratory"},
  {"lang":"fr","types":["label"],"value":"Techniques de l'Informatique"},{"lang":"en","types":["ror_display","label"],"value":"Techniques of Informatics"}],
 "external_ids":[{"all":["0000 0004 0383 0608"],"preferred":null,"type":"isni"},{"all":["grid.464092.d"],"preferred":"grid.464092.d","type":"grid"},
  {"all":["100011307"],"preferred":null,"type":"grid"}],
 "links":[{"type":"wikipedia","value":"http://en.wikipedia.org/wiki/TIMA"},{"type":"website","value":"https://tima.example.org"}],
 "locations":[{"geonames_details":{"country_code":"FR"}},{"geonames_details":{"country_code":"MA"}}],
 "relationships":[{"type":"parent","id":"https://ror.org/02rx3b187"},{"type":"related","id":"https://ror.org/02rx3b187"},
  {"type":"parent","id":"https://ror.org/02rx3b180"},{"type":"child","id":"https://ror.org/000063q30"}]}`

// record returns a record that is good but for what is replaced in it.
func record(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(good) }

func all(t *testing.T, r io.Reader) ([]importer.Record, error) {
	t.Helper()
	var records []importer.Record
	for record, err := range importer.ROR(r) {
		if err != nil {
			return records, err
		}
		records = append(records, record)
	}
	return records, nil
}

func TestROR(t *testing.T) {
	got, err := all(t, strings.NewReader("["+good+"]"))
	if err != nil {
		t.Fatal(err)
	}
	want := []importer.Record{{
		Row:    1,
		Source: directory.Identifier{Scheme: "ror", ID: "000063q30"},
		Profile: directory.Profile{
			Category: "academic",
			Names: []directory.Name{
				{Text: "Techniques of Informatics", Lang: "en", Kind: directory.NameLegal},
				{Text: "Techniques de l'Informatique", Lang: "fr", Kind: directory.NameLegal},
				{Text: "TIMA Laboratory", Lang: "en", Kind: directory.NameAlias},
				{Text: "TIMA", Kind: directory.NameAcronym},
			},
			Country: "FR",
			WorksIn: []string{"MA"},
			Website: "https://tima.example.org",
			Domains: []string{"tima.example.org"},
			Identifiers: []directory.Identifier{
				{Scheme: "ror", ID: "000063q30"}, {Scheme: "isni", ID: "0000000403830608"}, {Scheme: "grid", ID: "grid.464092.d"},
			},
			Founded: 2003,
		},
		Status:    importer.Active,
		Relations: []importer.Relation{{Kind: "parent", TargetID: "02rx3b187"}},
		Dropped: []fault.Field{
			{Pointer: "/identifiers/3", Code: "identifier.malformed"},
			{Pointer: "/domains", Code: "domain.malformed"},
			{Pointer: "/relationships", Code: "relation.kind_unknown"},
			{Pointer: "/relationships", Code: "relation.malformed"},
			{Pointer: "/relationships", Code: "relation.self"},
		},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRORCategories(t *testing.T) {
	for types, want := range map[string]string{
		`"education"`: "academic", `"funder","education"`: "academic", `"facility"`: "academic", `"archive"`: "academic",
		`"healthcare"`: "academic", `"company","funder"`: "private_sector", `"nonprofit"`: "ngo", `"nonprofit","healthcare"`: "ngo",
		`"funder","nonprofit"`: "foundation", `"funder"`: "foundation", `"government","facility","funder"`: "government",
		`"other"`: "ngo", `"other","funder"`: "ngo", ``: "ngo", `"unheard-of"`: "ngo",
	} {
		got, err := all(t, strings.NewReader("["+record(`["facility"]`, "["+types+"]")+"]"))
		if err != nil || got[0].Profile.Category != want {
			t.Errorf("%s: %v %v, want %s", types, got, err, want)
		}
	}
}

func TestOneBadRecordDoesNotEndTheImport(t *testing.T) {
	for name, tt := range map[string]struct{ record, pointer, code string }{
		"withdrawn":         {record(`"active"`, `"withdrawn"`), "/status", "status.withdrawn"},
		"no status":         {record(`"status":"active",`, ``), "/status", "status.unknown"},
		"wrong checksum":    {record("000063q30", "000063q31"), "/id", "identifier.checksum"},
		"no names":          {record(`"names":[`, `"names":[],"other":[`), "/names", "name.missing"},
		"bidi override":     {record("TIMA  Laboratory", `TIMA \u202eyrotarobaL`), "/names/2/text", "text.bidi_control"},
		"control character": {record("TIMA  Laboratory", `TIMA\u0000`), "/names/2/text", "text.control_character"},
		"zero width":        {record("TIMA  Laboratory", `TI\u200bMA`), "/names/2/text", "text.control_character"},
		"not UTF-8":         {record("TIMA  Laboratory", "TIMA \xff"), "/names/2/text", "text.not_utf8"},
		"too long":          {record("TIMA  Laboratory", strings.Repeat("a", 301)), "/names/2/text", "text.too_long"},
		"nowhere":           {record(`"FR"`, `"ZZ"`, `"MA"`, `""`), "/country", "country.unknown"},
		"wrong type":        {record("2003", `"2003"`), "/established", "record.malformed"},
		"names are a word":  {record(`"value":"TIMA"`, `"value":7`), "/names/value", "record.malformed"},
		"null":              {"null", "/id", "identifier.malformed"},
		"a number":          {"42", "/", "record.malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := all(t, strings.NewReader("["+good+",\n"+tt.record+","+good+"]"))
			if err != nil || len(got) != 3 {
				t.Fatal(len(got), err)
			}
			if len(got[0].Rejected)+len(got[2].Rejected) > 0 {
				t.Error("a good record was refused beside a bad one")
			}
			want := fault.Field{Pointer: tt.pointer, Code: tt.code}
			if len(got[1].Rejected) == 0 || got[1].Row != 2 {
				t.Fatalf("not refused: %+v", got[1])
			}
			if diff := cmp.Diff(want, got[1].Rejected[0]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsToleratedIsSaid(t *testing.T) {
	for name, tt := range map[string]struct{ record, pointer, code string }{
		"unknown language": {record(`"lang":"fr"`, `"lang":"xx"`), "/names/1/lang", "language.unknown"},
		"directional mark": {record("TIMA  Laboratory", `TIMA Laboratory\u200e`), "/names/2/text", "text.bidi_control"},
		"website":          {record("https://tima.example.org", "javascript:alert(1)"), "/website", "website.not_http"},
		"early year":       {record("2003", "970"), "/founded", "year.impossible"},
	} {
		got, err := all(t, strings.NewReader("["+tt.record+"]"))
		if err != nil || len(got) != 1 || len(got[0].Rejected) > 0 {
			t.Fatal(name, got, err)
		}
		said := false
		for _, d := range got[0].Dropped {
			said = said || cmp.Equal(d, fault.Field{Pointer: tt.pointer, Code: tt.code})
		}
		if !said {
			t.Errorf("%s: %+v", name, got[0].Dropped)
		}
	}
	got, err := all(t, strings.NewReader("["+record(`"active"`, `"inactive"`)+"]"))
	if err != nil || got[0].Status != importer.Inactive || len(got[0].Rejected) > 0 {
		t.Error(got, err)
	}
}

func TestBrokenFilesNameTheRecordAndTheByte(t *testing.T) {
	whole := "[" + good + "," + good + "]"
	for name, tt := range map[string]struct {
		text, want string
		records    int
	}{
		"empty":           {"", "record 1, byte 0: unexpected EOF", 0},
		"no array":        {good, "record 1, byte 1: want a JSON array of records", 0},
		"a page":          {"<!doctype html>", "record 1, byte 0: invalid character '<'", 0},
		"cut in a record": {whole[:len(good)+50], fmt.Sprintf("record 2, byte %d: unexpected EOF", len(good)+2), 1},
		"cut after one":   {whole[:len(good)+1], fmt.Sprintf("record 2, byte %d: unexpected EOF", len(good)+1), 1},
		"no comma":        {"[" + good + " " + good + "]", "record 2", 1},
		"something after": {whole + "[]", "something follows the array", 2},
		"zip":             {"PK\x03\x04rest", "unpack it first", 0},
		"UTF-16":          {"\xff\xfe[\x00", "save it as UTF-8", 0},
		"no gzip":         {"\x1f\x8bno", "open the gzip file", 0},
		"endless":         {`[{"id":"` + strings.Repeat("0", 5<<20), "record 1, byte 1: the record is larger than 4 MiB", 0},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := all(t, strings.NewReader(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if len(got) != tt.records {
				t.Errorf("%d records before the fault, want %d", len(got), tt.records)
			}
		})
	}
}

func TestGzipIsKnownByItsFirstBytes(t *testing.T) {
	var file bytes.Buffer
	z := gzip.NewWriter(&file)
	fmt.Fprintf(z, "\ufeff[%s]", good)
	z.Close()
	packed := bytes.Clone(file.Bytes())
	meter := importer.NewMeter(iotest.OneByteReader(&file))
	got, err := all(t, meter)
	if err != nil || len(got) != 1 {
		t.Fatal(len(got), err)
	}
	if meter.Bytes() != int64(len(packed)) {
		t.Errorf("%d bytes metered of %d", meter.Bytes(), len(packed))
	}
	if _, err := all(t, bytes.NewReader(packed[:len(packed)/2])); err == nil {
		t.Error("half a gzip file passes for a whole one")
	}
}

func TestTheReaderMayStopEarly(t *testing.T) {
	for range importer.ROR(strings.NewReader("[" + good + "," + good + "]")) {
		break
	}
}

func FuzzROR(f *testing.F) {
	f.Add([]byte("[" + good + "]"))
	f.Add([]byte(`[{"names":[{"types":["label"],"value":"\u202e"}]},null]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		for record, err := range importer.ROR(bytes.NewReader(data)) {
			if err == nil && len(record.Rejected) == 0 && len(record.Profile.Names) == 0 {
				t.Errorf("taken without a name: %+v", record)
			}
		}
	})
}

func TestRegistrySample(t *testing.T) {
	f, err := os.Open("../../../../shared/data/ror-v2-sample.json.gz")
	if err != nil {
		t.Skip("needs the ROR sample:", err)
	}
	defer f.Close()
	got := map[string]int{}
	for record, err := range importer.ROR(f) {
		if err != nil {
			t.Fatal(err)
		}
		got["records"]++
		if record.Status == importer.Inactive && len(record.Rejected) == 0 {
			got["inactive"]++
		}
		for _, r := range record.Rejected {
			got["rejected "+r.Code]++
		}
		for _, d := range record.Dropped {
			got["dropped "+d.Code]++
		}
	}
	want := map[string]int{
		"records": 24030, "inactive": 486, "rejected status.withdrawn": 132, "rejected text.bidi_control": 1,
		"dropped identifier.malformed": 2, "dropped relation.kind_unknown": 5898, "dropped relation.self": 2, "dropped list.too_long": 185, "dropped text.bidi_control": 8,
		"dropped website.not_http": 1, "dropped year.impossible": 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkROR(b *testing.B) {
	data, err := os.ReadFile("../../../../shared/data/ror-v2-sample.json.gz")
	if err != nil {
		b.Skip("needs the ROR sample:", err)
	}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for _, err := range importer.ROR(bytes.NewReader(data)) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		b.ReportMetric(float64(n), "records/op")
	}
}
