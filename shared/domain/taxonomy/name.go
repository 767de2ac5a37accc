package taxonomy

import (
	"embed"
	"strings"
	"sync"

	"golang.org/x/text/language"
)

// nameFiles hold, for each language of the United Nations, one line for each
// country, region and group: the code, a tab, the name. A test makes them, from
// CLDR as x/text carries it, and holds them to it; x/text's own tables have every
// language in them, and would be a sixth of a function's binary.
//
//go:embed names/*.txt
var nameFiles embed.FS

// CountryName returns the name of a country or area in one of the six languages
// of the United Nations, in English for any other; the code itself when it is
// unknown. Names are those of CLDR, but for countries that have taken a new name
// since the edition that x/text carries.
func CountryName(code string, lang language.Tag) string {
	if !ValidCountry(code) {
		return code
	}
	return nameOf(code, lang)
}

// RegionName returns the name of a region or group of M49, as CountryName does.
func RegionName(code string, lang language.Tag) string {
	if !ValidRegion(code) {
		return code
	}
	return nameOf(code, lang)
}

func nameOf(code string, lang language.Tag) string {
	if name, ok := names()[unIndex(lang)][code]; ok {
		return name
	}
	return code
}

// names holds the names by code, in the order of UNLanguages.
var names = sync.OnceValue(func() [6]map[string]string {
	var all [6]map[string]string
	for i, lang := range UNLanguages() {
		text, err := nameFiles.ReadFile("names/" + lang + ".txt")
		if err != nil {
			panic("taxonomy: names in " + lang + ": " + err.Error())
		}
		all[i] = make(map[string]string)
		for line := range strings.Lines(string(text)) {
			if code, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ok {
				all[i][code] = name
			}
		}
	}
	return all
})
