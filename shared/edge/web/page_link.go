package web

import (
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/platform/auth"
	"convoke/shared/platform/i18n"
)

// The pages behind the links in mail. GET shows what will happen and a button;
// POST acts, and may be repeated.

func (s *Server) confirmPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.confirming(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	if e.Status != directory.AwaitingEmail {
		return s.show(w, r, p, http.StatusOK, notice(p, confirmed(p, e)))
	}
	return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
		title: p.t("confirm.title"), act: p.t("confirm.action"),
		texts: []string{p.with("confirm.text", "organisation", e.DisplayName(string(p.lang))), p.t("confirm.ignore")},
	}))
}

func (s *Server) confirmForm(w http.ResponseWriter, r *http.Request) error {
	e, err := s.confirm(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, notice(p, confirmed(p, e)))
}

// confirmed says that the address is proved, and where the registration stands.
func confirmed(p page, e *directory.Stakeholder) noticeView {
	return noticeView{
		title: p.t("confirmed.title"), next: p.t("nav.directory"), nextAt: "/",
		texts: []string{p.with("confirmed.text", "organisation", e.DisplayName(string(p.lang))), p.t("status." + string(e.Status))},
	}
}

func (s *Server) unsubscribePage(w http.ResponseWriter, r *http.Request) error {
	link, err := s.Links.Verify(r.PathValue("token"), auth.PurposeUnsubscribe, s.now())
	if err != nil || len(link.IDs) != 1 {
		return orInvalid(err)
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
		title: p.t("unsubscribe.title"), texts: []string{p.t("unsubscribe.text"), p.t("unsubscribe.keeps")}, act: p.t("unsubscribe.action"),
	}))
}

// unsubscribeForm acts on any POST, whatever its body: mail programs send
// List-Unsubscribe=One-Click in either form encoding, without cookies (RFC 8058
// section 3.1).
func (s *Server) unsubscribeForm(w http.ResponseWriter, r *http.Request) error {
	if err := s.unsubscribe(r); err != nil {
		return err
	}
	p := pageOf(r)
	return s.show(w, r, p, http.StatusOK, notice(p, noticeView{
		title: p.t("unsubscribed.title"), texts: []string{p.t("unsubscribed.text"), p.t("unsubscribed.back")},
		next: p.t("nav.directory"), nextAt: "/",
	}))
}

// answerView is an invitation and its event, as the recipient sees them.
type answerView struct {
	title, summary directory.Text
	kind, role     string
	when, place    string
	convener       string
	answerBy       string
	daysLeft       string
	answer         convening.InvitationStatus // given before; empty when none was
	reason         string
	room           string // address of the online room, for who accepted
	online         bool   // the event has one
	closed         bool   // no answer is taken any more
	needs          []option
	inPlaceOf      string // who named the reader as a colleague; empty when nobody did
	handsOn        bool   // the reader can name a colleague
	sits           bool   // the reader is asked to sit in the panel
	documents      []reading
	sessions       []sessionLine
	interpretation []string
	chathamHouse   bool
	letter         bool             // the reader can have a letter of participation
	lettered       bool             // and had one
	recalls        bool             // can take it back from a colleague
	nominatedBy    string           // the organisation for whose place the reader was named
	nominations    *nominationsView // the names that the reader puts
	form           formView
}

// reading is a document of an event, and where it lies.
type reading struct {
	title directory.Text
	url   string
}

func (s *Server) answerPage(w http.ResponseWriter, r *http.Request) error {
	i, e, err := s.asked(r)
	if err != nil {
		return err
	}
	p := pageOf(r)
	view, err := s.viewAsked(r, p, i, e)
	if err != nil {
		return err
	}
	view.form.values = map[string][]string{"reason": {i.Reason}, "needs": i.Needs}
	return s.show(w, r, p, http.StatusOK, answerPageBody(p, view))
}

func (s *Server) answerForm(w http.ResponseWriter, r *http.Request) error {
	p := pageOf(r)
	form, err := readForm(r)
	if err != nil {
		return err
	}
	err = s.answerIn(w, r, form)
	if err == nil {
		return p.see(w, p.path, nil)
	}
	faults, err := faultsOf(p, err, formFields{labels: "answer", of: fieldOf(form.Get("answer"))})
	if err != nil {
		return err
	}
	i, e, err := s.asked(r)
	if err != nil {
		return err
	}
	view, err := s.viewAsked(r, p, i, e)
	if err != nil {
		return err
	}
	view.form.values, view.form.faults = form, faults
	return s.show(w, r, p, http.StatusUnprocessableEntity, answerPageBody(p, view))
}

// fieldOf tells which inputs the faults of what a button does belong to.
func fieldOf(button string) func(pointer string) string {
	switch button {
	case letterAsked:
		return letterField
	case nameAsked:
		return nomineeField
	}
	return answerField
}

