package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"convoke/shared/domain/convening"
	"convoke/shared/domain/directory"
	"convoke/shared/domain/fault"
	"convoke/shared/platform/i18n"
	"convoke/shared/state/audience"
)

// previewView is who would be invited now, and why, with the question whether
// they shall be.
type previewView struct {
	id, state string
	title     directory.Text
	version   int64
	counts    audienceView
	parts     []needLine // how many come by which part of the audience
	leftOut   []needLine
	lines     []personLine
	next      url.Values
	later     bool
	form      formView
	changed   string // why what was confirmed does not hold any more
}

// personLine is somebody of the preview.
type personLine struct {
	who      directory.Text
	path     string
	contact  string // the name of who is written to, where it may be told
	role     string
	part     string
	when     string
	never    bool
	standby  bool
	atRisk   bool
	leftOut  string
	category string
}

// peopleShown is how many of an audience one page tells of.
const peopleShown = 50

// previewPage says exactly who would be invited now and why, and who is left out.
func (s *Server) previewPage(w http.ResponseWriter, r *http.Request) error {
	e, err := s.board(r)
	if err != nil {
		return err
	}
	return s.showPreview(w, r, e, http.StatusOK, previewView{})
}

func (s *Server) showPreview(w http.ResponseWriter, r *http.Request, e *convening.Event, status int, view previewView) error {
	p := pageOf(r)
	q, err := query(r, "from", "lang")
	if err != nil {
		return err
	}
	from, err := offset(q.Get("from"))
	if err != nil {
		return err
	}
	people, err := s.resolve(r, e)
	if err != nil {
		return err
	}
	view.id, view.state, view.title, view.version, view.counts = e.ID, string(e.Status), textIn(e.Titles, p.lang), e.Version, viewAudience(people)
	view.form.labels, view.form.values, view.later = "desk.preview", orEmpty(view.form.values), from > 0
	for _, part := range []string{audience.BySearch, audience.ByList, audience.ByPanel} {
		if n := view.counts.Parts[part]; n > 0 {
			view.parts = append(view.parts, needLine{p.t("desk.part." + part), n})
		}
	}
	for _, why := range []string{
		audience.NotListed, audience.NoContact, audience.OptedOut, audience.Unusable, audience.Excluded, audience.Quota, audience.Organisation,
	} {
		if n := view.counts.LeftOut[why]; n > 0 {
			view.leftOut = append(view.leftOut, needLine{p.t("desk.left_out." + why), n})
		}
	}
	for _, one := range people[min(from, len(people)):min(from+peopleShown, len(people))] {
		view.lines = append(view.lines, p.personLine(e, one))
	}
	if from+peopleShown < len(people) {
		view.next = url.Values{"from": {strconv.Itoa(from + peopleShown)}}
	}
	return s.show(w, r, p, status, preview(p, view))
}

func orEmpty(values url.Values) url.Values {
	if values == nil {
		return url.Values{}
	}
	return values
}

func (p page) personLine(e *convening.Event, a audience.Person) personLine {
	told := viewPerson(a, string(p.lang))
	line := personLine{
		role: i18n.T(p.lang, "role."+told.Role, nil), part: p.t("desk.part." + told.Part), never: told.NeverAsked,
		standby: told.Standby, atRisk: told.AtRisk,
	}
	line.who, line.path = p.bodyName(a.Stakeholder)
	if a.Stakeholder != nil {
		if a.Stakeholder.NamedTo(a.Contact.ID) {
			line.contact = a.Contact.Name
		}
		line.category = p.valueName("category", a.Stakeholder.Category)
	}
	if told.LeftOut != "" {
		line.leftOut = p.t("desk.left_out." + told.LeftOut)
	}
	if told.At != nil && len(e.Waves) > 0 {
		line.when = i18n.Date(p.lang, *told.At, e.Zone)
	}
	return line
}

