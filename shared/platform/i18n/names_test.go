package i18n

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

//go:generate go test -run TestNamesAreThoseOfCLDR -update .

var update = flag.Bool("update", false, "write the files of names anew")

func TestNamesAreThoseOfCLDR(t *testing.T) {
	for _, lang := range All() {
		var lines []string
		for _, tag := range display.Values.Tags() {
			if name := nameIn(lang, tag); name != "" {
				lines = append(lines, tag.String()+"\t"+name+"\n")
			}
		}
		for _, script := range display.Values.Scripts() {
			if name := display.Scripts(lang.tag()).Name(script); name != "" && script.String() != "Zzzz" {
				lines = append(lines, script.String()+"\t"+name+"\n")
			}
		}
		slices.Sort(lines)
		want := "# Made by go generate of CLDR " + language.CLDRVersion + " as golang.org/x/text/language/display has it.\n" + strings.Join(lines, "")
		path := "names/" + string(lang) + ".txt"
		if *update {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(string(got), "\n")); diff != "" {
			t.Errorf("%s is stale: go generate ./shared/platform/i18n\n%s", path, diff)
		}
	}
}

// nameIn is the name of exactly this tag, not that of a wider one.
func nameIn(lang Lang, tag language.Tag) string {
	name := display.Languages(lang.tag()).Name(tag)
	if base, _ := tag.Base(); base.String() != tag.String() && name == display.Languages(lang.tag()).Name(base) {
		return ""
	}
	return name
}

// The tags are put together of every language that has a name with some scripts
// and regions. Regions are compared where the taxonomy names them as CLDR does.
func TestLanguageSaysWhatCLDRSays(t *testing.T) {
	for _, lang := range All() {
		cldr, places := display.Tags(lang.tag()), display.Regions(lang.tag())
		for _, base := range display.Values.BaseLanguages() {
			for _, rest := range []string{"", "-Latn", "-Arab", "-Hant", "-Cyrl", "-Adlm", "-CH", "-TW", "-BR", "-GB", "-419", "-Arab-AF", "-Latn-RS", "-Hant-HK", "-Hans-CN", "-XX", "-Latn-ZZ"} {
				tag, err := language.Parse(base.String() + rest)
				if err != nil {
					continue
				}
				_, _, region := tag.Raw()
				if ours := placeName(lang, region); ours != "" && ours != places.Name(region) {
					continue
				}
				want := cldr.Name(tag)
				if tag == language.Und {
					want = "und"
				}
				if want == "" { // x/text finds no name for az-Arab, where only some languages have one
					continue
				}
				if got := Language(lang, base.String()+rest); got != want {
					t.Errorf("%s: %s is %q, want %q", lang, tag, got, want)
				}
			}
		}
	}
}
