package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/i18n"
)

// announceView is a message to those who are invited, as a form, with whom it
// would reach, and what was said before.
type announceView struct {
	id      string
	title   directory.Text
	form    formView
	reached map[string]int
	refused string // why nothing can be sent at all
	langs   []i18n.Lang
	earlier []announcedLine
}

// announcedLine is a message that went out.
type announcedLine struct {
	when, to string
	n        int
	subject  directory.Text
}

// announcedShown is how many of the earlier messages the page tells of.
const announcedShown = 20

func subjectField(lang i18n.Lang) string { return "subject_" + string(lang) }
func textField(lang i18n.Lang) string    { return "text_" + string(lang) }

func (s *Server) announcePage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.board(r)
	if err != nil {
		return err
	}
	return s.showAnnounce(w, r, e, http.StatusOK, announceView{})
}

func (s *Server) showAnnounce(w http.ResponseWriter, r *http.Request, e *convening.Event, status int, view announceView) error {
	p := pageOf(r)
	var err error
	if view.reached, err = s.reached(r, e.ID); err != nil {
		return err
	}
	list, _, err := s.Store.Announcements(r.Context(), e.ID, "", announcedShown)
	if err != nil {
		return err
	}
	for _, a := range list {
		view.earlier = append(view.earlier, announcedLine{
			i18n.DateTime(p.lang, a.CreatedAt, e.Zone), p.t("desk.announce.to." + a.To), a.Recipients, textIn(a.Subjects, p.lang),
		})
	}
	view.id, view.title, view.langs = e.ID, textIn(e.Titles, p.lang), ownFirst(p.lang)
	view.form.labels, view.form.values = "desk.announce", orEmpty(view.form.values)
	if view.form.once == "" {
		view.form.once = s.Store.NewID()
	}
	if e.Status != convening.Published && e.Status != convening.Closed {
		view.refused = describe(p.lang, convening.ErrNotOut).Title
	}
	return s.show(w, r, p, status, announcing(p, view))
}

// ownFirst are the languages of mail, the reader's own before the others.
func ownFirst(lang i18n.Lang) []i18n.Lang {
	list := []i18n.Lang{lang}
	for _, other := range i18n.All() {
		if other != lang {
			list = append(list, other)
		}
	}
	return list
}

// audiences are those that a message can go to, with how many they are now.
func (v announceView) audiences(p page) []option {
	var list []option
	for _, to := range convening.Audiences() {
		list = append(list, option{to, p.t("desk.announce.to."+to) + " (" + strconv.Itoa(v.reached[to]) + ")"})
	}
	return list
}

// others reports whether the form says something in another than the first
// language.
func (v announceView) others() bool {
	for _, lang := range v.langs[1:] {
		if v.form.filled(subjectField(lang), textField(lang)) {
			return true
		}
	}
	return false
}

// announceForm sends a message to as many as the page said that it would reach.
func (s *Server) announceForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.board(r)
	if err != nil {
		return err
	}
	a, err := s.announcementOf(r, e, form, p.lang)
	if err == nil {
		err = s.takeOnce(r, form, func(ctx context.Context) error { return s.announce(ctx, a) })
	}
	if err == nil {
		return p.see(w, boardPath(e.ID), url.Values{"done": {"announced"}, "n": {strconv.Itoa(a.Recipients)}})
	}
	return s.refuseAnnounce(w, r, e, form, err)
}

// announcementOf reads the form, and refuses a number that is no longer the one
// that was shown.
func (s *Server) announcementOf(r *http.Request, e *convening.Event, form url.Values, lang i18n.Lang) (*convening.Announcement, error) {
	plan := convening.AnnouncementPlan{To: line(form, "to")}
	for _, lang := range ownFirst(lang) {
		plan.Subjects = withText(plan.Subjects, lang, line(form, subjectField(lang)))
		plan.Texts = withText(plan.Texts, lang, prose(form, textField(lang)))
	}
	confirmed, _ := strconv.Atoi(form.Get("reached_" + plan.To)) // what is no number was not shown
	a, err := convening.NewAnnouncement(s.Store.NewID(), e.ID, plan, confirmed, s.now())
	if err != nil {
		return nil, err
	}
	return a, s.confirmReached(r, a)
}

// withText adds a text in a language, if there is one.
func withText(texts []directory.Text, lang i18n.Lang, text string) []directory.Text {
	if text == "" {
		return texts
	}
	return append(texts, directory.Text{Lang: string(lang), Text: text})
}

// refuseAnnounce shows the form again with why nothing was sent.
func (s *Server) refuseAnnounce(w http.ResponseWriter, r *http.Request, e *convening.Event, form url.Values, err error) error {
	p := pageOf(r)
	view := announceView{form: formView{values: form, once: form.Get("once")}}
	if f, ok := errors.AsType[*fault.Error](err); ok && (f.Kind == fault.Conflict || f.Kind == fault.Limited) {
		said := describe(p.lang, err)
		view.form.faults.list = []formFault{{text: said.Title}}
		return s.showAnnounce(w, r, e, said.Status, view)
	}
	fields := formFields{labels: "desk.announce", order: announceFields(p.lang), of: announceField(form, p.lang), says: announceLabel(p)}
	if view.form.faults, err = faultsOf(p, err, fields); err != nil {
		return err
	}
	return s.showAnnounce(w, r, e, http.StatusUnprocessableEntity, view)
}

func announceFields(lang i18n.Lang) []string {
	list := []string{"to"}
	for _, l := range ownFirst(lang) {
		list = append(list, subjectField(l), textField(l))
	}
	return list
}

// announceLabel is what a field in one of the languages is called.
func announceLabel(p page) func(string) string {
	return func(name string) string {
		kind, lang, found := strings.Cut(name, "_")
		if !found {
			return ""
		}
		return p.t("desk.announce."+kind) + " – " + i18n.Language(p.lang, lang)
	}
}

// announceField names the field that a pointer came from: the texts of the request
// are those of the form that say something, in its order.
func announceField(form url.Values, lang i18n.Lang) func(string) string {
	return func(pointer string) string {
		parts := strings.Split(strings.TrimPrefix(pointer, "/")+"//", "/")
		of, known := map[string]func(i18n.Lang) string{"subjects": subjectField, "texts": textField}[parts[0]]
		if !known {
			return map[bool]string{true: "to"}[parts[0] == "to"]
		}
		n, _ := strconv.Atoi(parts[1]) // of none of them it is the first
		for _, l := range ownFirst(lang) {
			if strings.TrimSpace(form.Get(of(l))) == "" {
				continue
			}
			if n--; n < 0 {
				return of(l)
			}
		}
		return of(lang)
	}
}

// testForm sends a letter of the event to the unit itself.
func (s *Server) testForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.board(r)
	if err != nil {
		return err
	}
	u, err := s.addressedUnit(r.Context(), e.Unit)
	if err != nil {
		return err
	}
	request := testMailRequest{line(form, "letter"), []string{line(form, "language")}}
	if err := request.check(); err != nil {
		return err
	}
	if err := s.limitedTo(w, u.ReplyTo); err != nil {
		return err
	}
	if err := s.sendTest(r.Context(), e.ID, request); err != nil {
		return err
	}
	return p.see(w, boardPath(e.ID), url.Values{"done": {"tested"}})
}

func (p page) testLetters() []option {
	return []option{{"invitation", p.t("desk.test.invitation")}, {"reminder", p.t("desk.test.reminder")}}
}
