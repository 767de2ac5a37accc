package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/store"
)

// onceScope keeps the ids of forms apart from the Idempotency-Keys of the API.
const onceScope = "page"

func (s *Server) registerPage(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	if p.query.Has("received") {
		return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
			title: p.t("received.title"), texts: []string{p.t("received.text"), p.t("received.after")},
			next: p.t("nav.directory"), nextAt: "/",
		}))
	}
	values := url.Values{"name_lang": {string(p.lang)}, "contact_language": {string(p.lang)}, "languages": {string(p.lang)}}
	return s.show(w, r, p, http.StatusOK, register(p, s.registrationForm(values, formFaults{})))
}

// registerForm takes a registration. Whoever is known already, the answer is the
// same.
func (s *Server) registerForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	application, fieldOf := applicationOf(form)
	e, err := s.register(application)
	if err == nil {
		err = s.refereesKnown(r.Context(), application, e)
	}
	if err != nil {
		faults, err := faultsOf(p, err, formFields{labels: "register", order: registrationFields(), of: fieldOf})
		if err != nil {
			return err
		}
		return s.show(w, r, p, http.StatusUnprocessableEntity, register(p, s.registrationForm(form, faults)))
	}
	if err := s.limited(w, "registration", r); err != nil {
		return err
	}
	if err := s.limitedTo(w, focalAddress(e)); err != nil {
		return err
	}
	for i := range e.Consents {
		e.Consents[i].Channel = "page"
	}
	if err := s.takeOnce(r, form, func(ctx context.Context) error { return s.Store.Register(ctx, e) }); err != nil {
		return err
	}
	return p.see(w, "/register", url.Values{"received": {"1"}})
}

// takeOnce takes what a form says unless the same copy of the form, with the same
// in it, was taken before: a second press of the button is no second
// organisation.
func (s *Server) takeOnce(r *http.Request, form url.Values, take func(context.Context) error) error {
	key, ctx := form.Get("once"), r.Context()
	if key == "" || len(key) > maxKey {
		return take(ctx)
	}
	o := &store.Once{Scope: onceScope, Key: key, Request: fingerprint(r, []byte(form.Encode())), Status: http.StatusSeeOther, Body: []byte("{}")}
	before, err := s.Store.Replay(ctx, o.Scope, o.Key, o.Request)
	switch {
	case before != nil:
		return nil
	case errors.Is(err, store.ErrKeyReused): // the form went back, was changed, and comes again
		return take(ctx)
	case err != nil:
		return err
	}
	err = take(store.WithOnce(ctx, o))
	if err == nil {
		return nil
	}
	// The other press of the button may have been taken while this one ran.
	if before, replayErr := s.Store.Replay(ctx, o.Scope, o.Key, o.Request); before != nil && replayErr == nil {
		return nil
	}
	return err
}

// registrationForm is the form with what is typed so far.
func (s *Server) registrationForm(values url.Values, faults formFaults) formView {
	return formView{values: values, faults: faults, labels: "register", once: s.Store.NewID()}
}

// applicationOf reads the form. The function that comes with it names the field
// that a JSON Pointer into the application came from.
func applicationOf(form url.Values) (directory.Application, func(string) string) {
	names, nameFields := namesOf(form)
	a := directory.Application{
		Profile: directory.Profile{
			Category: line(form, "category"), Names: names, Country: line(form, "country"), Website: line(form, "website"),
			Topics: form["topics"], Languages: languagesOf(form),
			OriginCountries: chosen(form, "origin", "origin2"), ResidenceCountries: chosen(form, "residence", "residence2"),
			LedBy: form["led_by"], Serves: form["serves"], AtRisk: form.Get("at_risk") == "yes",
		},
		Contacts: []directory.Contact{{
			Name: line(form, "contact_name"), Role: directory.RoleFocalPoint, Email: line(form, "email"), Language: line(form, "contact_language"),
		}},
		Evidence: evidenceOf(form),
		Consent:  directory.ConsentGiven{Directory: form.Get("consent") == "yes", TextVersion: form.Get("consent_version")},
	}
	if text := prose(form, "description"); text != "" {
		a.Descriptions = []directory.Text{{Lang: line(form, "name_lang"), Text: text}}
	}
	return a, func(pointer string) string { return registrationField(pointer, nameFields) }
}

