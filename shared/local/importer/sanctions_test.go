package importer

import (
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"convoke/shared/domain/directory"
)

const sanctionsXML = `<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" dateGenerated="2026-11-20T10:00:00.000Z">
  <INDIVIDUALS>
    <INDIVIDUAL>
      <DATAID>1</DATAID><VERSIONNUM>1</VERSIONNUM>
      <FIRST_NAME>FIRST</FIRST_NAME><SECOND_NAME>SECOND</SECOND_NAME><THIRD_NAME> THIRD &amp; LAST </THIRD_NAME>
      <UN_LIST_TYPE>Example</UN_LIST_TYPE><REFERENCE_NUMBER>EXi.001</REFERENCE_NUMBER><LISTED_ON>2020-01-31</LISTED_ON>
      <NAME_ORIGINAL_SCRIPT>الأول الثاني</NAME_ORIGINAL_SCRIPT>
      <NATIONALITY><VALUE>Nowhere</VALUE></NATIONALITY>
      <LAST_DAY_UPDATED><VALUE>2021-02-01</VALUE></LAST_DAY_UPDATED>
      <INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Example One; Example Two</ALIAS_NAME></INDIVIDUAL_ALIAS>
      <INDIVIDUAL_ALIAS><QUALITY/><ALIAS_NAME/></INDIVIDUAL_ALIAS>
    </INDIVIDUAL>
  </INDIVIDUALS>
  <ENTITIES>
    <ENTITY>
      <FIRST_NAME>EXAMPLE FRONT</FIRST_NAME><UN_LIST_TYPE>Example</UN_LIST_TYPE><REFERENCE_NUMBER>EXe.002</REFERENCE_NUMBER><LISTED_ON>2020-02-01</LISTED_ON>
      <ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>EXF</ALIAS_NAME></ENTITY_ALIAS>
      <ENTITY_ADDRESS><COUNTRY>Nowhere</COUNTRY></ENTITY_ADDRESS>
    </ENTITY>
  </ENTITIES>
</CONSOLIDATED_LIST>
`

func readSanctions(r io.Reader) (list []directory.SanctionsEntry, generated string, err error) {
	f, err := Sanctions(r)
	if err != nil {
		return nil, "", err
	}
	for e, err := range f.Entries() {
		if err != nil {
			return list, f.Generated, err
		}
		list = append(list, e)
	}
	return list, f.Generated, nil
}

func TestSanctions(t *testing.T) {
	list, generated, err := readSanctions(strings.NewReader(sanctionsXML))
	if err != nil || generated != "2026-11-20T10:00:00.000Z" {
		t.Fatalf("%v, generated %q", err, generated)
	}
	want := []directory.SanctionsEntry{
		{Reference: "EXi.001", Kind: "individual", Regime: "Example", ListedOn: "2020-01-31", Names: []string{"FIRST SECOND THIRD & LAST", "الأول الثاني", "Example One", "Example Two"}},
		{Reference: "EXe.002", Kind: "entity", Regime: "Example", ListedOn: "2020-02-01", Names: []string{"EXAMPLE FRONT", "EXF"}},
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// endless is a head, then the same again and again.
type endless struct {
	head, again string
	at          int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.at < len(e.head) {
		n := copy(p, e.head[e.at:])
		e.at += n
		return n, nil
	}
	for i := range p {
		p[i] = e.again[(e.at-len(e.head)+i)%len(e.again)]
	}
	e.at += len(p)
	return len(p), nil
}

func TestHostileSanctions(t *testing.T) {
	const bomb = `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><CONSOLIDATED_LIST><ENTITIES><ENTITY><FIRST_NAME>&b;</FIRST_NAME></ENTITY></ENTITIES></CONSOLIDATED_LIST>`
	const open = `<CONSOLIDATED_LIST><ENTITIES>`
	for name, c := range map[string]struct {
		r    io.Reader
		want string
	}{
		"entity bomb":       {strings.NewReader(bomb), "document type"},
		"undeclared entity": {strings.NewReader(open + `<ENTITY><FIRST_NAME>&b;</FIRST_NAME></ENTITY>`), "entity"},
		"external entity":   {strings.NewReader(`<!DOCTYPE l SYSTEM "file:///etc/passwd"><CONSOLIDATED_LIST/>`), "document type"},
		"endless text":      {&endless{head: open + "<ENTITY><FIRST_NAME>", again: "x"}, "4 MiB"},
		"endless names":     {&endless{head: open + "<ENTITY>", again: "<ENTITY_ALIAS><ALIAS_NAME>x</ALIAS_NAME></ENTITY_ALIAS>"}, "4 MiB"},
		"endless prolog":    {&endless{head: "<!DOCTYPE ", again: "x"}, "4 MiB"},
		"endless comment":   {&endless{head: open + "<!--", again: "x"}, "4 MiB"},
		"endless nothing":   {&endless{head: open, again: "<x></x>"}, "4 MiB"},
		"deep":              {&endless{head: open, again: "<x>"}, "deeply"},
		"cut off":           {strings.NewReader(sanctionsXML[:len(sanctionsXML)-60]), "EOF"},
		"cut in an entry":   {strings.NewReader(sanctionsXML[:900]), "EOF"},
		"another document":  {strings.NewReader("<html></html>"), "root"},
		"no document":       {strings.NewReader("name,reference"), "not the consolidated list"},
		"no reference":      {strings.NewReader(open + `<ENTITY><FIRST_NAME>A</FIRST_NAME></ENTITY></ENTITIES></CONSOLIDATED_LIST>`), "reference number"},
		"no name":           {strings.NewReader(open + `<ENTITY><REFERENCE_NUMBER>EXe.1</REFERENCE_NUMBER></ENTITY></ENTITIES></CONSOLIDATED_LIST>`), "no name"},
		"another charset":   {strings.NewReader(`<?xml version="1.0" encoding="EBCDIC"?><CONSOLIDATED_LIST/>`), "encoding"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, _, err := readSanctions(c.r)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 256<<20 { // in all, freed or not
				t.Errorf("it took %d MiB", allocated>>20)
			}
		})
	}
}

func FuzzSanctions(f *testing.F) {
	f.Add(sanctionsXML)
	f.Fuzz(func(t *testing.T, text string) {
		list, _, _ := readSanctions(strings.NewReader(text))
		for _, e := range list {
			if e.Reference == "" || len(e.Names) == 0 {
				t.Errorf("%+v", e)
			}
		}
	})
}