// answerIn does what the button that was pressed says.
func (s *Server) answerIn(w http.ResponseWriter, r *http.Request, form url.Values) error {
	switch form.Get("answer") {
	case string(convening.Delegated):
		named := convening.Colleague{Name: line(form, "name"), Email: line(form, "email"), Language: form.Get("language")}
		return s.handOn(w, r, named, func(*convening.Invitation) error { return nil })
	case "recall":
		return s.recall(r, func() error { return nil })
	case "conflict":
		return s.declareConflict(r, func(convening.InvitationStatus) error { return nil })
	case letterAsked:
		return s.letterIn(r, form)
	case nameAsked:
		return s.nominateIn(w, r, form)
	case nameBack:
		return s.unname(r, form.Get("contact"), func() error { return nil })
	default:
		return s.answer(r, givenIn(form))
	}
}

func givenIn(form url.Values) convening.Answer {
	return convening.Answer{Answer: convening.InvitationStatus(form.Get("answer")), Reason: prose(form, "reason"), Needs: append([]string{}, form["needs"]...)}
}

func answerField(pointer string) string {
	switch {
	case pointer == "/reason":
		return "reason"
	case strings.HasPrefix(pointer, "/needs"):
		return "needs"
	case pointer == "/name", pointer == "/email", pointer == "/language":
		return pointer[1:]
	}
	return "answer"
}

// letterAsked is the button that asks for a letter of participation.
const letterAsked = "letter"

func letterField(pointer string) string {
	switch pointer {
	case "/name":
		return "passport"
	case "/language":
		return "letter_language"
	}
	return letterAsked
}

// viewAsked is viewAnswer with who named the reader, or whom the reader can name.
func (s *Server) viewAsked(r *http.Request, p page, i *convening.Invitation, e *convening.Event) (answerView, error) {
	view := viewAnswer(p, i, e, s.now())
	if i.NamedBy() == "" {
		var err error
		view.nominations, err = s.viewNominations(r.Context(), p, i, e)
		return view, err
	}
	of, err := s.Store.Resolve(r.Context(), i.Stakeholder)
	if err != nil {
		return view, err
	}
	if i.NominatedBy != "" {
		view.nominatedBy = of.DisplayName(string(p.lang))
		return view, nil
	}
	by, _ := of.Contact(i.DelegatedBy)
	view.inPlaceOf = by.Name
	return view, nil
}

func viewAnswer(p page, i *convening.Invitation, e *convening.Event, now time.Time) answerView {
	view := answerView{
		title: textIn(e.Titles, p.lang), summary: textIn(e.Summaries, p.lang), convener: e.Convener,
		kind: i18n.T(p.lang, "event_kind."+e.Kind, nil), role: i18n.T(p.lang, "role."+i.Role, nil),
		when: i18n.Span(p.lang, e.Starts, e.Ends, e.Zone), place: e.Place, online: e.Online != "",
		answerBy: i18n.DateTime(p.lang, i.AnswerBy, e.Zone), reason: i.Reason, form: formView{labels: "answer"},
		closed:   e.TakesAnswers() != nil || !i.AnswerBy.After(now) || i.Status == convening.Withdrawn || i.Status == convening.Expired || i.Status == convening.Delegated || i.GoesBack(),
		sessions: p.sessionLines(e), interpretation: p.interpretation(e), chathamHouse: e.Attribution == convening.ChathamHouse,
		handsOn: i.NamedBy() == "", sits: i.Seat != "", letter: i.MayHaveLetter(e, now) == nil, lettered: i.Letter != "",
	}
	view.recalls = i.Status == convening.Delegated && e.TakesAnswers() == nil && i.AnswerBy.After(now)
	for _, d := range e.Documents {
		view.documents = append(view.documents, reading{textIn(d.Titles, p.lang), d.URL})
	}
	for _, need := range convening.Needs() {
		view.needs = append(view.needs, option{need, p.t("answer.need." + need)})
	}
	if !view.closed {
		view.daysLeft = i18n.N(p.lang, "page.days_left", int(math.Ceil(i.AnswerBy.Sub(now).Hours()/24)), nil)
	}
	switch i.Status {
	case convening.Accepted, convening.Tentative, convening.Declined, convening.Waiting, convening.Offered, convening.Delegated:
		view.answer = i.Status
	}
	if i.Status == convening.Accepted {
		view.room = e.Online
	}
	return view
}

// standing says what was answered, or that nothing was in time.
func (v answerView) standing(p page) string {
	switch {
	case v.answer != "":
		return p.t("answer.given." + string(v.answer))
	case v.closed:
		return p.t("answer.closed")
	}
	return ""
}
