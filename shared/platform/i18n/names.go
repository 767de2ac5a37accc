package i18n

import (
	"embed"
	"strings"
	"sync"

	"golang.org/x/text/language"

	"convoke/shared/domain/taxonomy"
)

// nameFiles hold, for each language, one line for each language and script that
// CLDR has a name for: the tag or the code, a tab, the name. A test makes them
// and holds them to CLDR as x/text carries it, whose own tables have every
// language in them and would be a sixth of a function's binary.
//
//go:embed names/*.txt
var nameFiles embed.FS

// Country names the country or area with the ISO 3166-1 alpha-2 code, or XK, as
// the taxonomy does; the catalogue has a name under country.<code> where the
// United Nations uses another. A code that names nothing is returned as it is.
func Country(lang Lang, alpha2 string) string {
	if s, ok := text(known(lang), "country."+alpha2); ok {
		return s
	}
	return taxonomy.CountryName(alpha2, known(lang).tag())
}

// Language names the language of a BCP 47 tag, as precisely as CLDR has a name
// for it: "Chinese (Traditional)". A tag that names nothing is returned as it
// is.
func Language(lang Lang, tag string) string {
	t, err := language.Parse(tag)
	if err != nil || t == language.Und {
		return tag
	}
	if c, err := (language.All &^ language.SuppressScript).Canonicalize(t); err == nil {
		t = c
	}
	base, script, region := t.Raw()
	names := tagNames()[known(lang)]()
	scriptName, regionName := names[script.String()], placeName(known(lang), region)
	for _, c := range []struct{ tag, script, region string }{
		{base.String() + "-" + script.String(), "", regionName},
		{base.String() + "-" + region.String(), scriptName, ""},
		{base.String(), scriptName, regionName},
	} {
		if name, ok := names[c.tag]; ok {
			return qualified(name, c.script, c.region)
		}
	}
	return tag
}

// qualified adds to a language's name what it does not say by itself.
func qualified(name, script, region string) string {
	switch {
	case script != "" && region != "":
		return name + " (" + script + ", " + region + ")"
	case script+region != "":
		return name + " (" + script + region + ")"
	}
	return name
}

// placeName names the region of a tag, which may be a country or one of M49; ""
// when there is none or it has no name.
func placeName(lang Lang, region language.Region) string {
	code := region.String()
	switch {
	case taxonomy.ValidCountry(code):
		return Country(lang, code)
	case taxonomy.ValidRegion(code):
		return taxonomy.RegionName(code, lang.tag())
	}
	return ""
}

// tagNames reads the names in each language at their first use.
var tagNames = sync.OnceValue(func() map[Lang]func() map[string]string {
	all := make(map[Lang]func() map[string]string)
	for _, lang := range All() {
		all[lang] = sync.OnceValue(func() map[string]string { return readNames(lang) })
	}
	return all
})

// readNames reads one file. One that cannot be read names nothing, as with the
// catalogue.
func readNames(lang Lang) map[string]string {
	raw, _ := nameFiles.ReadFile("names/" + string(lang) + ".txt")
	names := make(map[string]string)
	for line := range strings.Lines(string(raw)) {
		if tag, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ok {
			names[tag] = name
		}
	}
	return names
}

func known(lang Lang) Lang {
	if _, ok := catalogues[lang]; ok {
		return lang
	}
	return English
}