// namesOf returns the names given, and the field that each came from.
func namesOf(form url.Values) ([]directory.Name, []string) {
	names, fields := []directory.Name{{Text: line(form, "name"), Lang: line(form, "name_lang"), Kind: directory.NameLegal}}, []string{"name"}
	if text := line(form, "name2"); text != "" {
		names, fields = append(names, directory.Name{Text: text, Lang: line(form, "name2_lang"), Kind: directory.NameAlias}), append(fields, "name2")
	}
	if text := line(form, "acronym"); text != "" {
		names, fields = append(names, directory.Name{Text: text, Kind: directory.NameAcronym}), append(fields, "acronym")
	}
	return names, fields
}

func languagesOf(form url.Values) []string {
	languages := slices.Clone(form["languages"])
	if other := line(form, "language_other"); other != "" && !slices.Contains(languages, other) {
		languages = append(languages, other)
	}
	return languages
}

// chosen returns what was chosen in fields of one choice each.
func chosen(form url.Values, names ...string) []string {
	var values []string
	for _, name := range names {
		if v := line(form, name); v != "" && !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}

func evidenceOf(form url.Values) []directory.Evidence {
	e := directory.Evidence{Kind: directory.EvidenceKind(line(form, "evidence")), Note: prose(form, "evidence_note")}
	switch e.Kind {
	case "":
		return nil
	case directory.EvidenceIdentifier:
		e.Identifier = &directory.Identifier{Scheme: line(form, "evidence_scheme"), ID: line(form, "evidence_id")}
	case directory.EvidenceReferences:
		for _, name := range []string{"referee1", "referee2"} {
			if id := stakeholderID(line(form, name)); id != "" {
				e.Referees = append(e.Referees, id)
			}
		}
	case directory.EvidenceSponsorship:
		e.Sponsor = line(form, "sponsor")
	}
	return []directory.Evidence{e}
}

// stakeholderID takes the id of a stakeholder, or the address of its page.
func stakeholderID(given string) string {
	given, _, _ = strings.Cut(given, "?")
	_, id, found := strings.Cut(given, "/stakeholders/")
	if !found {
		id = given
	}
	return strings.Trim(id, "/")
}

// registrationField names the field that a pointer into the application came
// from, or "" for what the form has no field for.
func registrationField(pointer string, nameFields []string) string {
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	at := func(i int) string {
		if i < len(parts) {
			return parts[i]
		}
		return ""
	}
	switch parts[0] {
	case "names":
		return nameField(at(1), at(2), nameFields)
	case "contacts":
		switch at(2) {
		case "email":
			return "email"
		case "language":
			return "contact_language"
		}
		return "contact_name"
	case "evidence":
		switch at(2) {
		case "note":
			return "evidence_note"
		case "identifier":
			return "evidence_id"
		case "referees":
			return "referee1"
		case "sponsor":
			return "sponsor"
		}
		return "evidence"
	case "descriptions":
		if at(2) == "lang" {
			return "name_lang" // a description is in the language of the name
		}
		return "description"
	case "origin_countries":
		return "origin"
	case "residence_countries":
		return "residence"
	case "category", "country", "website", "topics", "languages", "led_by", "serves", "consent":
		return parts[0]
	}
	return ""
}

// registrationFields are the fields of the form in the order of the page.
func registrationFields() []string {
	return []string{
		"category", "name", "name_lang", "acronym", "name2", "name2_lang", "country", "description", "website", "topics", "languages", "origin",
		"residence", "led_by", "serves", "contact_name", "email", "contact_language", "evidence", "evidence_id", "referee1", "sponsor",
		"evidence_note", "consent",
	}
}

func nameField(index, member string, nameFields []string) string {
	for i, name := range nameFields {
		if index == strconv.Itoa(i) {
			if member == "lang" && name != "acronym" && name != "" {
				return name + "_lang"
			}
			return name
		}
	}
	return "name"
}

// The choices of the form, in the reader's language and its order.

func (p page) categories() []option {
	return p.optionsOf("category", taxonomy.Categories())
}

func (p page) countries() []option {
	return p.sorted("country", p.optionsOf("country", taxonomy.Countries()))
}

// languages also offers the language that stands in the field, which a client of
// the API may have chosen from all there are.
func (p page) languages(standing string) []option {
	offered := offeredLanguages()
	if taxonomy.ValidLanguage(standing) && !slices.Contains(offered, standing) {
		offered = append(offered, standing)
	}
	return p.sorted("language", p.optionsOf("language", offered))
}

func (p page) topics() []option { return p.sorted("topic", p.optionsOf("topic", coreTopics())) }

// coreTopics are the directory's own, which the form offers.
func coreTopics() []string {
	return slices.DeleteFunc(taxonomy.Topics(), func(code string) bool {
		return !strings.HasPrefix(code, taxonomy.FamilyCore+":")
	})
}

func (p page) groups() []option { return p.optionsOf("led_by", directory.Groups()) }

// spokenLanguages are those that mail is written in, each in its own words, and
// the one that stands in the field.
func (p page) spokenLanguages(standing string) []option {
	var list []option
	for _, lang := range i18n.All() {
		list = append(list, option{string(lang), i18n.Language(lang, string(lang))})
	}
	if _, spoken := spoken(standing); !spoken && taxonomy.ValidLanguage(standing) {
		list = append(list, option{standing, i18n.Language(p.lang, standing)})
	}
	return list
}

func (p page) schemes(standing string) []option {
	offered := []string{
		taxonomy.SchemeLocal, taxonomy.SchemeECOSOC, taxonomy.SchemeROR, taxonomy.SchemeLEI, taxonomy.SchemeIATI, taxonomy.SchemeWikidata,
	}
	if standing != "" && !slices.Contains(offered, standing) {
		offered = append(offered, standing)
	}
	var list []option
	for _, scheme := range offered {
		list = append(list, option{scheme, p.schemeName(scheme)})
	}
	return list
}

func (p page) optionsOf(field string, values []string) []option {
	list := make([]option, len(values))
	for i, v := range values {
		list[i] = option{v, p.valueName(field, v)}
	}
	return list
}

// offeredLanguages are the languages that the form lists. The API takes any
// registered tag.
func offeredLanguages() []string {
	return strings.Fields(`
af ak am ar as ay az ba be bem bg bho bi bm bn bo br bs ca ce ceb ch ckb co cs cv cy da de dv dyu dz ee el en eo es et eu
fa ff fi fil fj fo fr fy ga gd gl gn gu gv ha haw he hi hil hr ht hu hy id ig ilo is it iu ja jv ka kab kam kea kg ki kk
kl km kn ko kok kr ks ku kw ky la lb lg ln lo lt lu lua luo lv mai men mer mfe mg mh mi min mk ml mn mr ms mt my na
nb nd ne nl nn nr nso nus nv ny oc om or os pa pap pl ps pt qu quc rm rn ro rom ru rw sa sat sc sd se sg si sid sk sl sm
sn so sq sr ss st su sv sw ta te tem tet tg th ti tig tk tl tn to tpi tr ts tt tum ty ug uk umb ur uz ve vi wa wal war wo
xh yi yo zgh zh zu`)
}

func (p page) evidenceName(kind directory.EvidenceKind) string {
	if kind == "" {
		return p.t("evidence.none")
	}
	return p.t("evidence." + string(kind))
}
