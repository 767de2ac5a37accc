package web

import (
	"strconv"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/i18n"
)

// targetText says what a target asks for in words.
func targetText(lang i18n.Lang, t convening.Target) string {
	values := make([]string, len(t.Values))
	for i, v := range t.Values {
		values[i] = targetValue(lang, t.Of, v)
	}
	what := i18n.List(lang, values)
	switch t.Of {
	case convening.ByLedBy, convening.ByExperience, convening.ByLanguage:
		what = i18n.T(lang, "target."+string(t.Of), map[string]string{"values": what})
	case convening.ByOrganisation, convening.ByEachCountry, convening.ByConflict:
		what = i18n.T(lang, "target."+string(t.Of), nil)
	}
	return i18n.T(lang, "target."+string(t.Rule), map[string]string{"n": strconv.Itoa(t.Count), "what": what})
}

func targetValue(lang i18n.Lang, of convening.Attribute, value string) string {
	switch of {
	case convening.ByFirst:
		return i18n.T(lang, "target."+value, nil)
	case convening.ByGender:
		return i18n.T(lang, "gender."+value, nil)
	}
	field := string(of)
	if of == convening.ByExperience {
		field = string(convening.ByLedBy) // the groups are the same
	}
	return page{lang: lang}.valueName(field, value)
}
