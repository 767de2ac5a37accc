package importer_test

import (
	"strings"
	"testing"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/local/importer"

	"github.com/google/go-cmp/cmp"
)

func table(t *testing.T, text string, mapping map[string]string) ([]importer.Record, error) {
	t.Helper()
	var records []importer.Record
	for record, err := range importer.CSV(strings.NewReader(text), mapping) {
		if err != nil {
			return records, err
		}
		records = append(records, record)
	}
	return records, nil
}

func TestCSV(t *testing.T) {
	const text = "\ufeffName,name_lang,ACRONYM,category,country,website,founded,identifiers,languages,topics,description\r\n" +
		"\"Association \"\"Espoir\"\", Dakar\",fr,AED,migrant_association,sn,https://espoir.example.org,1998," +
		"local: 12/98; ror:https://ror.org/000025p04,fr; WO,topic:remittances;gcm:20,\"Une ligne\r\net une autre\"\r\n" +
		"\r\n" +
		"Plain,,,ngo,CH,,,,,,\r\n"
	got, err := table(t, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []importer.Record{{
		Row:    2,
		Source: directory.Identifier{Scheme: "local", ID: "12/98"},
		Profile: directory.Profile{
			Category:     "migrant_association",
			Names:        []directory.Name{{Text: `Association "Espoir", Dakar`, Lang: "fr", Kind: directory.NameLegal}, {Text: "AED", Kind: directory.NameAcronym}},
			Country:      "SN",
			Website:      "https://espoir.example.org",
			Founded:      1998,
			Identifiers:  []directory.Identifier{{Scheme: "local", ID: "12/98"}, {Scheme: "ror", ID: "000025p04"}},
			Languages:    []string{"fr", "wo"},
			Topics:       []string{"topic:remittances", "gcm:20"},
			Descriptions: []directory.Text{{Lang: "fr", Text: "Une ligne\net une autre"}},
		},
		Status: importer.Active,
	}, {
		Row:     5,
		Profile: directory.Profile{Category: "ngo", Names: []directory.Name{{Text: "Plain", Kind: directory.NameLegal}}, Country: "CH"},
		Status:  importer.Active,
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCSVMapping(t *testing.T) {
	got, err := table(t, "Nom,Type,Pays,E-mail\nUne,ngo,FR,x\n", map[string]string{"Nom": "name", "Type": "category", "Pays": "country", "E-mail": ""})
	if err != nil || len(got) != 1 || got[0].Profile.Names[0].Text != "Une" || len(got[0].Rejected) > 0 {
		t.Error(got, err)
	}
}

func TestBadRowsAreRefusedOneByOne(t *testing.T) {
	const header = "name,category,country,website,topics,identifiers,languages,founded,name_lang,description\n"
	for row, want := range map[string]fault.Field{
		",ngo,CH,,,,,,,":                             {Pointer: "/names", Code: "name.missing"},
		"A,club,CH,,,,,,,":                           {Pointer: "/category", Code: "category.unknown"},
		"A,ngo,Suisse,,,,,,,":                        {Pointer: "/country", Code: "country.unknown"},
		"A,ngo,CH,ftp://a.example.org,,,,,,":         {Pointer: "/website", Code: "website.not_http"},
		"A,ngo,CH,,remittances,,,,,":                 {Pointer: "/topics/0", Code: "topic.unknown"},
		"A,ngo,CH,,,ror:000025p05,,,,":               {Pointer: "/identifiers/0", Code: "identifier.checksum"},
		"A,ngo,CH,,,12345,,,,":                       {Pointer: "/identifiers/0", Code: "identifier.scheme_unknown"},
		"A,ngo,CH,,,XI-LEI:5493001KJTIIGC8Y1R13,,,,": {Pointer: "/identifiers/0", Code: "identifier.checksum"},
		"A,ngo,CH,,,GB-CHC:1;GB-CHC:1,,,,":           {Pointer: "/identifiers/1", Code: "list.repeated"},
		"A,ngo,CH,,,,,12,,":                          {Pointer: "/founded", Code: "year.impossible"},
		"A,ngo,CH,,,,,,klingonese,":                  {Pointer: "/names/0/lang", Code: "language.unknown"},
		"A,ngo,CH,,,,klingonese,,,":                  {Pointer: "/languages", Code: "language.unknown"},
		"A,ngo,CH,,,,,long ago,,":                    {Pointer: "/founded", Code: "year.impossible"},
		"A,ngo,CH,,,,,,,Bon":                         {Pointer: "/descriptions/0/lang", Code: "language.unknown"},
		"A,ngo,CH,,,,,,en,a\u202eb":                  {Pointer: "/descriptions/0/text", Code: "text.bidi_control"},
		"A\u202egro,ngo,CH,,,,,,,":                   {Pointer: "/names/0/text", Code: "text.bidi_control"},
		"A\x07,ngo,CH,,,,,,,":                        {Pointer: "/names/0/text", Code: "text.control_character"},
		"A\xff,ngo,CH,,,,,,,":                        {Pointer: "/names/0/text", Code: "text.not_utf8"},
		"A,ngo,CH":                                   {Code: "row.wrong_length"},
		strings.Repeat("x", 301) + ",ngo,CH,,,,,,,":  {Pointer: "/names/0/text", Code: "text.too_long"},
	} {
		got, err := table(t, header+"Good,ngo,CH,,,,,,,\n"+row+"\nGood,ngo,CH,,,,,,,\n", nil)
		if err != nil || len(got) != 3 || len(got[0].Rejected)+len(got[2].Rejected) > 0 || len(got[1].Rejected) == 0 {
			t.Errorf("%q: %v %+v", row, err, got)
			continue
		}
		if diff := cmp.Diff(want, got[1].Rejected[0]); diff != "" || got[1].Row != 3 {
			t.Errorf("%q, row %d: %s", row, got[1].Row, diff)
		}
	}
}

func TestBrokenTablesSayWhere(t *testing.T) {
	const header = "name,category,country\n"
	for text, want := range map[string]string{
		"":                              "the table is empty",
		"name,category\n":               `no column "country"`,
		"name,category,country,email\n": `unknown column "email"`,
		"name,name,category,country\n":  `the column "name" twice`,
		"name;category;country\n":       "unknown column",
		header + "A,ngo,CH\n\"B,ngo,CH": "line 3",
		header + "A \"b\" c,ngo,CH\n":   "line 2",
		header + "\"" + strings.Repeat("x", 5<<20) + "\"": "larger than 4 MiB",
		"\xff\xfen\x00": "UTF-16",
	} {
		if _, err := table(t, text, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
}

func FuzzCSV(f *testing.F) {
	f.Add("name,category,country\nA,ngo,CH\n")
	f.Fuzz(func(t *testing.T, text string) {
		for record, err := range importer.CSV(strings.NewReader(text), nil) {
			if err == nil && len(record.Rejected) == 0 && len(record.Profile.Names) == 0 {
				t.Errorf("taken without a name: %+v", record)
			}
		}
	})
}
