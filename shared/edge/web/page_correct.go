package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/auth"
)

// correctView is the registration as a form, for its contact.
type correctView struct {
	meView
	form    formView
	stale   bool // it was changed since the form was opened
	consent bool // it has to be given again: the text is another one now
}

func (s *Server) correctPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.own(r)
	if err != nil {
		return err
	}
	p, view := pageOf(r), s.viewCorrect(e, registrationValues(e))
	if !view.correctable() {
		return p.see(w, "/me", nil)
	}
	return s.show(w, r, p, http.StatusOK, correct(p, view))
}

func (s *Server) viewCorrect(e *directory.Stakeholder, values url.Values) correctView {
	f := s.registrationForm(values, formFaults{})
	f.first = "correct"
	return correctView{meView: meView{Stakeholder: e}, form: f, consent: !agreed(e)}
}

// correctForm takes a correction of exactly the version that the form was filled
// with.
func (s *Server) correctForm(w http.ResponseWriter, r *http.Request) error {
	p, who := pageOf(r), identityOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	if err := s.limited(w, "registration", r); err != nil { // another address is sent mail
		return err
	}
	var e *directory.Stakeholder
	var fieldOf func(string) string
	err = s.takeOnce(r, form, func(ctx context.Context) (err error) {
		e, fieldOf, err = s.correct(ctx, who, form)
		return err
	})
	if err != nil {
		return s.refuseCorrection(w, r, form, err, fieldOf)
	}
	if e != nil && !actsFor(who, e) { // the address is another one, and is to be confirmed first
		return p.see(w, "/register", url.Values{"received": {"1"}})
	}
	return p.see(w, "/me", url.Values{"saved": {"1"}})
}

// correct also names the field that a JSON Pointer into the correction came from.
func (s *Server) correct(ctx context.Context, who auth.Identity, form url.Values) (e *directory.Stakeholder, fieldOf func(string) string, err error) {
	e, err = s.Store.UpdateStakeholder(ctx, who.Stakeholder, func(e *directory.Stakeholder) error {
		if !actsFor(who, e) {
			return auth.ErrSignInRequired
		}
		if form.Get("version") != strconv.FormatInt(e.Version, 10) {
			return errStale
		}
		var a directory.Application
		a, fieldOf = corrected(e, form)
		return s.correctOnce(ctx, e, a)
	})
	return e, fieldOf, err
}

// refuseCorrection shows the form again, with all that was typed.
func (s *Server) refuseCorrection(w http.ResponseWriter, r *http.Request, form url.Values, refusal error, fieldOf func(string) string) error {
	e, err := s.own(r)
	if err != nil {
		return err
	}
	p, view := pageOf(r), s.viewCorrect(e, form)
	if errors.Is(refusal, errStale) {
		view.stale = true
		return s.show(w, r, p, http.StatusPreconditionFailed, correct(p, view))
	}
	view.form.faults, err = faultsOf(p, refusal, formFields{labels: "register", order: registrationFields(), of: fieldOf})
	if err != nil {
		return err
	}
	return s.show(w, r, p, http.StatusUnprocessableEntity, correct(p, view))
}

// corrected is the stored registration with what the form says in place of what
// the form was filled with. What the form has no field for stays as it is.
func corrected(e *directory.Stakeholder, form url.Values) (directory.Application, func(string) string) {
	given, _ := applicationOf(form)
	names, nameFields := correctedNames(e.Names, form)
	shown := registrationValues(e)
	a := directory.Application{Profile: e.Profile, Contacts: correctedContacts(e.Contacts, given.Contacts[0]), Evidence: given.Evidence, Consent: given.Consent}
	if len(e.Evidence) > 1 {
		a.Evidence = append(a.Evidence, e.Evidence[1:]...)
	}
	if agreed(e) {
		a.Consent = directory.ConsentGiven{Directory: true, TextVersion: directory.ConsentText}
	}
	a.Category, a.Country, a.Website, a.AtRisk, a.Names = given.Category, given.Country, given.Website, given.AtRisk, names
	a.Descriptions = correctedDescriptions(e, given.Descriptions)
	a.Topics = replaced(e.Topics, coreTopics(), given.Topics)
	a.Languages = replaced(e.Languages, append(taxonomy.UNLanguages(), shown.Get("language_other")), given.Languages)
	a.OriginCountries = replaced(e.OriginCountries, chosen(shown, "origin", "origin2"), given.OriginCountries)
	a.ResidenceCountries = replaced(e.ResidenceCountries, chosen(shown, "residence", "residence2"), given.ResidenceCountries)
	a.LedBy, a.Serves = replaced(e.LedBy, directory.Groups(), given.LedBy), replaced(e.Serves, directory.Groups(), given.Serves)
	return a, func(pointer string) string { return registrationField(pointer, nameFields) }
}

// replaced is the stored list with what the form showed of it replaced by what
// was chosen there. What stays keeps its place.
func replaced(stored, shown, chosen []string) []string {
	list := slices.DeleteFunc(slices.Clone(stored), func(v string) bool {
		return slices.Contains(shown, v) && !slices.Contains(chosen, v)
	})
	for _, v := range chosen {
		if !slices.Contains(list, v) {
			list = append(list, v)
		}
	}
	return list
}

