package mail

import "convoke/shared/platform/i18n"

// KindSearchMatched is the kind of the letter of an alert.
const KindSearchMatched Kind = "search_matched"

// SearchMatched tells an organising unit who is new in one of its saved searches.
type SearchMatched struct {
	Unit         string
	Search       string // its name
	Total        int
	Stakeholders []Match // of all of them, those that are named
	DirectoryURL string
	StopURL      string // ends the alerts of the search
}

// Match is a stakeholder that an alert names.
type Match struct{ Name, Category, Country string } // codes but for the name

// Letter writes it in the language.
func (d SearchMatched) Letter(lang i18n.Lang) Letter {
	w := writer{lang: lang, params: map[string]string{"unit": d.Unit, "search": d.Search}}
	l := w.letter("mail.matched")
	l.Paragraphs = append(l.Paragraphs, i18n.N(lang, "mail.matched.count", d.Total, nil))
	for _, m := range d.Stakeholders {
		value := i18n.T(lang, "category."+m.Category, nil) + " · " + i18n.Country(lang, m.Country)
		l.Facts = append(l.Facts, Fact{i18n.Isolate(lang, m.Name), value})
	}
	if more := d.Total - len(d.Stakeholders); more > 0 {
		l.Closing = []string{i18n.N(lang, "mail.matched.more", more, nil)}
	}
	l.Actions = []Action{{Label: w.t("mail.matched.action"), URL: d.DirectoryURL, Primary: true}}
	l.Footer = append(w.footer("mail.why.matched"), Line{Text: w.t("mail.matched.stop"), URL: d.StopURL})
	return l
}