// publishForm makes the event known when the version and the number of invitations
// are those that the preview showed. If not, it shows what they are now.
func (s *Server) publishForm(w http.ResponseWriter, r *http.Request) error {
	form, err := readForm(r)
	if err != nil {
		return err
	}
	e, err := s.board(r)
	if err != nil {
		return err
	}
	if e.Status == convening.Published {
		return pageOf(r).see(w, boardPath(e.ID), nil) // the button was pressed twice
	}
	n, err := strconv.Atoi(line(form, "invitations"))
	if err != nil {
		var faults fault.List
		faults.Add("/invitations", "query.number")
		return s.refusePublication(w, r, e, form, faults.Err(convening.ErrEventInvalid.Code))
	}
	_, err = s.changeEvent(r, readVersion(form), func(e *convening.Event) error { return s.publish(r, e, confirmation{&n}) })
	if err != nil {
		return s.refusePublication(w, r, e, form, err)
	}
	return pageOf(r).see(w, boardPath(e.ID), url.Values{"done": {"published"}, "n": {strconv.Itoa(n)}})
}

// refusePublication shows the preview as it is now, with why it was not confirmed.
func (s *Server) refusePublication(w http.ResponseWriter, r *http.Request, e *convening.Event, form url.Values, err error) error {
	p := pageOf(r)
	view := previewView{form: formView{values: url.Values{"invitations": form["invitations"]}}}
	switch f, _ := errors.AsType[*fault.Error](err); {
	case errors.Is(err, errStale):
		view.changed, view.form.values = p.t("desk.preview.stale"), nil
		return s.showPreview(w, r, e, http.StatusPreconditionFailed, view)
	case f != nil && f.Code == errAudienceChanged:
		view.changed, view.form.values = p.t("desk.preview.recounted"), nil
		return s.showPreview(w, r, e, http.StatusConflict, view)
	}
	faults, err := faultsOf(p, err, formFields{labels: "desk.preview", order: []string{"invitations"}, of: func(at string) string {
		if at == "/invitations" {
			return "invitations"
		}
		return ""
	}})
	if err != nil {
		return err
	}
	view.form.faults = faults
	return s.showPreview(w, r, e, http.StatusUnprocessableEntity, view)
}

// moveView asks whether an event shall really be closed or called off.
type moveView struct {
	id, act string // closure, cancellation
	title   directory.Text
	version int64
	invited int
	form    formView
	stale   bool
}

// movePage asks before an event is closed or called off.
func (s *Server) movePage(act string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		e, err := s.board(r)
		if err != nil {
			return err
		}
		return s.showMove(w, r, e, http.StatusOK, moveView{act: act})
	}
}

func (s *Server) showMove(w http.ResponseWriter, r *http.Request, e *convening.Event, status int, view moveView) error {
	p := pageOf(r)
	counts, err := s.Store.Counts(r.Context(), e.ID)
	if err != nil {
		return err
	}
	view.id, view.title, view.version, view.invited = e.ID, textIn(e.Titles, p.lang), e.Version, p.answers(e, counts).invited
	view.form.labels, view.form.values = "desk."+view.act, orEmpty(view.form.values)
	return s.show(w, r, p, status, moveEvent(p, view))
}

// moveForm closes an event, or calls it off, in the version that was shown.
func (s *Server) moveForm(act string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		p := pageOf(r)
		form, err := readForm(r)
		if err != nil {
			return err
		}
		e, err := s.changeEvent(r, readVersion(form), func(e *convening.Event) error {
			if act == "closure" {
				return e.Close(s.now())
			}
			return e.Cancel(prose(form, "reason"), s.now())
		})
		if err == nil {
			return p.see(w, boardPath(e.ID), url.Values{"done": {act}})
		}
		return s.refuseMove(w, r, moveView{act: act, form: formView{values: form}}, err)
	}
}

func (s *Server) refuseMove(w http.ResponseWriter, r *http.Request, view moveView, err error) error {
	e, lost := s.board(r)
	if lost != nil {
		return lost
	}
	if errors.Is(err, errStale) {
		view.stale = true
		return s.showMove(w, r, e, http.StatusPreconditionFailed, view)
	}
	fields := formFields{labels: "desk." + view.act, of: func(at string) string {
		if at == "/reason" && view.act == "cancellation" {
			return "reason"
		}
		return ""
	}}
	if view.form.faults, err = faultsOf(pageOf(r), err, fields); err != nil {
		return err
	}
	return s.showMove(w, r, e, http.StatusUnprocessableEntity, view)
}
