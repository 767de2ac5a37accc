package i18n

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"convoke/shared/domain/taxonomy"
)

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
	if name := dictionary(lang).Tags().Name(t); name != "" {
		return name
	}
	return tag
}

func known(lang Lang) Lang {
	if _, ok := catalogues[lang]; ok {
		return lang
	}
	return English
}

func dictionary(lang Lang) *display.Dictionary {
	switch lang {
	case Arabic:
		return display.Arabic
	case Chinese:
		return display.Chinese
	case French:
		return display.French
	case Russian:
		return display.Russian
	case Spanish:
		return display.Spanish
	}
	return display.English
}
