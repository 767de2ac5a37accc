package web

import (
	"slices"

	"convoke/shared/domain/convening"
	"convoke/shared/platform/i18n"
)

// The choices of the form, in the reader's language.

func (p page) eventKinds() []option {
	var list []option
	for _, kind := range convening.EventKinds() {
		list = append(list, option{kind, i18n.T(p.lang, "event_kind."+kind, nil)})
	}
	return list
}

// zones are those offered, and the one that stands in the field.
func (p page) zones(standing string) []option {
	names := zonesOffered()
	if standing != "" && !slices.Contains(names, standing) && knownZone(standing) {
		names = append([]string{standing}, names...)
	}
	list := make([]option, len(names))
	for i, name := range names {
		list[i] = option{name, name}
	}
	return list
}

func (p page) twiceChoices() []option {
	return []option{{convening.Earlier, p.t("desk.event.when_twice.earlier")}, {convening.Later, p.t("desk.event.when_twice.later")}}
}

// topicsWith are those offered, and any other that stands in the field.
func (p page) topicsWith(standing []string) []option {
	list := p.topics()
	for _, code := range standing {
		if !slices.ContainsFunc(list, func(o option) bool { return o.value == code }) {
			list = append(list, option{code, p.valueName("topic", code)})
		}
	}
	return list
}

func (p page) observances() []option {
	var list []option
	for _, code := range convening.Observances() {
		list = append(list, option{code, i18n.T(p.lang, "observance."+code, nil)})
	}
	return list
}

// interpretedInto are the six languages of the United Nations, and any other that
// stands in the field.
func (p page) interpretedInto(standing []string) []option {
	var codes []string
	for _, lang := range i18n.All() {
		codes = append(codes, string(lang))
	}
	for _, code := range standing {
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return p.optionsOf("language", codes)
}
