package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/i18n"
	"convoke/shared/platform/interchange"
)

// profilePageView is a profile with its parts put into the reader's language.
type profilePageView struct {
	profileView
	status    directory.Status
	shown     directory.Name
	others    []directory.Name
	about     directory.Text
	public    bool
	own       bool // the reader acts for this stakeholder
	imported  bool
	linkedAs  string // JSON-LD, empty when not public
	coded     []codedList
	organiser *organiserView // nil for others
	relations []relationGroup
	writable  bool // the reader can write to it
}

// codedList is a row of the profile whose values are codes of a search field.
type codedList struct {
	label, field string
	values       []string
}

func (s *Server) profilePage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.profile(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	p.private = !e.Public()
	reader, err := s.readerOf(r, e)
	if err != nil {
		return err
	}
	view, err := s.viewProfilePage(p, e, reader)
	if err != nil {
		return err
	}
	if view.relations, err = s.relationGroups(r, p.lang, e); err != nil {
		return err
	}
	if view.organiser, err = s.viewForOrganiser(r, p, e); err != nil {
		return err
	}
	p.private = p.private || view.organiser != nil
	if view.writable, err = s.writable(r, e); err != nil {
		return err
	}
	return s.show(w, r, p, http.StatusOK, profile(p, view))
}

func (s *Server) viewProfilePage(p page, e *directory.Stakeholder, r directory.Reader) (profilePageView, error) {
	view := profilePageView{
		profileView: viewProfile(e, r, string(p.lang), s.now()), status: e.Status, public: e.Public(),
		own: p.workplace == e.ID, imported: len(e.Contacts) == 0 && e.VerifiedAt == nil,
	}
	view.about = textIn(view.Descriptions, p.lang)
	view.shown = shownName(e.Profile, p.lang)
	for _, n := range e.Names {
		same := func(o directory.Name) bool { return o.Text == n.Text && o.Kind == n.Kind }
		if n != view.shown && !slices.ContainsFunc(view.others, same) {
			view.others = append(view.others, n)
		}
	}
	view.coded = []codedList{
		{p.t("profile.works_in"), "works_in", view.WorksIn},
		{p.t("profile.origin"), "origin", view.OriginCountries},
		{p.t("profile.residence"), "residence", view.ResidenceCountries},
		{p.t("profile.languages"), "language", view.Languages},
		{p.t("profile.led_by"), "led_by", view.LedBy},
		{p.t("profile.serves"), "serves", view.Serves},
		{p.t("profile.advocates_for"), "serves", view.AdvocatesFor},
	}
	if !view.public {
		return view, nil
	}
	// Linked data is for machines, which are the public.
	linked, err := json.Marshal(interchange.JSONLD(interchange.Of(e, directory.ReaderPublic, s.BaseURL), string(p.lang)))
	if err != nil {
		return view, fmt.Errorf("encode linked data: %w", err)
	}
	view.linkedAs = string(linked) // Marshal writes <, > and & as escapes
	return view, nil
}

// shownName is the name for the reader's language, else the first.
func shownName(profile directory.Profile, lang i18n.Lang) directory.Name {
	if name, ok := nameIn(profile, lang); ok {
		return name
	}
	if len(profile.Names) == 0 {
		return directory.Name{}
	}
	return profile.Names[0]
}

// textIn is directory.In with the language of what it chose.
func textIn(texts []directory.Text, lang i18n.Lang) directory.Text {
	wanted := directory.In(texts, string(lang), string(i18n.English))
	i := slices.IndexFunc(texts, func(t directory.Text) bool { return t.Text == wanted })
	if i < 0 {
		return directory.Text{}
	}
	return texts[i]
}

// nameNote says what a further name is: of which kind, or in which language.
func (p page) nameNote(n directory.Name) string {
	switch {
	case n.Kind == directory.NameAcronym:
		return p.t("name.acronym")
	case n.Kind == directory.NameFormer:
		return p.t("name.former")
	case n.Lang != "":
		return i18n.Language(p.lang, n.Lang)
	}
	return ""
}

// within names the regions that hold the country, from the smallest to the
// continent; the World says nothing.
func (v profilePageView) within() []string {
	return slices.DeleteFunc(slices.Clone(v.Regions), func(code string) bool { return code == taxonomy.World })
}

// registerAddress returns the address of an identifier in its public register, or "".
func registerAddress(id directory.Identifier) string {
	switch id.Scheme {
	case taxonomy.SchemeROR:
		return "https://ror.org/" + url.PathEscape(id.ID)
	case taxonomy.SchemeWikidata:
		return "https://www.wikidata.org/wiki/" + url.PathEscape(id.ID)
	case taxonomy.SchemeLEI:
		return "https://search.gleif.org/#/record/" + url.PathEscape(id.ID)
	case taxonomy.SchemeISNI:
		return "https://isni.org/isni/" + url.PathEscape(id.ID)
	}
	return ""
}

// schemeName is how a register is called; those that have no name of their own
// in the six languages go by their code.
func (p page) schemeName(scheme string) string {
	switch scheme {
	case taxonomy.SchemeLocal:
		return p.t("scheme.local")
	case taxonomy.SchemeECOSOC:
		return p.t("scheme.ecosoc")
	case taxonomy.SchemeROR:
		return "ROR"
	case taxonomy.SchemeLEI:
		return "LEI"
	case taxonomy.SchemeIATI:
		return "IATI"
	case taxonomy.SchemeWikidata:
		return "Wikidata"
	case taxonomy.SchemeISNI:
		return "ISNI"
	case taxonomy.SchemeGRID:
		return "GRID"
	case taxonomy.SchemeFunder:
		return "Crossref Funder Registry"
	}
	return scheme
}