// correctedNames returns the names, and the field that each came from, or "".
func correctedNames(stored []directory.Name, form url.Values) ([]directory.Name, []string) {
	given, givenFields := namesOf(form)
	var names []directory.Name
	var fields []string
	for i, field := range nameFieldsOf(stored) {
		at := slices.Index(givenFields, field)
		switch {
		case field == "":
			names, fields = append(names, stored[i]), append(fields, "")
		case at >= 0:
			name := directory.Name{Text: given[at].Text, Lang: given[at].Lang, Kind: stored[i].Kind}
			if field == "acronym" {
				name.Lang = stored[i].Lang
			}
			names, fields = append(names, name), append(fields, field)
		} // else the field was emptied
	}
	for i, field := range givenFields {
		if !slices.Contains(fields, field) {
			names, fields = append(names, given[i]), append(fields, field)
		}
	}
	return names, fields
}

// nameFieldsOf says for each stored name in which field of the form it stands,
// "" for those without one.
func nameFieldsOf(stored []directory.Name) []string {
	fields := make([]string, len(stored))
	fill := func(field string, kinds ...directory.NameKind) {
		for i, n := range stored {
			if fields[i] == "" && slices.Contains(kinds, n.Kind) && !slices.Contains(fields, field) {
				fields[i] = field
			}
		}
	}
	fill("name", directory.NameLegal)
	fill("name", directory.NameAlias)
	fill("name2", directory.NameLegal, directory.NameAlias)
	fill("acronym", directory.NameAcronym)
	return fields
}

// shownDescription is the index of the description in the form: the one in the
// language of the name, else the first; -1 when there is none.
func shownDescription(e *directory.Stakeholder) int {
	lang := e.Names[max(0, slices.Index(nameFieldsOf(e.Names), "name"))].Lang
	if i := slices.IndexFunc(e.Descriptions, func(t directory.Text) bool { return t.Lang == lang }); i >= 0 {
		return i
	}
	return min(0, len(e.Descriptions)-1)
}

// correctedDescriptions puts the given description in the place of the one that
// was shown. It stays in its language, unless that was the language of the name:
// then the two go together.
func correctedDescriptions(e *directory.Stakeholder, given []directory.Text) []directory.Text {
	i := shownDescription(e)
	if i < 0 {
		return given
	}
	list := slices.Clone(e.Descriptions)
	if len(given) == 0 {
		return slices.Delete(list, i, i+1)
	}
	lang := e.Names[max(0, slices.Index(nameFieldsOf(e.Names), "name"))].Lang
	if list[i].Lang == lang {
		list[i].Lang = given[0].Lang
	}
	list[i].Text = given[0].Text
	return list
}

// correctedContacts changes the focal point alone.
func correctedContacts(stored []directory.Contact, given directory.Contact) []directory.Contact {
	list := slices.Clone(stored)
	for i, c := range list {
		if c.Role == directory.RoleFocalPoint {
			list[i].Name, list[i].Email, list[i].Language = given.Name, given.Email, given.Language
			return list
		}
	}
	return append(list, given)
}

// agreed reports whether the present text of consent was agreed to.
func agreed(e *directory.Stakeholder) bool {
	return slices.ContainsFunc(e.Consents, func(c directory.Consent) bool {
		return c.TextVersion == directory.ConsentText && c.WithdrawnAt == nil
	})
}

// registrationValues fills the form with what is stored.
func registrationValues(e *directory.Stakeholder) url.Values {
	v := url.Values{
		"version": {strconv.FormatInt(e.Version, 10)}, "category": {e.Category}, "country": {e.Country}, "website": {e.Website},
		"topics": e.Topics, "languages": e.Languages, "led_by": e.LedBy, "serves": e.Serves,
	}
	for i, field := range nameFieldsOf(e.Names) {
		v.Set(field, e.Names[i].Text)
		v.Set(field+"_lang", e.Names[i].Lang)
	}
	if i := shownDescription(e); i >= 0 {
		v.Set("description", e.Descriptions[i].Text)
	}
	others := slices.DeleteFunc(slices.Clone(e.Languages), func(tag string) bool { return slices.Contains(taxonomy.UNLanguages(), tag) })
	fill(v, others, "language_other")
	fill(v, e.OriginCountries, "origin", "origin2")
	fill(v, e.ResidenceCountries, "residence", "residence2")
	if e.AtRisk {
		v.Set("at_risk", "yes")
	}
	if c, ok := e.FocalPoint(); ok {
		v.Set("contact_name", c.Name)
		v.Set("email", c.Email)
		v.Set("contact_language", c.Language)
	}
	if len(e.Evidence) > 0 {
		evidenceValues(v, e.Evidence[0])
	}
	return v
}

func evidenceValues(v url.Values, e directory.Evidence) {
	v.Set("evidence", string(e.Kind))
	v.Set("evidence_note", e.Note)
	v.Set("sponsor", e.Sponsor)
	fill(v, e.Referees, "referee1", "referee2")
	if e.Identifier != nil {
		v.Set("evidence_scheme", e.Identifier.Scheme)
		v.Set("evidence_id", e.Identifier.ID)
	}
}

// fill puts the first values into the fields, one each.
func fill(v url.Values, values []string, fields ...string) {
	for i, field := range fields[:min(len(fields), len(values))] {
		v.Set(field, values[i])
	}
}
