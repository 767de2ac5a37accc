package web

import (
	"net/url"
	"slices"
	"strings"

	bcp47 "golang.org/x/text/language"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/i18n"
)

// openFacetValues is how many values of a facet stand open; the others are one
// step away.
const openFacetValues = 8

// facetView is one way to narrow the search.
type facetView struct {
	label      string
	open, more []facetLink
}

// facetLink is one step of narrowing or widening: a value of a field, and the
// search after the step.
type facetLink struct {
	field, value string
	label        string
	n            int
	query        url.Values
}

// facet offers the counted values of a field that are not in force yet.
func (p page) facet(field string, counted []facetLink) facetView {
	view := facetView{label: p.t("facet." + field)}
	for _, c := range counted {
		if slices.Contains(p.query[field], c.value) || c.value == taxonomy.World {
			continue
		}
		c.field, c.label, c.query = field, p.valueName(field, c.value), p.queryWith(field, c.value)
		if len(view.open) < openFacetValues {
			view.open = append(view.open, c)
			continue
		}
		view.more = append(view.more, c)
	}
	return view
}

// chosenFilters are the filters in force, each with the search without it.
func (p page) chosenFilters() []facetLink {
	var chosen []facetLink
	for _, field := range convening.AudienceFilters() {
		for _, value := range p.query[field] {
			chosen = append(chosen, facetLink{
				field: field, value: value, label: p.valueName(field, value), query: p.queryWithout(field, value),
			})
		}
	}
	return chosen
}

// queryWith is the query of the page with a value more, from its first page on;
// a cursor replaces the one before.
func (p page) queryWith(field, value string) url.Values {
	q := p.firstPage()
	q[field] = append(slices.Clone(q[field]), value)
	return q
}

func (p page) queryWithout(field, value string) url.Values {
	q := p.firstPage()
	q[field] = slices.DeleteFunc(slices.Clone(q[field]), func(v string) bool { return v == value })
	return q
}

func (p page) firstPage() url.Values {
	q := url.Values{}
	for name, values := range p.query {
		if name != "cursor" {
			q[name] = values
		}
	}
	return q
}

// valueName names a value of a field in the reader's language. What the
// vocabularies do not know is shown as it is.
func (p page) valueName(field, value string) string {
	tag := bcp47.Make(string(p.lang))
	switch field {
	case "category":
		if taxonomy.ValidCategory(value) {
			return i18n.T(p.lang, "category."+value, nil)
		}
	case "country", "works_in", "origin", "residence":
		return i18n.Country(p.lang, value)
	case "region", "group":
		return taxonomy.RegionName(value, tag)
	case "topic":
		return p.topicName(value)
	case "language":
		return i18n.Language(p.lang, value)
	case "tier":
		return p.t("tier." + value)
	case "led_by", "serves", "advocates_for":
		if slices.Contains(directory.Groups(), value) {
			return p.t("group." + value)
		}
	}
	return value
}

// topicName is the title of a topic. Objectives of the Global Compact and targets
// of the 2030 Agenda bear their number, since some share a title with a topic of
// the directory's own.
func (p page) topicName(code string) string {
	title := taxonomy.TopicTitle(code, bcp47.Make(string(p.lang)))
	family, number, _ := strings.Cut(code, ":")
	if family != taxonomy.FamilyGCM && family != taxonomy.FamilySDG || !taxonomy.ValidTopic(code) {
		return title
	}
	return i18n.T(p.lang, "page.topic."+family, map[string]string{"number": number, "title": title})
}
