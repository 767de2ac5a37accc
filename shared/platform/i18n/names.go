package i18n

import (
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country names the country or area with the ISO 3166-1 alpha-2 code, or XK.
// The names are those of CLDR; where the United Nations uses another, or CLDR's
// is older than a change of name, the catalogue has it under country.<code>. A
// code that names nothing is returned as it is.
func Country(lang Lang, alpha2 string) string {
	if s, ok := text(known(lang), "country."+alpha2); ok {
		return s
	}
	region, err := language.ParseRegion(alpha2)
	if err != nil || len(alpha2) != 2 {
		return alpha2
	}
	if name := dictionary(lang).Regions().Name(region); name != "" {
		return name
	}
	return alpha2
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
