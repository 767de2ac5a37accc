package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"convoke/shared/domain/directory"
	"convoke/shared/domain/taxonomy"
	"convoke/shared/platform/i18n"
)

// contactView is a person who acts for a stakeholder, as a form.
type contactView struct {
	was     directory.Contact // without an id: somebody who is added
	himself bool              // the reader is that person
	version int64
	form    formView
}

// newContact stands in an address for somebody who is added.
const newContact = "new"

// levelNone, of a language, says that it is spoken, and not how well.
const levelNone = "spoken"

func contactPath(id string) string { return "/me/contacts/" + url.PathEscape(id) }

func (s *Server) contactPage(w http.ResponseWriter, r *http.Request) error {
	e, view, err := s.contactAsked(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	view.form.values = valuesOf(view.was, p.lang)
	return s.showContact(w, r, http.StatusOK, e, view)
}

// contactAsked is the contact of the path, for that person and for the focal point;
// the focal point alone adds somebody.
func (s *Server) contactAsked(r *http.Request) (*directory.Stakeholder, contactView, error) {
	e, err := s.own(r)
	if err != nil {
		return nil, contactView{}, err
	}
	who, id := identityOf(r), r.PathValue("contact")
	view := contactView{himself: who.Subject == id}
	if !view.himself && !leads(who, e) {
		return nil, view, errNotFocalPoint
	}
	if id == newContact {
		return e, view, nil
	}
	was, ok := e.Contact(id)
	if !ok {
		return nil, view, directory.ErrContactUnknown
	}
	view.was = was
	return e, view, nil
}

func (s *Server) showContact(w http.ResponseWriter, r *http.Request, status int, e *directory.Stakeholder, view contactView) error {
	p := pageOf(r)
	view.version, view.form.labels = e.Version, "contact"
	return s.show(w, r, p, status, contactBody(p, view))
}

// contactForm keeps what the form says of a contact.
func (s *Server) contactForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, view, err := s.contactAsked(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	c := contactOf(form, view, p.lang)
	if view.was.ID == "" {
		if err := s.limitedTo(w, c.Email); err != nil {
			return err
		}
	}
	_, err = s.Store.UpdateStakeholder(r.Context(), e.ID, func(e *directory.Stakeholder) error {
		switch {
		case e.Version != readVersion(form):
			return errStale
		case view.was.ID == "":
			_, err := e.AddContact(c, s.Store.NewID, s.now())
			return err
		}
		return e.ReviseContact(view.was.ID, c, view.himself, s.now())
	})
	if err == nil {
		return p.see(w, "/me/representatives", url.Values{"done": {"saved"}})
	}
	view.form.values = form
	if errors.Is(err, errStale) {
		view.form.faults.list = []formFault{{text: describe(p.lang, err).Title}}
		return s.showContact(w, r, http.StatusPreconditionFailed, e, view)
	}
	if view.form.faults, err = faultsOf(p, err, formFields{labels: "contact", order: contactFields(), of: contactField}); err != nil {
		return err
	}
	return s.showContact(w, r, http.StatusUnprocessableEntity, e, view)
}

// contactFields are the fields of the form in the order of the page.
func contactFields() []string {
	return []string{"name", "email", "role", "language", "topics", "languages", "formats", "travel", "needs", "bio", "gender", "experience"}
}

func contactField(pointer string) string {
	parts := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	if parts[0] == "speaking" && len(parts) > 1 {
		parts = parts[1:]
	}
	switch parts[0] {
	case "levels":
		return "languages"
	case "bios":
		return "bio"
	}
	return parts[0]
}

// title is what the page is called: somebody new, or who it is.
func (v contactView) title(p page) string {
	if v.was.ID == "" {
		return p.t("contact.add")
	}
	return v.was.Name
}

// languageRows are the languages that the form asks for: those of the United
// Nations, and what others the person speaks.
func (v contactView) languageRows() []string {
	rows := slices.Clone(taxonomy.UNLanguages())
	if sp := v.was.Speaking; sp != nil {
		for _, l := range sp.Languages {
			if !slices.Contains(rows, l) {
				rows = append(rows, l)
			}
		}
	}
	return rows
}

func levelField(lang string) string { return "level_" + lang }

// valuesOf fills the form in with what is known of the contact.
func valuesOf(c directory.Contact, lang i18n.Lang) url.Values {
	v := url.Values{"name": {c.Name}, "email": {c.Email}, "role": {c.Role}, "language": {c.Language}}
	if c.ID == "" {
		v.Set("language", string(lang))
	}
	sp := c.Speaking
	if sp == nil {
		return v
	}
	v["topics"], v["formats"], v["needs"], v["experience"] = sp.Topics, sp.Formats, sp.Needs, sp.Experience
	for _, l := range sp.Languages {
		v.Set(levelField(l), levelNone)
		if level := sp.Levels[l]; level != "" {
			v.Set(levelField(l), level)
		}
	}
	v.Set("travel", sp.Travel)
	v.Set("gender", sp.Gender)
	for _, b := range sp.Bios {
		if b.Lang == string(lang) {
			v.Set("bio", b.Text)
		}
	}
	if sp.Findable {
		v.Set("findable", "yes")
	}
	return v
}

// contactOf reads the form over what is known of the contact.
func contactOf(form url.Values, view contactView, lang i18n.Lang) directory.Contact {
	c := view.was
	c.Name, c.Language = line(form, "name"), line(form, "language")
	if c.Role != directory.RoleFocalPoint {
		c.Role = line(form, "role")
	}
	if c.ID == "" {
		c.Email = line(form, "email")
	}
	c.Speaking = speakingOf(form, view, lang)
	return c
}

// speakingOf is the speaking profile that the form says, nil when it says nothing.
// What the form does not show stays: topics of other lists, and texts in other
// languages.
func speakingOf(form url.Values, view contactView, lang i18n.Lang) *directory.SpeakingProfile {
	var was directory.SpeakingProfile
	if view.was.Speaking != nil {
		was = *view.was.Speaking
	}
	sp := &directory.SpeakingProfile{
		Topics: form["topics"], Formats: form["formats"], Travel: line(form, "travel"), Needs: form["needs"], Levels: map[string]string{},
		Gender: was.Gender, Experience: was.Experience, Findable: was.Findable,
	}
	for _, t := range was.Topics {
		if !slices.Contains(coreTopics(), t) {
			sp.Topics = append(sp.Topics, t)
		}
	}
	for _, l := range view.languageRows() {
		speaks(sp, l, form.Get(levelField(l)))
	}
	if other := line(form, "language_other"); other != "" && !slices.Contains(sp.Languages, other) {
		speaks(sp, other, cmp.Or(form.Get(levelField("other")), levelNone))
	}
	sp.Bios = slices.DeleteFunc(slices.Clone(was.Bios), func(t directory.Text) bool { return t.Lang == string(lang) })
	sp.Bios = withText(sp.Bios, lang, prose(form, "bio"))
	if view.himself {
		sp.Gender, sp.Experience, sp.Findable = line(form, "gender"), form["experience"], form.Get("findable") == "yes"
	}
	said := len(sp.Topics) + len(sp.Languages) + len(sp.Formats) + len(sp.Needs) + len(sp.Bios) + len(sp.Experience)
	if said == 0 && sp.Travel == "" && sp.Gender == "" {
		return nil
	}
	return sp
}

// speaks adds a language, unless it is not spoken, with its level if there is one.
func speaks(sp *directory.SpeakingProfile, lang, level string) {
	if level == "" {
		return
	}
	sp.Languages = append(sp.Languages, lang)
	if level != levelNone {
		sp.Levels[lang] = level
	}
}

// The choices of the form, in the reader's language.

func (p page) contactRoles() []option {
	return p.chosenFrom("role", directory.RoleRepresentative, directory.RoleSpeaker)
}

func (p page) levels() []option {
	return p.chosenFrom("contact.level", append(directory.SpeakingLevels(), levelNone)...)
}

// chosenFrom are values with their texts under a key of the pages.
func (p page) chosenFrom(key string, values ...string) []option {
	list := make([]option, len(values))
	for i, v := range values {
		list[i] = option{v, p.t(key + "." + v)}
	}
	return list
}
